"""A text, read once for all who search it for instructions: its words, their places, and what is known of each."""

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from agentkit.text.injection_known import Column, Known, known

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from agentkit.text.injection_known import Numbers, Rows

_WORD = re.compile(r"\w+")
_SIGN = re.compile(r"[^\w\s]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_BLANK = ord(" ")
_APART = bytes(code if _WORD.match(chr(code)) else _BLANK for code in range(128)).ljust(256)
_SIGNS = bytes(bool(_SIGN.match(chr(code))) for code in range(128)).ljust(256, b"\0")
_JOINT = re.compile(r"['’](?<=\w['’])(?=\w)")


SINGLE = Column(lambda word: len(word) == 1, "u1")
"""Whether a word is one letter, or another sign of a word."""


class Reading:
    r"""The runs of word characters (`\w+`) of a text, in order: `rows` in what is known, and where each begins."""

    def __init__(self, text: str, words: list[str], starts: "Rows", rows: "Rows", seen: Known) -> None:
        self.text, self.words, self.starts, self.rows = text, words, starts, rows
        self.known = seen
        self._like: Reading | None = None

    def placed(self, text: str, /) -> "Reading":
        """Return the reading of another text in ASCII with the same words, parted by as many or other signs."""
        if text == self.text:
            return self
        other = Reading(text, self.words, _starts(_marked(text)), self.rows, self.known)
        other._like = self
        return other

    def of(self, column: Column, /) -> "Numbers":
        """Return what a column says of each word."""
        return self.known.of(column, self.rows)

    @cached_property
    def tokens(self) -> "Rows":
        """The rows of words and of single signs between them, in order."""
        import numpy as np  # noqa: PLC0415  (at the first search)

        if self.text.isascii():
            marks = np.frombuffer(self.text.encode("ascii").translate(_SIGNS), np.uint8)
            places = np.flatnonzero(marks)
        else:
            places = np.fromiter((match.start() for match in _SIGN.finditer(self.text)), np.intp)
        signs = self.known.rows(list(map(self.text.__getitem__, places.tolist())))
        order = np.argsort(np.concatenate((self.starts, places)), kind="stable")
        return np.concatenate((self.rows, signs))[order]

    @cached_property
    def _joints(self) -> list[int]:
        """The words that an apostrophe joins to the one before."""
        import numpy as np  # noqa: PLC0415  (at the first search)

        if self._like is not None:
            return self._like._joints  # noqa: SLF001  (the same words)
        if "'" not in self.text and "’" not in self.text:
            return []
        return np.searchsorted(self.starts, [match.start() for match in _JOINT.finditer(self.text)]).tolist()

    @cached_property
    def _kept(self) -> "NDArray[np.bool_]":
        """Which words an apostrophe does not join to the one before."""
        import numpy as np  # noqa: PLC0415  (at the first search)

        kept = np.ones(len(self.words), bool)
        kept[self._joints] = False
        return kept

    @property
    def joined(self) -> "Reading":
        """The same with words that an apostrophe joins ("don't") as one."""
        return self._chained if self._joints else self

    @cached_property
    def _chained(self) -> "Reading":
        if self._like is not None:
            like = self._like.joined
            return Reading(self.text, like.words, self.starts[self._kept], like.rows, self.known)
        rows, words, following = self.rows.copy(), list[str](), 0
        for first, last in _chains(self._joints):
            chain = self.text[int(self.starts[first]) : int(self.starts[last]) + len(self.words[last])]
            rows[first] = self.known[chain]
            words += [*self.words[following:first], chain]
            following = last + 1
        words += self.words[following:]
        return Reading(self.text, words, self.starts[self._kept], rows[self._kept], self.known)


def _chains(joints: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last word of each chain of joined words."""
    first = last = -1
    for place in joints:
        if place - 1 != last:
            if last > first:
                yield first, last
            first = place - 1
        last = place
    yield first, last


@lru_cache(maxsize=4)
def reading(text: str, /) -> Reading:
    """Read a text. The last few are remembered, because all who search one ask for it in turn."""
    seen = known()  # loads NumPy as it should be
    if text.isascii() or not any(map(str.isalnum, set(_BEYOND_ASCII.findall(text)))):
        marks = _marked(text)
        words, starts = marks.decode("ascii").split(), _starts(marks)
    else:
        import numpy as np  # noqa: PLC0415  (at the first search)

        found = list(_WORD.finditer(text))
        words = [match.group() for match in found]
        starts = np.fromiter((match.start() for match in found), np.intp, len(found))
    return Reading(text, words, starts, seen.rows(words), seen)


def lowered(text: str, folded: Reading | None = None, /) -> Reading:
    """Return a text in small letters, character by character; `folded` is the same text as it was folded."""
    if text.isascii() and folded is not None:
        return folded.placed(text.lower())
    lower = text.lower()
    return reading(lower if len(lower) == len(text) else "".join(map(_small, text)))


def _small(char: str) -> str:
    small = char.lower()
    return small if len(small) == 1 else char


def _marked(text: str) -> bytes:
    """Return a text whose letters are of ASCII with blanks for all signs."""
    return text.encode("ascii", "replace").translate(_APART)


def _starts(marks: bytes) -> "Rows":
    """Return where words begin between blanks."""
    import numpy as np  # noqa: PLC0415  (at the first search)

    inside = np.frombuffer(b" " + marks, np.uint8) != _BLANK
    return np.flatnonzero(inside[1:] > inside[:-1])
