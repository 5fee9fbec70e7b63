"""What the words of a query are worth in the passages that hold them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agentkit.adapters.memory.finds import Finds
from agentkit.adapters.memory.postings import Rows, Scores
from agentkit.legal.search import Group

_K1 = 1.2
# Clauses are cut by structure: a long one is no more verbose than a short one. 0.75 is usual for whole documents.
_B = 0.4
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
    def most(self) -> float:
        """What no row can get for the word."""
        return self.rarity * (_K1 + 1)

    def gain(self, counts: Scores, lengths: Scores) -> Scores:
        """Return what rows get that hold it so often; what stands for a word shares its saturation.

        Args:
            counts: how often each row holds the word or, as far as it counts, what stands for it.
            lengths: each row's length in words, as a share of the average.
        """
        shares = np.float32(_K1 * (1 - _B)) + np.float32(_K1 * _B) * lengths
        return (np.float32(self.rarity * (_K1 + 1)) * counts / (counts + shares)).astype(np.float32, copy=False)

    def at(self, rows: Rows) -> tuple[Scores, Scores]:
        """Return how often each of some rows, ascending, holds the word, and how surely it is there.

        What stands for the word counts in part; the second lies in [0, 1].
        """
        counts, there = np.zeros(len(rows), np.float32), np.zeros(len(rows), np.float32)
        for stem, finds in self.finds.items():
            if finds.count:
                worth, often = self.group.worth[stem], finds.at(rows)
                counts += np.float32(worth) * often
                there = np.maximum(there, np.float32(min(1.0, _STANDS_IN * worth)) * (often > 0))
        return counts, there


def weigh(group: Group, finds: Mapping[str, Finds], passages: int) -> Word:
    """Weigh a word among so many passages: by its own finds, or by those of all that stands for it."""
    often = min(passages, finds[group.stem].often or sum(one.often for one in finds.values()))
    rarity = group.weight * math.log(1 + (passages - often + 0.5) / (often + 0.5)) if often else 0.0
    return Word(group, finds, rarity)


def look_up(words: Sequence[Word], rows: Rows, lengths: Scores, passages: int) -> tuple[Scores, Scores]:
    """Return what some rows, ascending, get for words, and what share of them, by weight, each has.

    Args:
        words: what a query asks for.
        rows: the rows that are looked at.
        lengths: the length of each as a share of the average.
        passages: how many the words are weighed among.
    """
    scores, covered, whole = np.zeros(len(rows), np.float32), np.zeros(len(rows), np.float32), 0.0
    for word in words:
        weight = word.rarity if word.own else _UNSEEN * word.group.weight * math.log(1 + (passages - 0.5) / 1.5)
        whole += weight
        counts, there = word.at(rows)
        scores += word.gain(counts, lengths)
        covered += np.float32(weight) * there
    return scores, covered / np.float32(whole or 1.0)
