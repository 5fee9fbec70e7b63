"""An inverted index in five arrays, in memory or mapped from files.

A term is kept as a hash of sixty-four bits, so that no vocabulary is loaded. Counts stay beside the rows and
not ready-made scores: a query's synonyms share one saturation, and a search within one document weighs words
by that document.
"""

import hashlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agentkit.adapters.memory.strings import mapped

Rows = NDArray[np.uint32]
Counts = NDArray[np.uint8]
_NAMES = ("terms", "starts", "rows", "counts", "lengths")
_MOST = 255


@lru_cache(maxsize=1 << 18)
def hashed(term: str) -> int:
    """Return a term's number, below 2**64."""
    return int.from_bytes(hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


class Postings:
    """Which rows hold which terms, how often.

    Args:
        terms: T hashes in ascending order.
        starts: where the rows of each term begin; shape (T + 1,).
        rows: P row numbers, ascending within a term.
        counts: how often the term stands there, at most 255; shape (P,).
        lengths: how many terms each row has; shape (N,).
    """

    def __init__(
        self,
        terms: NDArray[np.uint64],
        starts: NDArray[np.int64],
        rows: Rows,
        counts: Counts,
        lengths: NDArray[np.uint16],
    ) -> None:
        self.terms = terms
        self.starts = starts
        self.rows = rows
        self.counts = counts
        self.lengths = lengths

    @classmethod
    def of(cls, bags: Iterable[Mapping[str, int]]) -> "Postings":
        """Index one bag of terms per row."""
        terms, rows, counts, lengths = array("Q"), array("I"), array("B"), array("H")
        for row, bag in enumerate(bags):
            terms.extend(map(hashed, bag))
            rows.extend([row] * len(bag))
            counts.extend(min(count, _MOST) for count in bag.values())
            lengths.append(min(sum(count for term, count in bag.items() if term[0] != "§"), 0xFFFF))
        return cls.sorted(
            np.array(terms, np.uint64),
            np.array(rows, np.uint32),
            np.array(counts, np.uint8),
            np.array(lengths, np.uint16),
        )

    @classmethod
    def sorted(cls, terms: NDArray[np.uint64], rows: Rows, counts: Counts, lengths: NDArray[np.uint16]) -> "Postings":
        """Make an index of P triples whose rows ascend."""
        order = np.argsort(terms, kind="stable")
        unique, first = np.unique(terms[order], return_index=True)
        starts = np.append(first, len(terms)).astype(np.int64)
        return cls(unique, starts, rows[order], counts[order], lengths)

    @classmethod
    def merged(cls, parts: Sequence[tuple["Postings", NDArray[np.bool_]]]) -> "Postings":
        """Join indexes, each with a mask of the rows to keep; those that stay are numbered on without gaps."""
        terms, rows, counts, lengths = (
            list[NDArray[np.uint64]](),
            list[Rows](),
            list[Counts](),
            list[NDArray[np.uint16]](),
        )
        base = 0
        for part, keep in parts:
            number = (np.cumsum(keep) - 1 + base).astype(np.uint32)
            stays = keep[part.rows]
            terms.append(np.repeat(part.terms, np.diff(part.starts))[stays])
            rows.append(number[part.rows[stays]])
            counts.append(part.counts[stays])
            lengths.append(part.lengths[keep])
            base += int(keep.sum())
        return cls.sorted(np.concatenate(terms), np.concatenate(rows), np.concatenate(counts), np.concatenate(lengths))

    def find(self, term: str) -> tuple[Rows, Counts]:
        """Return the rows that hold a term, ascending, and how often each does."""
        wanted = np.uint64(hashed(term))
        place = int(np.searchsorted(self.terms, wanted))
        if place == len(self.terms) or self.terms[place] != wanted:
            return self.rows[:0], self.counts[:0]
        start, end = int(self.starts[place]), int(self.starts[place + 1])
        return self.rows[start:end], self.counts[start:end]

    def save(self, folder: Path, name: str) -> None:
        """Write the arrays under `name`."""
        for array_name in _NAMES:
            np.save(folder / f"{name}.{array_name}.npy", getattr(self, array_name))

    @classmethod
    def open(cls, folder: Path, name: str) -> "Postings":
        """Map what `save` wrote.

        Raises:
            OSError: a file is missing.
            ValueError: a file is damaged.
        """
        return cls(*(mapped(folder / f"{name}.{array_name}.npy") for array_name in _NAMES))
