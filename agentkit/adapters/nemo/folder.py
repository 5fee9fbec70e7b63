"""Load a NeMo configuration folder with NeMo's own parsers, and refuse a broken one with the file and the line.

NeMo itself ignores a misspelled key, swallows an `actions.py` that fails, and finds out about a missing flow or
action when a user's text arrives; here all of that is an error of the folder.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# NeMo hands out parsed flows as plain dictionaries and actions as plain functions.

import importlib.util
import inspect
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nemoguardrails.colang import parse_colang_file
from nemoguardrails.manifests import default_rail_catalog
from nemoguardrails.rails.llm.config import RailsConfig
from pydantic import ValidationError

from agentkit.adapters.nemo.compiled import awaitable
from agentkit.adapters.nemo.keys import Located, check_keys, read_yaml
from agentkit.adapters.nemo.settings import check_settings
from agentkit.errors import ConfigError

STAGES = ("input", "retrieval", "output")
_BUILT_IN_ACTIONS = frozenset({
    "utter", "create_event", "generate_bot_message", "generate_intent_steps_message", "generate_next_steps",
    "generate_user_intent", "generate_value", "retrieve_relevant_chunks", "run_flows_in_parallel",
    "run_input_rails_in_parallel", "run_output_rails_in_parallel", "wolfram alpha request",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that NeMo accepted: its configuration, its own flows by name and its own actions by name.

    `has_code` is True where a `config.py` wants NeMo's engine to initialise it.
    """

    path: Path
    config: RailsConfig
    flows: Mapping[str, Mapping[str, Any]]
    actions: Mapping[str, Callable[..., Any]]
    has_code: bool

    def listed(self, stage: str) -> list[str]:
        """The flows that run at a stage, in order."""
        return list(getattr(self.config.rails, stage).flows)


def load_folder(path: Path, /) -> Folder:
    """Load and check a folder.

    Raises:
        ConfigError: the folder is missing, or NeMo could not use it as it stands; `path` and `line` say where.
    """
    if not path.is_dir():
        raise ConfigError("there is no such rails folder", path=str(path))
    documents = _yaml_documents(path)
    for located in documents:
        check_keys(located)
        check_settings(located)
    colang = sorted(file for file in path.rglob("*.co"))
    for file in colang:
        _check_colang(file)
    config = _load(path, documents)
    folder = Folder(
        path,
        config,
        {flow["id"]: flow for flow in config.flows},
        {name: action for place in [path, *_imported(config)] for name, action in _load_actions(place).items()},
        (path / "config.py").exists(),
    )
    _check_kept(folder, documents)
    _check_listed(folder, documents)
    _check_executed(folder, colang)
    _check_no_download(folder, colang)
    return folder


