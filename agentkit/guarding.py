# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# LangGraph's builder is only partly typed, and a node's state is whatever its author chose.
"""The rail policy on a graph of your own: every node's input and output pass the rails of the edges they cross."""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, TypeVar

from langchain_core.runnables import Runnable, RunnableConfig
from langgraph._internal._constants import CONFIG_KEY_RESUME_MAP, CONFIG_KEY_SCRATCHPAD
from langgraph._internal._runnable import coerce_to_runnable
from langgraph.errors import GraphBubbleUp, GraphInterrupt, ParentCommand
from langgraph.graph.state import END, START, CompiledStateGraph, StateGraph
from langgraph.prebuilt import ToolNode

from agentkit.blocking import Blocking
from agentkit.coverage import Crossing, of_our_graph
from agentkit.errors import RefusedError
from agentkit.policy import EdgeGuards, objections
from agentkit.texts_in import UnreadableError, rebuilt, texts_in
from agentkit.types import Edge, RailReport

WITHHELD = "[withheld by a rail]"
ANY = "(any node)"
_blocking = Blocking()
B = TypeVar("B", bound=StateGraph[Any, Any, Any, Any])


class GuardedNode(Runnable[Any, Any]):
    """A node between rails: what enters from the user, whatever it writes, and what it asks the user meanwhile.

    Args:
        inner: the node.
        name: its name in the graph.
        guards: the rails by edge.
        entering: the edge of its input, where that comes from the user.
        leaving: the edges of what it writes.
    """

    def __init__(
        self,
        inner: Runnable[Any, Any],
        name: str,
        *,
        guards: EdgeGuards,
        entering: Edge | None,
        leaving: Sequence[Edge],
    ) -> None:
        self.inner = inner
        self.name = name
        self.guards = guards
        self.entering: Edge | None = entering
        self.leaving = tuple(leaving)

    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:  # noqa: A002
        """Run the node between its rails.

        Raises:
            RefusedError: a rail blocked a text, or could not check it.
        """
        input = await self._entered(input, config)  # noqa: A001
        try:
            output = await self.inner.ainvoke(input, config, **kwargs)
        except (GraphInterrupt, ParentCommand) as raised:
            raise await self._bubbled(raised) from None
        return await self._left(output)

    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:  # noqa: A002
        """`ainvoke`, in a graph that is run without an event loop."""
        input = _blocking.run(self._entered(input, config))  # noqa: A001
        try:
            output = self.inner.invoke(input, config, **kwargs)
        except (GraphInterrupt, ParentCommand) as raised:
            raise _blocking.run(self._bubbled(raised)) from None
        return _blocking.run(self._left(output))

    async def _entered(self, value: Any, config: RunnableConfig | None) -> Any:
        answers = _resumed(config)
        if answers and await self._crossing(answers, "user_to_graph") != answers:
            raise RefusedError(f"A rail would rewrite the answer that resumes {self.name}, whose place it cannot take.")
        return await self._crossing(value, self.entering) if self.entering else value

    async def _left(self, output: Any) -> Any:
        for edge in self.leaving:
            output = await self._crossing(output, edge)
        return output

    async def _bubbled(self, raised: GraphInterrupt | ParentCommand) -> GraphBubbleUp:
        """Check what leaves a node as an exception: a question to the user, a command from within a subgraph."""
        if isinstance(raised, ParentCommand):
            return ParentCommand(await self._left(raised.args[0]))
        asked = list(raised.args[0])
        for number, value in enumerate(await self._crossing([item.value for item in asked], "graph_to_user")):
            asked[number] = copy(asked[number])
            asked[number].value = value
        return GraphInterrupt(asked)

    async def _crossing(self, value: Any, edge: Edge) -> Any:
        try:
            texts = texts_in(value)
        except UnreadableError as error:
            if self.guards.allows_unchecked(edge):
                return value
            raise RefusedError(f"The rails could not check what crosses at {self.name}: {error}.") from None
        reports = await self.guards.check(texts, edge, ())
        passed = [self._passed(report, edge) for report in reports]
        try:
            return rebuilt(value, passed) if passed != texts else value
        except UnreadableError as error:
            raise RefusedError(f"A rail held back what crosses at {self.name}: {error}.") from None

    def _passed(self, report: RailReport, edge: Edge) -> str:
        if report.allowed:
            return report.text
        if edge in {"tool_to_agent", "document_to_passage"}:
            return WITHHELD
        raise RefusedError(f"A rail held back what crosses at {self.name} ({objections(report.results)}).")


def _resumed(config: RunnableConfig | None) -> list[Any]:
    """Return what a user answered to the interrupts of a node, and of the subgraph that it may be."""
    told = (config or {}).get("configurable") or {}
    pad = told.get(CONFIG_KEY_SCRATCHPAD)
    answers = [] if pad is None else [*pad.resume, pad.get_null_resume(False)]  # noqa: FBT003  (LangGraph's: look, and do not take)
    return [answer for answer in [*answers, told.get(CONFIG_KEY_RESUME_MAP)] if answer is not None]


