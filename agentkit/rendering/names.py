"""The names of a written report's files."""

import re
from pathlib import PurePosixPath

_UNSAFE = re.compile(r"[^\w.\- ]+")
_MAX_NAME = 80


def source_file(index: int, name: str) -> str:
    """Return the `sources[].text` of a document: "sources/00-lease.txt" for the first, `lease.pdf`."""
    stem = PurePosixPath(name.replace("\\", "/")).stem
    safe = _UNSAFE.sub("_", stem).strip(" .")[:_MAX_NAME].strip(" .") or "document"
    return f"sources/{index:02d}-{safe}.txt"
