"""Files of JSON lines that a command is given."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from agentkit.errors import UsageError


def rows(path: Path) -> Iterator[Mapping[str, object]]:
    """Yield the objects of a file of JSON lines.

    Raises:
        UsageError: there is no such file, or a line is no JSON object.
    """
    if not path.is_file():
        raise UsageError(f"There is no file {path}.")
    with path.open(encoding="utf-8", errors="replace") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                row = cast(object, json.loads(line))
            except ValueError as error:
                raise UsageError(f"{path.name}, line {number} is not JSON.") from error
            if not isinstance(row, dict):
                raise UsageError(f"{path.name}, line {number} is not a JSON object.")
            yield cast(dict[str, object], row)
