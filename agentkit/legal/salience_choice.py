"""Choose, under a budget of words, the sentences that together tell the most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agentkit.legal.salience import weight_of

OVERHEAD = 6  # words' worth of attention that any further claim costs its reader
_AGAIN = (1.0, 0.3, 0.12, 0.05)  # what the n-th claim about the same topic still adds


@dataclass(frozen=True, slots=True)
class Candidate:
    """A claim that may be kept.

    `scores` says how clearly it speaks to each topic, in (0, 1]; `base` is its worth apart from
    topics; `span` locates it as (source, start, end); `factor` in (0, 1] is how much it concerns the focus.
    """

    words: int
    scores: Mapping[str, float]
    base: float
    span: tuple[int, int, int]
    tokens: frozenset[str] = field(default_factory=frozenset[str])
    factor: float = 1.0


def choose(candidates: Sequence[Candidate], *, max_words: int, max_claims: int | None = None) -> list[int]:
    """Choose greedily by what a candidate adds per word, never more than the budget.

    Two candidates never cover the same words of a source, nor repeat one another.

    Returns:
        Indices, in the order of their spans.
    """
    taken: list[int] = []
    seen: dict[tuple[int, str], list[float]] = {}
    left = max_words
    rest = [i for i, item in enumerate(candidates) if 0 < item.words <= max_words]
    while rest and (max_claims is None or len(taken) < max_claims):
        rest = [i for i in rest if candidates[i].words <= left]
        if not rest:
            break
        best = max(rest, key=lambda i: (_rate(candidates[i], seen), -i))
        if _rate(candidates[best], seen) <= 0:
            break
        taken.append(best)
        left -= candidates[best].words
        _note(candidates[best], seen)
        rest = [i for i in rest if not _clash(candidates[i], candidates[best])]
    return sorted(taken, key=lambda i: candidates[i].span)


def _rate(item: Candidate, seen: Mapping[tuple[int, str], list[float]]) -> float:
    gain = item.base
    for name, score in item.scores.items():
        before = seen.get((item.span[0], name), [])
        gain += weight_of(name) * score * _AGAIN[min(len(before), len(_AGAIN) - 1)]
    return item.factor * gain / (item.words + OVERHEAD)


def _note(item: Candidate, seen: dict[tuple[int, str], list[float]]) -> None:
    for name, score in item.scores.items():
        if score >= 0.6:
            seen.setdefault((item.span[0], name), []).append(score)


def _clash(one: Candidate, other: Candidate) -> bool:
    if one.span[0] == other.span[0] and one.span[1] < other.span[2] and other.span[1] < one.span[2]:
        return True
    smaller = min(len(one.tokens), len(other.tokens))
    return smaller > 3 and len(one.tokens & other.tokens) > 0.8 * smaller
