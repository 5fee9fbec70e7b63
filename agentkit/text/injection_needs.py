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
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, reduce
from hashlib import sha256

from agentkit.text.injection_bits import bit_of, bits_of, table
from agentkit.text.injection_reading import reading
from agentkit.text.injection_rules import compile_pattern, expand_pattern

_WORD = re.compile(r"\w+")
_STOP = re.compile(r"[.!?][ \n]")
"""Between these are the stretches of a text."""
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
        self.bits = reduce(int.__or__, self._bits)

    def matches(self, source: str, /, *beside: str) -> Iterator[re.Match[str]]:
        """Yield what `compile_pattern(source).finditer` yields for the text.

        Matches in whose own stretches of text no match of the patterns `beside` can begin may be left out.
        """
        others = [[needs for needs in needs_of(other) if not needs.bits & ~self.bits] for other in beside]
        if all(others):
            for start, end in self._windows(source, others):
                yield from compile_pattern(source).finditer(self.text, start, end)

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
        for first, last, said in self._reached(needs):
            if not needs.bits & ~said and all(any(not one.bits & ~said for one in other) for other in others):
                yield first, last

    def _reached(self, needs: Needs) -> Iterator[tuple[int, int, int]]:
        """Yield each stretch, the last one that a match from there may reach, and the bits of all these."""
        if needs.stops >= 0:
            final = len(self._ends) - 1
            for first, said in enumerate(self._joined(needs.stops)):
                yield first, min(first + needs.stops, final), said
            return
        width = needs.characters + needs.runs * self._longest
        for first, end in enumerate(self._ends):
            last = bisect_right(self._starts, end + width) - 1
            yield first, last, reduce(int.__or__, self._bits[first : last + 1])

    def _joined(self, more: int) -> list[int]:
        """Return the bits of every stretch and so many more after it."""
        if more not in self._of_several:
            following = self._joined(more - 1)
            self._of_several[more] = list(map(int.__or__, self._bits, [*following[1:], 0]))
        return self._of_several[more]

    @cached_property
    def _longest(self) -> int:
        """How long the longest run of characters is that has no space, or no word."""
        return max(map(len, ("", *self.text.split(), *_APART.findall(self.text))))

    def _word_end(self, place: int) -> int:
        """Return where the word at a place ends: a word cut short would be another one."""
        match = _WORD.match(self.text, place)
        return match.end() if match else min(place, len(self.text))


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
