"""Where in a text a pattern can match at all, so that an honest page is hardly searched.

Beside this module lies, for every pattern of the tables, what its matches cannot do without: groups of words of which
each match holds one, and how far it may reach around them (`benchmarks/needed_words.py` reads this off the patterns).
Nothing here decides anything: the matches are those of a search through the whole text, and a pattern of which nothing
is known is searched for everywhere.
"""

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path

from agentkit.text.injection_rules import compile_pattern, expand_pattern

EDGE = "\x00"
"""Stands in a needed word for the place where a word begins or ends."""
DATA = Path(__file__).with_name("injection_needs.json")
_WORD = re.compile(r"\w+")
_APART = re.compile(r"\W{3,}")
_SHORT = 300
"""So short a text is searched as a whole, in characters."""
_MANY = 12
"""In more stretches than this it is quicker to search the whole text."""
_FEW = 2
"""A group that occurs so seldom is not worth comparing with the others."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What every match of a pattern holds (one of each of `groups`), and how far it reaches.

    A match has at most `characters` and `runs` times as many characters as the longest run of a text that is all word,
    has no word or has no space (`characters` below 0: no bound is known). It holds each sign of `stops` at most so
    often.
    """

    groups: tuple[frozenset[str], ...] = ()
    characters: int = -1
    runs: int = 0
    stops: tuple[tuple[str, int], ...] = ()


class Searched:
    """A folded text, read once for all patterns."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = frozenset(_WORD.findall(text))
        self._held = frozenset[str]().union(*map(_held, self.words))
        self._longest = 0
        self._places: dict[str, list[int]] | None = None
        self._of_sign: dict[str, list[int]] = {}

    def matches(self, source: str, /) -> Iterator[re.Match[str]]:
        """Yield what `compile_pattern(source).finditer` yields for the text."""
        needs = needs_of(source)
        if not self._may_hold(needs):
            return
        for start, end in self._windows(needs):
            yield from compile_pattern(source).finditer(self.text, start, end)

    def may_match(self, source: str, /) -> bool:
        """Whether the text holds what a match of the pattern needs."""
        return self._may_hold(needs_of(source))

    def _may_hold(self, needs: Needs) -> bool:
        return not any(group.isdisjoint(self._held) for group in needs.groups)

    def _windows(self, needs: Needs) -> Iterable[tuple[int, int]]:
        """Return the stretches that hold every match whole, in order and apart from each other."""
        if len(self.text) < _SHORT or not needs.groups or (needs.characters < 0 and not needs.stops):
            return [(0, len(self.text))]
        groups = [[word for word in group if word in self._held] for group in needs.groups]
        places = self._rarest(groups)
        if len(places) > _MANY:
            return [(0, len(self.text))]
        bare = [[word.strip(EDGE) for word in group] for group in groups]
        merged: list[tuple[int, int]] = []
        for place in places:
            start, end = self._reach(needs, place)
            stretch = self.text[start:end]
            if not all(any(word in stretch for word in group) for group in bare):
                continue
            if merged and start <= merged[-1][1]:
                start, end = merged[-1][0], max(end, merged.pop()[1])
            merged.append((start, end))
        return merged

    def _rarest(self, groups: Iterable[list[str]]) -> list[int]:
        """Return where words begin that hold one of the group that occurs least."""
        if self._places is None:
            self._places = self._index()
        known = self._places
        best: list[int] | None = None
        for group in groups:
            places = [place for word in group for place in known[word]]
            if best is None or len(places) < len(best):
                best = places
            if len(best) <= _FEW:
                break
        return sorted(best or ())

    def _index(self) -> dict[str, list[int]]:
        """Return where the words begin that hold each needed word; and measure the longest stretch of text."""
        self._longest = max(map(len, ("  ", *self.text.split(), *_APART.findall(self.text))))
        starts: dict[str, list[int]] = {}
        for match in _WORD.finditer(self.text):
            starts.setdefault(match.group(), []).append(match.start())
        places: dict[str, list[int]] = {}
        for word, found in starts.items():
            for held in _held(word):
                places.setdefault(held, []).extend(found)
        return places

    def _signs(self, sign: str) -> list[int]:
        """Return where a sign stands."""
        if sign not in self._of_sign:
            self._of_sign[sign] = [match.start() for match in re.finditer(re.escape(sign), self.text)]
        return self._of_sign[sign]

    def _reach(self, needs: Needs, place: int) -> tuple[int, int]:
        start, end = 0, len(self.text)
        if needs.characters >= 0:
            runs = needs.runs + 1  # the place is where the word begins, not the part of it that is needed
            width = needs.characters + runs * self._longest + 2
            start, end = max(place - width, 0), min(place + width, end)
        for sign, most in needs.stops:
            places = self._signs(sign)
            first, after = bisect_left(places, place) - 1 - most, bisect_right(places, place) + most
            start = max(start, places[first]) if first >= 0 else start
            end = min(end, places[after] + 2) if after < len(places) else end
        return start, self._word_end(end)

    def _word_end(self, place: int) -> int:
        """Return where the word at a place ends: a word cut short would be another one."""
        match = _WORD.match(self.text, place)
        return match.end() if match else place


@cache
def needs_of(source: str, /) -> Needs:
    """Return what is known of a pattern of the tables."""
    return _known().get(fingerprint(expand_pattern(source)), Needs())


def fingerprint(expanded: str, /) -> str:
    """Return what a pattern is known by: another text of it is another pattern."""
    return sha256(expanded.encode()).hexdigest()[:16]


@cache
def _known() -> Mapping[str, Needs]:
    data = json.loads(DATA.read_text(encoding="utf-8"))
    return {
        key: Needs(
            tuple(frozenset(group.split(" ")) for group in groups), characters, runs, tuple(map(tuple, stops.items()))
        )
        for key, (groups, characters, runs, stops) in data.items()
    }


@cache
def _all_words() -> tuple[frozenset[str], int]:
    words = frozenset(word for needs in _known().values() for group in needs.groups for word in group)
    return words, max(map(len, words))


@lru_cache(maxsize=32_768)
def _held(word: str) -> frozenset[str]:
    """Return the needed words that a word of a text holds; linear in its length."""
    known, longest = _all_words()
    edged = f"{EDGE}{word}{EDGE}"
    parts = (edged[at : at + length] for at in range(len(edged)) for length in range(2, longest + 1))
    return known.intersection(parts)
