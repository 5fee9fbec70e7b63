"""What an agent is handed: the run's safe side, the doors to its model, and a person to ask."""

import copy
from collections.abc import AsyncIterator, Generator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import replace
from typing import TypeVar, overload

from langgraph.errors import GraphBubbleUp
from langgraph.types import interrupt
from pydantic import BaseModel

from agentkit import agents, nodes
from agentkit.calls import CallOptions, Chunk, Completion, Message, Tool
from agentkit.deps import Deps, Doors
from agentkit.errors import AgentError, AgentKitError, BackendError, RefusedError
from agentkit.policy import objections
from agentkit.ports import ModelBackend
from agentkit.retrieving import make_retriever
from agentkit.specialists.declared import Agent
from agentkit.state import State
from agentkit.streams import stream_of
from agentkit.structured import complete_as
from agentkit.types import Claim, Edge, Limits, Prompt, SafePassage, TaskKind, Verdict
from agentkit.waiting import answer_to
from agentkit.wrappers.wrapping import WrappedBackend

T = TypeVar("T", bound=BaseModel)


class AgentContext:
    """One agent in one run. Every text in it, and every answer it gives, holds placeholders for personal data."""

    def __init__(self, made: Agent, state: State, deps: Deps, doors: Doors) -> None:
        self._made, self._state, self._deps = made, state, deps
        self._watched = _Watched(doors.talk, self)
        self._reading = doors.read
        self.fault: AgentKitError | None = None
        """What it must not get over: a budget, a rail or a policy that stopped it."""
        self.paused: GraphBubbleUp | None = None
        """What stopped it until a person answers; its own code may have caught it."""
        self.over = False
        """Whether its turn is over: what it left running is told so."""

    @property
    def name(self) -> str:
        """The agent's name."""
        return self._made.name

    @property
    def task(self) -> TaskKind:
        """What the run is: *summarize* or *ask*."""
        return self._state["task"].kind

    @property
    def question(self) -> str:
        """The question or focus; empty where there is none."""
        return self._deps.store.safe_text(self._deps.store.question)

    @property
    def documents(self) -> list[str]:
        """The names of the documents; a citation's `source` is a place in this list."""
        return [self._deps.store.safe_text(document.name) for document in self._deps.store.documents()]

    @property
    def passages(self) -> list[SafePassage]:
        """What the run reads: every passage, or those found for a question, without any that a rail holds back."""
        return self._open(self._state["passages"])

    @property
    def claims(self) -> list[Claim]:
        """The claims as they stand; none before they are written."""
        return copy.deepcopy(self._state.get("claims", []))

    @property
    def verdicts(self) -> list[Verdict]:
        """The verdicts so far."""
        return copy.deepcopy(self._state.get("verdicts", []))

    @property
    def findings(self) -> Mapping[str, object]:
        """What other agents brought, as plain data, by the agent's name."""
        return {item.agent: copy.deepcopy(item.data) for item in self._state.get("findings", [])}

    @property
    def door(self) -> ModelBackend:
        """The governed model behind the port that our adapters for other frameworks are built on."""
        return self._watched

    @overload
    async def complete(
        self,
        conversation: str | Sequence[Message],
        *,
        schema: None = None,
        tools: Sequence[Tool] = (),
        options: CallOptions | None = None,
    ) -> str: ...
    @overload
    async def complete(
        self,
        conversation: str | Sequence[Message],
        *,
        schema: type[T],
        tools: Sequence[Tool] = (),
        options: CallOptions | None = None,
    ) -> T: ...
    async def complete(
        self,
        conversation: str | Sequence[Message],
        *,
        schema: type[T] | None = None,
        tools: Sequence[Tool] = (),
        options: CallOptions | None = None,
    ) -> str | T:
        """Ask the model of the agent's role; with a pydantic class as `schema`, for an object of it.

        Raises:
            BudgetExceededError: the call does not fit the run's budget, or the agent's share of it.
            RefusedError: a rail held back what the model answered.
            StructuredOutputError: no answer fits the schema.
            BackendError: the model failed, or holds no conversation, as the embedded one.
        """
        said = [Message("user", conversation)] if isinstance(conversation, str) else list(conversation)
        prompt = Prompt(
            self._made.role,
            "chat",
            f"agent:{self.name}",
            "",
            messages=said,
            tools=list(tools),
            options=options or CallOptions(),
        )
        if schema is None:
            return (await self._watched.complete(prompt)).text
        return await complete_as(self._watched, prompt, schema)

    async def ask(self, question: str, *, document: int | None = None, max_claims: int = 3) -> list[Claim]:
        """Return what the passages, or those of one document, say of a question: claims with exact citations.

        With the embedded model, too. An empty list says that they do not say.

        Args:
            question: what is asked.
            document: a place in `documents`; None is all of them.
            max_claims: the most there may be, 1 at least.

        Raises:
            ValueError: there is no such document.
            BudgetExceededError: the call does not fit the run's budget, or the agent's share of it.
            BackendError: the model failed.
        """
        if document is not None and document not in range(len(self.documents)):
            raise ValueError(f"there is no document {document}: the last is {len(self.documents) - 1}")
        asked = self._deps.store.safe_text(question)
        passages = await self._readable(asked, document)
        if not passages:
            return []
        model, limits = _Named(self._reading, self._made), Limits(max_claims=max_claims)
        with self.watching():
            found = await agents.answer(asked, passages, model=model, terms=(), limits=limits, prefix="a")
        given = await nodes.handed_over(found.claims[:max_claims] if found.answered else [], self._deps)
        return given.claims

    async def retrieve(self, query: str, *, top_k: int = 5) -> list[SafePassage]:
        """Return the passages of the documents that are most relevant to a query, best first.

        What no rail has looked at yet is checked first.
        """
        self._check_turn()
        store = self._deps.store
        retriever = self._deps.retriever or make_retriever(store.passages)
        known = {passage.id for passage in store.passages()}
        found = await retriever.retrieve(query, top_k=top_k)
        return await self._looked_at([passage.id for passage in found if passage.id in known])

    async def ask_human(self, question: str) -> str:
        """Pause the run until a person answers: here, or in another process (`AgentKit.resume`).

        When it is answered, the agent begins anew, and gets the answer where it asked: ask before you pay, or keep the
        cache on, from which calls come that were made before. An answer counts for the words it was given to: where
        the agent asks something else when it begins anew, the person is asked that.

        Raises:
            ValueError: the question is empty.
            RefusedError: a rail held back the question or the answer.
        """
        self._check_turn()
        if not question.strip():
            raise ValueError("there is no question to ask a person")
        asked = await self._crossing(question, "graph_to_user", "the question")
        self._deps.store.save()  # whoever resumes must know the placeholders
        return await self._crossing(self._answered(asked), "user_to_graph", "the answer")

    def _answered(self, asked: str) -> str:
        """Return what a person answered to this question; what was answered to another is passed over."""
        while True:
            try:
                given: object = interrupt({"agent": self.name, "question": asked})
            except GraphBubbleUp as pause:
                self.paused = pause
                raise
            if (answer := answer_to(asked, given)) is not None:
                return answer

    def safe(self, completion: Completion) -> Completion:
        """Return an answer with placeholders, also for what a model knows of itself."""
        safe = self._deps.store.safe_text
        calls = [replace(call, arguments=safe(call.arguments)) for call in completion.tool_calls]
        return replace(completion, text=safe(completion.text), tool_calls=calls)

    async def _crossing(self, text: str, edge: Edge, what: str) -> str:
        """Return a text as the rails of an edge let it through, in placeholders."""
        text = self._deps.store.safe_text(text)
        report = (await self._deps.rails.check([text], edge, ()))[0]
        if not report.allowed:
            told = objections(report.results)
            self.fault = RefusedError(f"A rail held back {what} of the agent {self.name} ({told}).")
            raise self.fault
        return self._deps.store.safe_text(report.text)

    async def _readable(self, question: str, document: int | None) -> list[SafePassage]:
        """Return what a model reads of a question: all where that is free, else the best that its window holds."""
        top_k, here = self._deps.settings.top_k, self._deps.store.passages()
        raw = [passage for passage in here if document is None or passage.source == document]
        if not self._reading.deterministic and top_k is not None:
            raw = await make_retriever(lambda: raw).retrieve(question, top_k=top_k)
        readable = await self._looked_at([passage.id for passage in raw if passage.kind != "contents"])
        return readable if self._reading.deterministic else (agents.batches(readable, model=self._reading) or [[]])[0]

    async def _looked_at(self, ids: Sequence[str]) -> list[SafePassage]:
        """Return passages that rails let through; those that none has looked at are checked first."""
        if new := [name for name in ids if name not in set(self._state["passages"])]:
            hidden = {item.index: item.hidden for item in self._deps.store.documents() if item.hidden}
            await nodes.screened(new, self._deps, hidden=hidden)
        return self._open(ids)

    def _open(self, ids: Sequence[str]) -> list[SafePassage]:
        return [passage for passage in self._deps.store.safe(ids) if not passage.quarantined]

    def _check_turn(self) -> None:
        """Refuse what is asked after a fault, a pause, or the end of the turn."""
        if stopped := self.fault or self.paused:
            raise stopped
        if self.over:
            raise AgentError(f"The turn of the agent {self.name} is over: await what it begins.", agent=self.name)

    @contextmanager
    def watching(self) -> Generator[None]:
        """Keep the first fault that is no passing failure of a model; what it stopped does not go on."""
        self._check_turn()
        try:
            yield
        except AgentKitError as error:
            if not isinstance(error, BackendError):
                self.fault = error
            raise


