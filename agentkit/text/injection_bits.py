"""What the words of a text hold of what patterns need, as rows of bits: a row for each stretch of the text.

The table of needs lies beside this module (`injection_needs.json`, made by `benchmarks/needed_words.py`): its texts are
words by blanks; a group is one of them, of which a match holds a word; a pair is two of them, of which a match holds a
word that ends like the one, right before a word that begins like the other; a hint is the beginnings of words, by
blanks. Groups, pairs and hints are bits.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache, reduce
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentkit.text.injection_known import Column
from agentkit.text.injection_reading import Reading
from agentkit.text.injection_rules import words_to_keys

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    _Table = NDArray[np.uint64]

EDGE = "|"
"""Stands in a needed word for the place where a word begins or ends; inside one it parts two words side by side."""
DATA = Path(__file__).with_name("injection_needs.json")
Name = int | str | tuple[int, int]
_LETTERS = re.compile(r"[^\W\d_]+")
_KIND = "<u8"
_LONGEST = 64
"""A longer word is looked at anew each time."""


def bits_of(read: Reading, ends: Sequence[int], /) -> list[int]:
    """Return the bits of the stretches of a text between these places: of the words, and of neighbours.

    No word may reach over such a place. Two neighbours in different stretches count for the first one's.
    """
    import numpy as np  # noqa: PLC0415  (at the first search)

    total = np.zeros((len(ends), _width()), _KIND)
    if read.words:
        held = _together(read.of(_held()))
        bounds = np.searchsorted(read.starts, ends)
        starts = np.concatenate(([0], bounds[:-1]))
        spoken = np.flatnonzero(bounds - starts)
        total[spoken] = np.bitwise_or.reduceat(held, starts[spoken], axis=0)
    return [int.from_bytes(row.tobytes(), "little") for row in total]


class AnyOf:
    """Things that each need all the bits of one of several numbers."""

    def __init__(self, needed: Sequence[Sequence[int]]) -> None:
        import numpy as np  # noqa: PLC0415  (at the first search)

        always = len(bit_of())
        numbers = [list(_places(bits)) for parts in needed for bits in parts]
        longest = max(map(len, numbers), default=0)
        self._numbers = np.array([[*some, *[always] * (longest - len(some))] for some in numbers], np.intp)
        self._first = np.cumsum([0, *map(len, needed[:-1])])

    def in_bits(self, bits: int) -> list[int]:
        """Return the numbers of those things that have what they need."""
        import numpy as np  # noqa: PLC0415  (at the first search)

        always = 1 << len(bit_of())
        held = np.frombuffer((bits | always).to_bytes(_width() * 8, "little"), np.uint8)
        met = np.unpackbits(held, bitorder="little")[self._numbers].all(1)
        return np.flatnonzero(np.logical_or.reduceat(met, self._first)).tolist()


def _places(bits: int) -> Iterator[int]:
    """Yield the places of the bits of a number."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _together(rows: "_Table") -> "_Table":
    """Return the bits of each of these words, with those of it and the next one."""
    pairs = _width() - _single()
    held, before, after = rows[:, : _width()], rows[:-1, _width() : -pairs], rows[1:, -pairs:]
    held[:-1, _single() :] |= before & after
    return held


@cache
def table() -> Mapping[str, Any]:
    """Return the texts, the hints, and for each pattern by its fingerprint its parts: groups, pairs, and the reach."""
    return json.loads(DATA.read_text(encoding="utf-8"))


@cache
def bit_of() -> Mapping[Name, int]:
    """Return the bit of every group, by the number of its text, of every pair, and of every hint."""
    parts = list(chain.from_iterable(table()["patterns"].values()))
    needed: list[Name] = [name for groups, pairs, _ in parts for name in (*groups, *map(tuple, pairs))]
    ranked = sorted(dict.fromkeys([*table()["hints"], *needed]), key=_speaks_of_neighbours)
    return {name: 1 << number for number, name in enumerate(ranked)}


def hint_bit(keys: Collection[str], /) -> int:
    """Return the bit of a rule's hint (`Rule.keys`), or 0 for none: a word begins with one of its keys."""
    return bit_of()[" ".join(sorted(keys))] if keys else 0


def _speaks_of_neighbours(name: Name) -> bool:
    if not isinstance(name, int):
        return isinstance(name, tuple)
    return any(EDGE in word[1:-1] for word in table()["texts"][name].split(" "))


@cache
def _width() -> int:
    """How many numbers of 64 bits all bits need."""
    return len(bit_of()) // 64 + 1


@cache
def _single() -> int:
    """How many of these numbers are of single words only."""
    return sum(not _speaks_of_neighbours(name) for name in bit_of()) // 64


class _Needed:
    """The bits of every needed word: standing alone, before another one (by how it ends), and after one."""

    def __init__(self) -> None:
        self.alone, self.before, self.after = dict[str, int](), dict[str, int](), dict[str, int]()
        self.hints = dict[str, int]()
        texts: list[str] = table()["texts"]
        for name, bit in bit_of().items():
            if isinstance(name, str):
                _give(self.hints, name.split(" "), bit)
                continue
            if isinstance(name, tuple):
                for found, number in zip((self.before, self.after), name, strict=True):
                    _give(found, texts[number].split(" "), bit)
                continue
            for word in texts[name].split(" "):
                end = word.find(EDGE, 1, -1)
                if end < 0:
                    _give(self.alone, [word], bit)
                else:
                    _give(self.before, [word[:end]], bit)
                    _give(self.after, [word[end + 1 :]], bit)
        self.lengths: dict[str, set[int]] = {}
        for word in self.alone:
            self.lengths.setdefault(word[:2], set()).add(len(word))
        self.longest = max(map(len, (*self.before, *self.after)))


def _give(found: dict[str, int], words: Sequence[str], bit: int) -> None:
    for word in words:
        found[word] = found.get(word, 0) | bit


_needed = cache(_Needed)


def _bits(word: str) -> tuple[int, int, int]:
    """Return the bits that a word of a text has alone, and those it has before and after another; linear in it."""
    needed = _needed()
    edged, reach = f"{EDGE}{word}{EDGE}", min(needed.longest, len(word) + 1)
    inside = (edged[at : at + size] for at in range(len(edged)) for size in needed.lengths.get(edged[at : at + 2], ()))
    hinted = words_to_keys((word,) if word.isalpha() else _LETTERS.findall(word))
    alone = (*(needed.alone.get(part, 0) for part in inside), *(needed.hints.get(key, 0) for key in hinted))
    return (
        reduce(int.__or__, alone, 0),
        reduce(int.__or__, (needed.before.get(edged[-1 - size : -1], 0) for size in range(1, reach + 1)), 0),
        reduce(int.__or__, (needed.after.get(edged[1 : 1 + size], 0) for size in range(1, reach + 1)), 0),
    )


def _row(word: str) -> list[int]:
    """Return the bits of a word as numbers: those it has alone, then those of neighbours, before and after another."""
    bits = _bits(word)
    parts = ((bits[0], 0), (bits[1], _single()), (bits[2], _single()))
    return [number for some, first in parts for number in _numbers(some, first)]


def _numbers(bits: int, first: int) -> Iterator[int]:
    return ((bits >> 64 * number) & ((1 << 64) - 1) for number in range(first, _width()))


@cache
def _held() -> Column:
    """A row of bits for every word."""
    return Column(_row, f"{_width() + 2 * (_width() - _single())}u8")
