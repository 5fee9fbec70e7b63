"""What the nodes of the graph are given: the ports of one run, and the choices that nodes need."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agentkit import agents
from agentkit.policy import EdgeGuards
from agentkit.ports import ModelBackend, Recognizer, Retriever, RunRecord, RunStore, Tracer
from agentkit.types import Document, Passage


@dataclass(frozen=True, slots=True)
class Settings:
    """Choices of the configuration that nodes need. `top_k` None means every passage."""

    max_revisions: int = 2
    unsupported: agents.Policy = "remove"
    top_k: int | None = None
    redact: list[str] = field(default_factory=list[str])
    keep: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Doors:
    """What an agent asks: `talk` in conversation, railed; `read` about passages. Both answer in placeholders."""

    talk: ModelBackend
    read: ModelBackend


class Consult(Protocol):
    """Opens an agent's doors to the model of its role; `share` is the part of the run's budget that it may spend."""

    def __call__(self, agent: str, role: str, /, *, share: float) -> Doors:
        """Return them."""
        ...


@dataclass(frozen=True, slots=True)
class Deps:
    """The ports a run may use; LangGraph hands it to every node as `runtime.context`.

    `announce` takes the events of nodes; without it they go into LangGraph's stream ("custom"). `consult` opens doors
    for agents of one's own; `settle` books what a run took that a host drives.
    """

    store: RunStore
    writer: ModelBackend
    rails: EdgeGuards
    recognizer: Recognizer
    record: RunRecord
    tracer: Tracer
    read: Callable[[], Awaitable[tuple[Sequence[Document], Sequence[Passage]]]]
    settings: Settings = Settings()
    retriever: Retriever | None = None
    judge: ModelBackend | None = None
    announce: Callable[[Mapping[str, object]], None] | None = None
    consult: Consult | None = None
    settle: Callable[[], Awaitable[None]] | None = None

    def words(self, text: str) -> int:
        """Count the words of a claim as the user will see it, originals in place."""
        return len(self.store.vault.restore(text).split())
