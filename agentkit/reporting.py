"""State and store → report: the one place where originals and quotes are filled in."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from agentkit.legal.versions import Successor
from agentkit.privacy.placeholders import LITERAL
from agentkit.records.restoring import originals_at, redacted, restore_at
from agentkit.records.run_store import FileRunStore
from agentkit.rendering.names import source_file
from agentkit.report import (
    ChecklistEntry,
    Report,
    ReportAgent,
    ReportCitation,
    ReportClaim,
    ReportIndex,
    ReportOpinion,
    ReportPrivacy,
    ReportSuccessor,
    ReportTask,
    ReportUsage,
    ReportVerdict,
    Source,
    Status,
)
from agentkit.state import Finding, Opinion, State
from agentkit.text.locate import locator_at, page_at
from agentkit.texts_in import rebuilt, texts_in
from agentkit.types import Citation, Claim, Document, RailResult, RemovedClaim, Verdict


def make_report(state: State, store: FileRunStore, *, usage: ReportUsage, hosts: Sequence[str]) -> Report:
    """Build the report of a finished run.

    With `task.keep_redacted`, sources, quotes and claims all keep their placeholders, and offsets count in
    the redacted sources, so that a quote still equals its source's text.
    """
    view = _View(store, keep_redacted=state["task"].keep_redacted)
    verdicts = {verdict.claim_id: verdict for verdict in state["verdicts"]}
    task = state["task"]
    asked = view.asked(store.question) or None
    status: Status = state["status"]  # pyright: ignore[reportAssignmentType]
    return Report(
        run_id=store.run_id,
        matter=store.matter,
        task=ReportTask(
            task.kind,
            focus=asked if task.kind == "summarize" else None,
            question=asked if task.kind == "ask" else None,
        ),
        status=status,
        title=_title(view),
        claims=[
            _claim(claim, verdicts.get(claim.id), view, _opinions(claim, state), _replaced(claim, store))
            for claim in state["claims"]
        ],
        checklist=[
            ChecklistEntry(view.asked(store.checklist[item.item].name), item.found, list(item.claims))
            for item in state["checklist"]
        ],
        sources=[_source(document, store, view) for document in view.documents],
        rails=[view.rail(result) for result in state.get("rails", [])],
        usage=usage,
        privacy=ReportPrivacy(redacted=_redacted(store), hosts_contacted=sorted(hosts)),
        revisions=state.get("revisions", 0),
        removed_claims=[RemovedClaim(view.text(item.text), item.reason) for item in state.get("removed", [])],
        timings_ms=_timings(state),
        agents=[_agent(finding, state, view) for finding in state.get("findings", [])],
        index=ReportIndex(*store.index) if store.index else None,
        texts=[document.text for document in view.documents],
        page_starts=[[view.offset(d.index, page.start) for page in d.pages] for d in view.documents],
    )


class _View:
    """The documents as the report shows them: original, or redacted throughout."""

    def __init__(self, store: FileRunStore, *, keep_redacted: bool) -> None:
        self._store = store
        self._keep = keep_redacted
        self._moved: dict[int, Callable[[int], int]] = {}
        self.documents = store.documents()
        if keep_redacted:
            views = {document.index: redacted(document, store.spans(document.index)) for document in self.documents}
            self._moved = {index: moved for index, (_, moved) in views.items()}
            self.documents = [
                replace(document, text=views[document.index][0], title=store.safe_text(document.title))
                for document in self.documents
            ]
        self._by_index = {document.index: document for document in self.documents}
        self._originals = {document.index: document for document in store.documents()}

    def asked(self, text: str) -> str:
        """Return what the user typed."""
        return self._store.safe_text(text) if self._keep else text

    def text(self, text: str, citations: Sequence[Citation] = ()) -> str:
        if self._keep:
            return text
        cited = [
            pair
            for citation in citations
            for pair in originals_at(self._originals[citation.source], self._store.spans(citation.source), citation)
        ]
        return restore_at(text, cited, vault=self._store.vault)

    def offset(self, source: int, offset: int) -> int:
        return self._moved[source](offset) if self._keep else offset

    def rail(self, result: RailResult) -> RailResult:
        if result.source is None or result.start is None or result.end is None:
            return result
        return replace(
            result, start=self.offset(result.source, result.start), end=self.offset(result.source, result.end)
        )

    def citation(self, citation: Citation) -> ReportCitation:
        document, original = self._by_index[citation.source], self._originals[citation.source]
        start, end = self.offset(citation.source, citation.start), self.offset(citation.source, citation.end)
        locator = locator_at(original, citation.start)
        return ReportCitation(
            source=citation.source,
            page=page_at(original, citation.start),
            locator=self._store.safe_text(locator) if locator and self._keep else locator,
            start=start,
            end=end,
            quote=document.text[start:end],
        )


def _opinions(claim: Claim, state: State) -> list[Opinion]:
    """Return what each reviewer of a panel said of a claim as it stands."""
    said = [opinion for opinion in state.get("opinions", []) if opinion.verdict.claim_id == claim.id]
    return [opinion for opinion in said if opinion.turn == max(item.turn for item in said)]


def _agent(finding: Finding, state: State, view: _View) -> ReportAgent:
    data: object = rebuilt(finding.data, [view.text(text) for text in texts_in(finding.data)])
    left = {claim.id for claim in state["claims"]}
    return ReportAgent(finding.agent, data, [name for name in finding.claims if name in left], finding.withheld)


def _opinion(opinion: Opinion, view: _View) -> ReportOpinion:
    verdict = opinion.verdict
    reason = view.text(verdict.reason)
    return ReportOpinion(opinion.reviewer, verdict.label, round(verdict.score, 4), verdict.method, reason)


def _successors(found: Iterable[Successor]) -> list[ReportSuccessor]:
    return [ReportSuccessor(later.source, later.relation, list(later.sections)) for later in dict.fromkeys(found)]


def _replaced(claim: Claim, store: FileRunStore) -> list[ReportSuccessor]:
    """Return what replaced words that a claim cites."""
    return _successors(later for c in claim.citations for later in store.versions.replaced(c.source, c.start))


def _claim(
    claim: Claim,
    verdict: Verdict | None,
    view: _View,
    said: Sequence[Opinion],
    replaced: list[ReportSuccessor],
) -> ReportClaim:
    verdict = verdict or Verdict(claim.id, "unverified", 0.0, "none", "it was not reviewed")
    return ReportClaim(
        id=claim.id,
        text=view.text(claim.text, claim.citations),
        section=view.text(claim.section),
        citations=[view.citation(citation) for citation in claim.citations],
        verdict=ReportVerdict(verdict.label, round(verdict.score, 4), verdict.method, view.text(verdict.reason)),
        opinions=[_opinion(opinion, view) for opinion in said],
        superseded_by=replaced,
    )


def _title(view: _View) -> str:
    if not view.documents:
        return ""
    first = view.documents[0].title or view.documents[0].name
    more = len(view.documents) - 1
    return first if more == 0 else f"{first} and {more} more"


def _source(document: Document, store: FileRunStore, view: _View) -> Source:
    return Source(
        index=document.index,
        path=document.name,
        sha256=document.sha256,
        media_type=document.media_type,
        pages=len(document.pages),
        characters=len(document.text),
        passages=sum(passage.source == document.index for passage in store.passages()),
        text=source_file(document.index, document.name),
        warnings=[view.text(warning) for warning in document.warnings],
        superseded_by=_successors(store.versions.successors(document.index)),
    )


def _redacted(store: FileRunStore) -> dict[str, int]:
    """Count the different originals of this run's documents, not of the whole matter."""
    found = {placeholder for document in store.documents() for _, _, placeholder in store.spans(document.index)}
    kinds = Counter(placeholder.strip("<>").rpartition("_")[0] for placeholder in found)
    return {kind: count for kind, count in sorted(kinds.items()) if kind != LITERAL}


def _timings(state: State) -> dict[str, float]:
    totals: Counter[str] = Counter()
    for timing in state.get("timings", []):
        totals[timing.node] += timing.ms  # pyright: ignore[reportArgumentType]
    return {node: round(ms, 3) for node, ms in totals.items()}
