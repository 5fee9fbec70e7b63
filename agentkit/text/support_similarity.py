"""How far a source carries a claim, in [0, 1], where no exact comparison decides."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from agentkit.text.support_items import Item
from agentkit.text.support_polarity import denied_words, reversed_words
from agentkit.text.support_source import Source, best_sentences, place_key, window
from agentkit.text.support_thesaurus import groups_of, opposites_of
from agentkit.text.support_tokens import root

_SAME, _SYNONYM, _ALIKE = 1.0, 0.9, 0.55
_ALONE = 0.5  # what a word is worth where none of its neighbours is near it in the source
_NEAR = 12  # items to either side
_NEIGHBOURS = 3  # content words to either side, in the claim
_PAIR_REACH = 7
_OPPOSED = 0.4
_COPIED = 1.5
_MOST_PLACES = 30


@dataclass(frozen=True, slots=True)
class Similarity:
    """What the words of one claim sentence find in a source.

    `recall` weighs words by rarity and by the company they keep; `pairs` is the share of neighbouring
    words that follow each other there, too; `copied` the share of its pairs of words, light ones included,
    that stand there side by side; `absent` are words it lacks (`absent_weight` counts them, pale
    words for less), `opposed` words that it has the opposite of in their place, or that the claim negates
    and it does not; `denied` words that only it negates.
    """

    recall: float
    pairs: float
    copied: float
    absent: tuple[Item, ...]
    opposed: tuple[Item, ...]
    denied: tuple[Item, ...]
    absent_weight: float
    words: int

    @property
    def score(self) -> float:
        """The support in [0, 1]: 0.5 is the line between carried and not."""
        lacking = self.absent_weight / max(5, self.words)
        against = 2.5 * min(2, len(self.opposed)) + 1.0 * min(2, len(self.denied))
        raw = 6.0 * (self.recall - 0.62) + 1.2 * (self.pairs - 0.4) - 3.0 * lacking - against
        raw += _COPIED * (self.copied - 0.35)
        return 1 / (1 + math.exp(-raw))


@dataclass(frozen=True, slots=True)
class Look:
    """A claim word looked up in a source: its worth there in [0, 1], its weight, and where it stands."""

    item: Item
    credit: float
    weight: float
    places: Sequence[int]


def similarity(claim: Sequence[Item], source: Source, evidence: Sequence[Item]) -> Similarity:
    """Measure how one claim sentence is carried by its evidence and the rest of the source."""
    found = [look_up(item, source) for item in claim if item.kind in ("word", "quantity", "date")]
    total = sum(word.weight for word in found)
    carried = sum(word.weight * word.credit * _company(index, found) for index, word in enumerate(found))
    opposed = [word.item for index, word in enumerate(found) if _is_opposed(index, found, source)]
    opposed += [item for item in reversed_words(claim, evidence, source.polarity) if item not in opposed]
    absent = [word.item for word in found if not word.credit and word.item.kind == "word" and word.item not in opposed]
    recall = carried / total if total else 0.5
    denied = denied_words(claim, evidence, source.polarity)
    lacking = sum(source.weight(item.token.root) for item in absent) / source.top_weight
    return Similarity(
        recall=recall,
        pairs=_pairs(found),
        copied=_copied(claim, source),
        absent=tuple(absent),
        opposed=tuple(opposed),
        denied=tuple(denied),
        absent_weight=lacking,
        words=len(found),
    )


def look_up(item: Item, source: Source) -> Look:
    """Look a word up: itself, a synonym, a word that begins alike."""
    weight = source.weight(item.token.root)
    places = source.places.get(place_key(item))
    if places:
        return Look(item, _SAME, weight, places[:_MOST_PLACES])
    if item.kind == "word":
        meanings = [source.group_places[group] for group in groups_of(item.token) if group in source.group_places]
        if meanings:
            return Look(item, _SYNONYM, weight, sorted({place for group in meanings for place in group[:_MOST_PLACES]}))
        if len(item.token.root) >= 6 and item.token.root[:6] in source.prefixes:
            return Look(item, _ALIKE, weight, ())
    return Look(item, 0.0, weight, ())


def _company(index: int, found: Sequence[Look]) -> float:
    """Return what a word is worth given how many of its neighbours stand near it in the source."""
    word = found[index]
    return _ALONE + (1 - _ALONE) * min(1.0, 1.25 * _near_share(index, found, word.places)) if word.places else 1.0


def _near_share(index: int, found: Sequence[Look], places: Sequence[int]) -> float:
    """Return the share, by weight, of a word's neighbours in the claim that are near the best of some places."""
    others = [*found[max(0, index - _NEIGHBOURS) : index], *found[index + 1 : index + 1 + _NEIGHBOURS]]
    total = sum(other.weight for other in others)
    if not total:
        return 1.0
    best = 0.0
    for place in places:
        near = sum(other.weight for other in others if has_near(other.places, place))
        best = max(best, near / total)
        if best >= 1.0:
            break
    return best


def _is_opposed(index: int, found: Sequence[Look], source: Source) -> bool:
    """Whether the source has a word's opposite where the word should stand."""
    word = found[index]
    if word.item.cap and word.places:
        return False  # a party: who does what is compared elsewhere
    places = sorted({p for opposite in opposites_of(word.item.key) for p in source.places.get(root(opposite), ())[:20]})
    if not places:
        return False
    there = _near_share(index, found, places)
    return there >= _OPPOSED and there > _near_share(index, found, word.places) + 0.1


def has_near(places: Sequence[int], place: int, *, reach: int = _NEAR) -> bool:
    """Whether one of some sorted places is at most `reach` items from a place."""
    index = bisect_left(places, place - reach)
    return index < len(places) and places[index] <= place + reach


def _pairs(found: Sequence[Look]) -> float:
    """Return the share of neighbouring claim words that follow each other closely in the source."""
    pairs = list(pairwise(found))
    if not pairs:
        return 0.5
    return sum(_follow(one.places, two.places) for one, two in pairs) / len(pairs)


def _copied(claim: Sequence[Item], source: Source) -> float:
    pairs = [(one.key, two.key) for one, two in pairwise(claim)]
    return sum(pair in source.bigrams for pair in pairs) / len(pairs) if pairs else 0.5


def _follow(first: Sequence[int], second: Sequence[int]) -> bool:
    for place in first:
        index = bisect_left(second, place + 1)
        if index < len(second) and second[index] <= place + _PAIR_REACH:
            return True
    return False


def evidence_for(claim: Sequence[Item], source: Source) -> list[int]:
    """Return the numbers of the sentences that speak of a claim, best first."""
    return best_sentences(source, claim, count=4)


def evidence_items(source: Source, sentences: Sequence[int]) -> list[Item]:
    """Return the items of the best sentence with its neighbours, and of the next best sentences."""
    if not sentences:
        return []
    found = list(window(source, sentences[0], around=1))
    held = {item.start for item in found}
    for number in sentences[1:]:
        found += [item for item in window(source, number, around=0) if item.start not in held]
        held.update(item.start for item in found)
    return found
