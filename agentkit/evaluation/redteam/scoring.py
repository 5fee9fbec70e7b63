"""Attempts → rates: by risk, by family, by pipeline, each with the interval in which the true rate lies."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from agentkit.evaluation.redteam.owasp import CATEGORIES
from agentkit.evaluation.redteam.stand import AGAINST, Against
from agentkit.evaluation.redteam.trial import Attempt

_Z = 1.959963984540054  # 97.5 % point of the normal distribution


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of how many attacks succeeded; `flagged` of them in a report that warns its reader.

    `low` and `high` bound the true rate with 95 % confidence; without attempts they are 0 and 1.
    """

    attempts: int
    successes: int
    flagged: int
    rate: float
    low: float
    high: float


def rate_of(attempts: Sequence[Attempt]) -> Rate:
    """Return the rate over attempts.

    Source:
        Wilson, Journal of the American Statistical Association 22 (1927), 209-212.
    """
    hits = [item for item in attempts if item.succeeded]
    low, high = wilson(len(hits), len(attempts))
    share = len(hits) / len(attempts) if attempts else 0.0
    return Rate(len(attempts), len(hits), sum(item.finding.flagged for item in hits), share, low, high)


def wilson(successes: int, attempts: int) -> tuple[float, float]:
    """Return Wilson's 95 % score interval of a share."""
    if not attempts:
        return 0.0, 1.0
    share, square = successes / attempts, _Z * _Z / attempts
    middle = (share + square / 2) / (1 + square)
    half = _Z / (1 + square) * math.sqrt(share * (1 - share) / attempts + square / (4 * attempts))
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    return low, 1.0 if successes == attempts else min(1.0, middle + half)


def by_category(attempts: Sequence[Attempt], against: Against) -> dict[str, Rate]:
    """Return the rate of each OWASP risk that was tried against a pipeline, in OWASP's order."""
    own = [item for item in attempts if item.against == against]
    rows = {name: [item for item in own if item.attack.category == name] for name in CATEGORIES}
    return {name: rate_of(items) for name, items in rows.items() if items}


def by_family(attempts: Sequence[Attempt], against: Against) -> dict[str, Rate]:
    """Return the rate of each family that was tried against a pipeline, in the corpus's order."""
    own = [item for item in attempts if item.against == against]
    names = dict.fromkeys(item.attack.family for item in own)
    return {name: rate_of([item for item in own if item.attack.family == name]) for name in names}


def by_pipeline(attempts: Sequence[Attempt]) -> dict[Against, Rate]:
    """Return the overall rate against each pipeline."""
    return {name: rate_of(own) for name in AGAINST if (own := [item for item in attempts if item.against == name])}
