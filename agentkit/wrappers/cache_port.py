"""The promises that a cache of answers relies on: a store of sealed entries, and, if wanted, an embedding."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol


class AnswerStore(Protocol):
    """Keeps sealed entries by key. It cannot read, forge or judge them: whoever reads them checks the seal.

    Every method raises `UnavailableError` when the store cannot be used.
    """

    async def get(self, key: str, /) -> str | None:
        """Return an entry, or None."""
        ...

    async def put(
        self, key: str, entry: str, /, *, form: str = "", vector: Sequence[int] = (), documents: Sequence[str] = ()
    ) -> None:
        """Keep an entry; what is too old or too much goes.

        Args:
            key: a keyed hash; an entry under the same key is replaced.
            entry: the sealed entry.
            form: a keyed hash that the same question in other words has, too; empty for none.
            vector: whole numbers from -127 to 127, where an embedding is in use; the same number for equal forms.
            documents: keyed hashes of what it rests on, to forget it by: documents, a matter.
        """
        ...

    async def near(self, form: str, /, *, vector: Sequence[int], limit: int) -> list[str]:
        """Return at most `limit` entries of a form; a store that can compare vectors returns the nearest.

        Raises:
            NoSearchError: the store can be asked for keys alone.
        """
        ...

    async def count(self, documents: Sequence[str], /) -> int:
        """Return how many entries rest on any of these documents."""
        ...

    async def forget(self, documents: Sequence[str], /) -> int:
        """Remove the entries that rest on any of these documents; return how many there were."""
        ...

    def close(self) -> None:
        """Release the file or connection."""
        ...


class Embedder(Protocol):
    """Turns short texts into vectors."""

    @property
    def name(self) -> str:
        """The model's name: vectors of different models are never compared."""
        ...

    async def embed(self, text: str, /) -> Sequence[float]:
        """Return the vector of a redacted question.

        Raises:
            UnavailableError: the model cannot be used now.
        """
        ...


@dataclass(frozen=True, slots=True)
class QueryEmbedder:
    """An `Embedder` of what embeds the queries of a search."""

    name: str
    query: Callable[[str], Awaitable[Sequence[float]]] = field(repr=False)

    async def embed(self, text: str, /) -> Sequence[float]:
        return await self.query(text)
