"""Whether what a report claims is still true of the documents as they are, decided by code as the reviewer does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from agentkit.agents.reviewer import review
from agentkit.impact.finding import Changed
from agentkit.report import Report, ReportClaim
from agentkit.text.support import assess
from agentkit.types import Citation, Claim, SafePassage, Verdict

State = Literal["unchanged", "still_true", "stale", "contradicted"]
Place = Literal["same", "moved", "gone", "document gone"]
STATES: tuple[State, ...] = ("unchanged", "still_true", "stale", "contradicted")
_WORSE = {"supported": 0, "unverified": 1, "unsupported": 2, "contradicted": 3}


@dataclass(frozen=True, slots=True)
class CitationNow:
    """A citation, and where its words stand now; `start:end` is where they stood, `now` where they stand."""

    source: int
    start: int
    end: int
    place: Place
    now: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class ClaimNow:
    """A claim, and whether it is still true."""

    id: str
    state: State
    reason: str
    citations: Sequence[CitationNow] = ()


@dataclass(frozen=True, slots=True)
class ReportNow:
    """A report, and whether what it says is still true: as good as the worst of its claims."""

    run_id: str
    state: State
    claims: Sequence[ClaimNow]
    documents: Sequence[int]
    """The numbers of the sources that are other than they were, or gone."""


async def assess_report(report: Report, present: Mapping[int, str | None]) -> ReportNow:
    """Compare a report with the documents as they are.

    Args:
        report: as it was read back, with the texts of its sources.
        present: the texts of its sources by number; None is for a document that is gone. Those that are not named
            count as unchanged.
    """
    changed = {
        number: Changed(report.texts[number], text)
        for number, text in present.items()
        if text is None or text != report.texts[number]
    }
    claims = [await _claim(claim, report, changed) for claim in report.claims]
    worst = max((STATES.index(claim.state) for claim in claims), default=0)
    return ReportNow(report.run_id, STATES[worst], claims, sorted(changed))


async def _claim(claim: ReportClaim, report: Report, changed: Mapping[int, Changed]) -> ClaimNow:
    citations = [_citation(one.source, one.start, one.end, changed) for one in claim.citations]
    if all(_untouched(one, changed) for one in citations):
        return ClaimNow(claim.id, "unchanged", "", citations)
    if any("<" in one.quote and _placeholders(report) for one in claim.citations):
        reason = "The report keeps placeholders and cannot be compared with the document: make it again."
        return ClaimNow(claim.id, "stale", reason, citations)
    if all(one.place in ("same", "moved") for one in citations):
        return await _with_same_words(claim, report, changed, citations)
    return _with_other_words(claim, report, changed, citations)


def _placeholders(report: Report) -> bool:
    """Whether a report was written with --keep-redacted."""
    kinds = report.privacy.redacted
    return any(
        f"<{kind}_" in claim.text or f"<{kind}_" in str(claim.citations) for kind in kinds for claim in report.claims
    )


def _citation(source: int, start: int, end: int, changed: Mapping[int, Changed]) -> CitationNow:
    document = changed.get(source)
    if document is None:
        return CitationNow(source, start, end, "same", (start, end))
    if document.now is None:
        return CitationNow(source, start, end, "document gone")
    found = document.found(start, end)
    if found is None:
        return CitationNow(source, start, end, "gone")
    return CitationNow(source, start, end, "same" if found == (start, end) else "moved", found)


def _untouched(citation: CitationNow, changed: Mapping[int, Changed]) -> bool:
    """Whether the words stand where they stood, and between the same words."""
    document = changed.get(citation.source)
    if document is None:
        return True
    if citation.place != "same" or document.now is None:
        return False
    first, last = document.around(citation.start, citation.end, now=False)
    return document.around(citation.start, citation.end, now=True) == (first, last) and (
        document.before[first:last] == document.now[first:last]
    )


async def _with_same_words(
    claim: ReportClaim, report: Report, changed: Mapping[int, Changed], citations: Sequence[CitationNow]
) -> ClaimNow:
    """Review a claim against the same words, among those that stand around them now."""
    passages: list[SafePassage] = []
    spans: list[Citation] = []
    for number, one in enumerate(citations):
        document = changed.get(one.source) or Changed(report.texts[one.source], report.texts[one.source])
        start, end = one.now or (0, 0)
        first, last = document.around(start, end, now=True)
        passages.append(SafePassage(f"p{number}", one.source, first, last, (document.now or "")[first:last]))
        spans.append(Citation(one.source, start, end, f"p{number}"))
    (verdict,) = await review([Claim(claim.id, claim.text, spans)], passages)
    return _judged(claim, verdict, citations)


def _judged(claim: ReportClaim, verdict: Verdict, citations: Sequence[CitationNow]) -> ClaimNow:
    if verdict.label == "contradicted" and claim.verdict.label != "contradicted":
        return ClaimNow(claim.id, "contradicted", verdict.reason, citations)
    if _WORSE[verdict.label] > _WORSE[claim.verdict.label]:
        return ClaimNow(claim.id, "stale", f"What stands around the cited words is new. {verdict.reason}", citations)
    moved = any(one.place == "moved" for one in citations)
    reason = "The cited words stand elsewhere now." if moved else "The cited words are as they were."
    return ClaimNow(claim.id, "still_true", reason, citations)


def _with_other_words(
    claim: ReportClaim, report: Report, changed: Mapping[int, Changed], citations: Sequence[CitationNow]
) -> ClaimNow:
    """Compare a claim with what stands now where the cited words stood, and then with the documents as a whole."""
    if all(one.place == "document gone" for one in citations):
        return ClaimNow(claim.id, "stale", "The document is gone.", citations)
    for one in citations:
        reason = _turned(claim, one, changed)
        if reason:
            return ClaimNow(claim.id, "contradicted", reason, citations)
    near = assess(claim.text, "\n\n".join(_nearby(one, report, changed) for one in citations))
    if near.label == "contradicted":
        return ClaimNow(claim.id, "contradicted", near.reason, citations)
    texts = {one.source: _text(one.source, report, changed) for one in citations}
    if near.label == "supported" or assess(claim.text, "\n\n".join(texts.values())).label == "supported":
        return ClaimNow(claim.id, "still_true", "Other words of the document say so now.", citations)
    return ClaimNow(claim.id, "stale", f"The cited words are gone. {near.reason}", citations)


def _turned(claim: ReportClaim, citation: CitationNow, changed: Mapping[int, Changed]) -> str:
    """Return in what a claim is contradicted by what stands now where words stood that did not; "" for nothing.

    That others of its citations say what they said does not make it true.
    """
    document = changed.get(citation.source)
    if document is None or citation.place != "gone":
        return ""
    now = assess(claim.text, document.successor(citation.start, citation.end))
    was = assess(claim.text, document.before[citation.start : citation.end])
    return now.reason if now.label == "contradicted" and was.label != "contradicted" else ""


def _nearby(citation: CitationNow, report: Report, changed: Mapping[int, Changed]) -> str:
    document = changed.get(citation.source)
    if document is None or citation.now is not None:
        start, end = citation.now or (citation.start, citation.end)
        return _text(citation.source, report, changed)[start:end]
    return document.successor(citation.start, citation.end)


def _text(source: int, report: Report, changed: Mapping[int, Changed]) -> str:
    document = changed.get(source)
    return report.texts[source] if document is None else document.now or ""
