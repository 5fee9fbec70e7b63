"""The screener: rails applied to what crosses a boundary, with what follows from their word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from agentkit.ports import Rails
from agentkit.text.sentences import split_sentences
from agentkit.text.spans import to_source
from agentkit.types import Claim, HiddenText, RailReport, RailResult, RemovedClaim, SafePassage


@dataclass(frozen=True, slots=True)
class Screening:
    """What the rails let through.

    `quarantined` are passage ids, `withheld` spans by source; `removed` are claims with the reason.
    """

    results: list[RailResult]
    quarantined: list[str] = field(default_factory=list[str])
    withheld: dict[int, list[tuple[int, int]]] = field(default_factory=dict[int, list[tuple[int, int]]])
    claims: list[Claim] = field(default_factory=list[Claim])
    removed: list[RemovedClaim] = field(default_factory=list[RemovedClaim])


async def screen_request(text: str, *, rails: Rails) -> RailReport:
    """Check what the user typed."""
    return await rails.check(text, stage="input")


async def screen_passages(
    passages: Sequence[SafePassage], *, rails: Rails, hidden: Mapping[int, Sequence[HiddenText]]
) -> Screening:
    """Check passages before a model reads them.

    Where a rail objects to a passage, its sentences are checked one by one: the guilty ones are withheld
    and the rest stays readable; if none is guilty alone, the whole passage is quarantined. Text that a
    reader of the page would not see (`hidden`, by source) is withheld and reported as well.
    """
    reports = await rails.check_many([passage.text for passage in passages], stage="retrieval")
    found = Screening(results=[])
    passed: set[str] = set()
    for passage, report in zip(passages, reports, strict=True):
        passed |= {result.rail for result in report.results if result.action == "passed"}
        if not report.allowed or report.text != passage.text:
            await _neutralize(passage, report, found, rails=rails)
    for source, spans in hidden.items():
        found.withheld.setdefault(source, []).extend((item.start, item.end) for item in spans)
        found.results.extend(_hidden(source, item) for item in spans)
    passed -= {result.rail for result in found.results}
    found.results[:0] = [RailResult("retrieval", name, "passed") for name in sorted(passed)]
    return found


async def _neutralize(passage: SafePassage, report: RailReport, found: Screening, *, rails: Rails) -> None:
    spans = split_sentences(passage.text)
    texts = [passage.text[start:end] for start, end in spans]
    reports = await rails.check_many(texts, stage="retrieval") if len(spans) > 1 else []
    guilty = [
        (to_source(passage, *span), verdict)
        for span, verdict, text in zip(spans, reports, texts, strict=False)
        if not verdict.allowed or verdict.text != text
    ]
    if not guilty:
        found.quarantined.append(passage.id)
        found.results.extend(_located(report, passage.source, (passage.start, passage.end)))
    for span, verdict in guilty:
        found.withheld.setdefault(passage.source, []).append(span)
        found.results.extend(_located(verdict, passage.source, span))


def _located(report: RailReport, source: int, span: tuple[int, int]) -> list[RailResult]:
    notable = [result for result in report.results if result.action != "passed"]
    return [replace(result, source=source, start=span[0], end=span[1]) for result in notable]


def _hidden(source: int, item: HiddenText) -> RailResult:
    return RailResult("retrieval", "hidden text", "modified", item.reason, source, item.start, item.end)


async def screen_claims(claims: Sequence[Claim], *, rails: Rails, forbidden: Sequence[str]) -> Screening:
    """Check claims before the user sees them, each with the marker of its citations."""
    results: list[RailResult] = []
    kept: list[Claim] = []
    removed: list[RemovedClaim] = []
    passed: set[str] = set()
    for claim in claims:
        if not claim.citations:
            results.append(RailResult("output", "uncited claim", "blocked", "the claim cites nothing"))
            removed.append(RemovedClaim(claim.text, "blocked by a rail (the claim cites nothing)"))
            continue
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