def guard(builder: B, guards: EdgeGuards, /, *, tools: Iterable[str] = ()) -> B:
    """Put the rail policy on every node of a graph that is not compiled yet, and return it.

    A node that START leads to has its input checked as what a *user* typed; one that leads to END has its output
    checked as what a user will read; a `ToolNode`, and every node named in `tools`, writes what a *tool* found: a
    guilty text is replaced by a marker. Everything else goes from *agent to agent*. What a node asks by `interrupt` is
    checked as what a user will read, and the answer as what a user typed. What a node streams while it runs is not held
    back: stream `updates` or `values` of a guarded graph, not `messages`.

    Raises:
        KeyError: `tools` names no node.
    """
    marked = {builder.nodes[name] and name for name in tools}
    targets = _targets(builder)
    for name, spec in builder.nodes.items():
        if isinstance(spec.runnable, GuardedNode):
            continue
        inner = coerce_to_runnable(spec.runnable, name=name, trace=False)  # pyright: ignore[reportArgumentType]
        ends = targets.get(name, set())
        leaving: list[Edge] = []
        if name in marked or isinstance(spec.runnable, ToolNode):
            leaving.append("tool_to_agent")
        elif ends != {END}:
            leaving.append("agent_to_agent")
        if ends & {END, ANY} or not ends:
            leaving.append("graph_to_user")
        entering: Edge | None = "user_to_graph" if targets.get(START, set()) & {name, ANY} else None
        guarded = GuardedNode(inner, name, guards=guards, entering=entering, leaving=leaving)
        builder.nodes[name] = replace(spec, runnable=guarded)
    return builder


def crossings_of(graph: CompiledStateGraph[Any, Any, Any, Any], /) -> list[tuple[Crossing, EdgeGuards | None]]:
    """Return what crosses every edge of a compiled graph, with the guards that stand there."""
    found: list[tuple[Crossing, EdgeGuards | None]] = []
    for source, target in edges_of(graph):
        told = _of_a_kit(graph.builder, source, target)
        found += [(row, None) for row in told] if told else [_crossing(graph.builder, source, target)]
    return found


def _of_a_kit(builder: Any, source: str, target: str) -> list[Crossing]:
    """Return what crosses an edge of a kit's own graph: its nodes know what they ask the run's rails about."""
    steps = {
        name: getattr(getattr(spec.runnable, "afunc", None), "crossings", None) for name, spec in builder.nodes.items()
    }
    if not steps or any(told is None for told in steps.values()):
        return []
    rows = (steps.get(source) or {}).get(target)
    return [Crossing(source, target, *row) for row in rows] if rows else of_our_graph([(source, target)])


def _crossing(builder: Any, source: str, target: str) -> tuple[Crossing, EdgeGuards | None]:
    """An edge is guarded by the node it leaves; where it comes from the user, by the node it leads to."""
    name = target if source == START else source
    edge: Edge = "user_to_graph" if source == START else "graph_to_user" if target == END else "agent_to_agent"
    spec = builder.nodes.get(name)
    node = spec.runnable if spec is not None else None
    if not isinstance(node, GuardedNode):
        return Crossing(source, target, "texts of the state", edge), None
    if "tool_to_agent" in node.leaving and target != END and source != START:
        edge = "tool_to_agent"
    stands = edge == node.entering if source == START else edge in node.leaving
    return Crossing(source, target, "texts of the state", edge, name if stands else ""), node.guards


def edges_of(graph: CompiledStateGraph[Any, Any, Any, Any], /) -> list[tuple[str, str]]:
    """Return every edge of a compiled graph, its branches' and commands' among them, from START on."""
    targets = _targets(graph.builder)
    order = [START]
    for source in order:
        order += [end for end in sorted(targets.get(source, set())) if end not in order]
    order += [source for source in sorted(targets) if source not in order]
    return [(source, end) for source in order for end in sorted(targets.get(source, set()))]


def _targets(builder: Any) -> dict[str, set[str]]:
    """Return where each node may lead; `ANY` stands for a branch or a command that names no ends."""
    targets: dict[str, set[str]] = {}
    for source, target in builder.edges:
        targets.setdefault(source, set()).add(target)
    for sources, target in builder.waiting_edges:
        for source in sources:
            targets.setdefault(source, set()).add(target)
    for source, branches in builder.branches.items():
        for branch in branches.values():
            targets.setdefault(source, set()).update(branch.ends.values() if branch.ends else {ANY})
    for name, spec in builder.nodes.items():
        targets.setdefault(name, set()).update(spec.ends or ())
        if not targets[name]:
            targets[name] = {ANY}
    return targets
