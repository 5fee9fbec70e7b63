# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# LangGraph's stream is untyped.
"""One run of the graph, from request to report: store, record, dependencies, clean-up."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import cast

from langchain_core.runnables import RunnableConfig

from agentkit import semconv
from agentkit.asking import Asking
from agentkit.composition import make_policy
from agentkit.config import Config
from agentkit.deployments import Model
from agentkit.egress import EgressPolicy, record_hosts
from agentkit.errors import AgentKitError, RunNotFoundError, UsageError, WaitingError
from agentkit.governance import Governor
from agentkit.graph import Deps, Graph, Settings
from agentkit.lending import lending
from agentkit.policy import EdgeGuards
from agentkit.ports import Ledger, Rails, Recognizer, Retriever, RunRecord, Tracer
from agentkit.privacy.selection import DEFAULT_REDACT, Policy
from agentkit.records.run_files import new_run_id
from agentkit.records.run_record import FileRunRecord, SilentRecord, read_events
from agentkit.records.run_store import FileRunStore, in_memory
from agentkit.report import Report
from agentkit.reporting import make_report
from agentkit.retrieving import make_retriever, reranked, seen_by
from agentkit.sources import Request, read_aside, warned
from agentkit.state import Start, State
from agentkit.types import Document, Passage
from agentkit.waiting import Answer, RefusedAnswerError, asked_in, begun_with, check_answer

Event = Mapping[str, object]
Progress = Callable[[Event], None]
_STEPS = 60  # a run has four or five, two more for each revision, and ten for an agent that hands over


@dataclass(frozen=True, slots=True)
class Engine:
    """The parts that every run shares."""

    graph: Graph
    config: Config
    home: Path
    writer: Model
    judge: Model | None
    rails: Rails
    recognizer: Recognizer
    retriever: Retriever | None
    tracer: Tracer
    rails_version: str = ""
    owns_checkpoints: bool = True
    ledger: Ledger | None = None
    agents: Sequence[str] = ()

    async def run(self, request: Request, *, run_id: str = "") -> AsyncGenerator[Event]:
        """Carry out a request; the last event holds the report.

        A run that fails or is interrupted keeps its encrypted store, so that it can be continued; a
        finished one keeps its record only.
        """
        run_id = run_id or new_run_id()
        paths = [str(path.absolute()) for path in request.paths]
        store = FileRunStore.create(
            self.home, run_id=run_id, matter=request.matter, question=request.words, paths=paths, policy=self._policy()
        )
        store.look_for(request.checklist)
        with contextlib.closing(FileRunRecord(self.home, run_id)) as record:
            store.save()
            facts = {"task": request.task.kind, "model": self.writer.name, "sources": len(paths)}
            agents = {"agents": list(self.agents)} if self.agents else {}
            record.add("run_started", fields={**facts, "matter": store.matter_id, **agents})
            first = Start(run_id=run_id, task=request.task)
            async with contextlib.aclosing(self._drive(store, record, request, first)) as events:
                async for event in events:
                    yield event

    async def resume(
        self, run_id: str, *, password: str | None = None, answer: str | None = None
    ) -> AsyncGenerator[Event]:
        """Continue an interrupted run where it stopped; one that waits for a person, with the answer.

        Raises:
            RunNotFoundError: there is no such run, it is finished, or another process works on it.
            WaitingError: it waits, and there is no answer; says who asked what.
            UsageError: it waits for nobody, or was begun with other agents.
        """
        store = FileRunStore.load(self.home, run_id, policy=self._policy())
        with contextlib.closing(FileRunRecord(self.home, run_id)) as record:
            snapshot = await self.graph.aget_state(_config(run_id))
            saved = cast(State, snapshot.values)
            if not saved:
                raise RunNotFoundError(f"Run {run_id} saved no state to continue from; start it again.")
            missing = begun_with(self.home, run_id, self.agents)
            start = check_answer(asked_in(snapshot.interrupts), answer, store, missing)
            record.add("run_resumed", fields={"answered": True} if start else {})
            request = Request(saved["task"], [Path(path) for path in store.paths], password=password)
            async with contextlib.aclosing(self._drive(store, record, request, start)) as events:
                async for event in events:
                    yield event

    def in_memory(self, request: Request) -> Deps:
        """Return dependencies for a run that a host drives: nothing raw is written, nothing can be resumed."""
        store = in_memory(question=request.words, policy=self._policy())
        record = SilentRecord()
        governor, deps = self._parts(store, record, request)

        async def settle() -> None:
            await governor.release()
            if not self.writer.deterministic:  # a host may forbid that its loop waits for a file, for free calls
                await governor.book()

        return replace(deps, settle=settle)

    def _parts(self, store: FileRunStore, record: RunRecord, request: Request) -> tuple[Governor, Deps]:
        """Make what governs a run and what its nodes are given; both hold the same rails."""
        guards = EdgeGuards(self.rails, make_policy(self.config), record, store.safe_text)
        governor = self._governor(store, record, request, guards)
        return governor, self._deps(store, record, request, governor, guards)

    def _governor(self, store: FileRunStore, record: RunRecord, request: Request, guards: EdgeGuards) -> Governor:
        return Governor(
            self.config,
            self.home,
            store=store,
            record=record,
            tracer=self.tracer,
            rails_version=self.rails_version,
            labels=request.task.labels,
            tenant=request.task.tenant,
            ledger=self.ledger,
            guards=guards,
        )

    async def forget(self, run_id: str) -> None:
        """Delete what an unfinished run keeps: its encrypted texts and its saved states; its record stays.

        Raises:
            RunNotFoundError: there is no such run, or another process works on it.
        """
        store = FileRunStore.load(self.home, run_id, policy=self._policy())
        with contextlib.closing(FileRunRecord(self.home, run_id)) as record:
            record.add("run_deleted", fields={})
            await self._forget(store)

    async def _drive(
        self, store: FileRunStore, record: FileRunRecord, request: Request, start: Start | Answer | None
    ) -> AsyncGenerator[Event]:
        yield {"event": "run_started", "run_id": store.run_id}
        events: asyncio.Queue[Event | None] = asyncio.Queue()
        # A task of its own, so that spans and the record of hosts belong to the run and not to whoever listens.
        work = asyncio.create_task(self._complete(store, record, request, start, events))
        work.add_done_callback(lambda _: events.put_nowait(None))
        try:
            while (event := await events.get()) is not None:
                yield event
            report = await work
        finally:
            work.cancel()
            await asyncio.wait([work])
        for claim in report.claims:
            yield {"event": "claim", "claim": claim}
        yield {"event": "report", "report": report}

    async def _complete(
        self,
        store: FileRunStore,
        record: FileRunRecord,
        request: Request,
        start: Start | Answer | None,
        events: asyncio.Queue[Event | None],
    ) -> Report:
        governor, deps = self._parts(store, record, request)
        if not isinstance(start, dict):
            await governor.carry_over(read_events(self.home, store.run_id))
        deps = replace(deps, announce=events.put_nowait)
        attributes = {
            semconv.OPERATION_NAME: semconv.OP_WORKFLOW,
            semconv.SPAN_KIND: semconv.KIND_CHAIN,
            semconv.RUN_ID: store.run_id,
            semconv.CONVERSATION_ID: store.run_id,
            semconv.MATTER: store.matter_id,
        }
        try:
            with self.tracer.span(f"{semconv.OP_WORKFLOW} agentkit", attributes=attributes) as span:
                with record_hosts(EgressPolicy.parse(self.config.privacy.egress)) as hosts, lending(governor.lend):
                    state = await self._steps(start, store.run_id, deps)
                report = make_report(state, store, usage=governor.spent(state, self.writer, self.judge), hosts=[*hosts])
                span.set({semconv.STATUS: report.status, semconv.COST_USD: report.usage.cost_usd})
        except Exception as error:
            waits = isinstance(error, WaitingError | RefusedAnswerError)
            record.add("run_waiting" if waits else "run_failed", fields={"error": type(error).__name__})
            if isinstance(error, UsageError):
                await self._forget(store)
            raise
        finally:
            await governor.aclose()
        record.add("run_finished", fields=_outcome(report))
        await self._forget(store)
        return report

    async def _steps(self, start: Start | Answer | None, run_id: str, deps: Deps) -> State:
        """Run the graph to its end; a run that was killed after its last node has nothing left to do.

        Raises:
            WaitingError: an agent asks a person, and the run waits.
        """
        durability = "sync" if self.graph.checkpointer else None
        given = await start.command(deps) if isinstance(start, Answer) else start
        config = _config(run_id, len(self.agents))
        steps = self.graph.astream(given, config, context=deps, durability=durability, stream_mode="values")
        states = [state async for state in steps]  # `ainvoke` would ask for the update of each node as well
        if asked := asked_in([item for state in states for item in state.get("__interrupt__", ())]):
            raise asked.error(run_id, deps.store.vault.restore)
        return cast(State, states[-1]) if states else await self._state(run_id)

    async def _state(self, run_id: str) -> State:
        return cast(State, (await self.graph.aget_state(_config(run_id))).values)

    def _policy(self) -> Policy:
        return Policy(self.recognizer, redact=self._redact(), keep=self.config.privacy.keep)

    def _redact(self) -> list[str]:
        return list(DEFAULT_REDACT) if self.config.privacy.redact is None else self.config.privacy.redact

    def _deps(
        self, store: FileRunStore, record: RunRecord, request: Request, governor: Governor, guards: EdgeGuards
    ) -> Deps:
        asking = Asking(request.task.sought, self.config, store, record) if request.task.sought else None
        kept = store.documents(), store.passages()  # a run that is continued has its texts; its files may be gone

        async def read() -> tuple[Sequence[Document], Sequence[Passage]]:
            if kept[0]:
                return kept
            documents, passages = await (asking.read() if asking else read_aside(request, self.config.retrieval))
            embedded = self.config.privacy.recognizer == "embedded"
            return [warned(document) for document in documents] if embedded else documents, passages

        deterministic = self.writer.deterministic
        settings = Settings(
            max_revisions=self.config.review.max_revisions,
            unsupported=self.config.review.unsupported,
            top_k=None if deterministic and not (self.retriever or asking) else self.config.retrieval.top_k,
            redact=self._redact(),
            keep=self.config.privacy.keep,
        )
        found = asking.retriever(alone=deterministic) if asking else None
        found = found or seen_by(self.retriever, request.matter, request.task)
        return Deps(
            store=store,
            writer=governor.govern(self.writer),
            judge=governor.govern(self.judge) if self.judge else None,
            consult=partial(governor.consult, writer=self.writer),
            rails=guards,
            recognizer=self.recognizer,
            record=record,
            tracer=self.tracer,
            read=read,
            settings=settings,
            retriever=found or (None if deterministic else reranked(make_retriever(store.passages), self.config)),
        )

    async def _forget(self, store: FileRunStore) -> None:
        """What a finished run leaves is its record; its texts and states go."""
        store.delete()
        saver = self.graph.checkpointer
        if self.owns_checkpoints and saver is not None and not isinstance(saver, bool):
            await saver.adelete_thread(store.run_id)


def _config(run_id: str, agents: int = 0) -> RunnableConfig:
    return {"configurable": {"thread_id": run_id}, "recursion_limit": _STEPS + 10 * agents}


def _outcome(report: Report) -> dict[str, object]:
    return {"status": report.status, "claims": len(report.claims), "cost_usd": report.usage.cost_usd}


async def finish(events: AsyncGenerator[Mapping[str, object]], progress: Progress | None) -> Report:
    """Let a run come to its end, telling `progress` of each event, and return its report.

    Raises:
        AgentKitError: it ended without one.
    """
    report: object = None
    async with contextlib.aclosing(events):
        async for event in events:
            if progress is not None:
                progress(event)
            report = event.get("report", report)
    if not isinstance(report, Report):
        raise AgentKitError("The run ended without a report.")
    return report
