"""Kits put together: agents of one's own in a kit, a kit as a node or a subgraph of another graph."""

import asyncio
import copy
import difflib
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Self

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.config import get_config
from langgraph.types import interrupt

from agentkit.config import Config
from agentkit.deps import Deps
from agentkit.errors import ConfigError, UsageError, WaitingError
from agentkit.execution import Engine, finish
from agentkit.graph import Graph, build_graph
from agentkit.options import Options
from agentkit.records.run_files import run_path
from agentkit.report import Report
from agentkit.seats import Rule, Seats, Way, check_name, placed
from agentkit.sources import Request
from agentkit.specialists import Agent, as_agent, load_agent, seat
from agentkit.types import TaskKind
from agentkit.waiting import answers_taken

Node = Callable[[Any], Awaitable[dict[str, object]]]


class Composable(ABC):
    """What a kit is besides its runs: a graph that agents join, and that other graphs take in."""

    config: Config
    home: Path
    _checkpointer: BaseCheckpointSaver[str]
    _graph: Graph | None = None
    _agents: tuple[Agent, ...] = ()
    _seats: Seats = Seats()

    @property
    def graph(self) -> Graph:
        """The compiled LangGraph graph, to embed, extend or look at. Its context is an `agentkit.graph.Deps`."""
        if self._graph is None:
            self._graph = build_graph(checkpointer=self._checkpointer, seats=self._seats)
        return self._graph

    def with_agent(
        self,
        given: object,
        *,
        before: str | None = None,
        after: str | None = None,
        beside: str | None = None,
        instead_of: str | None = None,
    ) -> Self:
        """Return a kit with one more agent: at a step, or, without one, where another agent hands over to it.

        The steps are *summarize* and *review*, and *report*, which an agent may stand before. Both kits share models
        and stores: close one of them.

        Args:
            given: what `agentkit.agent` made, or a plain async function.
            before: it works before the step, after those that were put there earlier.
            after: it works after the step.
            beside: it works at the same time: an analyst beside *summarize*, a reviewer beside *review*.
            instead_of: it does the step's work.

        Raises:
            ConfigError: there is no such step, the name is taken, or the agent cannot do there what it declares.
        """
        made = as_agent(given)
        ways: dict[Way, str | None] = {"before": before, "after": after, "beside": beside, "instead_of": instead_of}
        way, place = placed(ways, who=made.name)
        check_name(made.name, [other.name for other in self._agents])
        _check_role(made, self.config)
        seats = (*self._seats.seats, seat(made, way, place, among=self._agents))
        return self._seated((*self._agents, made), replace(self._seats, seats=seats))

    def with_verdict_rule(self, rule: Rule) -> Self:
        """Return a kit in which a function makes one verdict of what several reviewers say of a claim.

        It gets each reviewer's verdict by name, ours under *grounding*; by default the worst verdict counts.

        Raises:
            ConfigError: it is no function.
        """
        if not callable(rule):
            raise ConfigError(
                f"A rule for verdicts is a function of the reviewers' verdicts by name; this is {rule!r}."
            )
        return self._seated(self._agents, replace(self._seats, rule=rule))

    def _seated(self, agents: tuple[Agent, ...], seats: Seats) -> Self:
        kit = copy.copy(self)
        vars(kit).update(_agents=agents, _seats=seats, _graph=None)
        return kit

    def subgraph(self) -> Graph:
        """Return the graph for a host that brings a checkpointer and no context; its input is `{"paths": [...]}`.

        It is a node of another graph, or what LangGraph Studio opens. Claims in its state hold placeholders. The raw
        side of each thread lives in memory until its run is finished, or this object is gone; a thread that was
        interrupted in another process ends with a `UsageError`.
        """
        made: dict[str, Deps] = {}

        async def provide(thread: str, paths: Sequence[str] | None) -> Deps:
            if paths is not None:  # another run. A host may forbid that its loop waits.
                deps = await asyncio.to_thread(self._in_memory, paths)
                made[thread] = replace(deps, settle=partial(_settled, deps, thread, made))
            if thread not in made:  # without its texts it would end, and leave out what it cannot read
                raise UsageError(
                    f"The texts of the thread {thread} are not in this process: start it again with its paths, or use "
                    "kit.node, whose runs survive a restart."
                )
            return made[thread]

        return build_graph(provide=provide, seats=self._seats)

    def node(
        self,
        *,
        paths: Callable[[Any], Sequence[str | Path]],
        question: Callable[[Any], str] | None = None,
        focus: Callable[[Any], str] | None = None,
        output: str = "report",
        options: Options | None = None,
        originals: bool = False,
    ) -> Node:
        """Return a node for a LangGraph graph of one's own: it runs this kit, and writes its report.

        The run is governed, recorded and saved as any other. Where an agent of the kit asks a person, the host's graph
        is interrupted, with `{"run_id", "agent", "question"}`, and its `Command(resume=ANSWER)` is the answer. What the
        node writes and asks is in the host's checkpoints: both hold placeholders, unless the host wants `originals`.

        Args:
            paths: the documents, from the host's state.
            question: what is asked; without it, the documents are summarized.
            focus: what a summary is about.
            output: the key of the host's state that gets the report as plain data, as `report.json` has it.
            options: of every run.
            originals: names and quotes as the documents have them, in the report and in what a person is asked: keep
                both out of checkpoints that others may read.
        """
        chosen = options or Options()
        chosen = replace(chosen, keep_redacted=chosen.keep_redacted or not originals)

        async def run(state: Any) -> dict[str, object]:
            run_id = _run_of_task(output)
            kind: TaskKind = "ask" if question else "summarize"
            asked = question(state) if question else focus(state) if focus else ""
            request = self._request(kind, paths(state), asked, chosen)
            report = await self._continued(run_id, request)
            return {output: report.to_dict()}

        return run

    async def _continued(self, run_id: str, request: Request) -> Report:
        """Run to the end; what was begun before the host's graph was interrupted goes on."""
        answer: str | None = None
        for _ in range(answers_taken(self.home, run_id)):  # LangGraph gives answers in the order of the questions
            interrupt({"run_id": run_id})
        while True:
            try:
                return await self._finished(run_id, request, answer)
            except WaitingError as waits:
                question = waits.redacted if request.task.keep_redacted else waits.question
                asked = {"run_id": run_id, "agent": waits.agent, "question": question}
                answer = str(interrupt(asked))

    async def _finished(self, run_id: str, request: Request, answer: str | None) -> Report:
        engine = self._engine()
        begun = run_path(self.home, run_id).exists()
        events = engine.resume(run_id, answer=answer) if begun else engine.run(request, run_id=run_id)
        return await finish(events, None)

    @abstractmethod
    def _request(self, kind: TaskKind, paths: Sequence[str | Path], words: str, options: Options | None) -> Request:
        """Return what a run is asked to do."""

    @abstractmethod
    def _engine(self) -> Engine:
        """Return what carries out runs."""

    def _in_memory(self, paths: Sequence[str]) -> Deps:
        return self._engine().in_memory(self._request("summarize", paths, "", None))

    def agents_and_seats(self) -> tuple[tuple[Agent, ...], Seats]:
        """Return the agents of the kit, and where they stand."""
        return self._agents, self._seats

    def _with_configured(self) -> Self:
        """Return the kit with the agents that its configuration names."""
        kit = self
        for item in self.config.agents:
            kit = kit.with_agent(
                load_agent(item.use),
                before=item.before,
                after=item.after,
                beside=item.beside,
                instead_of=item.instead_of,
            )
        return kit


async def _settled(deps: Deps, thread: str, made: dict[str, Deps]) -> None:
    """Book what a finished run took, and forget its texts."""
    made.pop(thread, None)
    if deps.settle is not None:
        await deps.settle()


def _check_role(made: Agent, config: Config) -> None:
    """Refuse a role that is almost named in the configuration: its agent would ask another model without a word."""
    named = list(config.roles.named())
    near = difflib.get_close_matches(made.role, named, n=1, cutoff=0.8)
    if near and made.role not in named:
        told = f"the agent {made.name} has the role {made.role}; roles has {near[0]}: write one of them."
        raise config.fault(f"roles.{near[0]}", told)


def _run_of_task(output: str) -> str:
    """Return the id of the run that belongs to a node's task of the host: the same one when the task begins anew."""
    told: Mapping[str, object] = get_config().get("configurable", {})
    place = f"{told.get('thread_id', '')}|{told.get('checkpoint_ns', '')}|{output}"
    return f"node-{hashlib.sha256(place.encode()).hexdigest()[:20]}"
