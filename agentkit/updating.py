"""Bringing a store in step with its sources, as the embedded index is: unchanged passages are not embedded again."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from agentkit.adapters.memory.indexing import Outcome, Quarantined, Reader, Source, attempt, one_by_one
from agentkit.adapters.memory.renaming import renamed
from agentkit.errors import DocumentError
from agentkit.indexed import Entry, Known, PassageStore, Principal, version_of
from agentkit.naming import distinct
from agentkit.searching import Embedding, embedded_text

_EMBEDDED = 64


@runtime_checkable
class _Sparing(Protocol):
    """A store that tells which passages it has not got."""

    async def missing(self, document: Known, passages: Sequence[Entry], /) -> list[int]: ...


@runtime_checkable
class _Showing(Protocol):
    """A store that gives back what it holds of documents."""

    async def documents(
        self, wanted: Callable[[Known], bool], principal: Principal | None
    ) -> list[tuple[Known, list[Entry]]]: ...


@runtime_checkable
class _Settling(Protocol):
    """A store that tidies up after a run of writes, and counts its passages."""

    added: int

    async def size(self) -> int: ...
    async def settle(self) -> int: ...


async def update_store(
    store: PassageStore,
    sources: Iterable[Source],
    *,
    covered: Callable[[str], bool],
    embedding: Embedding | None = None,
    reader: Reader = one_by_one,
) -> Outcome:
    """Bring a store in step with its sources; it can be searched all the while; the next run repairs a killed one.

    A document that cannot be read is left out, and tried again at the next run. Vectors are made for passages that
    changed, and only for those.

    Args:
        store: where the passages are.
        sources: the documents there are.
        covered: tells of a key whether it is among the places looked at: if no source has it, its document is removed.
        embedding: the store's, or None.
        reader: reads the sources that changed.

    Raises:
        DocumentError: no document could be read, and the store was empty.
        RetrievalError: the store cannot be reached, or refuses.
    """
    known, before = dict(await store.known()), await _size(store)
    names = {document.name: key for key, document in known.items()}
    outcome, seen = Outcome(), set[str]()

    def unsettled() -> Iterable[Source]:
        for source in sources:
            seen.add(source.key)
            if _settled(source, known.get(source.key)):
                outcome.unchanged += 1
            else:
                yield source

    for source, read in reader(unsettled()):
        document = source.known(names)
        cut = await asyncio.to_thread(attempt, source, read, document.name)
        if isinstance(cut, Quarantined):
            outcome.quarantined.append(cut)
            continue
        vectors = await _vectors(store, document, cut.entries, embedding) if embedding is not None else None
        await store.upsert(document, cut.entries, vectors=vectors)
        if cut.warnings:
            outcome.warned.append((source.key, source.name, cut.warnings))
        known[source.key], names[document.name] = document, source.key
        outcome.read += 1
    broken = {row.key for row in outcome.quarantined}
    gone = [key for key in known if key in broken or (key not in seen and covered(key))]
    outcome.removed = await store.remove(gone) if gone else 0
    held = {key: document for key, document in known.items() if key not in set(gone)}
    held |= await _rename(store, held, embedding)
    return await _finished(store, [*held.values()], outcome, before)


async def _rename(store: PassageStore, held: Mapping[str, Known], embedding: Embedding | None) -> dict[str, Known]:
    """Give each document the name it has beside those there are now (see `naming`); return those that have another."""
    names = distinct(held.values())
    wrong = {key for key, known in held.items() if names[key] != known.name}
    if not wrong or not isinstance(store, _Showing):
        return {}
    labels = frozenset(label for known in held.values() for label in known.labels)
    seer = Principal("agentkit", frozenset(known.matter for known in held.values()), labels)
    done: dict[str, Known] = {}
    for before, passages in await store.documents(lambda known: known.key in wrong, seer):
        document, entries = renamed(before, passages, names[before.key])
        vectors = await _vectors(store, document, entries, embedding) if embedding is not None else None
        await store.upsert(document, entries, vectors=vectors)
        done[document.key] = document
    return done


async def _size(store: PassageStore) -> tuple[int, int]:
    """Return how many passages there are, and how many were new so far."""
    return (await store.size(), store.added) if isinstance(store, _Settling) else (0, 0)


async def _finished(store: PassageStore, held: Sequence[Known], outcome: Outcome, before: tuple[int, int]) -> Outcome:
    if not held and outcome.quarantined:
        first = outcome.quarantined[0]
        raise DocumentError(first.reason, name=first.key)
    if isinstance(store, _Settling):
        outcome.passages = await store.settle()
        outcome.new = min(store.added - before[1], outcome.passages)
        outcome.count(before=before[0])
    outcome.documents, outcome.version = len(held), version_of(held)
    return outcome


def _settled(source: Source, known: Known | None) -> bool:
    return (
        known is not None
        and known.sha256 == source.sha256
        and known.matter == source.matter
        and known.labels == tuple(sorted(source.labels))
    )


async def _vectors(
    store: PassageStore, document: Known, entries: Sequence[Entry], embedding: Embedding
) -> list[list[float]]:
    """Return a vector for each passage that the store has not got, and none for the others."""
    wanted = await store.missing(document, entries) if isinstance(store, _Sparing) else range(len(entries))
    vectors: list[list[float]] = [[] for _ in entries]
    places = list(wanted)
    for first in range(0, len(places), _EMBEDDED):
        batch = places[first : first + _EMBEDDED]
        made = await embedding.embed_passages([embedded_text(entries[place]) for place in batch])
        for place, vector in zip(batch, made, strict=True):
            vectors[place] = vector
    return vectors
