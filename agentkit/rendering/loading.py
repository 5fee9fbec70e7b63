"""A written report, read back."""

import dataclasses
import functools
import json
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from agentkit.errors import UsageError
from agentkit.report import SCHEMA, Report, Source


def load_report(path: Path) -> Report:
    """Read a report that `write_report` wrote, with the texts of its sources.

    Args:
        path: the report's directory, or its `report.json`.

    Raises:
        UsageError: there is no report, it is of another schema, damaged, or a source text was changed.
    """
    file = path / "report.json" if path.is_dir() else path
    data = _read_json(file)
    if data.get("schema") != SCHEMA:
        raise UsageError(f"{file} is not a report of the schema {SCHEMA}.")
    try:
        report = _adapter().validate_python({**data, "texts": [], "page_starts": []})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{file} is damaged: {where}: {first['msg']}.") from error
    texts = [_read_source(file.parent, source) for source in report.sources]
    _check_quotes(report, texts, file)
    return dataclasses.replace(report, texts=texts)


@functools.cache
def _adapter() -> TypeAdapter[Report]:
    return TypeAdapter(Report)  # takes 20 ms to build, and most commands only write reports


def _read_json(file: Path) -> dict[str, object]:
    try:
        data: object = json.loads(file.read_bytes().decode("utf-8"))
    except OSError as error:
        raise UsageError(f"There is no report at {file}: {error.strerror}.") from error
    except ValueError as error:
        raise UsageError(f"{file} is damaged: it is not JSON.") from error
    if not isinstance(data, dict):
        raise UsageError(f"{file} is not a report.")
    return {str(key): value for key, value in data.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _read_source(folder: Path, source: Source) -> str:
    file = folder / source.text
    if not file.resolve().is_relative_to(folder.resolve()):
        raise UsageError(f"The report names a source outside its directory: {source.text}.")
    try:
        text = file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The source {file} of the report cannot be read.") from error
    if len(text) != source.characters:
        raise UsageError(f"{file} was changed: it has {len(text)} characters and the report says {source.characters}.")
    return text


def _check_quotes(report: Report, texts: list[str], file: Path) -> None:
    for claim in report.claims:
        for citation in claim.citations:
            known = 0 <= citation.source < len(texts)
            if not known or texts[citation.source][citation.start : citation.end] != citation.quote:
                raise UsageError(f"{file} is damaged: a citation of claim {claim.id} does not match its source.")
