# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# LangGraph's builder is only partly typed.
"""The state machine: the steps of a run, which nodes each carries out, and what follows."""

import time
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Annotated, Any, Protocol, TypeVar, cast, get_origin, get_type_hints

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.config import get_config
from langgraph.graph.state import END, START, CompiledStateGraph, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command, Overwrite, Send

from agentkit import nodes, panels, semconv
from agentkit.deps import Deps as Deps
from agentkit.deps import Settings as Settings
from agentkit.errors import UsageError
from agentkit.ports import RunStore
from agentkit.seats import NOBODY, Seat, Seats, crossings
from agentkit.state import DEFAULT_WORDS, Batch, Start, State, Task, Timing, Update, Work
from agentkit.types import Limits

S = TypeVar("S", State, Work, contravariant=True)


class Provider(Protocol):
    """What a run needs that a host drives: by its thread, and by its paths where it begins."""

    async def __call__(self, thread: str, paths: Sequence[str] | None, /) -> Deps:
        """Return it."""
        ...


Graph = CompiledStateGraph[State, Deps, Start, State]
# What nodes add to; any other key they replace.
_ADDED = {key for key, hint in get_type_hints(State, include_extras=True).items() if get_origin(hint) is Annotated}
_NODES = ("screen_request", "read", "retrieve", "redact", "screen_passages", "summarize", "combine", "review", "revise")


def _attributes(name: str) -> dict[str, str]:
    return {
        semconv.OPERATION_NAME: semconv.OP_AGENT,
        semconv.AGENT_NAME: name,
        semconv.SPAN_KIND: semconv.NODE_KINDS.get(name, semconv.KIND_AGENT),
    }


_LAST = ("weigh", "screen_answer", "screen_panel", "refuse", "report")
_ATTRIBUTES = {name: _attributes(name) for name in (*_NODES, *_LAST)}
# What a piece of a panel need not know: it is long, and each of them is handed a copy.
_LEFT_OUT = ("rails", "timings", "drafts")


class _Node(Protocol[S]):
    def __call__(self, state: S, deps: Deps, /) -> Awaitable[Update]: ...


class _Step(Protocol):
    async def __call__(self, state: State, runtime: Runtime[Deps]) -> Command[str]: ...


def _named(batch: Batch, deps: Deps) -> str | None:
    """Return the name of a piece's checklist item, as anybody may read it."""
    return None if batch.item is None else deps.store.safe_text(deps.store.checklist[batch.item].name)


class _Course:
    """The nodes of one step, carried out one after the other: each reads what those before it wrote."""

    def __init__(
        self, state: State, deps: Deps, announce: Callable[[Mapping[str, object]], None], seats: Seats = NOBODY
    ) -> None:
        self.state, self.deps = state.copy(), deps
        self.seats = seats
        self.update = Update()
        self._announce = announce

    async def carry_out(self, node: _Node[State] | _Node[Work], *, batch: Batch | None = None, name: str = "") -> None:
        """Announce a node, time it, record it, and keep what it returns."""
        deps, name = self.deps, name or str(getattr(node, "__name__", ""))
        detail = {"item": _named(batch, deps), "total": batch.total} if batch else {}
        self._announce({"event": "node_started", "node": name, **detail})
        began = time.perf_counter()
        with deps.tracer.span(f"{semconv.OP_AGENT} {name}", attributes=_ATTRIBUTES.get(name) or _attributes(name)):
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
    return _onwards(course, course.seats.first("summarize"))


def _onwards(course: _Course, step: str) -> Next:
    """Go on to a step; what is done side by side is sent."""
    if step == "summarize":
        return _writing(course)
    return _reviewing(course) if step == "review" else step


def _writing(course: _Course) -> Next:
    work, agents = nodes.batches(course.state, course.deps), course.seats.writers
    if "summarize" not in course.seats.starts("summarize"):  # agents write in its place; a checklist stays its own
        work = [batch for batch in work if batch.item is not None]
    if agents or len(work) > 1:
        return [*(Send("summarize", Work(batch=batch)) for batch in work), *_sent(course, agents)]
    course.write({"batch": work[0]})
    return "summarize"


def _reviewing(course: _Course) -> Next:
    return _sent(course, course.seats.starts("review")) if course.seats.reviewers else "review"


def _sent(course: _Course, names: Sequence[str]) -> list[Send]:
    given = {key: value for key, value in course.state.items() if key not in _LEFT_OUT}
    return [Send(name, given) for name in names]


async def summarize(course: _Course) -> Next:
    """Write about one batch; one that is alone is combined here, which asks no model that costs."""
    batch = course.state["batch"]
    await course.carry_out(nodes.summarize, batch=batch)
    if batch.total > 1 or course.seats.writers:
        return "combine"
    await course.carry_out(nodes.combine)
    return _onwards(course, course.seats.first("review"))


async def combine(course: _Course) -> Next:
    """Choose among the drafts of a fan-out."""
    await course.carry_out(nodes.combine)
    return _onwards(course, course.seats.first("review"))


async def review(course: _Course) -> Next:
    """Judge the claims, alone or as one of a panel."""
    if course.seats.reviewers:
        await course.carry_out(panels.opine, name="review")
        return "weigh"
    await course.carry_out(nodes.review)
    return _judged(course)


