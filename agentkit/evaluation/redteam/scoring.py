"""Attempts → rates: by risk, by family, by pipeline, each with the interval in which the true rate lies."""

from collections.abc import Sequence
from dataclasses import dataclass

from agentkit.evaluation.outcomes import wilson
from agentkit.evaluation.redteam.owasp import CATEGORIES
from agentkit.evaluation.redteam.stand import AGAINST, Against
from agentkit.evaluation.redteam.trial import Attempt


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
