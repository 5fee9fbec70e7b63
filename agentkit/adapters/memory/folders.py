"""The folder of a segment: its files, and a list of its documents."""

import json
import os
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

from agentkit.adapters.memory.segment import Segment, save
from agentkit.indexed import Known

_SOURCES = "sources.json"


def write_segment(folder: Path, segment: Segment, documents: Sequence[Known]) -> None:
    """Write a segment into a new folder, with what its documents are."""
    folder.mkdir()
    save(segment, folder)
    rows = [astuple(document) for document in documents]
    (folder / _SOURCES).write_text(json.dumps(rows, ensure_ascii=True), encoding="utf-8")
    for path in [*folder.iterdir(), folder]:
        sync(path)


def sources_of(folder: Path) -> list[Known]:
    """Return the documents of a segment, those that are gone as well, in their order."""
    rows = json.loads((folder / _SOURCES).read_text("utf-8"))
    return [Known(*strings, labels=tuple(labels)) for *strings, labels in rows]


def sync(path: Path) -> None:
    """Make a file, or the names in a folder, durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