async def weigh(course: _Course) -> Next:
    """Make one verdict of a panel's."""
    rule = course.seats.rule

    async def weighing(state: State, deps: Deps) -> Update:
        return await panels.weigh(state, deps, rule)

    await course.carry_out(weighing, name="weigh")
    return _judged(course)


def _judged(course: _Course) -> Next:
    again = nodes.worth_revising(course.state, course.deps)
    return "revise" if again else _onwards(course, course.seats.first("report"))


async def revise(course: _Course) -> Next:
    """Mend what was rejected."""
    await course.carry_out(nodes.revise)
    return _reviewing(course)


async def report(course: _Course) -> Next:
    """Check the answer, and say what became of the run."""
    if not course.state["refused"]:
        await course.carry_out(nodes.screen_answer)
        if course.seats:
            await course.carry_out(panels.screen_panel)
    if course.state["refused"]:
        await course.carry_out(nodes.refuse)
    await course.carry_out(nodes.report)
    return END


def _work_of(seat: Seat) -> Callable[[_Course], Awaitable[Next]]:
    async def work(course: _Course) -> Next:
        await course.carry_out(seat.act, name=seat.name)
        if (handed := course.update.get("handed")) is not None:
            return course.seats.receiver(handed.to)
        since = course.state["handed"].since if seat.way == "handed" else seat.name
        return _onwards(course, course.seats.after(since))

    work.__name__ = seat.name
    return work


def _steps(seats: Seats) -> dict[Callable[[_Course], Awaitable[Next]], Sequence[str]]:
    """Return every step, and where it may lead."""
    reviewing, ending = seats.entry(seats.first("review")), seats.entry(seats.first("report"))
    steps: dict[Callable[[_Course], Awaitable[Next]], Sequence[str]] = {
        prepare: (*seats.entry(seats.first("summarize")), "report"),
        summarize: ("combine", *([] if seats.writers else reviewing)),
        combine: reviewing,
        review: ("weigh",) if seats.reviewers else ("revise", *ending),
        revise: seats.entry("review"),
        report: (END,),
    }
    if "review" not in seats.starts("review"):
        del steps[review]
    if seats.reviewers:
        steps[weigh] = ("revise", *ending)
    return {**steps, **{_work_of(seat): seats.ends(seat.name) for seat in seats.seats}}


def _step(
    step: Callable[[_Course], Awaitable[Next]], provide: Provider | None, seats: Seats, ends: Sequence[str]
) -> _Step:
    async def run(state: State, runtime: Runtime[Deps]) -> Command[str]:
        deps, provided = runtime.context, False
        if provide is not None and not deps:  # a host that knows nothing of us left it out
            provided, begins = True, step is prepare
            thread = _thread()
            deps = await provide(thread, (state.get("paths") or []) if begins else None)
            if begins:  # of a run before on the same thread, nothing is left
                told = {key: value for key, value in state.items() if key in Start.__annotations__}
                state = cast(State, {"task": Task(target=Limits(max_words=DEFAULT_WORDS)), "run_id": thread, **told})
        course = _Course(state, deps, deps.announce or runtime.stream_writer, seats)
        then = await step(course)
        if provided and step is report and deps.settle:
            await deps.settle()
        update = _anew(course) if provided and step is prepare else course.update
        return Command(update=update, goto=then)

    vars(run)["crossings"] = {end: rows for end in ends if (rows := crossings(seats, step.__name__, end)) is not None}
    return run


def _thread() -> str:
    """Return what tells a run from others of its host: its thread, and where in the host's graph this one stands."""
    told = get_config().get("configurable", {})
    above = str(told.get("checkpoint_ns", "")).rpartition("|")[0]
    return f"{told.get('thread_id', '')}{above and '|'}{above}"


def _anew(course: _Course) -> Update:
    """Write what a host left out; and let what a run before added to be forgotten, and not be added to."""
    begun = {key: course.state[key] for key in ("task", "run_id")}
    emptied = {key: Overwrite(course.update.get(key, [])) for key in _ADDED}
    return cast(Update, {**begun, **course.update, **emptied})


def build_graph(
    *, checkpointer: BaseCheckpointSaver[str] | None = None, provide: Provider | None = None, seats: Seats = NOBODY
) -> Graph:
    """Compile the state machine.

    It takes a `Start` (`run_id`, `task`) and a `Deps` as context. A host that gives no context, such as
    LangGraph Studio, gets one from `provide`, by thread and `paths`. Its steps are few, because each costs half a
    millisecond and a checkpoint; what they carry out is announced, timed, traced and recorded node by node. Agents of
    one's own (`seats`) are steps of their own, so that what they paid for is saved.
    """
    # A server gives every run an empty context, which is none of ours: with `provide`, no context is declared.
    graph = StateGraph(State, context_schema=None if provide else Deps, input_schema=Start)
    for step, ends in _steps(seats).items():
        # Of what LangGraph hands a step, a piece of a fan-out has its batch alone.
        kind = cast(type[Any], Work if step is summarize else State)
        graph.add_node(step.__name__, _step(step, provide, seats, ends), input_schema=kind, destinations=tuple(ends))
    graph.add_edge(START, "prepare")
    return graph.compile(checkpointer=checkpointer, name="agentkit")
