"""What the words of a query are worth in the passages that hold them."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from agentkit.legal.search import Group

Rows = NDArray[np.int64]
Scores = NDArray[np.float32]
Weighed = Sequence[tuple[Group, Mapping[str, tuple[Rows, Scores]], float]]
"""Words with the rows that hold each of their stems, how often, and how rare the word is."""
COMMON = 0.01
"""In a large corpus, a word of so many passages adds to those with a rarer one, and finds none alone."""
_UNSEEN = 0.3
"""What a word that stands nowhere weighs in coverage, beside one that stands once."""
_STANDS_IN = 1.5
"""How much more what stands for a word is worth where only its presence counts."""


def telling(
    group: Group, found: Mapping[str, tuple[Rows, Scores]], reached: NDArray[np.bool_] | None
) -> Mapping[str, tuple[Rows, Scores]]:
    """Return the finds of a word that count; in a large corpus, given the rows `reached` by rarer words, not all."""
    rows, often = found[group.stem]
    if reached is None or len(rows) <= len(reached) * COMMON or not reached.any():
        return found
    within = reached[rows]
    return {**found, group.stem: (rows[within], often[within])}


def rare(group: Group, often: Mapping[str, int], count: int) -> float:
    """Return a word's weight times its inverse frequency in `count` passages: its own, or that of its stand-ins."""
    held = min(count, often[group.stem] or sum(often.values()))
    return group.weight * math.log(1 + (count - held + 0.5) / (held + 0.5)) if held else 0.0


def cover(weighed: Weighed, rows: Rows, count: int) -> NDArray[np.float64]:
    """Return what share of the words, by weight, each row has; what stands for a word counts in part."""
    covered, whole = np.zeros(len(rows)), 0.0
    for group, found, rarity in weighed:
        own = len(found[group.stem][0])
        weight = rarity if own else _UNSEEN * group.weight * math.log(1 + (count - 0.5) / 1.5)
        whole += weight
        level = np.zeros(len(rows))
        for stem, (held, _) in found.items():
            level = np.maximum(level, _STANDS_IN * group.worth[stem] * _within(rows, held))
        covered += weight * np.minimum(level, 1.0)
    return covered / whole if whole else covered


def _within(rows: Rows, held: Rows) -> NDArray[np.bool_]:
    """Tell of each row whether it is among those held; both ascend."""
    places = np.searchsorted(held, rows)
    return np.append(held, -1)[places] == rows
