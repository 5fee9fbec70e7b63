"""What an index on disk holds of single documents."""

from collections.abc import Callable, Iterator
from pathlib import Path

from agentkit.adapters.memory.folders import sources_of
from agentkit.adapters.memory.manifest import missing, read_manifest
from agentkit.adapters.memory.segment import load
from agentkit.indexed import Entry, Known, Principal


def documents_in(
    folder: Path, *, wanted: Callable[[Known], bool], principal: Principal | None
) -> Iterator[tuple[Known, list[Entry]]]:
    """Yield documents of an index with their passages: only what a principal may see, without one what anybody may.

    Args:
        folder: the index.
        wanted: tells which documents.
        principal: who asks.

    Raises:
        UsageError: there is no index, or it is damaged.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        raise missing(folder)
    seer = principal or Principal()
    for name, gone in manifest.segments.items():
        left, segment = frozenset(gone), None
        for place, known in enumerate(sources_of(folder / name)):
            if place in left or not seer.may_see(known.matter, known.labels) or not wanted(known):
                continue
            segment = segment or load(folder / name)
            rows = range(int(segment.firsts[place]), int(segment.firsts[place + 1]))
            yield known, [segment.entry(row, place) for row in rows]


def everybody(folder: Path) -> Principal:
    """Return one who may see every document of an index: for work that shows nobody a text."""
    manifest = read_manifest(folder)
    known = [one for name in (manifest.segments if manifest else ()) for one in sources_of(folder / name)]
    return Principal(
        "agentkit",
        frozenset(one.matter for one in known),
        frozenset(label for one in known for label in one.labels),
    )
