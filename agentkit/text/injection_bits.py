"""What the words of a text hold of what patterns need, as rows of bits: a row for each stretch of the text.

The table of needs lies beside this module (`injection_needs.json`, made by `benchmarks/needed_words.py`): its texts are
words by blanks; a group is one of them, of which a match holds a word; a pair is two of them, of which a match holds a
word that ends like the one, right before a word that begins like the other; a hint is the beginnings of words, by
blanks. Groups, pairs and hints are bits.
"""

import json
import re
import threading
import warnings
from collections.abc import Collection, Mapping, Sequence
from functools import cache, reduce
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentkit.text.injection_rules import words_to_keys

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = NDArray[np.uint64]

EDGE = "|"
"""Stands in a needed word for the place where a word begins or ends; inside one it parts two words side by side."""
DATA = Path(__file__).with_name("injection_needs.json")
Name = int | str | tuple[int, int]
_LETTERS = re.compile(r"[^\W\d_]+")
_KIND = "<u8"
_LONGEST = 64
"""A longer word is looked at anew each time."""
_MOST_WORDS, _MOST_ROWS = 32_768, 8_192


def bits_of(words: Sequence[str], counts: Sequence[int], /) -> list[int]:
    """Return the bits of stretches of so many words each, in order: of the words, and of neighbours.

    Two neighbours in different stretches count for the first one's.
    """
    known = _vocabulary()  # loads NumPy
    import numpy as np  # noqa: PLC0415  (at the first search)

    total = np.zeros((len(counts), _width()), _KIND)
    if words:
        rows = np.fromiter(map(known.__getitem__, words), np.intp, len(words))
        alone, before, after = known.tables
        held = alone.take(rows, 0)
        held[:-1, -before.shape[1] :] |= before.take(rows[:-1], 0) & after.take(rows[1:], 0)
        starts = np.cumsum([0, *counts[:-1]])
        spoken = np.flatnonzero(counts)
        total[spoken] = np.bitwise_or.reduceat(held, starts[spoken], axis=0)
    return [int.from_bytes(row.tobytes(), "little") for row in total]


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
    """How many numbers of 64 bits a row has."""
    return len(bit_of()) // 64 + 1


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
        self.single = sum(not _speaks_of_neighbours(name) for name in bit_of()) // 64 * 64
        """So many bits, in whole numbers of 64, are of single words."""


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


class _Vocabulary(dict[str, int]):
    """Words that were seen, each with the number of its row in the `tables`: alone, before and after another word.

    Words that hold the same share a row. A row is in the tables before its number is given.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._numbers: dict[tuple[int, int, int], int] = {}
        self._first = _needed().single // 64
        with warnings.catch_warnings():  # NumPy adds filters of its own, and a host keeps those it has
            import numpy as np  # noqa: PLC0415  (at the first search)
        widths = (_width(), _width() - self._first, _width() - self._first)
        self.tables: tuple[Rows, Rows, Rows] = tuple(np.zeros((256, width), _KIND) for width in widths)  # pyright: ignore[reportAttributeAccessIssue]

    def __missing__(self, word: str) -> int:
        bits = _bits(word)
        with self._lock:
            number = self._numbers.get(bits)
            if number is None:
                number = self._numbers[bits] = self._added(bits)
            if len(word) <= _LONGEST:
                self[word] = number
        return number

    @property
    def full(self) -> bool:
        """Whether it is time to forget."""
        return len(self) >= _MOST_WORDS or len(self._numbers) >= _MOST_ROWS

    def _added(self, bits: tuple[int, int, int]) -> int:
        import numpy as np  # noqa: PLC0415  (at the first search)

        number, (alone, before, after) = len(self._numbers), self.tables
        if number == len(alone):
            alone, before, after = (np.concatenate((rows, np.zeros_like(rows))) for rows in self.tables)
        for rows, one, first in ((alone, bits[0], 0), (before, bits[1], self._first), (after, bits[2], self._first)):
            rows[number] = np.frombuffer((one >> 64 * first).to_bytes(rows.shape[1] * 8, "little"), _KIND)
        self.tables = alone, before, after
        return number


_kept: list[_Vocabulary] = []


def _vocabulary() -> _Vocabulary:
    """Return the words that were seen; all are forgotten when they are too many, and the frequent soon known again."""
    known = _kept[-1] if _kept else None
    if known is None or known.full:
        known = _Vocabulary()
        _kept[:] = [known]
    return known
