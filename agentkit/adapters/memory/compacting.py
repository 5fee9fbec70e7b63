"""Joining small segments beside the work of writers and readers."""

import fcntl
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agentkit.adapters.memory.folders import sources_of, write_segment
from agentkit.adapters.memory.manifest import Manifest, read_manifest
from agentkit.adapters.memory.segment import Segment, load, merge
from agentkit.indexed import Known

_ASIDE = "c-"
_LOCK = ".compacting"
_FEW = 6
"""So many segments cost a search next to nothing."""
_LIKE = 3
"""Segments are joined with one up to so many times their size: each passage is rewritten a few times only."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A segment that stands for several, and is not part of the index yet.

    Args:
        names: the segments it stands for.
        gone: of each, the places of the documents that were left out.
        file: its name.
        documents: its documents, in their order.
    """

    names: Sequence[str]
    gone: Mapping[str, Sequence[int]]
    file: str
    documents: Sequence[Known]


def merge_aside(folder: Path) -> Merged | None:
    """Join small segments of an index, as they are now, without a lock; None where there are few.

    What it makes is taken in by `Writer.swap`; what is not taken in is removed by the next call.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        return None
    with (folder / _LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return None  # another process is at it
        for path in folder.glob(f"{_ASIDE}*"):
            if path.name not in manifest.segments:
                path.unlink(missing_ok=True)
        try:
            return _merged(folder, manifest)
        except FileNotFoundError:
            return None  # a writer joined them meanwhile


def _merged(folder: Path, manifest: Manifest) -> Merged | None:
    segments = {name: load(folder / name) for name in manifest.segments}
    sizes = {name: segment.size for name, segment in segments.items()}
    names = chosen(sizes)
    if not names:
        return None
    parts = [(segments[name], _kept(segments[name], manifest.segments[name])) for name in names]
    documents = [
        document
        for name, (_, kept) in zip(names, parts, strict=True)
        for document, stays in zip(sources_of(folder / name), kept.tolist(), strict=True)
        if stays
    ]
    if not documents:
        return None
    made = f"{_ASIDE}{secrets.token_hex(8)}"
    write_segment(folder / made, merge(parts), documents)
    return Merged(names, {name: tuple(manifest.segments[name]) for name in names}, made, documents)


def chosen(sizes: Mapping[str, int]) -> list[str]:
    """Return which segments to join: the smallest, and those not much larger than all smaller ones together."""
    if len(sizes) <= _FEW:
        return []
    ordered = sorted(sizes, key=lambda name: sizes[name])
    taken, total = ordered[: len(ordered) - _FEW + 1], 0
    total = sum(sizes[name] for name in taken)
    for name in ordered[len(taken) :]:
        if sizes[name] > _LIKE * total:
            break
        taken.append(name)
        total += sizes[name]
    return [name for name in sizes if name in set(taken)] if len(taken) > 1 else []


def _kept(segment: Segment, gone: Sequence[int]) -> NDArray[np.bool_]:
    kept = np.ones(len(segment.names), np.bool_)
    kept[np.array(gone, np.int64)] = False
    return kept
