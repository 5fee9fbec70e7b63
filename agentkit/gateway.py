"""The door to models for programs that bring their own prompts: the same discipline, without documents."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar, overload

from pydantic import BaseModel

from agentkit.calls import CallOptions, Chunk, Completion, Message, Tool
from agentkit.common import Common
from agentkit.composition import check_privacy, check_run, make_policy, qualified
from agentkit.config import Config
from agentkit.deployments import Model
from agentkit.errors import ConfigError, UsageError
from agentkit.governance import Governor
from agentkit.policy import EdgeGuards
from agentkit.ports import ModelBackend, Rails
from agentkit.privacy.selection import DEFAULT_REDACT, Policy
from agentkit.records.run_files import new_run_id
from agentkit.records.run_record import FileRunRecord
from agentkit.records.run_store import FileRunStore
from agentkit.report import ReportUsage
from agentkit.streams import stream_of
from agentkit.structured import Partial, complete_as, stream_as
from agentkit.types import ModelRole, Prompt
from agentkit.wrappers.closing import ClosableBackend, Visits
from agentkit.wrappers.entering import EnteringBackend
from agentkit.wrappers.railed import RailedBackend
from agentkit.wrappers.redacting import RedactingBackend

T = TypeVar("T", bound=BaseModel)
Role = ModelRole
Conversation = str | Sequence[Message]
VERSION = "chat/1"


class Gateway:
    """Every call is redacted, traced, cached, held to budgets, routed, retried and booked, as in a run of the graph.

    One gateway is one run: its calls share a budget, a vault and a run record.

    Args:
        config: the configuration; its `roles` say which model answers.
        model: in place of the configured writer: a name, or a backend of your own.
        matter: whose vault is used; by default the gateway's own.
        tenant: who pays; by default the configuration's.
        labels: confidentiality labels of everything that goes through.
        rails: check what users and tools say before a model reads it, and what the model answers; by default none do.
        home: where the ledger, caches and vaults live; by default `$AGENTKIT_HOME`.
        common: what it shares with other gateways, with their configuration and home; whoever made it closes it.

    Raises:
        ConfigError: a choice in the configuration is wrong.
        UnknownModelError: there is no such model.
    """

    def __init__(  # noqa: PLR0913  (one keyword per thing that is said of a run)
        self,
        config: Config | None = None,
        *,
        model: str | ModelBackend | None = None,
        matter: str = "",
        tenant: str = "",
        labels: Sequence[str] = (),
        rails: Rails | None = None,
        home: Path | str | None = None,
        common: Common | None = None,
    ) -> None:
        config = common.config if common else config or Config.load()
        check_privacy(config)
        self._common, self._owns_common = common or Common(config, home=home), common is None
        self.config, self._home = config, self._common.home
        self._model = model
        tenant = tenant or self.config.tenant
        labels = [*labels, *self.config.matters.get(matter, [])]
        check_run(self.config, tenant=tenant, labels=labels)
        redact = self.config.privacy.redact
        policy = Policy(
            self._common.recognizer,
            redact=list(DEFAULT_REDACT) if redact is None else redact,
            keep=self.config.privacy.keep,
        )
        self.run_id = new_run_id()
        self._store = FileRunStore.create(
            self._home, run_id=self.run_id, matter=matter, question="", paths=[], policy=policy
        )
        self._record = FileRunRecord(self._home, self.run_id)
        self._guards = (
            EdgeGuards(rails, make_policy(self.config), self._record, self._store.safe_text) if rails else None
        )
        self._governor = Governor(
            self.config,
            self._home,
            store=self._store,
            record=self._record,
            tracer=self._common.tracer,
            labels=labels,
            tenant=tenant,
            ledger=self._common.ledger,
            guards=self._guards,
        )
        facts = {"task": "chat", "model": self._writer_name(), "sources": 0, "matter": self._store.matter_id}
        self._record.add("run_started", fields=facts)
        self._owned: Model | None = None
        self._doors: dict[str, ModelBackend] = {}
        self._visits = Visits()

    @classmethod
    def from_config(cls, path: Path | str) -> Self:
        """Build from a configuration file.

        Raises:
            ConfigError: the file is missing or something in it is wrong; says file, line and what is near.
        """
        return cls(Config.load(path))

    def door(self, role: Role = "writer") -> ModelBackend:
        """Return the governed model of a role, behind the same port as any other: what adapters are built on.

        Raises:
            ConfigError: the configuration names no model for the role.
            UsageError: the gateway was closed.
        """
        if self._visits.closed:
            raise UsageError("This gateway was closed: make another one.")
        if role not in self._doors:
            inner = self._governor.govern(self._chosen(role))
            if self._guards is not None:
                inner = EnteringBackend(RailedBackend(inner, guards=self._guards), guards=self._guards)
            door = RedactingBackend(inner, store=self._store)
            self._doors[role] = ClosableBackend(door, visits=self._visits)
        return self._doors[role]

    @overload
    async def complete(
        self,
        conversation: Conversation,
        *,
        schema: None = None,
        role: Role = "writer",
        tools: Sequence[Tool] = (),
        options: CallOptions | None = None,
    ) -> Completion: ...
    @overload
    async def complete(
        self,
        conversation: Conversation,
        *,
        schema: type[T],
        role: Role = "writer",
        tools: Sequence[Tool] = (),
        options: CallOptions | None = None,
    ) -> T: ...
    async def complete(
        self,
        conversation: Conversation,
        *,
        schema: type[T] | None = None,
        role: Role = "writer",
        tools: Sequence[Tool] = (),
        options: CallOptions | None = None,
    ) -> Completion | T:
        """Answer a conversation; with a pydantic class as `schema`, with an object of it.

        Raises:
            StructuredOutputError: no answer fits the schema.
            BackendError: no deployment answered.
            BudgetExceededError: the call does not fit the budget; it was not made.
            NoDeploymentError: no deployment may see what is labelled so.
        """
        prompt = _prompt(conversation, role=role, tools=tools, options=options)
        if schema is None:
            return await self.door(role).complete(prompt)
        return await complete_as(self.door(role), prompt, schema)

    async def stream(
        self,
        conversation: Conversation,
        *,
        role: Role = "writer",
        tools: Sequence[Tool] = (),
        options: CallOptions | None = None,
    ) -> AsyncIterator[Chunk]:
        """Answer piece by piece; the last piece holds the whole completion.

        Raises:
            BackendError: no deployment answered, or the stream broke off.
        """
        prompt = _prompt(conversation, role=role, tools=tools, options=options)
        async with contextlib.aclosing(stream_of(self.door(role), prompt)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def stream_as(
        self,
        conversation: Conversation,
        schema: type[T],
        *,
        role: Role = "writer",
        options: CallOptions | None = None,
    ) -> AsyncIterator[Partial[T]]:
        """Answer with an object that grows; the last item has it whole and validated.

        Raises:
            StructuredOutputError: the finished answer does not fit.
        """
        prompt = _prompt(conversation, role=role, tools=(), options=options)
        async for partial in stream_as(self.door(role), prompt, schema):
            yield partial

    def lend(self, name: str) -> ModelBackend:
        """Return the door to a role or a model by its name: for `agentkit.lending.lending`, around rails of your own.

        Raises:
            ConfigError: there is no such role or model.
        """
        return self._governor.lend(name)

    def safe_text(self, text: str) -> str:
        """Return a text with personal data replaced by this gateway's placeholders; doing it twice is once."""
        return self._store.safe_text(text)

    def restore(self, text: str) -> str:
        """Return a text with the originals in place of this gateway's placeholders: for the eyes of the reader."""
        return self._store.restore(text)

    def usage(self) -> ReportUsage:
        """Return what this gateway's calls took so far."""
        return self._governor.usage()

    async def aclose(self) -> None:
        """End calls that go on, book what is not booked yet, release connections, and forget the gateway's own vault.

        Whoever still waits for an answer gets a `UsageError`, and so does whoever asks later.
        """
        if self._visits.closed:
            return
        await self._visits.close()
        await self._governor.aclose()
        taken = self._governor.usage()
        self._record.add("run_finished", fields={"status": "done", "claims": 0, "cost_usd": taken.cost_usd})
        if self._owned is not None:
            await self._owned.aclose()
        if self._owns_common:
            await self._common.aclose()
        self._store.delete()
        self._record.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _writer_name(self) -> str:
        given = self._model
        return given if isinstance(given, str) else given.name if given else self.config.roles.ladder("writer")[0]

    def _chosen(self, role: Role) -> Model:
        given = self._model if role == "writer" else None
        if isinstance(given, str):
            return self._common.model([given])
        if given is not None:
            self._owned = Model.of(given)
            return self._owned
        names = qualified(role, self.config, self._home)
        if not names:
            raise ConfigError(f"No model is configured for the role {role}: set roles.{role}.")
        return self._common.model(names)


def _prompt(conversation: Conversation, *, role: Role, tools: Sequence[Tool], options: CallOptions | None) -> Prompt:
    messages = [Message("user", conversation)] if isinstance(conversation, str) else list(conversation)
    return Prompt(
        role=role,
        task="chat",
        version=VERSION,
        instructions="",
        messages=messages,
        tools=list(tools),
        options=options or CallOptions(),
    )
