"""Searching a store: it proposes passages, and they are ranked by the same engine as those of the embedded index."""

import asyncio
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol, runtime_checkable

from agentkit.adapters.memory.corpus import Corpus, opened
from agentkit.adapters.memory.engine import Found
from agentkit.indexed import Counts, Entry, PassageStore, Principal, StoreQuery
from agentkit.legal.answering_words import DOCUMENT_WORDS, WEAK, stems
from agentkit.legal.search import Query, read_query
from agentkit.types import Passage

WITHIN, AMONG = 400, 200
"""So many passages of one document, or of each kind of search among all, are ranked, as the embedded engine does."""
_FAINT = 0.15
_SAY_LITTLE = frozenset(stems(" ".join(WEAK | DOCUMENT_WORDS)))
_REMEMBERED = 8


class Embedding(Protocol):
    """Turns texts into vectors of one size.

    Args:
        name: says which model it is: what one has indexed, no other may search.
        dimensions: the size of its vectors.
    """

    name: str
    dimensions: int

    async def embed_passages(self, texts: Sequence[str], /) -> list[list[float]]:
        """Return a vector of length 1 for each passage.

        Raises:
            UnavailableError: the model cannot be used now.
        """
        ...

    async def embed_query(self, text: str, /) -> list[float]:
        """Return the vector of a query, of length 1.

        Raises:
            UnavailableError: the model cannot be used now.
        """
        ...


@runtime_checkable
class _Counting(Protocol):
    """A store that tells how common words are in what somebody may see."""

    async def counts(self, stems: Iterable[str], principal: Principal | None) -> Counts | None: ...


@runtime_checkable
class _Telling(Protocol):
    """A store that keeps what its documents say they are."""

    async def editions(self, names: Sequence[str], principal: Principal | None) -> dict[str, str]: ...


class StoreSearch:
    """A `Retriever` over a store of passages, for one who may see some of them.

    Args:
        store: proposes the passages.
        embedding: the one that the store was indexed with, or None.
        principal: who asks; None sees nothing where any passage has a matter or a label.
    """

    def __init__(
        self, store: PassageStore, *, embedding: Embedding | None = None, principal: Principal | None = None
    ) -> None:
        self._store = store
        self._embedding = embedding
        self._principal = principal
        # Most of a search is indexing what the store proposed, and one who reads a contract asks it more than once.
        self._corpus = lru_cache(maxsize=_REMEMBERED)(Corpus)

    def seen_by(self, principal: Principal | None) -> "StoreSearch":
        """Return the same search for somebody else."""
        other = StoreSearch(self._store, embedding=self._embedding, principal=principal)
        other._corpus = self._corpus
        return other

    async def search(self, query: str, *, top_k: int, document: str | None = None) -> list[Found]:
        """Return the best passages, best first, as the embedded index does; `document` restricts to one.

        Raises:
            RetrievalError: the store cannot be reached, or has no index.
        """
        asked = await self.asked(query, top_k=top_k, document=document)
        entries, counts = await self._store.candidates(asked), None
        if document is None and isinstance(self._store, _Counting):
            stems = [stem for group in read_query(query).groups for stem in group.worth]
            counts = await self._store.counts(stems, self._principal)
        return await asyncio.to_thread(
            lambda: self._corpus(tuple(entries)).search(
                query, top_k=top_k, document=document, principal=self._principal, counts=counts
            )
        )

    async def document_of(self, found: Found) -> list[Entry]:
        """Return the passages of the document that a found one stands in."""
        return await self.named(found.entry.document)

    async def named(self, name: str) -> list[Entry]:
        """Return the passages of the document of a name; none where the principal may not see it."""
        asked = StoreQuery({}, principal=self._principal, document=name, limit=10 * WITHIN)
        return await self._store.candidates(asked)

    async def editions(self, names: Sequence[str]) -> dict[str, str]:
        """Return what documents say they are, by name: some, and those that may replace one of them."""
        return await self._store.editions(names, self._principal) if isinstance(self._store, _Telling) else {}

    async def retrieve(self, query: str, /, *, top_k: int) -> list[Passage]:
        """Return at most `top_k` passages, best first (see `Retriever`)."""
        return [as_passage(found.entry) for found in await self.search(query, top_k=top_k)]

    async def aclose(self) -> None:
        """Release the store."""
        await self._store.aclose()

    async def asked(self, text: str, *, top_k: int, document: str | None) -> StoreQuery:
        """Return what the store is asked for a query."""
        query = read_query(text)
        vector = await self._embedding.embed_query(query.text) if self._embedding is not None else None
        return StoreQuery(
            asked_terms(query),
            vector=vector,
            principal=self._principal,
            document=document,
            limit=max(AMONG if document is None else WITHIN, 2 * top_k),
            reference={stem: _FAINT if stem in _SAY_LITTLE else 1.0 for stem in query.reference},
        )


class CorpusSearch:
    """A `Retriever` over the embedded index of a folder, opened at its first query.

    Args:
        folder: where the index is.
        principal: who asks; None sees nothing where any document has a matter or a label.
    """

    def __init__(self, folder: Path, *, principal: Principal | None = None) -> None:
        self._folder = folder
        self._principal = principal

    def seen_by(self, principal: Principal | None) -> "CorpusSearch":
        """Return the same search for somebody else."""
        return CorpusSearch(self._folder, principal=principal)

    async def retrieve(self, query: str, /, *, top_k: int) -> list[Passage]:
        """Return at most `top_k` passages, best first (see `Retriever`)."""
        found = await asyncio.to_thread(
            lambda: opened(self._folder).search(query, top_k=top_k, principal=self._principal)
        )
        return [as_passage(one.entry) for one in found]


def asked_terms(query: Query) -> dict[str, float]:
    """Return the stems a query asks for, with what each is worth; words that most contracts have are worth little.

    How rare a word is in a store would say something of passages that not everybody may see.
    """
    found: dict[str, float] = {}
    for group in query.groups:
        for stem, worth in group.worth.items():
            value = group.weight * worth * (_FAINT if stem in _SAY_LITTLE else 1.0)
            found[stem] = max(found.get(stem, 0.0), min(1.0, value))
    return found | {f"§{number}": 1.0 for number, _ in query.sections}


def as_passage(entry: Entry) -> Passage:
    """Return a passage of an index as one of a run, a source of its own."""
    return Passage(
        id=entry.id,
        source=-1,
        start=entry.start,
        end=entry.end,
        text=entry.text,
        page=entry.page,
        locator=" ".join(part for part in (entry.document, entry.locator) if part),
        section=entry.title,
        kind=entry.kind,
        labels=list(entry.labels),
    )


def embedded_text(entry: Entry) -> str:
    """Return what is embedded of a passage: its words below its headings."""
    return f"{entry.title}\n{entry.text}" if entry.title else entry.text
