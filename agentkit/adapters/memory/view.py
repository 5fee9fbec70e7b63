"""A segment as one who asks may see it: what is gone or hidden leaves no trace in any number."""

from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from agentkit.adapters.memory.postings import Packed, Rows, Scores, counted, rows_of, unpacked
from agentkit.adapters.memory.segment import Segment
from agentkit.indexed import Entry

Mask = NDArray[np.bool_]
_COUNTED = 1 << 14
"""Of so many words it is kept how many rows of those that are shown hold them."""


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
        self._seen = lru_cache(maxsize=_COUNTED)(self._shown_of)

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

    def held(self, term: str, low: int, high: int) -> Packed:
        """Return where a term stands between two rows, as the segment numbers them, with the rows that are hidden."""
        if low >= high:
            return self.segment.passages.packed[:0]
        if self._whole:
            return self.segment.passages.held(term, low, high)
        return self.segment.passages.held(term, int(self._rows[low]), int(self._rows[high - 1]) + 1)

    def unpacked(self, packed: Packed) -> tuple[Rows, Scores]:
        """Return the rows of a part of `held`, ascending, and how often each holds the term."""
        rows, often = unpacked(packed)
        if self._whole:
            return rows, often
        kept = self._kept[rows]
        return self._numbers[rows[kept]].astype(np.int64), often[kept]

    def counted(self, packed: Packed, rows: Rows) -> Scores:
        """Return how often each of some rows, ascending, holds the term of a part of `held`."""
        return counted(packed, rows if self._whole else self._rows[rows].astype(np.int64))

    def count(self, term: str) -> int:
        """Return how many rows hold a term."""
        return len(self.segment.passages.held(term)) if self._whole else self._seen(term)

    def _shown_of(self, term: str) -> int:
        return int(np.count_nonzero(self._kept[rows_of(self.segment.passages.held(term))]))

    def opened(self, word: str) -> Rows:
        """Return the documents whose name, titles or first passages hold a word."""
        places = self.segment.openings.find(word)[0]
        if self._whole:
            return places
        return np.searchsorted(self._places, places[self._shown[places]])

    def document(self, row: int) -> int:
        """Return the document of a row."""
        return int(self.firsts.searchsorted(row, side="right")) - 1

    def place(self, document: int) -> int:
        """Return which of the segment's documents one is."""
        return document if self._whole else int(self._places[document])

    def places(self, documents: Rows) -> Rows:
        """Return which of the segment's documents some are."""
        return documents if self._whole else self._places[documents]

    def entry(self, row: int) -> Entry:
        """Return the passage in a row."""
        return self.segment.entry(row if self._whole else int(self._rows[row]), self.place(self.document(row)))

    def rows(self, rows: Rows) -> Rows:
        """Return which of the segment's passages some are."""
        return rows if self._whole else self._rows[rows].astype(np.int64)
