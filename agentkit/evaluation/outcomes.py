"""What came of each case, and of all of them: means, and how far they can be trusted."""

import math
import random
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_RESAMPLES = 2000
_Z = 1.959963984540054  # 97.5 % point of the normal distribution


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one case. `score` is in [0, 1], and None where it could not be asked; `error` says why."""

    id: str
    kind: str
    score: float | None
    metrics: Mapping[str, float] = field(default_factory=dict[str, float])
    answer: str = ""
    cost_usd: float = 0.0
    latency_ms: float = 0.0
    error: str = ""
    code: int = 0

    def row(self) -> dict[str, object]:
        """Return it as a line of the result file has it."""
        figures = {"cost_usd": self.cost_usd, "latency_ms": round(self.latency_ms, 3)}
        told = {"id": self.id, "kind": self.kind, "score": self.score, "metrics": dict(self.metrics), **figures}
        return {**told, "answer": self.answer, **({"error": self.error} if self.error else {})}


@dataclass(frozen=True, slots=True)
class Score:
    """What came of all cases that could be asked: the mean score with its 95 % interval.

    `cost_usd` is the mean of a case, `latency_ms` the median; `metrics` are means over the cases that have them.
    """

    cases: int
    failed: int
    score: float
    low: float
    high: float
    cost_usd: float
    latency_ms: float
    metrics: Mapping[str, float]


def summarize_outcomes(outcomes: Sequence[Outcome]) -> Score:
    """Return the score over outcomes; all figures are 0 where none was scored."""
    scored = [item for item in outcomes if item.score is not None]
    values = [item.score for item in scored if item.score is not None]
    low, high = interval(values)
    names = sorted({name for item in scored for name in item.metrics})
    return Score(
        cases=len(scored),
        failed=len(outcomes) - len(scored),
        score=statistics.fmean(values) if values else 0.0,
        low=low,
        high=high,
        cost_usd=statistics.fmean(item.cost_usd for item in scored) if scored else 0.0,
        latency_ms=statistics.median(item.latency_ms for item in scored) if scored else 0.0,
        metrics={
            name: statistics.fmean(item.metrics[name] for item in scored if name in item.metrics) for name in names
        },
    )


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of a mean of scores in [0, 1], the same each time.

    It is the percentile bootstrap's (2,000 resamples). Where all scores are alike, resampling knows no spread,
    and Wilson's score interval is given: ten right answers of ten are at least 0.72 right, not 1.

    Source:
        Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13; Wilson, JASA 22 (1927), 209-212.
    """
    count = len(values)
    if not count:
        return 0.0, 1.0
    if min(values) == max(values):
        return wilson(values[0] * count, count)
    chance = random.Random(20_260_301)  # noqa: S311 - no secret; the same interval each time
    means = sorted(math.fsum(chance.choices(values, k=count)) / count for _ in range(_RESAMPLES))
    return means[round(0.025 * (_RESAMPLES - 1))], means[round(0.975 * (_RESAMPLES - 1))]


def wilson(successes: float, attempts: int) -> tuple[float, float]:
    """Return Wilson's 95 % score interval of a share; 0 and 1 where nothing was tried.

    Source:
        Wilson, Journal of the American Statistical Association 22 (1927), 209-212.
    """
    if not attempts:
        return 0.0, 1.0
    share, square = successes / attempts, _Z * _Z / attempts
    middle = (share + square / 2) / (1 + square)
    half = _Z / (1 + square) * math.sqrt(share * (1 - share) / attempts + square / (4 * attempts))
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    return low, 1.0 if successes == attempts else min(1.0, middle + half)
