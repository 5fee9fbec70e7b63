"""A segment as one who asks may see it: what is gone or hidden leaves no trace in any number."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from agentkit.adapters.memory.postings import MAX_ROWS
from agentkit.adapters.memory.segment import Segment
from agentkit.adapters.memory.weighing import Rows, Scores
from agentkit.indexed import Entry

Mask = NDArray[np.bool_]


class View:
    """Documents of a segment, and their passages' rows, numbered as if there were no others.

    Args:
        segment: what is indexed.
        shown: the documents that are there; shape (D,).
    """

    def __init__(self, segment: Segment, shown: Mask) -> None:
        self.segment = segment
        self._whole = bool(shown.all())
        sizes = np.diff(segment.firsts)
        self._shown = shown
        self._kept = np.empty(0, np.bool_) if self._whole else np.repeat(shown, sizes)
        self.firsts = segment.firsts if self._whole else np.cumsum([0, *sizes[shown].tolist()], dtype=np.int64)
        self.size = int(self.firsts[-1])

    @property
    def documents(self) -> int:
        """How many documents are there."""
        return len(self.firsts) - 1

    @cached_property
    def lengths(self) -> NDArray[np.uint16]:
        """How many words each passage has; shape (N,)."""
        lengths = self.segment.passages.lengths
        return lengths if self._whole else lengths[self._kept]

    @cached_property
    def keys(self) -> NDArray[np.uint64]:
        """The hashes of the documents' names."""
        return self.segment.keys if self._whole else self.segment.keys[self._shown]

    @cached_property
    def _numbers(self) -> NDArray[np.uint32]:
        return (np.cumsum(self._kept) - 1).astype(np.uint32)

    @cached_property
    def _rows(self) -> NDArray[np.uint32]:
        return np.flatnonzero(self._kept).astype(np.uint32)

    @cached_property
    def _places(self) -> NDArray[np.int64]:
        return np.flatnonzero(self._shown)

    def find(self, term: str, low: int, high: int) -> tuple[Rows, Scores]:
        """Return the rows from `low` to before `high` that hold a term, ascending, and how often each does."""
        if self._whole:
            return self.segment.passages.find(term, low, high)
        if low >= high:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        rows, often = self.segment.passages.find(term, int(self._rows[low]), int(self._rows[high - 1]) + 1)
        kept = self._kept[rows]
        return self._numbers[rows[kept]].astype(np.int64), often[kept]

    def count(self, term: str) -> int:
        """Return how many rows hold a term."""
        if self._whole:
            return self.segment.passages.count(term)
        return int(self._kept[self.segment.passages.find(term, 0, MAX_ROWS)[0]].sum())

    def opened(self, word: str) -> Rows:
        """Return the documents whose name, titles or first passages hold a word."""
        places = self.segment.openings.find(word)[0]
        if self._whole:
            return places
        return np.searchsorted(self._places, places[self._shown[places]])

    def document(self, row: int) -> int:
        """Return the document of a row."""
        return int(np.searchsorted(self.firsts, row, side="right")) - 1

    def place(self, document: int) -> int:
        """Return which of the segment's documents one is."""
        return document if self._whole else int(self._places[document])

    def entry(self, row: int) -> Entry:
        """Return the passage in a row."""
        return self.segment.entry(self.row(row), self.place(self.document(row)))

    def row(self, row: int) -> int:
        """Return which of the segment's passages one is."""
        return row if self._whole else int(self._rows[row])
