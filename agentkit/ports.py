"""The promises agents rely on; adapters fit by shape."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, runtime_checkable

from agentkit.calls import Chunk, Hold, LedgerKey, LedgerQuery, LedgerRow, LedgerTotal, LimitLeft, PeriodLimit
from agentkit.legal.versions import Versions
from agentkit.types import (
    Assessment,
    ChecklistItem,
    Completion,
    Document,
    Entity,
    Passage,
    Prompt,
    RailReport,
    SafePassage,
    Stage,
)

AttributeValue = str | int | float | bool | Sequence[str]


@runtime_checkable
class ModelBackend(Protocol):
    """One door to one model, embedded or remote."""

    @property
    def name(self) -> str:
        """The name the user chose, as in `--model`."""
        ...

    @property
    def context_tokens(self) -> int:
        """How many tokens of prompt and answer fit into one call."""
        ...

    @property
    def deterministic(self) -> bool:
        """True where a call costs nothing and always answers the same: such a model reads every passage."""
        ...

    async def complete(self, prompt: Prompt, /) -> Completion:
        """Answer a prompt.

        Raises:
            BackendError: the model could not be reached, refused, or answered with nothing usable.
            BudgetExceededError: the call does not fit the budget; it was not made.
        """
        ...

    async def aclose(self) -> None:
        """Release connections and weights."""
        ...


@runtime_checkable
class StreamingBackend(Protocol):
    """A model that can also answer piece by piece; one that cannot is asked for the whole."""

    def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        """Answer a prompt in pieces; the last holds the whole completion, and its absence means an error was raised.

        Raises:
            BackendError: as `ModelBackend.complete`; also when the stream stalls or ends before its end was announced.
        """
        ...


class Retriever(Protocol):
    """Finds passages relevant to a query."""

    async def retrieve(self, query: str, /, *, top_k: int) -> list[Passage]:
        """Return at most `top_k` passages, best first.

        Raises:
            RetrievalError: the index could not be searched.
        """
        ...


class Rails(Protocol):
    """Checks texts where they cross a boundary. A rail that cannot check blocks."""

    async def check(self, text: str, /, *, stage: Stage, forbidden: Sequence[str] = ()) -> RailReport:
        """Run every rail of the stage on one text.

        Args:
            text: at *output*, one claim, followed by its citation markers ("[d0p12]").
            stage: where the text is.
            forbidden: originals that were redacted and must not appear (only *output*).
        """
        ...

    async def check_many(self, texts: Sequence[str], /, *, stage: Stage) -> list[RailReport]:
        """Run every rail of the stage on each text; one report per text, in order."""
        ...


class Recognizer(Protocol):
    """Finds personal data."""

    def recognize(self, text: str, /) -> list[Entity]:
        """Return the entities in `text`, in order of position, none overlapping another."""
        ...


class Vault(Protocol):
    """Keeps the originals behind the placeholders of one matter."""

    def placeholder(self, entity_type: str, original: str, /) -> str:
        """Return the placeholder of an original ("<PERSON_1>"): the same one each time, in this matter."""
        ...

    def restore(self, text: str, /) -> str:
        """Return `text` with every known placeholder replaced by its original."""
        ...

    def originals(self) -> list[str]:
        """Return every original kept."""
        ...

    def counts(self) -> Mapping[str, int]:
        """Return how many different originals of each type are kept."""
        ...


class RunStore(Protocol):
    """The raw side of one run: documents, the question as typed, the vault. Never in state, prompt, log or span."""

    @property
    def question(self) -> str:
        """The question or focus as typed, or as a rail rewrote it; or an empty string."""
        ...

    @property
    def checklist(self) -> list[ChecklistItem]:
        """What to look for, as typed, or as a rail rewrote it."""
        ...

    def look_for(self, checklist: Sequence[ChecklistItem], /) -> None:
        """Keep what to look for."""
        ...

    def rephrase(self, question: str, /) -> None:
        """Go on with a question that a rail rewrote."""
        ...

    @property
    def vault(self) -> Vault:
        """The vault of the run's matter."""
        ...

    def documents(self) -> list[Document]:
        """Return the documents read so far, by index."""
        ...

    def set_documents(self, documents: Sequence[Document], passages: Sequence[Passage], /) -> None:
        """Keep what was read and how it was cut."""
        ...

    @property
    def versions(self) -> Versions:
        """Which of the documents replaces another."""
        ...

    def passages(self) -> list[Passage]:
        """Return every passage, in document order."""
        ...

    def adopt(self, passages: Sequence[Passage], /) -> list[Passage]:
        """Take in passages that a foreign retriever found, as sources of their own where they are unknown."""
        ...

    def set_entities(self, entities: Mapping[int, Sequence[Entity]], /) -> None:
        """Keep the entities to replace, by document index, and give each its placeholder."""
        ...

    def quarantine(self, passage_ids: Sequence[str], /) -> None:
        """Mark passages that no model may read."""
        ...

    def withhold(self, source: int, spans: Sequence[tuple[int, int]], /) -> None:
        """Show no model these characters of a source; a marker stands in their place."""
        ...

    def safe(self, passage_ids: Sequence[str], /) -> list[SafePassage]:
        """Return passages in redacted text, in the order asked for."""
        ...

    def safe_text(self, text: str, /) -> str:
        """Return any text (the question, a title) with the run's known personal data replaced."""
        ...

    def save(self) -> None:
        """Write everything, encrypted, so that another process can continue the run."""
        ...


