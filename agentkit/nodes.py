"""What a run does, part by part: each reads the state, calls an agent, and returns what it adds to the state."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agentkit import agents
from agentkit.deps import Deps
from agentkit.state import Batch, Draft, Finding, Found, State, Update, Work
from agentkit.types import ChecklistItem, Claim, Edge, HiddenText, Limits, Verdict


async def screen_request(state: State, deps: Deps) -> Update:
    rails, checklist = deps.rails.at("user_to_graph"), deps.store.checklist
    typed = [
        deps.store.question,
        *(text for item in checklist for text in (item.name, item.question, *item.terms)),
    ]
    reports = [await agents.screen_request(text, rails=rails) for text in typed]
    texts = iter([report.text for report in reports])
    deps.store.rephrase(next(texts))
    deps.store.look_for(
        [
            replace(item, name=next(texts), question=next(texts), terms=[next(texts) for _ in item.terms])
            for item in checklist
        ]
    )
    return {
        "rails": list(dict.fromkeys(result for report in reports for result in report.results)),
        "refused": not all(report.allowed for report in reports),
    }


async def read(state: State, deps: Deps) -> Update:
    documents, passages = await deps.read()
    deps.store.set_documents(documents, passages)
    if len(documents) > 1:
        await asyncio.to_thread(lambda: deps.store.versions)  # worked out once, where it holds up no other run
    return {}


async def retrieve(state: State, deps: Deps) -> Update:
    found = await agents.retrieve(
        deps.store.question, deps.store.passages(), retriever=deps.retriever, top_k=deps.settings.top_k
    )
    return {"passages": [passage.id for passage in deps.store.adopt(found)]}


async def redact(state: State, deps: Deps) -> Update:
    entities = await agents.redact(
        deps.store.documents(), recognizer=deps.recognizer, redact=deps.settings.redact, keep=deps.settings.keep
    )
    deps.store.set_entities(entities)
    return {}


async def screen_passages(state: State, deps: Deps) -> Update:
    hidden = {document.index: document.hidden for document in deps.store.documents() if document.hidden}
    screening = await screened(state["passages"], deps, hidden=hidden)
    deps.store.save()  # before a checkpoint says that the passages were screened
    return {"quarantined": screening.quarantined, "rails": screening.results}


async def screened(
    passages: Sequence[str], deps: Deps, *, hidden: Mapping[int, Sequence[HiddenText]]
) -> agents.Screening:
    """Check passages before a model reads them, and take from the store's safe texts what the rails hold back."""
    rails = deps.rails.at("document_to_passage")
    screening = await agents.screen_passages(deps.store.safe(passages), rails=rails, hidden=hidden)
    deps.store.quarantine(screening.quarantined)
    for source, spans in screening.withheld.items():
        deps.store.withhold(source, spans)
    return screening


def batches(state: State, deps: Deps) -> list[Batch]:
    """Return what the summarizer is given: batches of sections, or the question, and each checklist item."""
    quarantined = set(state.get("quarantined", []))
    readable = [item for item in state["passages"] if item not in quarantined]
    work: list[Batch] = []
    if deps.writer.deterministic and deps.store.versions:  # of two versions that answer alike, the newer one does
        readable = agents.newest_first(readable, deps.store.passages(), deps.store.versions)
    if state["task"].kind == "ask":
        work.append(Batch(0, "ask", readable))
    else:
        cut = agents.batches(deps.store.safe(readable), model=deps.writer)
        work += [Batch(index, "summarize", [passage.id for passage in batch]) for index, batch in enumerate(cut)]
    work += [Batch(len(work) + n, "ask", readable, n) for n in range(len(deps.store.checklist))]
    work = work or [Batch(0, state["task"].kind, [])]
    return [replace(batch, total=len(work)) for batch in work]


async def summarize(state: Work, deps: Deps) -> Update:
    batch = state["batch"]
    focus = deps.store.safe_text(deps.store.question)
    prefix = f"b{batch.index}."
    if not batch.passages:
        return {"drafts": [Draft(batch.index, [], answered=False)]}
    if batch.kind == "summarize":
        passages = deps.store.safe(batch.passages)
        summary = await agents.summarize(passages, model=deps.writer, focus=focus, limits=Limits(), prefix=prefix)
        return await _drafted(Draft(batch.index, summary.claims, answered=True), deps)
    item = None if batch.item is None else deps.store.checklist[batch.item]
    question = deps.store.safe_text(item.question or item.name) if item else focus
    chosen = deps.store.safe(await _choose_passages(item, batch, deps))
    terms = [deps.store.safe_text(term) for term in item.terms] if item else []
    limits = Limits(max_claims=3 if item else 5)
    summary = await agents.answer(question, chosen, model=deps.writer, terms=terms, limits=limits, prefix=prefix)
    claims = summary.claims if summary.answered else []
    if item:  # a model that floods is held to what it was asked for; answers to a question are counted in the end
        claims = claims[: limits.max_claims]
    draft = Draft(batch.index, claims, summary.answered, batch.item)
    return await _drafted(draft, deps)


