"""The screener: rails applied to what crosses a boundary, with what follows from their word."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from agentkit.agents.seams import seams
from agentkit.agents.shown import Shown
from agentkit.policy import objections
from agentkit.ports import Rails
from agentkit.text.grounds import Grounds, resting_on
from agentkit.text.sentences import split_sentences
from agentkit.text.spans import to_source
from agentkit.types import Claim, HiddenText, RailReport, RailResult, RemovedClaim, SafePassage, Verdict

_WITHHELD = re.compile(r"\[withheld: \d+ words?\]")
_MARK = " [d0p0]"
"""Ends a text that is no claim and need not cite, so that the rail for citations has nothing to say about it."""


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
    """Check what the user typed; there is nothing to check where nothing was."""
    if not text:
        return RailReport(allowed=True, score=0.0, text=text, results=[])
    return await rails.check(text, stage="input")


async def screen_passages(
    passages: Sequence[SafePassage], *, rails: Rails, hidden: Mapping[int, Sequence[HiddenText]]
) -> Screening:
    """Check passages before a model reads them.

    Where a rail objects to a passage, its sentences are checked one by one: the guilty ones are withheld
    and the rest stays readable; if none is guilty alone, the whole passage is quarantined. Sentences that
    only together give an order, across the end of a passage, are withheld both. Text that a
    reader of the page would not see (`hidden`, by source) is withheld and reported as well.
    """
    reports = await rails.check_many([passage.text for passage in passages], stage="retrieval")
    found = Screening(results=[])
    passed: set[str] = set()
    for passage, report in zip(passages, reports, strict=True):
        passed |= {result.rail for result in report.results if result.action == "passed"}
        if not report.allowed or report.text != passage.text:
            await _neutralize(passage, report, found, rails=rails)
        else:  # what a policy lets through unchecked is said
            found.results.extend(_located(report, passage.source, (passage.start, passage.end)))
    await _unpick([passage for passage in passages if passage.id not in found.quarantined], found, rails=rails)
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


async def _unpick(passages: Sequence[SafePassage], found: Screening, *, rails: Rails) -> None:
    """Check what two passages say together where they meet."""
    met = list(seams(passages))
    for seam, report in zip(met, await rails.check_many([seam.text for seam in met], stage="retrieval"), strict=True):
        known = found.withheld.get(seam.source, [])
        if not report.allowed and not set(seam.spans) & set(known):
            for span in seam.spans:
                found.withheld.setdefault(seam.source, []).append(span)
                found.results.extend(_located(report, seam.source, span))


def _located(report: RailReport, source: int, span: tuple[int, int]) -> list[RailResult]:
    notable = [result for result in report.results if result.action != "passed"]
    return [replace(result, source=source, start=span[0], end=span[1]) for result in notable]


def _hidden(source: int, item: HiddenText) -> RailResult:
    return RailResult("retrieval", "hidden text", "modified", item.reason, source, item.start, item.end)


async def screen_claims(
    claims: Sequence[Claim],
    *,
    rails: Rails,
    forbidden: Sequence[str],
    shown: Shown | None = None,
) -> Screening:
    """Check claims before the user sees them, each with the marker of its citations.

    The text of a claim that a rail blocks is withheld: only its length and the rail's reason are told.

    Args:
        claims: what would be shown, in redacted text.
        rails: the rails of the answer.
        forbidden: originals that were redacted and must not appear.
        shown: what models were shown: which placeholders there are, and what a claim cites. Without it, neither can be
            compared.
    """
    screening = Screening(results=[])
    passed: set[str] = set()
    for claim in claims:
        if not claim.citations:
            screening.results.append(RailResult("output", "uncited claim", "blocked", "the claim cites nothing"))
            screening.removed.append(_held_back(claim, "the claim cites nothing"))
            continue
        report = await pass_claim(claim, screening, rails=rails, forbidden=forbidden, shown=shown)
        passed |= {result.rail for result in report.results if result.action == "passed"}
    passed -= {result.rail for result in screening.results}
    screening.results[:0] = [RailResult("output", name, "passed") for name in sorted(passed)]
    return screening


async def pass_claim(
    claim: Claim, screening: Screening, *, rails: Rails, forbidden: Sequence[str], shown: Shown | None
) -> RailReport:
    """Check one claim with the marker of its citations, and put it among those that pass or those that do not."""
    marker = "".join(f" [{citation.passage}]" for citation in claim.citations)
    with resting_on(shown.grounds(claim) if shown else Grounds()):
        report = await rails.check(claim.text + marker, stage="output", forbidden=forbidden)
    screening.results.extend(_notable(report))
    if report.allowed:
        text = report.text.removesuffix(marker)
        screening.claims.append(claim if text == claim.text else replace(claim, text=text))
    else:
        screening.removed.append(_held_back(claim, objections(report.results)))
    return report


def _held_back(claim: Claim, because: str) -> RemovedClaim:
    return RemovedClaim(withheld(claim.text), f"blocked by a rail ({because})" if because else "blocked by a rail")


@dataclass(frozen=True, slots=True)
class Aside:
    """What a report tells beside its claims, as the rails let it through."""

    removed: list[RemovedClaim]
    verdicts: list[Verdict]
    results: list[RailResult]


async def screen_aside(
    removed: Sequence[RemovedClaim],
    verdicts: Sequence[Verdict],
    *,
    rails: Rails,
    forbidden: Sequence[str],
    shown: Shown | None = None,
) -> Aside:
    """Check what the report shows beside its claims: claims that review removed, and the reviewer's reasons.

    What a rail blocks is withheld, and only its length is told; each text is checked once.

    Args:
        removed: claims that did not survive review.
        verdicts: of the claims that did; their reasons may be a model's words.
        rails: the rails of the answer.
        forbidden: originals that were redacted and must not appear.
        shown: what models were shown, as for `screen_claims`.
    """
    told = [item for item in removed if not _WITHHELD.fullmatch(item.text)]  # of the others a rail spoke before
    texts = [text for item in told for text in (item.text, item.reason)] + [item.reason for item in verdicts]
    said: dict[str, str] = {}
    results: list[RailResult] = []
    for text in dict.fromkeys(texts):
        said[text], objections = await screen_note(text, rails=rails, forbidden=forbidden, shown=shown)
        results += objections
    return Aside(
        [RemovedClaim(said[item.text], said[item.reason]) if item in told else item for item in removed],
        [replace(item, reason=said[item.reason]) for item in verdicts],
        results,
    )


async def screen_note(
    text: str, *, rails: Rails, forbidden: Sequence[str], shown: Shown | None = None
) -> tuple[str, list[RailResult]]:
    """Check a text that is no claim and cites nothing.

    Returns:
        The text as it may be shown (withheld where a rail blocks it), and what rails did to it.
    """
    line = " ".join(text.split())
    if not line:
        return text, []
    with resting_on(shown.note(line) if shown else Grounds()):
        report = await rails.check(line + _MARK, stage="output", forbidden=forbidden)
    after = report.text.removesuffix(_MARK)
    if not report.allowed:
        return withheld(text), _notable(report)
    return text if after == line else after, _notable(report)


def withheld(text: str) -> str:
    """Return what stands in a report for a text that a rail blocked."""
    words = len(text.split())
    return f"[withheld: {words} {'word' if words == 1 else 'words'}]"


def _notable(report: RailReport) -> list[RailResult]:
    """What a rail did, or passed with a remark."""
    return [result for result in report.results if result.action != "passed" or result.reason]
