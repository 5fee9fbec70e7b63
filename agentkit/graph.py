# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# LangGraph's builder is only partly typed.
"""The state machine: dependencies, nodes, edges."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Literal, Protocol, TypeVar

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.config import get_config, get_stream_writer
from langgraph.graph.state import END, START, CompiledStateGraph, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send

from agentkit import agents, semconv
from agentkit.deps import Deps as Deps
from agentkit.deps import Settings as Settings
from agentkit.state import DEFAULT_WORDS, Batch, Draft, Found, Start, State, Task, Timing, Update, Work
from agentkit.types import Claim, Limits

S = TypeVar("S", State, Work, contravariant=True)
Provider = Callable[[str, Sequence[str]], Awaitable[Deps]]
Graph = CompiledStateGraph[State, Deps, Start, State]


async def screen_request(state: State, runtime: Runtime[Deps]) -> Update:
    question = runtime.context.store.question
    if not question:
        return {}
    report = await agents.screen_request(question, rails=runtime.context.rails)
    return {"rails": report.results, "refused": not report.allowed}


async def read(state: State, runtime: Runtime[Deps]) -> Update:
    documents, passages = await runtime.context.read()
    runtime.context.store.set_documents(documents, passages)
    return {}


async def retrieve(state: State, runtime: Runtime[Deps]) -> Update:
    deps = runtime.context
    found = await agents.retrieve(
        deps.store.question, deps.store.passages(), retriever=deps.retriever, top_k=deps.settings.top_k
    )
    return {"passages": [passage.id for passage in deps.store.adopt(found)]}


async def redact(state: State, runtime: Runtime[Deps]) -> Update:
    deps = runtime.context
    entities = await agents.redact(
        deps.store.documents(), recognizer=deps.recognizer, redact=deps.settings.redact, keep=deps.settings.keep
    )
    deps.store.set_entities(entities)
    return {}


async def screen_passages(state: State, runtime: Runtime[Deps]) -> Update:
    deps = runtime.context
    hidden = {document.index: document.hidden for document in deps.store.documents() if document.hidden}
    passages = deps.store.safe(state["passages"])
    screening = await agents.screen_passages(passages, rails=deps.rails, hidden=hidden)
    deps.store.quarantine(screening.quarantined)
    for source, spans in screening.withheld.items():
        deps.store.withhold(source, spans)
    return {"quarantined": screening.quarantined, "rails": screening.results}


def fan_out(state: State, runtime: Runtime[Deps]) -> list[Send]:
    """Send each batch of sections, the question, and each checklist item to the summarizer."""
    deps = runtime.context
    quarantined = set(state.get("quarantined", []))
    readable = [item for item in state["passages"] if item not in quarantined]
    work: list[Batch] = []
    if state["task"].kind == "ask":
        work.append(Batch(0, "ask", readable))
    else:
        cut = agents.batches(deps.store.safe(readable), model=deps.writer)
        work += [Batch(index, "summarize", [passage.id for passage in batch]) for index, batch in enumerate(cut)]
    work += [Batch(len(work) + n, "ask", readable, item) for n, item in enumerate(state["task"].checklist)]
    work = work or [Batch(0, state["task"].kind, [])]
    return [Send("summarize", Work(batch=replace(batch, total=len(work)))) for batch in work]


async def summarize(state: Work, runtime: Runtime[Deps]) -> Update:
    deps, batch = runtime.context, state["batch"]
    focus = deps.store.safe_text(deps.store.question)
    prefix = f"b{batch.index}."
    if not batch.passages:
        return {"drafts": [Draft(batch.index, [], answered=False)]}
    if batch.kind == "summarize":
        passages = deps.store.safe(batch.passages)
        summary = await agents.summarize(passages, model=deps.writer, focus=focus, limits=Limits(), prefix=prefix)
        return {"drafts": [Draft(batch.index, summary.claims, answered=True)]}
    question = (batch.item.question or batch.item.name) if batch.item else focus
    chosen = deps.store.safe(await _choose_passages(question, batch, deps))
    terms = batch.item.terms if batch.item else []
    limits = Limits(max_claims=3 if batch.item else 5)
    summary = await agents.answer(question, chosen, model=deps.writer, terms=terms, limits=limits, prefix=prefix)
    claims = summary.claims if summary.answered else []
    return {"drafts": [Draft(batch.index, claims, summary.answered, batch.item.name if batch.item else None)]}


async def _choose_passages(question: str, batch: Batch, deps: Deps) -> list[str]:
    """A checklist item reads the passages most relevant to it, all where that is free; a question's were retrieved."""
    if batch.item is None or deps.writer.deterministic or deps.settings.top_k is None or deps.retriever is None:
        return batch.passages
    allowed = set(batch.passages)
    found = await deps.retriever.retrieve(question, top_k=deps.settings.top_k)
    return [passage.id for passage in found if passage.id in allowed] or batch.passages[: deps.settings.top_k]


