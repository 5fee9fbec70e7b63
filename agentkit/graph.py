# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# LangGraph's builder is only partly typed.
"""The state machine: the steps of a run, which nodes each carries out, and what follows."""

import time
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Annotated, Protocol, TypeVar, cast, get_origin, get_type_hints

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.config import get_config
from langgraph.graph.state import END, START, CompiledStateGraph, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command, Send

from agentkit import nodes, semconv
from agentkit.deps import Deps as Deps
from agentkit.deps import Settings as Settings
from agentkit.errors import UsageError
from agentkit.ports import RunStore
from agentkit.state import DEFAULT_WORDS, Batch, Start, State, Task, Timing, Update, Work
from agentkit.types import Limits

S = TypeVar("S", State, Work, contravariant=True)
Provider = Callable[[str, Sequence[str]], Awaitable[Deps]]
Graph = CompiledStateGraph[State, Deps, Start, State]
# What nodes add to; any other key they replace.
_ADDED = {key for key, hint in get_type_hints(State, include_extras=True).items() if get_origin(hint) is Annotated}
_NODES = ("screen_request", "read", "retrieve", "redact", "screen_passages", "summarize", "combine", "review", "revise")
_ATTRIBUTES = {
    name: {
        semconv.OPERATION_NAME: semconv.OP_AGENT,
        semconv.AGENT_NAME: name,
        semconv.SPAN_KIND: semconv.NODE_KINDS.get(name, semconv.KIND_AGENT),
    }
    for name in (*_NODES, "screen_answer", "refuse", "report")
}


class _Node(Protocol[S]):
    __name__: str

    async def __call__(self, state: S, deps: Deps) -> Update: ...


class _Step(Protocol):
    async def __call__(self, state: State, runtime: Runtime[Deps]) -> Command[str]: ...


def _named(batch: Batch, deps: Deps) -> str | None:
    """Return the name of a piece's checklist item, as anybody may read it."""
    return None if batch.item is None else deps.store.safe_text(deps.store.checklist[batch.item].name)


class _Course:
    """The nodes of one step, carried out one after the other: each reads what those before it wrote."""

    def __init__(self, state: State, deps: Deps, announce: Callable[[Mapping[str, object]], None]) -> None:
        self.state, self.deps = state.copy(), deps
        self.update = Update()
        self._announce = announce

    async def carry_out(self, node: _Node[State] | _Node[Work], *, batch: Batch | None = None) -> None:
        """Announce a node, time it, record it, and keep what it returns."""
        name, deps = node.__name__, self.deps
        detail = {"item": _named(batch, deps), "total": batch.total} if batch else {}
        self._announce({"event": "node_started", "node": name, **detail})
        began = time.perf_counter()
        with deps.tracer.span(f"{semconv.OP_AGENT} {name}", attributes=_ATTRIBUTES[name]):
            written = await node(self.state, deps)  # pyright: ignore[reportArgumentType]
        took_ms = round((time.perf_counter() - began) * 1000, 3)
        self.write({**written, "timings": [Timing(name, took_ms)]})
        checked = {"rails": counts} if (counts := deps.rails.counts()) else {}
        deps.record.add("node", fields={"node": name, "ms": took_ms, **checked, **detail})
        self._announce({"event": "node_finished", "node": name, "ms": took_ms, **detail})

    def write(self, update: Update) -> None:
        """Add to the state of this step, and to what it will have written."""
        for key, value in update.items():
            for whole in cast(Sequence[dict[str, object]], (self.state, self.update)):
                whole[key] = _added(whole.get(key), value) if key in _ADDED else value


def _added(before: object, new: object) -> list[object]:
    return [*cast(list[object], before or []), *cast(list[object], new)]


Next = str | list[Send]


@contextmanager
def _kept(store: RunStore) -> Generator[None]:
    """Keep what was read where what follows fails or is interrupted: the run is continued without its files."""
    try:
        yield
    except BaseException:
        with suppress(UsageError):  # what failed first says more
            store.save()
        raise


async def prepare(course: _Course) -> Next:
    """Check the request; read, find, redact and check the passages. All of it repeats at no cost but the rails'."""
    await course.carry_out(nodes.screen_request)
    if course.state["refused"]:
        return "report"
    with _kept(course.deps.store):
        for node in (nodes.read, nodes.retrieve, nodes.redact, nodes.screen_passages):
            await course.carry_out(node)
    work = nodes.batches(course.state, course.deps)
    if len(work) > 1:
        return [Send("summarize", Work(batch=batch)) for batch in work]
    course.write({"batch": work[0]})
    return "summarize"


async def summarize(course: _Course) -> Next:
    """Write about one batch; one that is alone is combined here, which asks no model that costs."""
    batch = course.state["batch"]
    await course.carry_out(nodes.summarize, batch=batch)
    if batch.total > 1:
        return "combine"
    await course.carry_out(nodes.combine)
    return "review"


async def combine(course: _Course) -> Next:
    """Choose among the drafts of a fan-out."""
    await course.carry_out(nodes.combine)
    return "review"


async def review(course: _Course) -> Next:
    """Judge the claims."""
    await course.carry_out(nodes.review)
    return "revise" if nodes.worth_revising(course.state, course.deps) else "report"


async def revise(course: _Course) -> Next:
    """Mend what was rejected."""
    await course.carry_out(nodes.revise)
    return "review"


async def report(course: _Course) -> Next:
    """Check the answer, and say what became of the run."""
    if not course.state["refused"]:
        await course.carry_out(nodes.screen_answer)
    if course.state["refused"]:
        await course.carry_out(nodes.refuse)
    await course.carry_out(nodes.report)
    return END


_STEPS: dict[Callable[[_Course], Awaitable[Next]], tuple[str, ...]] = {
    prepare: ("summarize", "report"),
    summarize: ("combine", "review"),
    combine: ("review",),
    review: ("revise", "report"),
    revise: ("review",),
    report: (END,),
}


def _step(step: Callable[[_Course], Awaitable[Next]], provide: Provider | None) -> _Step:
    async def run(state: State, runtime: Runtime[Deps]) -> Command[str]:
        deps = runtime.context
        if provide is not None and not deps:  # a host that knows nothing of us left it out
            thread = str(get_config().get("configurable", {}).get("thread_id", ""))
            deps = await provide(thread, state.get("paths") or [])
            state = {"task": Task(target=Limits(max_words=DEFAULT_WORDS)), "run_id": thread, **state}
        course = _Course(state, deps, deps.announce or runtime.stream_writer)
        then = await step(course)
        return Command(update=course.update, goto=then)

    return run


def build_graph(*, checkpointer: BaseCheckpointSaver[str] | None = None, provide: Provider | None = None) -> Graph:
    """Compile the state machine.

    It takes a `Start` (`run_id`, `task`) and a `Deps` as context. A host that gives no context, such as
    LangGraph Studio, gets one from `provide`, by thread and `paths`. Its steps are few, because each costs half a
    millisecond and a checkpoint; what they carry out is announced, timed, traced and recorded node by node.
    """
    # A server gives every run an empty context, which is none of ours: with `provide`, no context is declared.
    graph = StateGraph(State, context_schema=None if provide else Deps, input_schema=Start)
    for step, ends in _STEPS.items():
        # Of what LangGraph hands a step, a piece of a fan-out has its batch alone.
        kind = cast(type[State], Work if step is summarize else State)
        graph.add_node(step.__name__, _step(step, provide), input_schema=kind, destinations=ends)
    graph.add_edge(START, "prepare")
    return graph.compile(checkpointer=checkpointer, name="agentkit")
