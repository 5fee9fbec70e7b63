"""How far a source carries a claim, in [0, 1], where no exact comparison decides."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from agentkit.text.support_items import Item
from agentkit.text.support_source import Source, best_sentences, window
from agentkit.text.support_thesaurus import groups_of, opposites_of

_HERE, _HERE_SYNONYM, _ELSEWHERE, _ELSEWHERE_SYNONYM, _NEAR = 1.0, 0.9, 0.75, 0.65, 0.6
_PAIR_REACH = 6


@dataclass(frozen=True, slots=True)
class Similarity:
    """What the words of one claim sentence find in a source.

    `recall` weighs words by rarity; `pairs` is the share of neighbouring words that are neighbours
    there, too; `absent` and `opposed` list words that it lacks, or has the opposite of.
    """

    recall: float
    pairs: float
    absent: tuple[Item, ...]
    opposed: tuple[Item, ...]
    words: int

    @property
    def score(self) -> float:
        """The support in [0, 1]: 0.5 is the line between carried and not."""
        lacking = len(self.absent) / max(4, self.words)
        raw = 6.0 * (self.recall - 0.75) + 1.5 * (self.pairs - 0.4) - 3.0 * lacking - 1.2 * min(2, len(self.opposed))
        return 1 / (1 + math.exp(-raw))


def similarity(claim: Sequence[Item], source: Source, evidence: Sequence[Item]) -> Similarity:
    """Measure how one claim sentence is carried by its evidence and the rest of the source."""
    content = [item for item in claim if item.kind == "word"]
    here = {item.token.root for item in evidence}
    here_lemmas = {item.key for item in evidence}
    here_groups = {group for item in evidence if item.kind == "word" for group in groups_of(item.token)}
    total = carried = 0.0
    absent: list[Item] = []
    opposed: list[Item] = []
    for item in content:
        weight = source.weight(item.token.root)
        credit = _credit(item, source, here, here_groups)
        total += weight
        carried += weight * credit
        if credit < _ELSEWHERE and opposites_of(item.key) & here_lemmas and item.key not in here_lemmas:
            opposed.append(item)
        elif credit == 0.0:
            absent.append(item)
    recall = carried / total if total else 0.5
    return Similarity(recall, _pairs(content, evidence), tuple(absent), tuple(opposed), len(content))


def _credit(item: Item, source: Source, here: set[str], here_groups: set[int]) -> float:
    word_root = item.token.root
    if word_root in here:
        return _HERE
    groups = groups_of(item.token)
    if groups & here_groups:
        return _HERE_SYNONYM
    if word_root in source.roots:
        return _ELSEWHERE
    if groups & source.groups:
        return _ELSEWHERE_SYNONYM
    return _NEAR if _related(word_root, source) else 0.0


def _related(word_root: str, source: Source) -> bool:
    """Whether the source has a word that begins alike."""
    return len(word_root) >= 6 and word_root[:6] in source.prefixes


def _pairs(content: Sequence[Item], evidence: Sequence[Item]) -> float:
    """Return the share of neighbouring claim words that stand near each other in the evidence."""
    places: dict[str, list[int]] = {}
    for index, item in enumerate(evidence):
        places.setdefault(item.token.root, []).append(index)
    pairs = [(one.token.root, two.token.root) for one, two in pairwise(content)]
    if not pairs:
        return 0.5
    near = sum(
        any(0 < there - here <= _PAIR_REACH for here in places.get(one, ()) for there in places.get(two, ()))
        for one, two in pairs
    )
    return near / len(pairs)


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
