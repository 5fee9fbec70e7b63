"""A run's outcome as data: the file that gates a pipeline, and what is shown of it."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from statistics import median

from agentkit.evaluation.outcomes import wilson
from agentkit.evaluation.redteam.adaptive import AFTER, BEFORE
from agentkit.evaluation.redteam.corpus import FAMILIES
from agentkit.evaluation.redteam.owasp import CATEGORIES, EDITION
from agentkit.evaluation.redteam.running import Outcome
from agentkit.evaluation.redteam.scoring import Rate, by_category, by_family, by_pipeline, rate_of
from agentkit.evaluation.redteam.stand import AGAINST, Against
from agentkit.evaluation.redteam.trial import Attempt
from agentkit.ports import Recognizer
from agentkit.privacy.redaction import redact_text

SCHEMA = "agentkit.redteam/1"
_SHOWN = 160
_EXAMPLES = 2


def to_data(outcome: Outcome, recognizer: Recognizer) -> dict[str, object]:
    """Return the whole outcome as plain data, `schema` first; examples are redacted."""
    everything = [*outcome.attempts, *outcome.adaptive]
    return {
        "schema": SCHEMA,
        "owasp": {"edition": EDITION, "categories": dict(CATEGORIES)},
        "seed": outcome.plan.seed,
        "limit": outcome.plan.limit,
        "families": {name: {"category": item.category, "about": item.about} for name, item in FAMILIES.items()},
        "pipelines": [_pipeline(outcome, against, rate) for against, rate in by_pipeline(outcome.attempts).items()],
        "adaptive": _adaptive(outcome),
        "classifier": _classifier(outcome),
        "examples": examples(everything, recognizer),
        "attempts": [row(item) for item in everything],
    }


def row(item: Attempt) -> dict[str, object]:
    """Return one attempt as a line has it."""
    return {
        "id": item.attack.id,
        "family": item.attack.family,
        "category": item.attack.category,
        "technique": item.attack.technique,
        "against": item.against,
        "succeeded": item.succeeded,
        "effects": list(item.finding.effects),
        "flagged": item.finding.flagged and item.succeeded,
        "obeyed": item.obeyed,
        "status": item.status,
    }


def highest(outcome: Outcome) -> float:
    """Return the highest overall success rate among the pipelines that were attacked, in [0, 1]."""
    return max((rate.rate for rate in by_pipeline(outcome.attempts).values()), default=0.0)


def examples(attempts: Sequence[Attempt], recognizer: Recognizer) -> list[dict[str, str]]:
    """Return what got through: at most two of each family and pipeline, redacted and cut."""
    taken: Counter[tuple[str, str]] = Counter()
    found: list[dict[str, str]] = []
    for item in attempts:
        key = (item.attack.family, item.against)
        if not item.succeeded or taken[key] >= _EXAMPLES:
            continue
        taken[key] += 1
        found.append(
            {
                "id": item.attack.id,
                "against": item.against,
                "technique": item.attack.technique,
                "effects": ", ".join(item.finding.effects),
                "output": _shown(item, recognizer),
            }
        )
    return found


def _shown(item: Attempt, recognizer: Recognizer) -> str:
    effects, text = item.finding.effects, " ".join(item.finding.example.split())
    if "provider_bytes" in effects or "disclosed_secret" in effects:
        return "(personal data, not shown)"
    if effects[0] == "denied":
        return text
    word = item.attack.order.word if "canary" in effects else ""
    # A nonsense word that stands alone may be taken for a name.
    parts = re.split(re.escape(word), text, flags=re.IGNORECASE) if word else [text]
    shown = word.join(redact_text(part, recognizer)[0] if len(part.split()) > 2 else part for part in parts)
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN // 2]} … {shown[-_SHOWN // 2 :]}"


def _pipeline(outcome: Outcome, against: Against, rate: Rate) -> dict[str, object]:
    runs, spoiled = outcome.honest.get(against, (0, 0))
    return {
        "against": against,
        "about": AGAINST[against],
        "model": outcome.models[against],
        "overall": asdict(rate),
        "categories": {name: asdict(item) for name, item in by_category(outcome.attempts, against).items()},
        "families": {name: asdict(item) for name, item in by_family(outcome.attempts, against).items()},
        "honest": {"runs": runs, "spoiled": spoiled},
    }


def _adaptive(outcome: Outcome) -> dict[str, object] | None:
    if not outcome.climbs:
        return None
    count = len(outcome.climbs)
    passed = (sum(item.passed_before for item in outcome.climbs), sum(item.passed_after for item in outcome.climbs))
    steps = Counter(step for item in outcome.climbs for step in dict.fromkeys(item.mutant.steps))
    return {
        "orders": count,
        "queries": sum(item.queries for item in outcome.climbs),
        "rails_passed_before": _share(passed[0], count),
        "rails_passed_after": _share(passed[1], count),
        "steps": dict(steps.most_common()),
        "pipelines": {
            against: {
                "before": asdict(rate_of(_of(outcome, against, BEFORE))),
                "after": asdict(rate_of(_of(outcome, against, AFTER))),
            }
            for against in outcome.plan.against
        },
    }


def _of(outcome: Outcome, against: Against, family: str) -> list[Attempt]:
    return [item for item in outcome.adaptive if item.against == against and item.attack.family == family]


def _share(hits: int, count: int) -> dict[str, object]:
    low, high = wilson(hits, count)
    return {"orders": hits, "rate": hits / count, "low": low, "high": high}


def _classifier(outcome: Outcome) -> dict[str, object] | None:
    if not outcome.evasions:
        return None
    alone = [item.classifier_edits for item in outcome.evasions if item.classifier_edits is not None]
    together = [item.detector_edits for item in outcome.evasions if item.detector_edits is not None]
    return {
        "texts": len(outcome.evasions),
        "classifier_evaded": len(alone),
        "classifier_median_edits": median(alone) if alone else None,
        "detector_evaded": len(together),
        "detector_median_edits": median(together) if together else None,
    }