async def combine(state: State, runtime: Runtime[Deps]) -> Update:
    deps, task = runtime.context, state["task"]
    drafts = sorted(state["drafts"], key=lambda draft: draft.batch)
    written = [draft for draft in drafts if draft.item is None]
    claims = [claim for draft in written for claim in draft.claims]
    wanted = task.limits if task.limits != Limits() else task.target
    # One draft was written to the limits already; the embedded model sorts and thins here, at no cost.
    settled = len(claims) < 2 or (len(written) == 1 and not deps.writer.deterministic)
    if task.kind == "summarize" and not settled:
        focus = deps.store.safe_text(deps.store.question)
        claims = await agents.combine(claims, model=deps.writer, focus=focus, limits=wanted)
    claims = agents.within(claims, wanted, words=deps.words)
    answers = [claim for draft in drafts if draft.item is not None for claim in draft.claims]
    everything = agents.in_order([*claims, *answers]) if answers else claims
    numbered, names = agents.renumber(everything)
    found = [
        Found(draft.item, bool(draft.claims), list(dict.fromkeys(names[claim.id] for claim in draft.claims)))
        for draft in drafts
        if draft.item is not None
    ]
    return {"claims": numbered, "checklist": found, "revisions": 0, "removed": []}


async def review(state: State, runtime: Runtime[Deps]) -> Update:
    deps, claims = runtime.context, state["claims"]
    cited = list(dict.fromkeys(citation.passage for claim in claims for citation in claim.citations))
    before = {verdict.claim_id: verdict for verdict in state.get("verdicts", [])}
    new = [claim for claim in claims if claim.id not in before]
    verdicts = await agents.review(new, deps.store.safe(cited), judge=deps.judge)
    deps.record.add("review", fields={"verdicts": [(v.claim_id, v.label, v.method) for v in verdicts]})
    ids = {claim.id for claim in claims}
    kept = [verdict for key, verdict in before.items() if key in ids]
    return {"verdicts": kept + verdicts, "rejected": agents.rejected(claims, [*kept, *verdicts])}


def after_review(state: State, runtime: Runtime[Deps]) -> Literal["revise", "screen_answer"]:
    """Send rejected claims back, at most `max_revisions` times."""
    deps, sent_back = runtime.context, state["rejected"]
    again = agents.worth_revising(sent_back, state["verdicts"], deterministic=deps.writer.deterministic)
    return "revise" if again and state["revisions"] < deps.settings.max_revisions else "screen_answer"


async def revise(state: State, runtime: Runtime[Deps]) -> Update:
    deps, sent_back = runtime.context, state["rejected"]
    number = state["revisions"] + 1
    cited = list(dict.fromkeys(citation.passage for item in sent_back for citation in item.claim.citations))
    mended: list[Claim] = []
    if cited:
        mended = await agents.revise(sent_back, deps.store.safe(cited), model=deps.writer, prefix=f"r{number}.")
    claims, removed = agents.merge_revised(state["claims"], sent_back, mended)
    again = {item.claim.id for item in sent_back}
    verdicts = [verdict for verdict in state["verdicts"] if verdict.claim_id not in again]
    return {"claims": claims, "verdicts": verdicts, "removed": state["removed"] + removed, "revisions": number}


async def screen_answer(state: State, runtime: Runtime[Deps]) -> Update:
    deps, task = runtime.context, state["task"]
    settled = agents.settle(state["claims"], state["verdicts"], policy=deps.settings.unsupported)
    screening = await agents.screen_claims(settled.claims, rails=deps.rails, forbidden=deps.store.vault.originals())
    sound = {claim.id for claim in screening.claims}
    found = [replace(item, found=bool(sound & set(item.claims))) for item in state["checklist"]]
    listed = [item.claims[0] for item in found if item.claims]
    claims = agents.within(screening.claims, task.limits, words=deps.words, keep=listed)
    left = {claim.id for claim in claims}
    return {
        "claims": claims,
        "checklist": [replace(item, claims=[c for c in item.claims if c in left]) for item in found],
        "removed": state["removed"] + settled.removed + screening.removed,
        "rails": screening.results,
        "refused": bool(screening.removed) and not claims,
    }


async def refuse(state: State, runtime: Runtime[Deps]) -> Update:
    runtime.context.record.add("refused", fields={"run_id": state["run_id"]})
    return {"claims": [], "checklist": [], "verdicts": [], "removed": state.get("removed", []), "status": "refused"}


