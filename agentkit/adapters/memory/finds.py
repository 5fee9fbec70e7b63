"""Where a word stands in the views that are searched; read only as far as it is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agentkit.adapters.memory.postings import Packed, Rows, Scores
from agentkit.adapters.memory.view import View
from agentkit.indexed import Counts


@dataclass(frozen=True, slots=True)
class Part:
    """A view, whole or one document of it: its rows from `low` to before `high`, to which a range adds `shift`."""

    shift: int
    view: View
    low: int
    high: int

    def find(self, term: str) -> tuple[int, Packed]:
        """Return how many of the rows hold a term, and where."""
        packed = self.view.held(term, self.low, self.high)
        # Of a document one sees all passages or none.
        whole = self.high - self.low == self.view.size
        return (self.view.count(term) if whole and len(packed) else len(packed)), packed


@dataclass(frozen=True, slots=True)
class Finds:
    """The rows of a range that hold a term: `count` of them; `often` hold it of all that words are weighed among."""

    count: int
    often: int
    held: Sequence[tuple[Part, Packed]]

    def all(self) -> tuple[Rows, Scores]:
        """Return the rows, ascending, and how often each holds the term."""
        rows, often = [np.empty(0, np.int64)], [np.empty(0, np.float32)]
        for part, packed in self.held:
            local, many = part.view.unpacked(packed)
            rows.append(local + part.shift if part.shift else local)
            often.append(many)
        # The first is empty: one part needs no copy.
        return (rows[1], often[1]) if len(rows) == 2 else (np.concatenate(rows), np.concatenate(often))

    def at(self, rows: Rows) -> Scores:
        """Return how often each of some rows, ascending, holds the term."""
        often = np.zeros(len(rows), np.float32)
        for part, packed in self.held:
            first, last = rows.searchsorted((part.shift + part.low, part.shift + part.high)).tolist()
            if first < last:
                often[first:last] = part.view.counted(packed, rows[first:last] - part.shift)
        return often


class Range:
    """The rows that are searched, numbered from 0: those of all views, or of one document.

    Args:
        parts: in the order of their rows.
        counts: how common words are, where the rows were chosen from more passages.
    """

    def __init__(self, parts: Sequence[Part], counts: Counts | None = None) -> None:
        self._parts = parts
        lengths = [part.view.lengths[part.low : part.high] for part in parts]
        # One part stays mapped.
        self._lengths = lengths[0] if len(lengths) == 1 else np.concatenate([np.empty(0, np.uint16), *lengths])
        self.size = len(self._lengths)
        if counts is None or counts.passages < self.size:
            counts = Counts(self.size, int(self._lengths.sum(dtype=np.int64)), {})
        self._often = counts.often
        self.passages = counts.passages
        self._average = np.float32(max(1.0, counts.words / max(1, counts.passages)))

    def lengths(self, rows: Rows) -> Scores:
        """Return the length of some rows in words, as a share of the average."""
        return self._lengths[rows].astype(np.float32) / self._average

    def find(self, term: str) -> Finds:
        """Return where a term stands."""
        found = [(part, *part.find(term)) for part in self._parts]
        count = sum(count for _, count, _ in found)
        held = [(part, packed) for part, count, packed in found if count]
        return Finds(count, max(count, self._often.get(term, 0)), held)
