"""What is wrong in the Colang files of a folder, with the line."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# NeMo hands out parsed flows as plain dictionaries.

from collections.abc import Iterator, Sequence
from pathlib import Path

from nemoguardrails.colang import parse_colang_file
from nemoguardrails.manifests import default_rail_catalog

from agentkit.adapters.nemo.faults import Fault, did_you_mean
from agentkit.adapters.nemo.loaded import Folder

_BUILT_IN_ACTIONS = frozenset({
    "utter", "create_event", "generate_bot_message", "generate_intent_steps_message", "generate_next_steps",
    "generate_user_intent", "generate_value", "retrieve_relevant_chunks", "run_flows_in_parallel",
    "run_input_rails_in_parallel", "run_output_rails_in_parallel", "wolfram alpha request",
})  # fmt: skip


def colang_faults(file: Path, /) -> Iterator[Fault]:
    """Yield what NeMo's parser refuses in a file, or reads as nothing."""
    try:
        content = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        yield Fault("this file is not UTF-8 text", str(file))
        return
    try:
        parsed = parse_colang_file(file.name, content=content, version="1.0")
    except Exception as error:  # noqa: BLE001 - the parser raises anything
        message = str(error).partition(": ")[2] or "this is no valid Colang 1.0"
        yield Fault(message, str(file), _broken_line(content))
        return
    if not parsed:
        yield from _no_definitions(file, content)


def _no_definitions(file: Path, content: str) -> Iterator[Fault]:
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield Fault("Colang 1.0 expects `define …` here", str(file), number)
            return


def _broken_line(content: str) -> int:
    """Return the first line with which NeMo's parser fails, by parsing ever longer beginnings.

    A beginning that ends with a header ("define …", "if …") fails only for want of its body; so a failure
    counts from the line on from which no longer beginning parses.
    """
    lines = content.splitlines()
    last_good = 0
    for number in range(1, len(lines) + 1):
        try:
            parse_colang_file("part.co", content="\n".join(["define bot x", '  "x"', *lines[:number]]), version="1.0")
        except Exception:  # noqa: BLE001, S112 - the parser raises anything, and this beginning is no good
            continue
        last_good = number
    return _blame(lines, last_good)


def _blame(lines: list[str], last_good: int) -> int:
    """The first line after the last good one that is neither blank, a comment nor the header of a block."""
    for number in range(last_good + 1, len(lines) + 1):
        line = lines[number - 1].strip()
        if line and not line.startswith("#") and not (_is_header(line) and number < len(lines)):
            return number
    return min(last_good + 1, len(lines)) or 1


def _is_header(line: str) -> bool:
    known = ("define flow ", "define subflow ", "define bot ", "define user ", "define parallel ", "define extension ")
    return line.startswith(known) or (line.startswith(("if ", "else", "while ")) and line != "if")


def action_faults(folder: Folder, colang: Sequence[Path], /) -> Iterator[Fault]:
    """Yield every action that a flow executes and nobody defines."""
    refs = [record.manifest.actions for record in default_rail_catalog().records.values()]
    library = {ref.name for actions in refs if actions is not None for ref in actions.refs}
    known = {*folder.actions, *library, *_BUILT_IN_ACTIONS}
    if folder.has_code or (folder.path / "actions").is_dir():
        return
    for flow in folder.flows.values():
        for element in flow["elements"]:
            name = element.get("action_name")
            if name is not None and name not in known:
                mapping = element.get("_source_mapping") or {}
                file = next((str(f) for f in colang if f.name == mapping.get("filename")), str(folder.path))
                hint = did_you_mean(name, folder.actions)
                sentence = f'the action "{name}" is not in actions.py and not in NeMo Guardrails; {hint}'
                yield Fault(sentence, file, mapping.get("line_number"))


def download_faults(folder: Folder, colang: Sequence[Path], /) -> Iterator[Fault]:
    """Yield what would make NeMo fetch its default embedding model from the internet."""
    if any(model.type == "embeddings" for model in folder.config.models):
        return
    advice = "needs an embedding model: add one of `type: embeddings` to `models`, or do without it"
    if folder.config.user_messages:
        defined = [
            Fault(f"`define user` {advice}", str(file), number)
            for file in colang
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
            if line.startswith("define user")
        ]
        yield from defined or [folder.fault(f"`user_messages` {advice}", ("user_messages",))]
    if folder.config.docs:
        yield Fault(f"a knowledge base {advice}", str(folder.path / "kb"))
