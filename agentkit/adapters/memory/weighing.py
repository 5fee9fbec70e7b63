"""What the words of a query are worth in the passages that hold them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agentkit.adapters.memory.finds import K1, Finds, Places
from agentkit.adapters.memory.postings import Rows, Scores
from agentkit.legal.search import Group

_UNSEEN = 0.3
"""What a word that stands nowhere weighs in coverage, beside one that stands once."""
_STANDS_IN = 1.5
"""How much more what stands for a word is worth where only its presence counts."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a query, where each of its stems stands, and its weight times its inverse frequency."""

    group: Group
    finds: Mapping[str, Finds]
    rarity: float

    @property
    def own(self) -> int:
        """How many rows hold the word itself."""
        return self.finds[self.group.stem].count

    @property
    def size(self) -> int:
        """How many postings there are of it and of what stands for it."""
        return sum(finds.size for finds in self.finds.values())

    @property
    def most(self) -> float:
        """How often a passage may hold it at most, as far as what stands for it counts."""
        return sum(self.group.worth[stem] * finds.most for stem, finds in self.finds.items())

    def gain(self, counts: Scores, shares: Scores) -> Scores:
        """Return what passages get that hold it so often; what stands for a word shares its saturation.

        Args:
            counts: how often each holds the word or, as far as it counts, what stands for it.
            shares: what each one's count is set against, by its length.
        """
        return (np.float32(self.rarity * (K1 + 1)) * counts / (counts + shares)).astype(np.float32, copy=False)

    def at(self, places: Places) -> Scores:
        """Return how often each of some slots holds the word; what stands for it counts in part."""
        held = (
            np.float32(self.group.worth[stem]) * finds.at(places) for stem, finds in self.finds.items() if finds.size
        )
        return sum(held, np.zeros(len(places.slots), np.float32))

    def surely_at(self, places: Places) -> tuple[Scores, Scores]:
        """Return what `at` returns, and how surely each of the slots has the word, in [0, 1]."""
        counts, there = np.zeros(len(places.slots), np.float32), np.zeros(len(places.slots), np.float32)
        for stem, finds in self.finds.items():
            if finds.size:
                worth, often = self.group.worth[stem], finds.at(places)
                counts += np.float32(worth) * often
                there = np.maximum(there, np.float32(min(1.0, _STANDS_IN * worth)) * (often > 0))
        return counts, there


def weigh(group: Group, finds: Mapping[str, Finds], passages: int) -> Word:
    """Weigh a word among so many passages: by its own finds, or by those of all that stands for it."""
    often = min(passages, finds[group.stem].often or sum(one.often for one in finds.values()))
    rarity = group.weight * math.log(1 + (passages - often + 0.5) / (often + 0.5)) if often else 0.0
    return Word(group, finds, rarity)


def scored(words: Sequence[Word], slots: Rows, shares: Scores) -> Scores:
    """Return what some slots, ascending, get for words; `shares` are what the counts of each are set against."""
    places, scores = Places(slots), np.zeros(len(slots), np.float32)
    for word in words:
        scores += word.gain(word.at(places), shares)
    return scores


def look_up(words: Sequence[Word], places: Places, shares: Scores, passages: int) -> tuple[Scores, Scores]:
    """Return what some slots get for words, and what share of them, by weight, each has.

    Args:
        words: what a query asks for.
        places: the slots that are looked at.
        shares: what the counts of each are set against.
        passages: how many the words are weighed among.
    """
    size = len(places.slots)
    scores, covered, whole = np.zeros(size, np.float32), np.zeros(size, np.float32), 0.0
    for word in words:
        weight = word.rarity if word.own else _UNSEEN * word.group.weight * math.log(1 + (passages - 0.5) / 1.5)
        whole += weight
        counts, there = word.surely_at(places)
        scores += word.gain(counts, shares)
        covered += np.float32(weight) * there
    return scores, covered / np.float32(whole or 1.0)
