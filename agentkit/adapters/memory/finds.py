"""Where words stand in what is searched; read only as far as it is asked for."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from agentkit.adapters.memory.postings import (
    MAX_ROWS,
    Packed,
    Rows,
    Scores,
    counted,
    hashed,
    moved,
    sought,
    unpacked,
)
from agentkit.adapters.memory.view import View
from agentkit.indexed import Counts

K1 = 1.2
# Clauses are cut by structure: a long one is no more verbose than a short one. 0.75 is usual for whole documents.
_B = 0.4

_STRETCH = 1 << 14
"""So many postings are read at a time: what is made of them stays in the processor's cache."""
_SHORT = 1 << 18
"""Lists of a term in several parts are joined when they are shorter than this."""


class Part:
    """A view, whole or one document of it, and the slots that it has in a range.

    Args:
        view: what may be seen of a segment.
        low: the first of its rows.
        high: the row after the last.
        first: the first of its slots; there is one for each of the segment's rows, also for those that are hidden.
    """

    def __init__(self, view: View, low: int, high: int, first: int) -> None:
        self.view = view
        self.low = low
        self.high = high
        self.first = first
        self.is_document = high - low < view.size
        # Of a document one sees all passages or none.
        self.start, self.stop = view.extent(low, high) if self.is_document else (0, view.segment.size)

    @property
    def slots(self) -> int:
        """How many slots it has."""
        return self.stop - self.start

    def spans(self, wanted: NDArray[np.uint64]) -> list[tuple[int, int]]:
        """Return where the rows of terms, by their hashes, begin and end among the segment's postings."""
        passages = self.view.segment.passages
        begins, ends = passages.spans(wanted)
        found = list(zip(begins.tolist(), ends.tolist(), strict=True))
        return [passages.within(*span, self.start, self.stop) for span in found] if self.is_document else found

    def packed(self, begin: int, end: int, *, wide: bool) -> Packed:
        """Return some of the segment's postings with slots in place of rows."""
        return moved(self.view.segment.passages.packed[begin:end], self.first - self.start, wide=wide)

    def sought(self, slots: Rows) -> tuple[int, int, Packed]:
        """Return which of some slots, ascending, are of this part: the first, the one after the last, and those."""
        first, last = slots.searchsorted((self.first, self.first + self.slots)).tolist()
        return first, last, sought(slots[first:last] - (self.first - self.start))

    def counted(self, begin: int, end: int, wanted: Packed) -> Scores:
        """Return how often each of some slots that are `sought` holds the term of some of the segment's postings."""
        return counted(self.view.segment.passages.packed[begin:end], wanted)

    def most(self, begin: int, end: int) -> int:
        """Return how often a row holds the term of some of the segment's postings at most."""
        return self.view.most(begin, end)

    def count(self, begin: int, end: int) -> int:
        """Return how many of some postings are of rows that may be seen."""
        return end - begin if self.is_document else self.view.count(begin, end)


class Places:
    """Slots, ascending, that are looked up in the lists of several terms."""

    def __init__(self, slots: Rows) -> None:
        self.slots = slots
        self._whole = dict[bool, Packed]()
        self._parts = dict[Part, tuple[int, int, Packed]]()

    def whole(self, *, wide: bool) -> Packed:
        """Return them as they are looked for in a list of slots of the whole range."""
        if wide not in self._whole:
            self._whole[wide] = sought(self.slots, wide=wide)
        return self._whole[wide]

    def of(self, part: Part) -> tuple[int, int, Packed]:
        """Return which of them are of a part: the first, the one after the last, and those as they are looked for."""
        if part not in self._parts:
            self._parts[part] = part.sought(self.slots)
        return self._parts[part]


