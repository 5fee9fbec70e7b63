"""Deployments side by side: which of them nobody beats."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agentkit.evaluation.outcomes import Score


@dataclass(frozen=True, slots=True)
class Placed:
    """One deployment among others: whether none is both better and cheaper, or both better and faster."""

    model: str
    score: Score
    on_cost_front: bool = False
    on_latency_front: bool = False


def place(scores: Sequence[tuple[str, Score]]) -> list[Placed]:
    """Return deployments, best first, with the Pareto fronts marked; one without a right answer is on none."""
    ranked = sorted(scores, key=lambda item: (-item[1].score, item[1].cost_usd, item[1].latency_ms, item[0]))
    rivals = [score for _, score in ranked if score.cases]
    return [
        Placed(
            name,
            score,
            score.score > 0 and not _beaten(score, rivals, lambda item: item.cost_usd),
            score.score > 0 and not _beaten(score, rivals, lambda item: item.latency_ms),
        )
        for name, score in ranked
    ]


def _beaten(score: Score, rivals: Sequence[Score], price: Callable[[Score], float]) -> bool:
    return any(
        rival.score >= score.score
        and price(rival) <= price(score)
        and (rival.score > score.score or price(rival) < price(score))
        for rival in rivals
    )
