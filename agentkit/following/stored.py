# ruff: noqa: D102
# The port documents the methods.
"""Changes into a database of passages. Its documents change one by one; the position is a row beside them.

Each document is replaced in one step, a transaction of several rows is not; the position is written after all of them.
What a killed writer had written is therefore written again, under the same keys, and leaves the same behind: changes
are applied at least once, and the result is that of once. What a document held is remembered before it is replaced, so
that who is told of changes is told of each.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence

from agentkit.adapters.memory.renaming import renamed
from agentkit.changes import Applied, Incoming
from agentkit.changes.doings import Doings, Owed, Place, came_of
from agentkit.errors import AgentKitError
from agentkit.indexed import Entry, Known, version_of
from agentkit.naming import Labels, is_same
from agentkit.searching import Embedding, embedded_text
from agentkit.stored import Row, row_id
from agentkit.storing import TableStore

_SETTLE_S = 60.0
_Made = dict[str, tuple[Known, list[Entry]]]


class FollowedStore:
    """A `ChangeSink` over a database.

    Args:
        store: the database; whoever reads it meanwhile may use the same.
        feed: the name under which the position is kept.
        embedding: the one the store is indexed with.
        owed: remembers what changed until everybody was told; by default as long as the process lives.
    """

    def __init__(
        self, store: TableStore, feed: str, *, embedding: Embedding | None = None, owed: Owed | None = None
    ) -> None:
        self.store = store
        self._row = row_id("position", feed)
        self._embedding = embedding
        self._known: dict[str, Known] | None = None
        self._labels = Labels([])
        self._doings = Doings(owed)
        self._place = Place()
        self._is_written = False
        self._settled_at = -_SETTLE_S

    async def position(self) -> str | None:
        position = await self._position()
        self._place.note(position)
        return position

    async def _position(self) -> str | None:
        return await self.store.table.meta(self._row) or None

    async def keys(self, prefix: str, /) -> list[str]:
        return [key for key in await self._documents() if key.startswith(prefix)]

    async def owed(self) -> Applied:
        done = await asyncio.to_thread(self._doings.recall, await self._position())
        return came_of(done, await self._documents()) if done else Applied()

    async def told(self) -> None:
        await asyncio.to_thread(self._doings.told)

    async def write(self, documents: Sequence[Incoming], removed: Sequence[str], broken: Mapping[str, str], /) -> None:
        self._place.check(await self._position(), self.store.table.place)
        known = await self._documents()
        made, reasons = await asyncio.to_thread(self._read, documents, known)
        broken = {**broken, **reasons}
        gone = dict.fromkeys([*removed, *broken])
        self._doings.broke(broken)
        there = [key for key in gone if key in known]
        await self._remember([*there, *made])
        for key in gone:
            self._doings.remove(key, was_there=key in known)
        if there:
            await self.store.remove(there)
            self._is_written = True
        for key in there:
            self._labels.drop(known.pop(key))
        await self._put(made, known)

    def _read(self, documents: Sequence[Incoming], known: Mapping[str, Known]) -> tuple[_Made, dict[str, str]]:
        """Return the documents that are other than what the store has, and why others cannot be read."""
        made, broken = _Made(), dict[str, str]()
        for document in documents:
            wanted = document.known
            if wanted.key in known and is_same(known[wanted.key], wanted):
                self._doings.same(wanted.key)
                continue
            try:
                made[wanted.key] = wanted, document.read(wanted.name)
            except AgentKitError as error:
                broken[wanted.key] = str(error)
            except Exception as error:  # noqa: BLE001  (whatever a file makes a reader stumble over concerns that file alone)
                broken[wanted.key] = f"{wanted.name} could not be read: {type(error).__name__}."
        return made, broken

    async def _put(self, made: _Made, known: dict[str, Known]) -> None:
        """Bring in documents, each under the name that it has beside the others; others may get another one by it."""
        for key, (wanted, _) in made.items():
            if key in known:
                self._labels.drop(known[key])
            self._labels.take(wanted)
            self._doings.put(key)
        wrong = self._wrong(made, known)
        made |= {
            one.key: (one, entries) for one, entries in await self.store.held([key for key in wrong if key not in made])
        }
        made |= {key: renamed(*made[key], name) for key, name in wrong.items() if key in made}
        for key, (wanted, entries) in made.items():
            await self.store.upsert(wanted, entries, vectors=await self._vectors(wanted, entries))
            self._is_written = True
            known[key] = wanted

    def _wrong(self, made: _Made, known: Mapping[str, Known]) -> dict[str, str]:
        """Return the names of documents that are called otherwise."""
        documents = {key: made[key][0] if key in made else known[key] for key in self._labels.touched()}
        names = {key: self._labels.name(one) for key, one in documents.items()}
        return {key: name for key, name in names.items() if name != documents[key].name}

    async def commit(self, position: str | None, /) -> Applied:
        known = await self._documents()
        await self._put({}, known)
        await asyncio.to_thread(self._doings.promise, position)
        if known or position:
            await self.store.make()
            self._place.check(await self._position(), self.store.table.place)
            await self.store.table.put([Row(self._row, "meta", body=position or "")])
            self._place.note(position or None)
        return self._doings.applied(version_of(known.values()))

    async def abandon(self) -> None:
        self._known = None  # what was written is there, and is looked up again
        self.store.doubt()
        self._doings.forget()

    async def _remember(self, keys: Sequence[str]) -> None:
        """Note what documents hold that are about to be added, replaced or removed."""
        if keys:
            held = dict.fromkeys(keys, "") | await self.store.contents(keys)
            await asyncio.to_thread(self._doings.note, list(held.items()))

    async def tidy(self) -> None:
        """Bring up to date how common words are; that reads a line of every document, and so is not done for each."""
        if self._is_written and time.monotonic() - self._settled_at > _SETTLE_S:
            await self.store.settle()
            self._is_written, self._settled_at = False, time.monotonic()

    async def _documents(self) -> dict[str, Known]:
        if self._known is None:
            self._known = dict(await self.store.known())
            self._labels = Labels(self._known.values())
        return self._known

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
