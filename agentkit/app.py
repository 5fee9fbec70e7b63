"""The facade: one object that summarizes and answers, with everything chosen by configuration."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver

from agentkit import composition
from agentkit.adapters.sqlite.checkpoints import SqliteCheckpoints, serializer, strict
from agentkit.asking import sought_by
from agentkit.composing import Composable
from agentkit.config import Config, home_directory
from agentkit.deployments import Model
from agentkit.egress import EgressPolicy
from agentkit.execution import Engine, Progress, finish
from agentkit.modelling import make_model
from agentkit.options import DEFAULT_CLAIMS, DEFAULT_WORDS, Options
from agentkit.planning import Plan, make_plan
from agentkit.ports import ModelBackend, Rails, Recognizer
from agentkit.reading import expand_paths
from agentkit.records.matters import check_run_not_held
from agentkit.records.receipts import Receipt
from agentkit.report import Report
from agentkit.retrieving import as_retriever
from agentkit.sources import Request, read_all
from agentkit.state import Task
from agentkit.types import Limits, TaskKind

__all__ = ["AgentKit", "Options"]


class AgentKit(Composable):
    """Cited, reviewed, redacted and railed answers about documents.

    Args:
        config: the configuration; by default the embedded one, which needs no key, server or download.
        model: the writer, in place of `roles.writer`: a name, or a backend of your own.
        retriever: finds what a question or a focus reads, with any model, and what a checklist item reads where a
            model's reading costs; a `Retriever`, any LlamaIndex `BaseRetriever` (extra `llamaindex`), or "index" for
            the one that `index` in the configuration describes.
        rails: in place of the configured rails folder.
        checkpointer: any LangGraph checkpointer, in place of SQLite; ours is the serializer that it loads states with.
        tracer_provider: an OpenTelemetry `TracerProvider` (extra `otel`), in place of `tracing`.
        home: where runs, checkpoints, vaults and caches live; by default `$AGENTKIT_HOME`.

    Raises:
        ConfigError: the rails folder or a choice in the configuration is wrong.
        UnknownModelError: there is no such model.
    """

    def __init__(  # noqa: PLR0913  (one keyword per replaceable part)
        self,
        config: Config | None = None,
        *,
        model: str | ModelBackend | None = None,
        retriever: object = None,
        rails: Rails | None = None,
        checkpointer: BaseCheckpointSaver[str] | None = None,
        tracer_provider: object = None,
        home: Path | str | None = None,
    ) -> None:
        self.config = config or Config.load()
        self.home = Path(home) if home else home_directory()
        composition.check_privacy(self.config)
        composition.make_rules(self.config)  # a rule that cannot be made is a mistake of the file, and not of a run
        ladder = partial(composition.qualified, config=self.config, home=self.home)
        chosen = ladder("writer") if model is None else [model] if isinstance(model, str) else model
        self._writer = make_model(chosen, self.config) if isinstance(chosen, list) else Model.of(chosen)
        judges = ladder("reviewer") or ladder("judge")
        self._judge = make_model(judges, self.config) if judges else None
        self._rails = rails or composition.make_rails(self.config.rails.folder, self.config)
        self._ledger = composition.make_ledger(self.config, self.home)
        self._recognizer = composition.make_recognizer(self.config.privacy.recognizer)
        self._retriever = as_retriever(retriever, self.config)
        self._tracer = composition.make_tracer(
            self.config.tracing, egress=EgressPolicy.parse(self.config.privacy.egress), provider=tracer_provider
        )
        self._rails_version = "" if rails else composition.rails_version(self.config.rails.folder)
        self._owns_checkpoints = checkpointer is None
        self._checkpointer = strict(checkpointer) if checkpointer else self._default_checkpointer()
        configured = self._with_configured()
        self._agents, self._seats = configured.agents_and_seats()

    @classmethod
    def from_config(cls, path: Path | str) -> Self:
        """Build from a configuration file.

        Raises:
            ConfigError: the file is missing or something in it is wrong; says file, line and what is near.
        """
        return cls(Config.load(path))

    @property
    def rails(self) -> Rails:
        """The rails around the graph."""
        return self._rails

    @property
    def recognizer(self) -> Recognizer:
        """What finds personal data."""
        return self._recognizer

    async def summarize(
        self,
        paths: Sequence[str | Path],
        *,
        focus: str = "",
        options: Options | None = None,
        progress: Progress | None = None,
    ) -> Report:
        """Summarize documents (files, or folders of them), as a whole or with a focus.

        Raises:
            DocumentError: a document cannot be read; says which and what to do.
            BudgetExceededError: the budget does not cover the next step.
            UnavailableError: a model or service cannot be used.
        """
        request = self._request("summarize", paths, focus, options)
        return await finish(self._engine().run(request), progress)

    async def ask(
        self,
        paths: Sequence[str | Path],
        question: str,
        *,
        options: Options | None = None,
        progress: Progress | None = None,
    ) -> Report:
        """Answer a question from documents, best claim first; `status` is "unanswered" where they do not say.

        Without documents the index is asked that `options` or the configuration names, and the documents are read in
        which its best passages stand.

        Raises:
            DocumentError: a document cannot be read; says which and what to do.
            RetrievalError: the index cannot be searched.
            BudgetExceededError: the budget does not cover the next step.
            UnavailableError: a model or service cannot be used.
        """
        request = self._request("ask", paths, question, options)
        return await finish(self._engine().run(request), progress)

    async def stream(
        self, paths: Sequence[str | Path], *, focus: str = "", question: str = "", options: Options | None = None
    ) -> AsyncGenerator[Mapping[str, object]]:
        """Yield events while a run goes on; with a `question` it answers, else it summarizes.

        Events are `{"event": "run_started", "run_id"}`, `node_started`, `node_finished` (`node`, `ms`),
        `claim` (`claim`, with its verdict), and last `report` (`report`).
        """
        kind = "ask" if question else "summarize"
        request = self._request(kind, paths, question or focus, options)
        async with aclosing(self._engine().run(request)) as events:
            async for event in events:
                yield event

    async def resume(
        self,
        run_id: str,
        *,
        answer: str | None = None,
        password: str | None = None,
        progress: Progress | None = None,
    ) -> Report:
        """Continue an interrupted run where it stopped; one that waits for a person, with the `answer`.

        Raises:
            RunNotFoundError: there is no such run, it is finished, or another process works on it.
            WaitingError: it waits for a person; says who asks what.
            RefusedError: a rail blocked the answer; the run goes on waiting.
        """
        return await finish(self._engine().resume(run_id, password=password, answer=answer), progress)

    async def forget(self, run_id: str) -> None:
        """Delete what an unfinished run keeps; its record stays.

        Raises:
            RunNotFoundError: there is no such run, or another process works on it.
            HeldError: its matter is under legal hold.
        """
        check_run_not_held(self.home, run_id)
        await self._engine().forget(run_id)

    async def erase(self, matter: str, *, dry_run: bool = False) -> Receipt:
        """Erase a matter from every store of ours, with a receipt for each (see `agentkit.erasing.erase_matter`)."""
        from agentkit.erasing import erase_matter

        return await erase_matter(matter, config=self.config, home=self.home, saver=self._checkpointer, dry_run=dry_run)

    def summarize_sync(self, paths: Sequence[str | Path], *, focus: str = "", options: Options | None = None) -> Report:
        """`summarize`, for callers without an event loop."""
        return asyncio.run(self._closing(self.summarize(paths, focus=focus, options=options)))

    def ask_sync(self, paths: Sequence[str | Path], question: str, *, options: Options | None = None) -> Report:
        """`ask`, for callers without an event loop."""
        return asyncio.run(self._closing(self.ask(paths, question, options=options)))

    def _request(self, kind: TaskKind, paths: Sequence[str | Path], words: str, options: Options | None) -> Request:
        options = options or Options()
        limits = Limits(options.max_claims, options.max_words)
        # An answer is short: a model that floods is held to what it was asked for.
        target = Limits(max_words=DEFAULT_WORDS) if kind == "summarize" else Limits(max_claims=DEFAULT_CLAIMS)
        given = [Path(path) for path in paths]
        expanded = expand_paths(given)
        explicit = {path.absolute() for path in given}
        labels = [*options.labels, *self.config.matters.get(options.matter, [])]
        composition.check_run(self.config, tenant=(tenant := options.tenant or self.config.tenant), labels=labels)
        task = Task(
            kind,
            limits,
            target,
            keep_redacted=options.keep_redacted,
            ocr=options.ocr,
            found=[index for index, path in enumerate(expanded) if path.absolute() not in explicit],
            labels=labels,
            tenant=tenant,
            sought=sought_by(options, self.config, kind, paths, labels),
        )
        return Request(task, expanded, words.strip(), options.checklist, options.matter, options.password)

    def _engine(self) -> Engine:
        return Engine(
            graph=self.graph,
            config=self.config,
            home=self.home,
            writer=self._writer,
            judge=self._judge,
            rails=self._rails,
            recognizer=self._recognizer,
            retriever=self._retriever,
            tracer=self._tracer,
            rails_version=self._rails_version,
            owns_checkpoints=self._owns_checkpoints,
            ledger=self._ledger,
            agents=[agent.name for agent in self._agents],
        )

    async def _closing(self, run: Awaitable[Report]) -> Report:
        try:
            return await run
        finally:
            await self.aclose()

    def _default_checkpointer(self) -> BaseCheckpointSaver[str]:
        if self.config.checkpoint.adapter == "sqlite":
            return SqliteCheckpoints(self.home / "checkpoints.db")
        return InMemorySaver(serde=serializer())

    async def plan(self, paths: Sequence[str | Path], *, options: Options | None = None) -> Plan:
        """Work out what a summary would take at worst, and what of each budget. Nothing is sent.

        Raises:
            DocumentError: a document cannot be read.
        """
        request = self._request("summarize", paths, "", options)
        left = await self._ledger.left(request.task.tenant) if self._ledger else []
        cut = self.config.retrieval
        read = read_all(request, max_chars=cut.max_chars, max_document_chars=cut.max_document_chars)
        return make_plan(*read, model=self._writer, checklist=request.checklist, config=self.config, left=left)

    async def aclose(self) -> None:
        """Release models and connections."""
        await self._writer.aclose()
        if self._judge is not None:
            await self._judge.aclose()
        if isinstance(self._checkpointer, SqliteCheckpoints):
            await self._checkpointer.aclose()
        if self._ledger is not None:
            await self._ledger.aclose()
        self._tracer.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
