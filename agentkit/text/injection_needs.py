"""Where in a text a pattern can match at all, so that an honest page is hardly searched.

Beside this module lies, for every pattern of the tables, what its matches cannot do without: groups of words of which
each match holds one, and how far it may reach (`benchmarks/needed_words.py` reads this off the patterns). Every group
is a bit: a word has the bits of the groups that it holds a word of, a stretch of text those of its words, and a pattern
is searched for in the stretches that have all of its bits.
Nothing here decides anything: the matches are those of a search through the whole text, and a pattern of which nothing
is known is searched for everywhere.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, reduce
from hashlib import sha256
from itertools import chain
from pathlib import Path

from agentkit.text.injection_rules import compile_pattern, expand_pattern
from agentkit.text.remembered import Remembered

EDGE = "\x00"
"""Stands in a needed word for the place where a word begins or ends."""
DATA = Path(__file__).with_name("injection_needs.json")
_WORD = re.compile(r"\w+")
_STOP = re.compile(r"[.!?][ \n]")
"""Between these are the stretches of a text."""
_APART = re.compile(r"\W{3,}")


@dataclass(frozen=True, slots=True)
class Needs:
    """What every match of a pattern holds (one of each of `groups`, together `bits`), and how far it reaches.

    A match holds a full stop before a blank at most `stops` times (below 0: no bound is known), and has at most
    `characters` and `runs` times as many characters as the longest run of a text that is all word, has no word or has
    no space (`characters` below 0: no bound is known).
    """

    groups: tuple[frozenset[str], ...] = ()
    bits: int = 0
    stops: int = -1
    characters: int = -1
    runs: int = 0


class Searched:
    """A folded text, read once for all patterns: its words in their order, and the bits of what they hold."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._ends = [match.start() + 1 for match in _STOP.finditer(text)] + [len(text)]
        self._starts = [0, *self._ends[:-1]]
        words = list(map(_WORD.findall, [text] * len(self._ends), self._starts, self._ends))
        self.words = list(chain.from_iterable(words))
        self._bits = [reduce(int.__or__, map(_BITS.__getitem__, stretch), 0) for stretch in words]
        self._of_several = {0: self._bits}
        self.bits = reduce(int.__or__, self._bits, 0)

    def matches(self, source: str, /, *beside: str) -> Iterator[re.Match[str]]:
        """Yield what `compile_pattern(source).finditer` yields for the text.

        Matches in whose own stretches of text no match of the patterns `beside` can begin may be left out.
        """
        needs = needs_of(source)
        bits = reduce(int.__or__, (needs_of(other).bits for other in beside), needs.bits)
        if not bits & ~self.bits:
            for start, end in self._windows(needs, bits):
                yield from compile_pattern(source).finditer(self.text, start, end)

    def _windows(self, needs: Needs, bits: int) -> Sequence[tuple[int, int]]:
        """Return the parts of the text that hold every match whole, in order and apart from each other."""
        if not bits or (needs.stops < 0 and needs.characters < 0):
            return [(0, len(self.text))]
        merged: list[tuple[int, int]] = []
        for first, last in self._holding(bits, needs):
            start, end = self._starts[first], self._word_end(self._ends[last] + 2)
            if merged and start <= merged[-1][1]:
                start = merged.pop()[0]
            merged.append((start, end))
        return merged

    def _holding(self, bits: int, needs: Needs) -> Iterator[tuple[int, int]]:
        """Yield each stretch in which a match may begin, and the one in which it ends at the latest."""
        if needs.stops >= 0:
            last = len(self._ends) - 1
            for first, said in enumerate(self._joined(needs.stops)):
                if said & bits == bits:
                    yield first, min(first + needs.stops, last)
            return
        width = needs.characters + needs.runs * self._longest
        for first, end in enumerate(self._ends):
            last = bisect_right(self._starts, end + width) - 1
            if not bits & ~reduce(int.__or__, self._bits[first : last + 1]):
                yield first, last

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
def needs_of(source: str, /) -> Needs:
    """Return what is known of a pattern of the tables."""
    groups, *reach = _table().get(fingerprint(expand_pattern(source)), ([], -1, -1, 0))
    bits = reduce(int.__or__, map(_bit_of().__getitem__, groups), 0)
    return Needs(tuple(frozenset(group.split(" ")) for group in groups), bits, *reach)


def fingerprint(expanded: str, /) -> str:
    """Return what a pattern is known by: another text of it is another pattern."""
    return sha256(expanded.encode()).hexdigest()[:16]


@cache
def _table() -> Mapping[str, tuple[list[str], int, int, int]]:
    return json.loads(DATA.read_text(encoding="utf-8"))


@cache
def _bit_of() -> Mapping[str, int]:
    """Return the bit of every group."""
    order = dict.fromkeys(group for groups, *_ in _table().values() for group in groups)
    return {group: 1 << number for number, group in enumerate(order)}


@cache
def _needed() -> tuple[Mapping[str, int], Mapping[str, set[int]]]:
    """Return the bits of every needed word; and by their first two characters how long such words are."""
    bits: dict[str, int] = {}
    lengths: dict[str, set[int]] = {}
    for group, bit in _bit_of().items():
        for word in group.split(" "):
            bits[word] = bits.get(word, 0) | bit
            lengths.setdefault(word[:2], set()).add(len(word))
    return bits, lengths


def _bits(word: str) -> int:
    """Return the bits of a word of a text: of the groups that it holds a word of; linear in its length."""
    bits, lengths = _needed()
    edged = f"{EDGE}{word}{EDGE}"
    parts = (edged[at : at + size] for at in range(len(edged)) for size in lengths.get(edged[at : at + 2], ()))
    return reduce(int.__or__, (bits.get(part, 0) for part in parts), 0)


_BITS = Remembered(_bits, most=32_768)