async def _drafted(draft: Draft, deps: Deps) -> Update:
    """Hand a draft on: what the model wrote passes the rails before another agent reads it."""
    given = await handed_over(draft.claims, deps)
    return {"drafts": [replace(draft, claims=given.claims, removed=given.removed)], "rails": given.results}


async def handed_over(claims: Sequence[Claim], deps: Deps, edges: Sequence[Edge] = ()) -> agents.Screening:
    """Check claims on their way to the next agent."""
    rails = [deps.rails.at(edge) for edge in edges or ("model_to_agent", "agent_to_agent")]
    forbidden = deps.store.vault.originals()
    return await agents.hand_over(claims, rails=rails, forbidden=forbidden, shown=shown_for(claims, deps))


def shown_for(claims: Sequence[Claim], deps: Deps) -> agents.Shown:
    """What models were shown, for claims that may cite passages which do not exist."""
    store, known = deps.store, {passage.id for passage in deps.store.passages()}
    cited = dict.fromkeys(citation.passage for claim in claims for citation in claim.citations)
    return agents.Shown(
        store.safe([name for name in cited if name in known]),
        everything=lambda: store.safe(list(known)),
        asked=lambda: store.safe_text(store.question),
    )


async def _choose_passages(item: ChecklistItem | None, batch: Batch, deps: Deps) -> list[str]:
    """A checklist item reads the passages most relevant to it, all where that is free; a question's were retrieved."""
    if item is None or deps.writer.deterministic or deps.settings.top_k is None or deps.retriever is None:
        return batch.passages
    allowed = set(batch.passages)
    found = await agents.retrieve(
        item.question or item.name, deps.store.passages(), retriever=deps.retriever, top_k=deps.settings.top_k
    )
    return [passage.id for passage in found if passage.id in allowed] or batch.passages[: deps.settings.top_k]


async def combine(state: State, deps: Deps) -> Update:
    task = state["task"]
    versions = deps.store.versions
    drafts = sorted(state["drafts"], key=lambda draft: draft.batch)
    drafts = [replace(draft, claims=agents.apart(draft.claims, versions)) for draft in drafts] if versions else drafts
    written = [draft for draft in drafts if draft.item is None and not draft.by]
    claims = [claim for draft in written for claim in draft.claims]
    wanted = task.limits if task.limits != Limits() else task.target
    holding, old = agents.holding(claims, versions)
    # One draft was written to the limits already; the embedded model sorts and thins here, at no cost.
    if task.kind == "summarize" and (len(written) > 1 or deps.writer.deterministic):
        holding = await _chosen(holding, wanted, deps)
        if deps.writer.deterministic and old:  # what was replaced gets the room that is left
            old = await _chosen(old, _left(wanted, holding, deps), deps)
    claims = agents.within([*holding, *old], wanted, words=deps.words)
    answers = [claim for draft in drafts if draft.item is not None or draft.by for claim in draft.claims]
    everything = agents.last(agents.in_order([*claims, *answers]), versions) if answers else claims
    numbered, names = agents.renumber(everything)
    found = [
        Found(draft.item, bool(draft.claims), list(dict.fromkeys(names[claim.id] for claim in draft.claims)))
        for draft in drafts
        if draft.item is not None
    ]
    removed = [item for draft in drafts for item in draft.removed]
    update: Update = {"claims": numbered, "checklist": found, "verdicts": [], "revisions": 0, "removed": removed}
    brought = [Finding(d.by, claims=list(dict.fromkeys(names[c.id] for c in d.claims))) for d in drafts if d.by]
    return {**update, "findings": brought} if brought else update


async def _chosen(claims: Sequence[Claim], wanted: Limits, deps: Deps) -> list[Claim]:
    """Choose the claims that make the best summary; one alone is chosen."""
    if len(claims) < 2:
        return list(claims)
    focus = deps.store.safe_text(deps.store.question)
    return await agents.combine(claims, model=deps.writer, focus=focus, limits=wanted)


def _left(wanted: Limits, claims: Sequence[Claim], deps: Deps) -> Limits:
    """Return what claims leave of the limits."""
    words = None if wanted.max_words is None else wanted.max_words - sum(deps.words(claim.text) for claim in claims)
    count = None if wanted.max_claims is None else wanted.max_claims - len(claims)
    return Limits(None if count is None else max(0, count), None if words is None else max(0, words))


