# ruff: noqa: D102
# The port documents the methods.
"""Changes into a database of passages. Its documents change one by one; the position is a row beside them.

Each document is replaced in one step, a transaction of several rows is not; the position is written after all of them.
What a killed writer had written is therefore written again, under the same keys, and leaves the same behind: changes
are applied at least once, and the result is that of once.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agentkit.changes import Applied, Incoming
from agentkit.errors import AgentKitError
from agentkit.indexed import Entry, Known, version_of
from agentkit.searching import Embedding, embedded_text
from agentkit.stored import Row, row_id
from agentkit.storing import TableStore

_SETTLE_S = 60.0


class FollowedStore:
    """A `ChangeSink` over a database.

    Args:
        store: the database; whoever reads it meanwhile may use the same.
        feed: the name under which the position is kept.
        embedding: the one the store is indexed with.
    """

    def __init__(self, store: TableStore, feed: str, *, embedding: Embedding | None = None) -> None:
        self.store = store
        self._row = row_id("position", feed)
        self._embedding = embedding
        self._known: dict[str, Known] | None = None
        self._names: dict[str, str] = {}
        self._changed: dict[str, None] = {}
        self._removed: dict[str, None] = {}
        self._broken: dict[str, str] = {}
        self._outdated: dict[str, str] = {}
        self._unchanged = 0
        self._is_written = False
        self._settled_at = -_SETTLE_S

    async def position(self) -> str | None:
        return await self.store.table.meta(self._row) or None

    async def keys(self, prefix: str, /) -> list[str]:
        return [key for key in await self._documents() if key.startswith(prefix)]

    async def write(self, documents: Sequence[Incoming], removed: Sequence[str], broken: Mapping[str, str], /) -> None:
        known = await self._documents()
        self._broken |= broken
        for document in documents:
            try:
                await self._put(document, known)
            except AgentKitError as error:
                if error.exit_code != 2:
                    raise  # the store, and not the document
                self._broken[document.known.key] = str(error)
        gone = [key for key in [*removed, *self._broken] if key in known]
        if gone:
            await self._remember(gone)
            await self.store.remove(gone)
            self._is_written = True
        for key in gone:
            self._names.pop(known.pop(key).name, None)
            self._removed[key] = None
            self._changed.pop(key, None)

    async def commit(self, position: str | None, /) -> Applied:
        known = await self._documents()
        if known or position:
            await self.store.make()
            await self.store.table.put([Row(self._row, "meta", body=position or "")])
        done = Applied(
            list(self._changed),
            list(self._removed),
            self._unchanged,
            dict(self._broken),
            dict(self._outdated),
            version_of(known.values()),
        )
        self._forget()
        return done

    async def abandon(self) -> None:
        self._known = None  # what was written is there, and is looked up again
        self._forget()

    def _forget(self) -> None:
        self._changed, self._removed, self._broken, self._outdated, self._unchanged = {}, {}, {}, {}, 0

    async def _remember(self, keys: Sequence[str]) -> None:
        """Note what documents held that are about to be replaced or removed."""
        self._outdated |= {version: key for key, version in (await self.store.contents(keys)).items()}

    async def tidy(self) -> None:
        """Bring up to date how common words are; that reads a line of every document, and so is not done for each."""
        if self._is_written and time.monotonic() - self._settled_at > _SETTLE_S:
            await self.store.settle()
            self._is_written, self._settled_at = False, time.monotonic()

    async def _documents(self) -> dict[str, Known]:
        if self._known is None:
            self._known = dict(await self.store.known())
            self._names = {known.name: key for key, known in self._known.items()}
        return self._known

    async def _put(self, document: Incoming, known: dict[str, Known]) -> None:
        wanted = document.known
        if self._names.get(wanted.name, wanted.key) != wanted.key:
            wanted = replace(wanted, name=wanted.key)
        if known.get(wanted.key) == wanted:
            self._unchanged += 1
            return
        entries = await asyncio.to_thread(document.read, wanted.name)
        if wanted.key in known:
            await self._remember([wanted.key])
        await self.store.upsert(wanted, entries, vectors=await self._vectors(wanted, entries))
        self._is_written = True
        if wanted.key in known:
            self._names.pop(known[wanted.key].name, None)
        known[wanted.key], self._names[wanted.name] = wanted, wanted.key
        self._changed[wanted.key] = None
        self._removed.pop(wanted.key, None)

    async def _vectors(self, document: Known, entries: Sequence[Entry]) -> list[list[float]] | None:
        """Return vectors for the passages that the store has not got, and none for the others."""
        if self._embedding is None:
            return None
        vectors: list[list[float]] = [[] for _ in entries]
        places = await self.store.missing(document, entries)
        made = await self._embedding.embed_passages([embedded_text(entries[place]) for place in places])
        for place, vector in zip(places, made, strict=True):
            vectors[place] = vector
        return vectors
