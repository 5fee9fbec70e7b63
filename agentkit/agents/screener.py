"""The screener: rails applied to what crosses a boundary, with what follows from their word."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from agentkit.ports import Rails
from agentkit.types import Claim, RailReport, RailResult, RemovedClaim, SafePassage


@dataclass(frozen=True, slots=True)
class Screening:
    """What the rails let through. `quarantined` are passage ids; `removed` are claims with the reason."""

    results: list[RailResult]
    quarantined: list[str] = field(default_factory=list[str])
    claims: list[Claim] = field(default_factory=list[Claim])
    removed: list[RemovedClaim] = field(default_factory=list[RemovedClaim])


async def screen_request(text: str, *, rails: Rails) -> RailReport:
    """Check what the user typed."""
    return await rails.check(text, stage="input")


async def screen_passages(passages: Sequence[SafePassage], *, rails: Rails) -> Screening:
    """Check passages before a model reads them: one that is not allowed, or not as it stands, is quarantined."""
    reports = await rails.check_many([passage.text for passage in passages], stage="retrieval")
    results: list[RailResult] = []
    quarantined: list[str] = []
    for passage, report in zip(passages, reports, strict=True):
        notable = [result for result in report.results if result.action != "passed"]
        results += [replace(item, source=passage.source, start=passage.start, end=passage.end) for item in notable]
        if not report.allowed or report.text != passage.text:
            quarantined.append(passage.id)
    ran = {item.rail for report in reports for item in report.results} - {item.rail for item in results}
    return Screening(
        results=[RailResult("retrieval", name, "passed") for name in sorted(ran)] + results, quarantined=quarantined
    )


async def screen_claims(claims: Sequence[Claim], *, rails: Rails, forbidden: Sequence[str]) -> Screening:
    """Check claims before the user sees them, each with the marker of its citations."""
    results: list[RailResult] = []
    kept: list[Claim] = []
    removed: list[RemovedClaim] = []
    passed: set[str] = set()
    for claim in claims:
        marker = "".join(f" [{citation.passage}]" for citation in claim.citations)
        report = await rails.check(claim.text + marker, stage="output", forbidden=forbidden)
        notable = [result for result in report.results if result.action != "passed"]
        passed |= {result.rail for result in report.results if result.action == "passed"}
        results += notable
        if not report.allowed:
            removed.append(RemovedClaim(claim.text, _reason(notable)))
        else:
            text = report.text.removesuffix(marker)
            kept.append(claim if text == claim.text else replace(claim, text=text))
    ran = passed - {result.rail for result in results}
    return Screening(
        results=[RailResult("output", name, "passed") for name in sorted(ran)] + results, claims=kept, removed=removed
    )


def _reason(results: Sequence[RailResult]) -> str:
    reasons = "; ".join(f"{result.rail}: {result.reason}" if result.reason else result.rail for result in results)
    return f"blocked by a rail ({reasons})" if reasons else "blocked by a rail"
