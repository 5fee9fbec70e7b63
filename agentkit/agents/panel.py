"""A panel: several verdicts on a claim become one, and what an agent brings is checked text by text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import cast

from agentkit.agents.screener import screen_note, withheld
from agentkit.agents.shown import Shown
from agentkit.errors import AgentError
from agentkit.ports import Rails
from agentkit.texts_in import UnreadableError, rebuilt, texts_in
from agentkit.types import Label, RailResult, Verdict

_WORST: tuple[Label, ...] = ("contradicted", "unsupported", "unverified", "supported")


def combine_verdicts(*panels: Sequence[Verdict]) -> list[Verdict]:
    """Return one verdict a claim: the worst of any reviewer's, with every reviewer's reason for it.

    Contradicted is worse than unsupported, that worse than unverified, and that worse than supported; among equals the
    lowest score counts. Claims come in the order in which they are first named.
    """
    by_claim: dict[str, list[Verdict]] = {}
    for verdict in (verdict for panel in panels for verdict in panel):
        by_claim.setdefault(verdict.claim_id, []).append(verdict)
    return [_worst(verdicts) for verdicts in by_claim.values()]


def _worst(verdicts: Sequence[Verdict]) -> Verdict:
    said = {verdict.label for verdict in verdicts}
    label: Label = next(label for label in _WORST if label in said)
    chosen = [verdict for verdict in verdicts if verdict.label == label]
    methods = "+".join(dict.fromkeys(verdict.method for verdict in chosen))
    reasons = " ".join(dict.fromkeys(verdict.reason for verdict in chosen if verdict.reason))
    return Verdict(chosen[0].claim_id, label, min(verdict.score for verdict in chosen), methods, reasons)


def weighed(said: Mapping[str, Verdict], *, rule: Callable[[Mapping[str, Verdict]], Verdict] | None = None) -> Verdict:
    """Return one verdict on a claim of what each reviewer said of it, by name; the worst, unless a `rule` decides.

    Raises:
        AgentError: the rule failed, or returned no verdict on the claim.
    """
    claim = next(iter(said.values())).claim_id
    if rule is None:
        # A reason says whose it is, unless it is that of the words cited.
        named = [item if who == "grounding" else replace(item, reason=_whose(who, item)) for who, item in said.items()]
        return combine_verdicts(named)[0]
    try:
        found = cast(object, rule(dict(said)))  # it is the user's: what it declares is not what it does
    except Exception as error:
        told = f"The rule for verdicts failed on the claim {claim} with {type(error).__name__}"
        raise AgentError(f"{told}: it was given the verdicts of {', '.join(said)}.", agent="rule") from error
    if not isinstance(found, Verdict) or found.claim_id != claim or not _is_sound(found):
        raise AgentError(
            f"The rule for verdicts returned {type(found).__name__}, and no sound Verdict on the claim {claim} it was "
            "given: return one of what the reviewers said, or one of your own with a score from 0 to 1.",
            agent="rule",
        )
    return found


def _is_sound(verdict: Verdict) -> bool:
    label, score, words = _as_given(verdict.label, verdict.score, [verdict.method, verdict.reason])
    scored = isinstance(score, int | float) and 0 <= score <= 1
    return label in _WORST and scored and all(isinstance(text, str) for text in cast(list[object], words))


def _as_given(*values: object) -> tuple[object, ...]:
    """Return values as what they are, and not as what they were declared."""
    return values


def _whose(who: str, verdict: Verdict) -> str:
    return f"{who}: {verdict.reason}" if verdict.reason else ""


async def screen_data(
    data: object, *, rails: Sequence[Rails], shown: Shown | None = None
) -> tuple[object, int, list[RailResult]]:
    """Check every text in plain data; a guilty one is withheld.

    Returns:
        The data as it may go on, how many texts were withheld, and what rails did to them.
    """
    texts = texts_in(data)
    results: list[RailResult] = []
    for edge in rails:
        for place, text in enumerate(texts):
            texts[place], objections = await screen_note(text, rails=edge, forbidden=(), shown=shown)
            results += [item for item in objections if item.action != "passed"]
    gone = sum(new != old and new == withheld(old) for new, old in zip(texts, texts_in(data), strict=True))
    try:
        return rebuilt(data, texts), gone, list(dict.fromkeys(results))
    except UnreadableError:  # the name of a field: nothing can stand in its place
        return None, max(gone, 1), list(dict.fromkeys(results))
