"""Where in a text a pattern can match at all, so that an honest page is hardly searched.

Beside this module lies, for every pattern of the tables, what its matches cannot do without: groups of words of which
each match holds one, words that stand side by side, and how far it may reach (`benchmarks/needed_words.py` reads this
off the patterns). A pattern that is a choice of several parts has needs for each. Every group and every pair is a bit:
a stretch of text has the bits of its words and of their neighbours, and a pattern is searched for in the stretches that
have all the bits of one of its parts.
Nothing here decides anything: the matches are those of a search through the whole text, and a pattern of which nothing
is known is searched for everywhere.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, reduce
from hashlib import sha256

from agentkit.text.injection_bits import bit_of, bits_of, table
from agentkit.text.injection_known import Column
from agentkit.text.injection_reading import reading
from agentkit.text.injection_rules import compile_pattern, expand_pattern

_WORD = re.compile(r"\w+")
_STOP = re.compile(r"[.!?][ \n]")
"""Between these are the stretches of a text."""
_BEGUN = re.compile(r"\(\?:\^\|(\[(?:\\.|[^\]\\])+\])((?:\[ \\n\]|\\s)\?)\)")
"""How a pattern begins that is at the beginning of a text, or after a sign."""
_INSIDE = re.compile(r"\\.|\[(?:\\.|[^\]\\])+\]")
_SPACES = bytes(chr(code).isspace() for code in range(128)).ljust(256, b"\0")
_SIZE = Column(len, "i4")
_APART = re.compile(r"\W{3,}")


@dataclass(frozen=True, slots=True)
class Needs:
    """What every match of a part of a pattern holds, as `bits`, and how far it reaches.

    A match holds a full stop before a blank at most `stops` times (below 0: no bound is known), and has at most
    `characters` and `runs` times as many characters as the longest run of a text that is all word, has no word or has
    no space (`characters` below 0: no bound is known).
    """

    bits: int = 0
    stops: int = -1
    characters: int = -1
    runs: int = 0


class Searched:
    """A folded text, as it is read once for all patterns, and the bits of what its words hold."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.read = reading(text)
        self._ends = [match.start() + 1 for match in _STOP.finditer(text)] + [len(text)]
        self._starts = [0, *self._ends[:-1]]
        self._bits = bits_of(self.read, self._ends)
        self._of_several = {0: self._bits}
        self._reaches: dict[tuple[int, int], Sequence[tuple[int, int, int]]] = {}
        self.bits = reduce(int.__or__, self._bits)

    def matches(self, source: str, /, *beside: str, at: Sequence[int] | None = None) -> Iterator[re.Match[str]]:
        """Yield what `compile_pattern(source).finditer` yields for the text.

        Matches in whose own stretches of text no match of the patterns `beside` can begin may be left out. `at` are the
        places, in order, at which a match may begin; None where they are not known.
        """
        others = [[needs for needs in needs_of(other) if not needs.bits & ~self.bits] for other in beside]
        if not all(others):
            return
        pattern = compile_pattern(source)
        if at is None and (opened := _opened(source)) is not None:
            # To search the whole text for it takes less than to find out where it may be.
            if any(not needs.bits & ~self.bits for needs in needs_of(source)):
                yield from _from_openings(pattern, opened, self.text)
            return
        for start, end in self._windows(source, others):
            if at is not None:
                yield from _from_places(pattern, self.text, at[bisect_left(at, start) : bisect_left(at, end)])
            else:
                yield from pattern.finditer(self.text, start, end)

    def _windows(self, source: str, others: Sequence[Sequence[Needs]]) -> Sequence[tuple[int, int]]:
        """Return the parts of the text that hold every match whole, in order and apart from each other."""
        found: list[tuple[int, int]] = []
        for needs in needs_of(source):
            if needs.bits & ~self.bits:
                continue
            if not (needs.bits or others) or (needs.stops < 0 and needs.characters < 0):
                return [(0, len(self.text))]
            found += self._holding(needs, others)
        merged: list[tuple[int, int]] = []
        for first, last in sorted(found):
            start, end = self._starts[first], self._word_end(self._ends[last] + 2)
            if merged and start <= merged[-1][1]:
                start, reached = merged.pop()
                end = max(end, reached)
            merged.append((start, end))
        return merged

    def _holding(self, needs: Needs, others: Sequence[Sequence[Needs]]) -> Iterator[tuple[int, int]]:
        """Yield each stretch in which a match may begin, and the one in which it ends at the latest."""
        bits = needs.bits
        for first, last, said in self._reached(needs.stops, needs.characters + needs.runs * self._longest_of(needs)):
            if bits & said == bits and all(any(not one.bits & ~said for one in other) for other in others):
                yield first, last

    def _longest_of(self, needs: Needs) -> int:
        return self._longest if needs.runs and needs.stops < 0 else 0

    def _reached(self, stops: int, width: int) -> Sequence[tuple[int, int, int]]:
        """Return each stretch, the last one that a match from there may reach, and the bits of all these."""
        key = (stops, 0) if stops >= 0 else (-1, width)
        if key not in self._reaches:
            count, ends = len(self._ends), [end + width for end in self._ends]
            if stops >= 0:
                lasts = [min(first + stops, count - 1) for first in range(count)]
                said = self._joined(stops)
            else:
                lasts = [bisect_right(self._starts, end) - 1 for end in ends]
                said = [reduce(int.__or__, self._bits[first : last + 1]) for first, last in enumerate(lasts)]
            self._reaches[key] = list(zip(range(count), lasts, said, strict=True))
        return self._reaches[key]

    def _joined(self, more: int) -> list[int]:
        """Return the bits of every stretch and so many more after it."""
        if more not in self._of_several:
            following = self._joined(more - 1)
            self._of_several[more] = list(map(int.__or__, self._bits, [*following[1:], 0]))
        return self._of_several[more]

    @cached_property
    def _longest(self) -> int:
        """How long the longest run of characters is that has no space, or no word."""
        import numpy as np  # noqa: PLC0415  (at the first search)

        if not self.text.isascii():
            return max(map(len, ("", *self.text.split(), *_APART.findall(self.text))))
        spaces = np.flatnonzero(np.frombuffer(self.text.encode("ascii").translate(_SPACES), np.uint8))
        begun, ended = np.zeros((2, len(spaces) + 1), np.intp)
        begun[1:], ended[:-1], ended[-1] = spaces + 1, spaces, len(self.text)
        starts = self.read.starts
        gaps = starts[1:] - starts[:-1] - self.read.of(_SIZE)[:-1]
        outer = (int(starts[0]), len(self.text) - int(starts[-1])) if len(starts) else (len(self.text),)
        return max(int((ended - begun).max()), int(gaps.max(initial=0)), *outer)

    def _word_end(self, place: int) -> int:
        """Return where the word at a place ends: a word cut short would be another one."""
        match = _WORD.match(self.text, place)
        return match.end() if match else min(place, len(self.text))


