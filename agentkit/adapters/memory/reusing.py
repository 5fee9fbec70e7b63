"""What of a changed document is as it was: its words are not counted again, wherever it stands now."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from agentkit.adapters.memory.held import Place
from agentkit.adapters.memory.postings import Bag
from agentkit.adapters.memory.segment import Segment, build, is_titled, load
from agentkit.indexed import Entry, Known

WORTH = 100_000
"""The words of a passage are looked up among so many postings at most: among more, counting them takes less."""
Documents = Sequence[tuple[Known, Sequence[Entry]]]


@dataclass(slots=True)
class _Kept:
    """Passages that stay: of each document of a segment, the rows where they stood by their new places."""

    segment: Segment
    rows: dict[int, dict[int, int]] = field(default_factory=dict[int, dict[int, int]])

    def bags(self) -> dict[int, Bag]:
        """Return the words in the rows; none where looking them up takes longer than counting them."""
        rows = np.array(sorted({row for places in self.rows.values() for row in places.values()}), np.int64)
        if not len(rows) or len(self.segment.passages.packed) > WORTH * len(rows):
            return {}
        return dict(zip(rows.tolist(), self.segment.passages.bags(rows), strict=True))


def rebuild(folder: Path, held: Mapping[str, Place], documents: Documents) -> tuple[Segment, int]:
    """Index documents, and take over what the index holds of their passages; return how many of these are new, too.

    A passage is kept where its words, its headings and who may see it are as they were. It is written again beside the
    others of its document, because they are read and weighed together; its words are not counted again.

    Args:
        folder: the index.
        held: the documents it holds.
        documents: those that are new or changed.
    """
    segments: dict[str, _Kept] = {}
    for number, (known, entries) in enumerate(documents):
        before, name, place = held.get(known.key, (None, "", 0))
        if before is None or (before.matter, before.labels) != (known.matter, known.labels):
            continue
        if name not in segments:
            segments[name] = _Kept(load(folder / name))
        segments[name].rows[number] = _matched(segments[name].segment, place, entries)
    bags: list[dict[int, Bag]] = [{} for _ in documents]
    for kept in segments.values():
        found = kept.bags()
        for number, places in kept.rows.items():
            bags[number] = {place: found[row] for place, row in places.items() if row in found}
    stays = sum(len(places) for kept in segments.values() for places in kept.rows.values())
    made = build([(known.name, entries) for known, entries in documents], kept=bags, identified=True)
    return made, made.size - stays


def _matched(segment: Segment, place: int, entries: Sequence[Entry]) -> dict[int, int]:
    """Return which passages say what one of the document in a place said, each with the row of that."""
    first = int(segment.firsts[place])
    before = [segment.entry(row, place) for row in range(first, int(segment.firsts[place + 1]))]
    if is_titled(before) != is_titled(entries):
        return {}
    there: dict[tuple[str, str, str], deque[int]] = {}
    for row, entry in enumerate(before, first):
        there.setdefault((entry.title, entry.kind, entry.text), deque()).append(row)
    return {
        number: rows.popleft()
        for number, entry in enumerate(entries)
        if (rows := there.get((entry.title, entry.kind, entry.text)))
    }
