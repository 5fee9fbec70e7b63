"""The file of a segment, with a list of its documents in it."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from agentkit.adapters.memory.arrays import read_arrays, write_arrays
from agentkit.adapters.memory.segment import Segment, arrays_of
from agentkit.indexed import Known

_SOURCES = "sources"


def write_segment(path: Path, segment: Segment, documents: Sequence[Known]) -> None:
    """Write a segment into a new file, with what its documents are."""
    rows = json.dumps([(d.key, d.name, d.sha256, d.matter, d.labels, d.called) for d in documents], ensure_ascii=True)
    write_arrays(path, {_SOURCES: np.frombuffer(rows.encode("ascii"), np.uint8), **arrays_of(segment)})


def sources_of(path: Path) -> list[Known]:
    """Return the documents of a segment, those that are gone as well, in their order."""
    rows = json.loads(read_arrays(path)[_SOURCES].tobytes())
    return [Known(*strings, labels=tuple(labels), called=called) for *strings, labels, called in rows]