class Judge(Protocol):
    """Decides what comparison by code cannot: whether a text supports a claim."""

    async def assess(self, claim: str, source: str, /) -> Assessment:
        """Judge one claim against one text, both redacted."""
        ...


class RunRecord(Protocol):
    """The trace of a run: one event per step, redacted, for explanation and replay."""

    def add(self, event: str, /, *, fields: Mapping[str, object]) -> None:
        """Append one event ("node", "call", "rail", "verdict"…) with its fields."""
        ...


class Span(Protocol):
    """One operation, while it lasts."""

    def set(self, attributes: Mapping[str, AttributeValue], /) -> None:
        """Add attributes, named in `agentkit.semconv`."""
        ...


class Tracer(Protocol):
    """Opens spans."""

    def span(self, name: str, /, *, attributes: Mapping[str, AttributeValue]) -> AbstractContextManager[Span]:
        """Open a span for a `with` block; spans opened inside become its children, an exception its error type."""
        ...

    def close(self) -> None:
        """Send what is still held back."""
        ...


class Ledger(Protocol):
    """Every call as one row that nobody changes, and what is set aside for calls that are not finished.

    Every method raises `UnavailableError` where the ledger cannot be reached.
    """

    @property
    def limits(self) -> Sequence[PeriodLimit]:
        """The limits that `admit` holds every tenant to."""
        ...

    async def admit(self, hold: Hold, /) -> None:
        """Set aside the worst case of a call; with an id that is held already, change its amount.

        Check and entry are one step: calls of any number of processes cannot overdraw a limit together.

        Raises:
            BudgetExceededError: it does not fit a limit; nothing was changed.
        """
        ...

    async def settle(self, hold_id: str, rows: Sequence[LedgerRow], /) -> None:
        """Replace a hold by what was done, in one step; without an id, only add the rows."""
        ...

    async def recover(self) -> int:
        """Turn the holds of dead processes into rows "lost", at their worst case; return how many."""
        ...

    async def rows(self, query: LedgerQuery, /) -> list[LedgerRow]:
        """Return rows, oldest first."""
        ...

    async def totals(self, query: LedgerQuery, /, *, by: LedgerKey) -> list[LedgerTotal]:
        """Return sums of rows, by key."""
        ...

    async def left(self, tenant: str, /) -> list[LimitLeft]:
        """Return what each limit that applies leaves the tenant now."""
        ...

    async def aclose(self) -> None:
        """Release files and connections."""
        ...