def parse(path: Path, /) -> RailsConfig:
    """Let NeMo read a folder, without its warnings about its own deprecated fields.

    Raises:
        Exception: whatever NeMo raises.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return RailsConfig.from_path(str(path))


def _yaml_documents(path: Path) -> list[Located]:
    files = sorted(file for pattern in ("*.yml", "*.yaml") for file in path.rglob(pattern))
    if not any(file.parent == path for file in files):
        raise ConfigError("the rails folder has no config.yml", path=str(path))
    return [read_yaml(file) for file in files if file.relative_to(path).parts[0] != "kb"]


def _load(path: Path, documents: list[Located]) -> RailsConfig:
    try:
        config = parse(path)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place, line = _located(documents, first["loc"])
        raise ConfigError(f"NeMo Guardrails refuses the folder: {first['msg']}", path=place, line=line) from error
    except Exception as error:
        place, line = _located(documents, ("import_paths",)) if "Import path" in str(error) else (str(path), None)
        raise ConfigError(f"NeMo Guardrails refuses the folder: {_first_line(error)}", path=place, line=line) from error
    if config.colang_version != "1.0":
        place, line = _located(documents, ("colang_version",))
        raise ConfigError(f'colang_version must be "1.0", not "{config.colang_version}"', path=place, line=line)
    return config


def _located(documents: list[Located], location: Sequence[str | int]) -> tuple[str, int | None]:
    """The file and the line of a place in the configuration, or the first file."""
    for located in documents:
        if (line := located.line_at(location)) is not None:
            return str(located.path), line
    return str(documents[0].path), None


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[min(len(lines) - 1, 2)] if lines else type(error).__name__


def _check_colang(file: Path) -> None:
    try:
        content = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError("this file is not UTF-8 text", path=str(file)) from error
    try:
        parsed = parse_colang_file(file.name, content=content, version="1.0")
    except Exception as error:
        message = str(error).partition(": ")[2] or "this is no valid Colang 1.0"
        raise ConfigError(message, path=str(file), line=_broken_line(content)) from error
    if not parsed:
        _check_no_definitions(file, content)


def _check_no_definitions(file: Path, content: str) -> None:
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            raise ConfigError("Colang 1.0 expects `define …` here", path=str(file), line=number)


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


def _imported(config: RailsConfig) -> list[Path]:
    """The folders that `import_paths` brought in."""
    return [place for path in (config.imported_paths or {}).values() if (place := Path(path)).is_dir()]


def _load_actions(folder: Path) -> dict[str, Callable[..., Any]]:
    """Import `actions.py` as NeMo does, but let its errors be seen; ordinary functions run in a thread."""
    file = folder / "actions.py"
    if not file.exists():
        return {}
    spec = importlib.util.spec_from_file_location(file.name, file)
    if spec is None or spec.loader is None:
        raise ConfigError("this file cannot be imported", path=str(file))
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise ConfigError(f"Python: {error.msg}", path=str(file), line=error.lineno) from error
    except Exception as error:
        ours = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
        line = ours[-1] if ours else None
        raise ConfigError(f"Python: {type(error).__name__}: {error}", path=str(file), line=line) from error
    members = (value for _, value in inspect.getmembers(module) if hasattr(value, "action_meta"))
    return {value.action_meta["name"]: awaitable(value) for value in members}


def _check_kept(folder: Folder, documents: list[Located]) -> None:
    """Refuse a rail that would silently not run: of several `rails` sections NeMo takes one whole, not their union."""
    for located in documents:
        for stage in STAGES:
            for name, line in located.items(("rails", stage, "flows")):
                if name not in folder.listed(stage):
                    message = f'the {stage} rail "{name}" would not run: another file or import has a `rails` section'
                    raise ConfigError(f"{message}, which NeMo takes instead", path=str(located.path), line=line)


def _check_listed(folder: Folder, documents: list[Located]) -> None:
    library = {name for _, name in default_rail_catalog().surfaces()}
    for stage in STAGES:
        for listed in folder.listed(stage):
            name = listed.partition("$")[0].partition("(")[0].strip()
            if name in folder.flows or name in library:
                continue
            path, line = _where(documents, ("rails", stage, "flows"), listed)
            message = f'the {stage} rail "{listed}" is defined nowhere: neither in this folder nor in NeMo Guardrails'
            raise ConfigError(message, path=path, line=line)


def _where(documents: list[Located], keys: tuple[str, ...], value: str) -> tuple[str, int | None]:
    for located in documents:
        for name, line in located.items(keys):
            if name == value:
                return str(located.path), line
    return str(documents[0].path), None


def _check_executed(folder: Folder, colang: list[Path]) -> None:
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
                message = f'the action "{name}" is not in actions.py and not in NeMo Guardrails'
                raise ConfigError(message, path=file, line=mapping.get("line_number"))


def _check_no_download(folder: Folder, colang: list[Path]) -> None:
    """Refuse what would make NeMo fetch its default embedding model from the internet."""
    if any(model.type == "embeddings" for model in folder.config.models):
        return
    advice = "needs an embedding model: add one of `type: embeddings` to `models`, or do without it"
    if folder.config.user_messages:
        for file in colang:
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                if line.startswith("define user"):
                    raise ConfigError(f"`define user` {advice}", path=str(file), line=number)
        raise ConfigError(f"`user_messages` {advice}", path=str(folder.path))
    if folder.config.docs:
        raise ConfigError(f"a knowledge base {advice}", path=str(folder.path / "kb"))