async def review(state: State, deps: Deps) -> Update:
    verdicts = await verdicts_on(state, deps)
    deps.record.add("review", fields={"verdicts": [(v.claim_id, v.label, v.method) for v in verdicts]})
    return with_verdicts(state, verdicts)


async def verdicts_on(state: State, deps: Deps) -> list[Verdict]:
    """Judge the claims that have no verdict."""
    new = unjudged(state)
    cited = list(dict.fromkeys(citation.passage for claim in state["claims"] for citation in claim.citations))
    given = await agents.review(new, deps.store.safe(cited), judge=deps.judge)
    rails = [deps.rails.at("model_to_agent"), deps.rails.at("agent_to_agent")]
    forbidden = deps.store.vault.originals()
    return await agents.listen(given, rails=rails, forbidden=forbidden, shown=shown_for(new, deps))


def unjudged(state: State) -> list[Claim]:
    """Return the claims that no reviewer has judged as they stand."""
    before = {verdict.claim_id for verdict in state["verdicts"]}
    return [claim for claim in state["claims"] if claim.id not in before]


def with_verdicts(state: State, verdicts: Sequence[Verdict]) -> Update:
    """Return the verdicts with new ones in the place of old, and what they send back."""
    claims = state["claims"]
    ids, new = {claim.id for claim in claims}, {verdict.claim_id for verdict in verdicts}
    kept = [verdict for verdict in state["verdicts"] if verdict.claim_id in ids - new]
    return {"verdicts": [*kept, *verdicts], "rejected": agents.rejected(claims, [*kept, *verdicts])}


def worth_revising(state: State, deps: Deps) -> bool:
    """Say whether rejected claims are sent back, which happens at most `max_revisions` times."""
    again = agents.worth_revising(state["rejected"], state["verdicts"], deterministic=deps.writer.deterministic)
    return again and state["revisions"] < deps.settings.max_revisions


async def revise(state: State, deps: Deps) -> Update:
    sent_back = state["rejected"]
    number = state["revisions"] + 1
    cited = list(dict.fromkeys(citation.passage for item in sent_back for citation in item.claim.citations))
    mended: list[Claim] = []
    if cited:
        mended = await agents.revise(sent_back, deps.store.safe(cited), model=deps.writer, prefix=f"r{number}.")
        mended = agents.apart(mended, deps.store.versions)
    given = await handed_over(mended, deps)
    claims, removed = agents.merge_revised(state["claims"], sent_back, given.claims)
    again = {item.claim.id for item in sent_back}
    verdicts = [verdict for verdict in state["verdicts"] if verdict.claim_id not in again]
    removed = state["removed"] + removed + given.removed
    return {"claims": claims, "verdicts": verdicts, "removed": removed, "revisions": number, "rails": given.results}


async def screen_answer(state: State, deps: Deps) -> Update:
    task = state["task"]
    settled = agents.settle(state["claims"], state["verdicts"], policy=deps.settings.unsupported)
    rails, forbidden = deps.rails.at("graph_to_user"), deps.store.vault.originals()
    shown = shown_for(settled.claims, deps)
    screening = await agents.screen_claims(settled.claims, rails=rails, forbidden=forbidden, shown=shown)
    gone = state["removed"] + settled.removed
    aside = await agents.screen_aside(gone, state["verdicts"], rails=rails, forbidden=forbidden, shown=shown)
    sound = {claim.id for claim in screening.claims}
    found = [replace(item, found=bool(sound & set(item.claims))) for item in state["checklist"]]
    listed = [item.claims[0] for item in found if item.claims]
    claims = agents.within(screening.claims, task.limits, words=deps.words, keep=listed)
    left = {claim.id for claim in claims}
    return {
        "claims": claims,
        "checklist": [replace(item, claims=[c for c in item.claims if c in left]) for item in found],
        "verdicts": aside.verdicts,
        "removed": aside.removed + screening.removed,
        "rails": screening.results + aside.results,
        "refused": bool(screening.removed) and not claims,
    }


async def refuse(state: State, deps: Deps) -> Update:
    deps.record.add("refused", fields={"run_id": state["run_id"]})
    return {"claims": [], "checklist": [], "verdicts": [], "removed": state.get("removed", [])}


async def report(state: State, deps: Deps) -> Update:
    answered = agents.status(state["task"].kind, state["claims"], state["verdicts"])
    if answered == "approved" and any(finding.withheld for finding in state.get("findings", [])):
        answered = "needs_review"
    status = "refused" if state["refused"] else answered
    deps.record.add("report", fields={"status": status, "claims": len(state["claims"])})
    return {"status": status}
