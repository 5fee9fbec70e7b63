"""An inverted index in four arrays, in memory or mapped from a file.

A term is kept as a hash of sixty-four bits, so that no vocabulary is loaded. Counts stay beside the rows and
not ready-made scores: a query's synonyms share one saturation, and a search within one document weighs words
by that document.
"""

import hashlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Packed = NDArray[np.uint32]
Rows = NDArray[np.int64]
Scores = NDArray[np.float32]
_NAMES = ("terms", "starts", "packed", "lengths")
_COUNT_BITS = 6
_MOST = (1 << _COUNT_BITS) - 1
MAX_ROWS = 1 << (32 - _COUNT_BITS)
"""So many rows fit in one index."""
_STRETCH = 1 << 20


@lru_cache(maxsize=1 << 18)
def hashed(term: str) -> int:
    """Return a term's number, below 2**64."""
    return int.from_bytes(hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


@dataclass(frozen=True, slots=True)
class Bag:
    """The terms of one row by their numbers, how often each stands there, and how many words that are.

    The number of a section ("§12") is no word and adds no length.
    """

    terms: Sequence[int]
    counts: Sequence[int]
    length: int

    @classmethod
    def of(cls, terms: Mapping[str, int]) -> "Bag":
        """Return the bag of terms that are known by their names."""
        length = sum(count for term, count in terms.items() if term[0] != "§")
        return cls([*map(hashed, terms)], [*terms.values()], length)


class Postings:
    """Which rows hold which terms, how often.

    Args:
        terms: T hashes in ascending order.
        starts: where the rows of each term begin; shape (T + 1,).
        packed: P row numbers, ascending within a term, each with a count of at most 63 in its low six bits.
        lengths: how many terms each row has; shape (N,).
    """

    def __init__(
        self, terms: NDArray[np.uint64], starts: NDArray[np.int64], packed: Packed, lengths: NDArray[np.uint16]
    ) -> None:
        self.terms = terms
        self.starts = starts
        self.packed = packed
        self.lengths = lengths

    @classmethod
    def of(cls, bags: Iterable[Bag]) -> "Postings":
        """Index one bag of terms per row.

        Raises:
            ValueError: there are more rows than fit.
        """
        terms, packed, lengths = array("Q"), array("I"), array("H")
        for row, bag in enumerate(bags):
            if row == MAX_ROWS:
                raise ValueError(f"more than {MAX_ROWS} rows in one index")
            terms.extend(bag.terms)
            packed.extend([row << _COUNT_BITS | min(count, _MOST) for count in bag.counts])
            lengths.append(min(bag.length, 0xFFFF))
        return cls.sorted(np.array(terms, np.uint64), np.array(packed, np.uint32), np.array(lengths, np.uint16))

    @classmethod
    def sorted(cls, terms: NDArray[np.uint64], packed: Packed, lengths: NDArray[np.uint16]) -> "Postings":
        """Make an index of P pairs whose rows ascend."""
        order = np.argsort(terms, kind="stable")
        unique, first = np.unique(terms[order], return_index=True)
        return cls(unique, np.append(first, len(terms)).astype(np.int64), packed[order], lengths)

    @classmethod
    def merged(cls, parts: Sequence[tuple["Postings", NDArray[np.bool_]]]) -> "Postings":
        """Join indexes, each with a mask of the rows to keep; those that stay are numbered on without gaps.

        Raises:
            ValueError: more rows stay than fit.
        """
        base, kept = 0, list[_Kept]()
        for part, keep in parts:
            kept.append(_Kept(part, keep, base))
            base += int(np.count_nonzero(keep))
            if base > MAX_ROWS:
                raise ValueError(f"more than {MAX_ROWS} rows in one index")
        terms = np.unique(np.concatenate([np.empty(0, np.uint64), *(one.part.terms[one.sizes > 0] for one in kept)]))
        held = np.zeros(len(terms), np.int64)
        for one in kept:
            held[one.places_in(terms)] += one.sizes[one.sizes > 0]
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(held)])
        packed, filled = np.empty(int(starts[-1]), np.uint32), starts[:-1].copy()
        for one in kept:
            one.fill(packed, filled, terms)
        lengths = [part.lengths[keep] for part, keep in parts]
        return cls(terms, starts, packed, np.concatenate([np.empty(0, np.uint16), *lengths]))

    def spans(self, wanted: NDArray[np.uint64]) -> tuple[Rows, Rows]:
        """Return where the rows of terms, by their hashes, begin and end in `packed`; both are 0 where one is not."""
        if len(self.terms) == 0:
            return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.int64)
        places = np.minimum(self.terms.searchsorted(wanted), len(self.terms) - 1)
        there = self.terms[places] == wanted
        return np.where(there, self.starts[places], 0), np.where(there, self.starts[places + 1], 0)

    def within(self, begin: int, end: int, low: int, high: int) -> tuple[int, int]:
        """Return where the rows from `low` to before `high` are of those that begin and end somewhere."""
        if low >= high:
            return begin, begin
        packed = self.packed[begin:end]
        first = packed.searchsorted(np.uint32(low << _COUNT_BITS))
        last = packed.searchsorted(np.uint32((min(high, MAX_ROWS) - 1) << _COUNT_BITS | _MOST), side="right")
        return begin + int(first), begin + int(last)

    def find(self, term: str, low: int = 0, high: int = MAX_ROWS) -> tuple[Rows, Scores]:
        """Return the rows from `low` to before `high` that hold a term, ascending, and how often each does."""
        begins, ends = self.spans(np.array([hashed(term)], np.uint64))
        begin, end = self.within(int(begins[0]), int(ends[0]), low, high)
        return unpacked(self.packed[begin:end])

    def bags(self, rows: Rows) -> list[Bag]:
        """Return the terms of some rows, ascending, as `of` takes them; every posting is looked at once."""
        low, high = int(rows[0]), int(rows[-1]) + 1
        wanted = np.zeros(high - low, np.bool_)
        wanted[rows - low] = True
        base, size = np.uint32(low << _COUNT_BITS), np.uint32(min((high - low) << _COUNT_BITS, 0xFFFFFFFF))
        found = list[Rows]()
        for first in range(0, len(self.packed), _STRETCH):
            near = np.flatnonzero((stretch := self.packed[first : first + _STRETCH] - base) < size)
            found.append(near[wanted[rows_of(stretch[near])]] + first)
        places = np.concatenate([np.empty(0, np.int64), *found])
        places = places[np.argsort(rows_of(self.packed[places]), kind="stable")]
        packed = self.packed[places]
        terms = self.terms[self.starts.searchsorted(places, side="right") - 1].tolist()
        counts = (packed & np.uint32(_MOST)).tolist()
        begins = rows_of(packed).searchsorted(np.append(rows, high)).tolist()
        lengths = self.lengths[rows].tolist()
        return [Bag(terms[a:b], counts[a:b], n) for (a, b), n in zip(pairwise(begins), lengths, strict=True)]

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Return what it is kept as: four arrays whose names begin with `NAME.`."""
        return {f"{name}.{one}": getattr(self, one) for one in _NAMES}

    @classmethod
    def kept(cls, arrays: Mapping[str, NDArray[Any]], name: str) -> "Postings":
        """Return what `arrays` kept."""
        return cls(*(arrays[f"{name}.{one}"] for one in _NAMES))


class _Kept:
    """An index of which some rows stay, numbered on from `base`; `sizes` is how many of each term's, shape (T,)."""

    def __init__(self, part: Postings, keep: NDArray[np.bool_], base: int) -> None:
        self.part = part
        self._keep = keep
        self._number = (np.cumsum(keep) - 1 + base).astype(np.uint32)
        self.sizes = np.zeros(len(part.terms), np.int64)
        for first, last in self._stretches():
            low, high = part.starts[first], part.starts[last]
            stays = np.concatenate([[0], np.cumsum(keep[rows_of(part.packed[low:high])])])
            self.sizes[first:last] = np.diff(stays[part.starts[first : last + 1] - low])

    def places_in(self, terms: NDArray[np.uint64]) -> Rows:
        """Return where those of its terms that stay stand among some that hold them all."""
        return terms.searchsorted(self.part.terms[self.sizes > 0])

    def fill(self, packed: Packed, filled: Rows, terms: NDArray[np.uint64]) -> None:
        """Write what stays behind what each term has; `filled` is where that ends, and is moved on."""
        places = self.places_in(terms)
        before = np.concatenate([[0], np.cumsum(self.sizes > 0)])
        for first, last in self._stretches():
            found, sizes = self.part.packed[self.part.starts[first] : self.part.starts[last]], self.sizes[first:last]
            found, sizes = found[self._keep[rows_of(found)]], sizes[sizes > 0]
            begins = filled[places[before[first] : before[last]]] - (np.cumsum(sizes) - sizes)
            packed[np.repeat(begins, sizes) + np.arange(len(found))] = self._number[rows_of(found)] << np.uint32(
                _COUNT_BITS
            ) | found & np.uint32(_MOST)
        filled[places] += self.sizes[self.sizes > 0]

    def _stretches(self) -> list[tuple[int, int]]:
        """Return runs of terms that have about so many postings together that they fit in little memory."""
        starts = self.part.starts
        edges = starts.searchsorted(np.arange(0, int(starts[-1]), _STRETCH)).tolist()
        return list(pairwise(sorted({*edges, len(starts) - 1})))