class _Watched(WrappedBackend):
    """The agent's door for conversation: after a fault, nothing more is asked."""

    def __init__(self, inner: ModelBackend, context: AgentContext) -> None:
        super().__init__(inner)
        self._context = context

    async def complete(self, prompt: Prompt, /) -> Completion:
        with self._context.watching():
            return self._context.safe(await self._inner.complete(prompt))

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        """Answer in pieces."""
        with self._context.watching():
            async with aclosing(stream_of(self._inner, prompt)) as chunks:
                async for chunk in chunks:  # the rails let nothing through before it is whole
                    whole = self._context.safe(chunk.completion) if chunk.completion else None
                    yield Chunk(whole.text, whole) if whole else chunk

    async def aclose(self) -> None:
        """Do nothing: the door belongs to the run."""


class _Named(WrappedBackend):
    """A reader's door under the agent's name: its calls are booked to the agent's role."""

    def __init__(self, inner: ModelBackend, made: Agent) -> None:
        super().__init__(inner)
        self._made = made

    async def complete(self, prompt: Prompt, /) -> Completion:
        version = f"agent:{self._made.name} {prompt.version}"
        return await self._inner.complete(replace(prompt, role=self._made.role, version=version))

    async def aclose(self) -> None:
        """Do nothing: the door belongs to the run."""
