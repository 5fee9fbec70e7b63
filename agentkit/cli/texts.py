"""Commands about a text: check, redact, review. Their result is always JSON."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from agentkit.cli import options as o
from agentkit.errors import AgentKitError, DocumentError, UsageError

if TYPE_CHECKING:
    from agentkit.config import Config
    from agentkit.ports import Rails
    from agentkit.types import RailReport

Row = Mapping[str, object]


def check(
    file: o.File = "-",
    stage: Annotated[o.StageName, typer.Option("--stage", help="Which rails.")] = o.StageName.input,
    jsonl: o.JsonLines = False,
    config: o.ConfigFile = None,
    rails: o.RailsDir = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say which rule or which words made the score, by how much, and where.")
    ] = False,
    format: o.OutputFormat = o.Format.json,  # noqa: A002  (JSON, unless an explanation is asked for as text)
) -> int:
    """Run the rails on a text; exit 3 if it is blocked."""
    from agentkit.cli import session
    from agentkit.composition import make_rails

    chosen = session.configure(config, rails=rails)
    loaded = make_rails(chosen.rails.folder, chosen)

    def one(text: str, *, explained: bool) -> Row:
        report = session.run(_checked(loaded, chosen, text, stage))
        results = [{"rail": r.rail, "action": r.action, "reason": r.reason} for r in report.results]
        row = {"allowed": report.allowed, "score": round(report.score, 6), "text": report.text, "rails": results}
        return {**row, "explanation": _explanation(text)} if explained else row

    if jsonl:
        return _lines(file, ("text",), lambda row: one(str(row["text"]), explained=explain))
    text, for_people = _text(file), explain and format is o.Format.text
    result = one(text, explained=explain and not for_people)
    if for_people:
        _tell(result, text)
    else:
        _print(result)
    return 0 if result["allowed"] else 3


def _explanation(text: str) -> Row:
    from agentkit.text.injection_explain import explain

    said = asdict(explain(text))
    said["words"] = [{"word": word, "weight": weight} for word, weight in said["words"]]
    return said


def _tell(result: Row, text: str) -> None:
    """Print a verdict and its explanation for people; control characters are shown as escapes."""
    from agentkit.text.injection_explain import explain, lines

    rails = cast(list[Row], result["rails"])
    told = ["allowed" if result["allowed"] else "blocked"]
    told += [f"{rail['action']}  {rail['rail']}{': ' if rail['reason'] else ''}{rail['reason']}" for rail in rails]
    for line in (*told, "", *lines(explain(text))):
        sys.stdout.write("".join(char if char.isprintable() else ascii(char)[1:-1] for char in line) + "\n")


async def _checked(rails: "Rails", config: "Config", text: str, stage: o.StageName) -> "RailReport":
    """Run the rails; those that ask a model ask through a gateway, whose budget and egress policy hold."""
    if not getattr(rails, "asks_models", False):
        return await rails.check(text, stage=stage.value)
    from agentkit.gateway import Gateway
    from agentkit.lending import lending

    async with Gateway(config) as gateway:
        with lending(gateway.lend):
            return await rails.check(text, stage=stage.value)


def redact(
    file: o.File = "-",
    jsonl: o.JsonLines = False,
    config: o.ConfigFile = None,
    format: o.OutputFormat = o.Format.json,  # noqa: A002, ARG001  (the result is JSON, whatever is asked for)
) -> int:
    """Replace personal data by placeholders, and say what was found where."""
    from agentkit.cli import session
    from agentkit.composition import make_recognizer
    from agentkit.privacy import redact_text

    recognizer = make_recognizer(session.configure(config).privacy.recognizer)

    def one(text: str) -> Row:
        redacted, entities = redact_text(text, recognizer)
        return {"text": redacted, "entities": entities}

    if jsonl:
        return _lines(file, ("text",), lambda row: one(str(row["text"])))
    _print(one(_text(file)))
    return 0


def review(
    file: o.File = "-",
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Accepted; the input is always JSON lines.")] = True,  # noqa: ARG001
    config: o.ConfigFile = None,
    format: o.OutputFormat = o.Format.json,  # noqa: A002, ARG001  (the result is JSON, whatever is asked for)
) -> int:
    """Say of each {"id","claim","source"} line whether the source supports the claim."""
    from agentkit.text.support import assess

    if config is not None:  # comparing by code needs none, but a mistake in it is not passed over
        from agentkit.cli import session

        session.configure(config)

    def one(row: Row) -> Row:
        result = asdict(assess(str(row["claim"]), str(row["source"])))
        span = result.pop("evidence")
        evidence = None if span is None else {"start": span[0], "end": span[1]}
        return {
            "label": result["label"],
            "score": round(result["score"], 6),
            "evidence": evidence,
            "method": result["method"],
            "reason": result["reason"],
        }

    return _lines(file, ("claim", "source"), one)


def _lines(file: str, fields: tuple[str, ...], one: Callable[[Row], Row]) -> int:
    """Print one result line for each input line; a bad one gives an error line, and exit 2 at the end."""
    code = 0
    for number, line in enumerate(_input_lines(file), start=1):
        if not line.strip():
            continue
        row, fault = _row(line, number, fields)
        try:
            result: Row = {"error": fault} if fault else one(row)
        except UnicodeError:
            result = {"error": f"Line {number} holds text that is not valid Unicode."}
        except AgentKitError as error:
            result = {"error": str(error)}
        code = 2 if "error" in result else code
        _print({"id": row.get("id"), **result})
    return code


def _row(line: str, number: int, fields: tuple[str, ...]) -> tuple[Row, str]:
    try:
        row = cast(object, json.loads(line))
    except (ValueError, RecursionError):
        return {}, f"Line {number} is not JSON."
    if not isinstance(row, dict):
        return {}, f"Line {number} is not a JSON object."
    data = cast(dict[str, object], row)
    if "\\ud" in line.lower() and not _is_unicode(data):
        return {}, f"Line {number} holds text that is not valid Unicode."
    missing = [name for name in fields if not isinstance(data.get(name), str)]
    return data, f"Line {number} has no text under {' and '.join(missing)}." if missing else ""


def _is_unicode(row: Row) -> bool:
    try:
        json.dumps(row, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _input_lines(file: str) -> Iterator[str]:
    if file == "-":
        yield from (line.decode("utf-8", "replace") for line in sys.stdin.buffer)
        return
    path = _existing(file)
    with path.open("rb") as stream:
        yield from (line.decode("utf-8", "replace") for line in stream)


def _text(file: str) -> str:
    """Return the input exactly: offsets count in it."""
    data = sys.stdin.buffer.read() if file == "-" else _existing(file).read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError(
            "The text is not UTF-8: for a document, use agentkit text FILE first.", name=Path(file).name
        ) from error


def _existing(file: str) -> Path:
    path = Path(file)
    if not path.is_file():
        raise UsageError(f"There is no file {file}.")
    return path


def _print(result: Row) -> None:
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")


COMMANDS = {"check": check, "redact": redact, "review": review}