def rows_of(packed: Packed) -> NDArray[np.uint32]:
    """Return the rows that hold a term, ascending."""
    return packed >> np.uint32(_COUNT_BITS)


def unpacked(packed: Packed) -> tuple[Rows, Scores]:
    """Return the rows, ascending, and how often each holds the term."""
    return rows_of(packed).astype(np.int64), (packed & np.uint32(_MOST)).astype(np.float32)


def most_counted(packed: Packed) -> int:
    """Return how often a row holds a term at most."""
    return int((packed & np.uint32(_MOST)).max(initial=0))


def moved(packed: Packed, by: int, *, wide: bool) -> Packed:
    """Return postings with other rows, `by` further on; `wide` where these take more than 32 bits."""
    if wide:
        return packed.astype(np.uint64) + np.uint64((by << _COUNT_BITS) & (1 << 64) - 1)
    return packed + np.uint32((by << _COUNT_BITS) & (1 << 32) - 1) if by else packed


def sought(rows: Rows, *, wide: bool = False) -> Packed:
    """Return some rows, ascending, as `counted` looks for them; `wide` where these take more than 32 bits."""
    return rows.astype(np.uint64 if wide else np.uint32) << np.uint32(_COUNT_BITS)


def counted(packed: Packed, wanted: Packed) -> Scores:
    """Return how often each of some rows holds a term, without reading what is between them."""
    if len(packed) == 0 or len(wanted) == 0:
        return np.zeros(len(wanted), np.float32)
    # Where the rows are the same, only the count is left.
    found = packed.take(packed.searchsorted(wanted), mode="clip") ^ wanted
    return np.where(found <= _MOST, found, np.uint32(0)).astype(np.float32)
