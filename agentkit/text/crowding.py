"""Texts that give a question its own words back, so that a search prefers them to what answers it."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

_Item = TypeVar("_Item")
_WORD = re.compile(r"\w+")
_FEWEST = 4
"""A question of fewer words is said back by chance."""
_LIKE = 0.8
"""So large a share of a question's words, side by side in any order, is the question."""
_TWICE, _COVER = 2, 1 / 3
"""A text that says the question so often, and of which these are so large a part, says nothing of its own."""
_SAME = 0.7
"""Two texts with so large a share of their own words in common are one, if their numbers are the same."""


def informative(question: str, items: Sequence[_Item], text: Callable[[_Item], str], /) -> list[_Item]:
    """Return the items, in their order, without those whose texts only say the question back.

    A text says a question back where most of the question's words stand side by side in it, in any order. One that
    does so again and again is left out; of those that do it once and otherwise say the same, the first one stays.
    Linear in the length of the texts.
    """
    asked = _words(question)
    if len(asked) < _FEWEST:
        return list(items)
    kept, own = list[_Item](), list[tuple[frozenset[str], frozenset[str]]]()
    for item in items:
        words = _words(text(item))
        places = _echoes(asked, words)
        if len(places) >= _TWICE and len(places) * len(asked) >= _COVER * len(words):
            continue
        if places:
            said = _own(words, places, len(asked))
            if any(_alike(said, other) for other in own):
                continue
            own.append(said)
        kept.append(item)
    return kept


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _echoes(asked: Sequence[str], words: Sequence[str]) -> list[int]:
    """Return where stretches as long as a question begin that hold most of its words; they do not overlap."""
    size, enough = len(asked), _LIKE * len(asked)
    wanted = Counter(asked)
    if sum(min(count, wanted[word]) for word, count in Counter(words).items()) < enough:
        return []
    places, missing, common, free = list[int](), Counter(asked), 0, 0
    for place, word in enumerate(words):
        common += missing[word] > 0
        missing[word] -= 1
        if place >= size:
            gone = words[place - size]
            missing[gone] += 1
            common -= missing[gone] > 0
        begin = place - size + 1
        if begin >= free and common >= enough:
            places.append(begin)
            free = place + 1
    return places


def _own(words: Sequence[str], places: Iterable[int], size: int) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words of a text that stand outside such stretches, and its numbers among them."""
    inside = {at for place in places for at in range(place, place + size)}
    own = frozenset(word for at, word in enumerate(words) if at not in inside)
    return own, frozenset(word for word in own if word.isdigit())


def _alike(one: tuple[frozenset[str], frozenset[str]], other: tuple[frozenset[str], frozenset[str]]) -> bool:
    return one[1] == other[1] and len(one[0] & other[0]) >= _SAME * max(len(one[0] | other[0]), 1)
