"""Choose, under a budget of words, the sentences that together tell the most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agentkit.legal.salience import weight_of
from agentkit.legal.salience_conflicts import contradict

OVERHEAD = 6  # words' worth of attention that any further claim costs its reader
_AGAIN = (1.0, 0.25, 0.1, 0.05)  # what the n-th claim about the same topic still adds


_SHARPNESS = 1.5  # clear evidence counts for more than proportionally
_COVERED = 0.5
_FLOOR = 0.08  # what adds less than this share of the best is not worth its reader's time
_EXCHANGES = 24
_OPENING_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Candidate:
    """A claim that may be kept.

    `scores` says how clearly it speaks to each topic, in (0, 1]; `base` is its worth apart from
    topics; `span` locates it as (source, start, end); `factor` in (0, 1] is how much it concerns the focus;
    one that `opens` its document names it and its parties.
    """

    words: int
    scores: Mapping[str, float]
    base: float
    span: tuple[int, int, int]
    tokens: frozenset[str] = field(default_factory=frozenset[str])
    factor: float = 1.0
    opens: bool = False


Seen = dict[tuple[int, str], list[float]]


def choose(candidates: Sequence[Candidate], *, max_words: int, max_claims: int | None = None) -> list[int]:
    """Choose greedily by what a candidate adds per word, never more than the budget; then exchange.

    A candidate that opens its document comes first where it leaves room for others. Two candidates never
    cover the same words of a source, nor repeat one another.

    Returns:
        Indices, in the order of their spans.
    """
    chosen: dict[int, float] = {}
    seen: Seen = {}
    left, floor = max_words, 0.0
    rest: list[int] = [i for i, item in enumerate(candidates) if 0 < item.words <= max_words]
    while rest and (max_claims is None or len(chosen) < max_claims):
        best: int = max(rest, key=lambda i: (_opens(candidates[i], max_words), *_rank(candidates[i], seen), -i))
        rate = _rate(candidates[best], seen)
        if rate <= floor:
            break
        floor = max(floor, rate * _FLOOR)
        chosen[best] = rate * (candidates[best].words + OVERHEAD)
        left -= candidates[best].words
        _note(candidates[best], seen)
        rest = [i for i in rest if candidates[i].words <= left and not _clash(candidates[i], candidates[best])]
    if max_claims is None:
        _exchange(candidates, chosen, left)
    return sorted(chosen, key=lambda i: candidates[i].span)


def _exchange(candidates: Sequence[Candidate], chosen: dict[int, float], left: int) -> None:
    """Let a candidate too long for what was left replace those that together told less."""
    for index in sorted(range(len(candidates)), key=lambda i: (-_alone(candidates[i]), i))[:_EXCHANGES]:
        item = candidates[index]
        if index in chosen or any(_clash(item, candidates[i]) for i in chosen):
            continue
        seen: Seen = {}
        for i in chosen:
            _note(candidates[i], seen)
        gain = _rate(item, seen) * (item.words + OVERHEAD)
        room, lost, out = left, 0.0, list[int]()
        for i in sorted((i for i in chosen if not candidates[i].opens), key=lambda i: (chosen[i], i)):
            if room >= item.words or lost + chosen[i] >= gain:
                break
            room, lost = room + candidates[i].words, lost + chosen[i]
            out.append(i)
        if room >= item.words:
            for i in out:
                del chosen[i]
            chosen[index] = gain
            left = room - item.words


def _alone(item: Candidate) -> float:
    return _rate(item, {}) * (item.words + OVERHEAD)


def _opens(item: Candidate, max_words: int) -> int:
    """Rank candidates that open a document before others."""
    return int(item.opens and item.words <= _OPENING_SHARE * max_words)


def _rank(item: Candidate, seen: Seen) -> tuple[float, int]:
    """Among forms of a sentence that are worth the same a word, the longer says more."""
    return round(_rate(item, seen), 9), item.words


def _rate(item: Candidate, seen: Seen) -> float:
    gain = item.base
    for name, score in item.scores.items():
        before = [] if item.opens else seen.get((item.span[0], name), [])
        again = _AGAIN[min(len(before), len(_AGAIN) - 1)] * score**_SHARPNESS
        better = score**_SHARPNESS - max(before) ** _SHARPNESS if before else 0.0
        gain += weight_of(name) * max(again, better)
    return item.factor * gain / (item.words + OVERHEAD)


def _note(item: Candidate, seen: Seen) -> None:
    for name, score in item.scores.items():
        if score >= _COVERED:
            seen.setdefault((item.span[0], name), []).append(score)


def _clash(one: Candidate, other: Candidate) -> bool:
    if one.span[0] == other.span[0] and one.span[1] < other.span[2] and other.span[1] < one.span[2]:
        return True
    smaller = min(len(one.tokens), len(other.tokens))
    if contradict(one.scores, other.scores):
        return False
    return smaller > 3 and len(one.tokens & other.tokens) > 0.8 * smaller