def _from_places(pattern: re.Pattern[str], text: str, places: Iterable[int]) -> Iterator[re.Match[str]]:
    """Yield what the pattern finds one after the other where each match begins at one of the places."""
    following = 0
    for place in places:
        if place >= following and (match := pattern.match(text, place)) is not None:
            following = match.end()
            yield match


def _from_openings(pattern: re.Pattern[str], opened: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield what the pattern finds in a text; `opened` finds all that does not begin where the text does."""
    start = 0
    if (match := pattern.match(text)) is not None:
        yield match
        start = match.end()
    yield from opened.finditer(text, start)


@cache
def _opened(source: str) -> re.Pattern[str] | None:
    """Return a pattern without the choice that it begins where the text does; None where it leaves no such choice.

    A search for one of some signs skips all others; one for the beginning of a text stops everywhere.
    """
    expanded = expand_pattern(source)
    begun = _BEGUN.match(expanded)
    if begun is None or _is_choice(expanded[begun.end() :]):
        return None
    return re.compile(f"{begun[1]}{begun[2]}{expanded[begun.end() :]}")


def _is_choice(pattern: str) -> bool:
    """Whether a pattern, as a whole, is a choice."""
    depth = 0
    for sign in _INSIDE.sub("", pattern):
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and depth <= 0:
            return True
    return False


@cache
def needs_of(source: str, /) -> Sequence[Needs]:
    """Return what is known of each part of a pattern of the tables."""
    parts = table()["patterns"].get(fingerprint(expand_pattern(source)), [[[], [], [-1, -1, 0]]])
    bits = bit_of()
    return [
        Needs(reduce(int.__or__, (bits[name] for name in (*groups, *map(tuple, pairs))), 0), *reach)
        for groups, pairs, reach in parts
    ]


def fingerprint(expanded: str, /) -> str:
    """Return what a pattern is known by: another text of it is another pattern."""
    return sha256(expanded.encode()).hexdigest()[:16]