async def report(state: State, runtime: Runtime[Deps]) -> Update:
    status = state.get("status") or agents.status(state["task"].kind, state["claims"], state["verdicts"])
    runtime.context.record.add("report", fields={"status": status, "claims": len(state["claims"])})
    return {"status": status}


def _unless_refused(then: str) -> Callable[[State], Awaitable[str]]:
    async def route(state: State) -> str:
        return "refuse" if state.get("refused") else then

    return route


class _Node(Protocol[S]):
    async def __call__(self, state: S, runtime: Runtime[Deps]) -> Update: ...


async def _supply(state: S, runtime: Runtime[Deps], provide: Provider | None) -> tuple[S, Runtime[Deps]]:
    """Fill in what a host that knows nothing of us leaves out."""
    if provide is None or runtime.context:
        return state, runtime
    thread = str(get_config().get("configurable", {}).get("thread_id", ""))
    paths: list[str] = state.get("paths") or []
    context = await provide(thread, paths)
    usual = Task(target=Limits(max_words=DEFAULT_WORDS))
    return {"task": usual, "run_id": thread, **state}, runtime.override(context=context)  # pyright: ignore[reportReturnType]


def _observed(name: str, node: _Node[S], provide: Provider | None) -> _Node[S]:
    """Announce a node, time it, and record it."""
    kind = semconv.NODE_KINDS.get(name, semconv.KIND_AGENT)

    async def run(state: S, runtime: Runtime[Deps]) -> Update:
        state, runtime = await _supply(state, runtime, provide)
        announce = runtime.context.announce or get_stream_writer()
        batch = state.get("batch")
        detail = {"item": batch.item.name if batch.item else None, "total": batch.total} if batch else {}
        announce({"event": "node_started", "node": name, **detail})
        began = time.perf_counter()
        attributes = {semconv.OPERATION_NAME: semconv.OP_AGENT, semconv.AGENT_NAME: name, semconv.SPAN_KIND: kind}
        with runtime.context.tracer.span(f"{semconv.OP_AGENT} {name}", attributes=attributes):
            update = await node(state, runtime)
        if name in ("read", "retrieve", "redact", "screen_passages"):
            runtime.context.store.save()  # before the checkpoint says that the node is done
        took_ms = round((time.perf_counter() - began) * 1000, 3)
        update["timings"] = [Timing(name, took_ms)]
        runtime.context.record.add("node", fields={"node": name, "ms": took_ms, **detail})
        announce({"event": "node_finished", "node": name, "ms": took_ms, **detail})
        return update

    return run


_NODES = (screen_request, read, retrieve, redact, screen_passages, combine, review, revise, screen_answer, refuse)


def build_graph(*, checkpointer: BaseCheckpointSaver[str] | None = None, provide: Provider | None = None) -> Graph:
    """Compile the state machine.

    It takes a `Start` (`run_id`, `task`) and a `Deps` as context. A host that gives no context, such as
    LangGraph Studio, gets one from `provide`, by thread and `paths`.
    """

    # Asynchronous, though they wait for nothing: LangGraph sends a plain function to a thread of its own.
    async def spread(state: State, runtime: Runtime[Deps]) -> list[Send]:
        return fan_out(*(await _supply(state, runtime, provide)))

    async def decide(state: State, runtime: Runtime[Deps]) -> Literal["revise", "screen_answer"]:
        return after_review(*(await _supply(state, runtime, provide)))

    # A server gives every run an empty context, which is none of ours: with `provide`, no context is declared.
    graph = StateGraph(State, context_schema=None if provide else Deps, input_schema=Start)
    for node in (*_NODES, report):
        graph.add_node(node.__name__, _observed(node.__name__, node, provide))
    graph.add_node("summarize", _observed("summarize", summarize, provide))
    graph.add_edge(START, "screen_request")
    graph.add_conditional_edges("screen_request", _unless_refused("read"), ["read", "refuse"])
    graph.add_edge("read", "retrieve")
    graph.add_edge("retrieve", "redact")
    graph.add_edge("redact", "screen_passages")
    graph.add_conditional_edges("screen_passages", spread, ["summarize"])
    graph.add_edge("summarize", "combine")
    graph.add_edge("combine", "review")
    graph.add_conditional_edges("review", decide, ["revise", "screen_answer"])
    graph.add_edge("revise", "review")
    graph.add_conditional_edges("screen_answer", _unless_refused("report"), ["report", "refuse"])
    graph.add_edge("refuse", "report")
    graph.add_edge("report", END)
    return graph.compile(checkpointer=checkpointer, name="agentkit")
