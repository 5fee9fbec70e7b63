"""What a model answers and one agent hands to the next: each text passes the rails of the edges that it crosses."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from agentkit.agents.screener import screen_note, withheld
from agentkit.agents.shown import Shown
from agentkit.ports import Rails
from agentkit.text.grounds import Grounds, resting_on
from agentkit.types import Claim, RailReport, RailResult, RemovedClaim, Verdict


@dataclass(frozen=True, slots=True)
class Handover:
    """What crosses: claims, those that do not with the reason, and the verdicts of rails that did not just pass."""

    claims: list[Claim]
    removed: list[RemovedClaim] = field(default_factory=list[RemovedClaim])
    results: list[RailResult] = field(default_factory=list[RailResult])


async def hand_over(
    claims: Sequence[Claim], *, rails: Sequence[Rails], forbidden: Sequence[str], shown: Shown | None = None
) -> Handover:
    """Check claims on their way from the model to an agent, or from one agent to the next.

    A claim that cites nothing goes on to the reviewer, which sends it back.

    Args:
        claims: what crosses.
        rails: those of each edge, in the order in which the claims cross them.
        forbidden: originals that were redacted and must not appear.
        shown: what the model was shown.
    """
    given = Handover(list(claims))
    for edge in rails:
        given = await _cross(given, edge, forbidden, shown)
    return given


async def _cross(given: Handover, rails: Rails, forbidden: Sequence[str], shown: Shown | None) -> Handover:
    kept: list[Claim] = []
    removed, results = list(given.removed), list(given.results)
    for claim in given.claims:
        marker = "".join(f" [{citation.passage}]" for citation in claim.citations)
        with resting_on(shown.grounds(claim) if shown else Grounds()):
            report = await rails.check(claim.text + marker, stage="output", forbidden=forbidden)
        notable = [result for result in report.results if result.action != "passed"]
        results += notable
        if report.allowed:
            text = report.text.removesuffix(marker)
            kept.append(claim if text == claim.text else replace(claim, text=text))
        else:
            removed.append(RemovedClaim(withheld(claim.text), because(report)))
    return Handover(kept, removed, results)


async def listen(
    verdicts: Sequence[Verdict], *, rails: Sequence[Rails], forbidden: Sequence[str], shown: Shown | None = None
) -> list[Verdict]:
    """Check the reasons that a judge gave in words of its own; a guilty one is withheld, and the verdict stays."""
    heard: list[Verdict] = []
    for verdict in verdicts:
        reason = verdict.reason
        for edge in rails if verdict.method == "judge" and reason else ():
            reason, _ = await screen_note(reason, rails=edge, forbidden=forbidden, shown=shown)
        heard.append(verdict if reason == verdict.reason else replace(verdict, reason=reason))
    return heard


def because(report: RailReport) -> str:
    """Return which rails spoke against a text, and why."""
    notable = [result for result in report.results if result.action in {"blocked", "unchecked"}]
    reasons = "; ".join(f"{result.rail}: {result.reason}" if result.reason else result.rail for result in notable)
    return f"blocked by a rail ({reasons})" if reasons else "blocked by a rail"
