"""A segment as one who asks may see it: what is gone or hidden leaves no trace in any number."""

from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from agentkit.adapters.memory.postings import Rows, most_counted, rows_of
from agentkit.adapters.memory.segment import Segment
from agentkit.indexed import Entry

Mask = NDArray[np.bool_]
_COUNTED = 1 << 14
"""Of so many words it is kept how many rows of those that are shown hold them, and how often one does at most."""


class View:
    """Documents of a segment, and their passages' rows, numbered as if there were no others.

    Args:
        segment: what is indexed.
        shown: the documents that are there; shape (D,).
    """

    def __init__(self, segment: Segment, shown: Mask) -> None:
        self.segment = segment
        self.is_whole = bool(shown.all())
        sizes = np.diff(segment.firsts)
        self._shown = shown
        self.kept = np.empty(0, np.bool_) if self.is_whole else np.repeat(shown, sizes)
        """Which of the segment's passages are there, if not all are; shape (N,)."""
        self.firsts = segment.firsts if self.is_whole else np.cumsum([0, *sizes[shown].tolist()], dtype=np.int64)
        self.size = int(self.firsts[-1])
        self.count = lru_cache(maxsize=_COUNTED)(self._count)
        self.most = lru_cache(maxsize=_COUNTED)(self._most)

    @property
    def documents(self) -> int:
        """How many documents are there."""
        return len(self.firsts) - 1

    @cached_property
    def keys(self) -> NDArray[np.uint64]:
        """The hashes of the documents' names."""
        return self.segment.keys if self.is_whole else self.segment.keys[self._shown]

    @cached_property
    def _numbers(self) -> NDArray[np.uint32]:
        return (np.cumsum(self.kept) - 1).astype(np.uint32)

    @cached_property
    def _rows(self) -> NDArray[np.uint32]:
        return np.flatnonzero(self.kept).astype(np.uint32)

    @cached_property
    def _places(self) -> NDArray[np.int64]:
        return np.flatnonzero(self._shown)

    def extent(self, low: int, high: int) -> tuple[int, int]:
        """Return where the rows of one document stand in the segment: the first, and the one after the last."""
        if self.is_whole or low >= high:
            return low, high
        return int(self._rows[low]), int(self._rows[high - 1]) + 1

    def words(self, low: int, high: int) -> int:
        """Return how many words there are in the rows from `low` to before `high`."""
        lengths = self.segment.passages.lengths
        kept = (
            lengths[slice(*self.extent(low, high))] if high - low < self.size or self.is_whole else lengths[self.kept]
        )
        return int(kept.sum(dtype=np.int64))

    def _count(self, begin: int, end: int) -> int:
        """Return how many of some postings of the segment are of rows that are shown."""
        if self.is_whole:
            return end - begin
        return int(np.count_nonzero(self.kept[rows_of(self.segment.passages.packed[begin:end])]))

    def _most(self, begin: int, end: int) -> int:
        """Return how often a row, shown or not, holds the term of some postings of the segment at most."""
        return most_counted(self.segment.passages.packed[begin:end])

    def opened(self, word: str) -> Rows:
        """Return the documents whose name, titles or first passages hold a word."""
        return self._seen(self.segment.openings.find(word)[0])

    def akin(self, key: str) -> Rows:
        """Return the documents that replace others and are found by a key (see `legal.lineages`)."""
        return self._seen(self.segment.kin.find(key)[0])

    def _seen(self, places: Rows) -> Rows:
        if self.is_whole:
            return places
        return np.searchsorted(self._places, places[self._shown[places]])

    def document(self, row: int) -> int:
        """Return the document of a row."""
        return int(self.firsts.searchsorted(row, side="right")) - 1

    def place(self, document: int) -> int:
        """Return which of the segment's documents one is."""
        return document if self.is_whole else int(self._places[document])

    def places(self, documents: Rows) -> Rows:
        """Return which of the segment's documents some are."""
        return documents if self.is_whole else self._places[documents]

    def entry(self, row: int) -> Entry:
        """Return the passage in a row."""
        return self.segment.entry(row if self.is_whole else int(self._rows[row]), self.place(self.document(row)))

    def rows(self, rows: Rows) -> Rows:
        """Return which of the segment's passages some are."""
        return rows if self.is_whole else self._rows[rows].astype(np.int64)

    def numbers(self, places: Rows) -> Rows:
        """Return the rows of some of the segment's passages, none of which is hidden."""
        return places if self.is_whole else self._numbers[places].astype(np.int64)