class Finds:
    """The slots that hold a term.

    Args:
        held: the parts that have it, and where its postings begin and end in each.
        often: how many passages have it among which words are weighed, as far as that is known.
        wide: slots are too many for 32 bits.
    """

    def __init__(self, held: Sequence[tuple[Part, int, int]], often: int, *, wide: bool) -> None:
        self._held = held
        self._often = often
        self._wide = wide
        self.size = sum(end - begin for _, begin, end in held)

    @cached_property
    def count(self) -> int:
        """How many passages of the range hold the term."""
        return sum(part.count(begin, end) for part, begin, end in self._held)

    @property
    def often(self) -> int:
        """How many passages hold the term, of all that words are weighed among."""
        return max(self._often, self.count)

    @cached_property
    def most(self) -> int:
        """How often a slot holds the term at most."""
        return max((part.most(begin, end) for part, begin, end in self._held), default=0)

    def stretches(self) -> Iterator[tuple[Rows, Scores]]:
        """Return the slots, ascending, hidden ones as well, and how often each holds the term; some at a time."""
        if self._is_joined:
            for first in range(0, self.size, _STRETCH):
                yield unpacked(self._joined[first : first + _STRETCH])
            return
        for part, begin, end in self._held:
            for first in range(begin, end, _STRETCH):
                yield unpacked(part.packed(first, min(first + _STRETCH, end), wide=self._wide))

    def all(self) -> tuple[Rows, Scores]:
        """Return the slots, ascending, and how often each holds the term."""
        return unpacked(self._joined)

    def at(self, places: Places) -> Scores:
        """Return how often each of some slots holds the term."""
        if self._is_joined:
            return counted(self._joined, places.whole(wide=self._wide))
        often = np.zeros(len(places.slots), np.float32)
        for part, begin, end in self._held:
            first, last, wanted = places.of(part)
            if first < last:
                often[first:last] = part.counted(begin, end, wanted)
        return often

    @property
    def _is_joined(self) -> bool:
        return len(self._held) < 2 or self.size < _SHORT

    @cached_property
    def _joined(self) -> Packed:
        found = [part.packed(begin, end, wide=self._wide) for part, begin, end in self._held]
        return found[0] if len(found) == 1 else np.concatenate([np.empty(0, np.uint32), *found])


class Range:
    """What is searched: all views, or one document.

    Its passages are numbered from 0 as rows, as if nothing were hidden, and as slots, in which what is hidden has its
    place and no chance: lists of slots are read as they are kept.

    Args:
        views: each with its first row and the row after its last.
        counts: how common words are, where the rows were chosen from more passages.
    """

    def __init__(self, views: Iterable[tuple[View, int, int]], counts: Counts | None = None) -> None:
        self._parts = list[Part]()
        self.slots = self.size = 0
        for view, low, high in views:
            self._parts.append(Part(view, low, high, self.slots))
            self.slots += self._parts[-1].slots
            self.size += high - low
        self._wide = self.slots > MAX_ROWS
        words = sum(part.view.words(part.low, part.high) for part in self._parts)
        if counts is None or counts.passages < self.size:
            counts = Counts(self.size, words, {})
        self._often = counts.often
        self.passages = counts.passages
        self._average = np.float32(max(1.0, counts.words / max(1, counts.passages)))

    @cached_property
    def lengths(self) -> NDArray[np.uint16]:
        """The length of what stands in each slot, in words."""
        lengths = [part.view.segment.passages.lengths[part.start : part.stop] for part in self._parts]
        # One part stays mapped.
        return lengths[0] if len(lengths) == 1 else np.concatenate([np.empty(0, np.uint16), *lengths])

    @cached_property
    def shares(self) -> Scores:
        """What a slot's count is set against; infinite where one is hidden."""
        shares = self.shares_of(self.lengths)
        for part in self._parts:
            if not part.is_document and not part.view.is_whole:
                shares[part.first : part.first + part.slots][~part.view.kept] = np.inf
        return shares

    def shares_of(self, lengths: NDArray[np.uint16]) -> Scores:
        """Return what a count is set against in passages of these lengths."""
        return np.float32(K1 * (1 - _B)) + np.float32(K1 * _B) * (lengths.astype(np.float32) / self._average)

    def find(self, terms: Sequence[str]) -> dict[str, Finds]:
        """Return where terms stand."""
        wanted = np.array([hashed(term) for term in terms], np.uint64)
        spans = [(part, part.spans(wanted)) for part in self._parts]
        return {
            term: Finds(
                [(part, *found[place]) for part, found in spans if found[place][0] < found[place][1]],
                self._often.get(term, 0),
                wide=self._wide,
            )
            for place, term in enumerate(terms)
        }

    def slots_of(self, rows: Rows) -> Rows:
        """Return the slots of some rows, ascending."""
        found, base = [np.empty(0, np.int64)], 0
        for part in self._parts:
            first, last = rows.searchsorted((base, base + part.high - part.low)).tolist()
            local = part.view.rows(rows[first:last] - base + part.low)
            found.append(local - part.start + part.first)
            base += part.high - part.low
        return np.concatenate(found)

    def rows_of(self, slots: Rows) -> Rows:
        """Return the rows of some slots, ascending, none of which is hidden."""
        found, base = [np.empty(0, np.int64)], 0
        for part in self._parts:
            first, last = slots.searchsorted((part.first, part.first + part.slots)).tolist()
            local = part.view.numbers(slots[first:last] - part.first + part.start)
            found.append(local - part.low + base)
            base += part.high - part.low
        return np.concatenate(found)
