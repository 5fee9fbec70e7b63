"""A `PassageStore` over any database that is a `Table`: access, atomic documents, and what a search takes from it."""

import asyncio
import json
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any, cast

from agentkit.errors import ConfigError, RetrievalError, UsageError
from agentkit.indexed import Counts, Entry, Known, Principal, StoreQuery
from agentkit.stored import (
    Hit,
    Listed,
    Row,
    Table,
    Where,
    document_row,
    encoded,
    in_turns,
    known_of,
    listed,
    numbered,
    passage_rows,
    row_id,
    token,
    wall_of,
)
from agentkit.tallying import Tallies

FORMAT = "agentkit.store/2"
_META = row_id("meta")
_OPEN = wall_of("", ())
_BATCH = 256
_DOCUMENTS = 5
"""So many documents that a query may name are looked through as a whole."""
_ATTEMPTS = 3


class TableStore:
    """Passages in a database.

    Args:
        table: the database.
        embedding: the name of what embeds passages and queries; "none" is for words alone.
        dimensions: the size of its vectors; 0 without one.

    Raises:
        ConfigError: at the first use, where the database holds vectors of another embedding or size.
    """

    def __init__(self, table: Table, *, embedding: str = "none", dimensions: int = 0) -> None:
        self.table = table
        self.embedding = embedding
        self._dimensions = dimensions
        self._ready = False
        self._repaired = False
        self._writing = asyncio.Lock()
        self._tallies = Tallies(table)

    async def known(self) -> Mapping[str, Known]:
        if not await self._opened():
            return {}
        rows = await self.table.rows(Where("document"), limit=None)
        return {document.key: document for document in (known_of(body) for _, body in rows)}

    async def upsert(
        self, document: Known, passages: Sequence[Entry], /, *, vectors: Sequence[Sequence[float]] | None
    ) -> int:
        self._check(passages, vectors)
        async with self._writing:
            await self._make()
            rows = passage_rows(passages, document, vectors)
            head = document_row(document, passages, [row.id for row in rows])
            before = (await self._listed([head.id])).get(head.id)
            there = set(before.places) if before is not None else set[str]()
            fresh = list({row.id: row for row in rows if row.id not in there}.values())
            if self._dimensions and not all(row.vector for row in fresh):
                raise UsageError("A passage that changed has no vector: give one for each that `missing` names.")
            if before is not None and not fresh and before == listed(head.body, head.places):
                return 0
            # Whoever finds this mark later knows that its writer was killed, and where.
            mark = Row(row_id("pending", head.id), "pending", owner=head.id, body=encoded(head.id))
            await self._wall(document)
            for first in range(0, len(fresh) or 1, _BATCH):
                await self.table.put([mark, *fresh[first : first + _BATCH]])
            await self.table.put([head])
            await self._tidy(head.id, before, listed(head.body, head.places))
            return len(fresh)

    async def make(self) -> None:
        """Make the place ready where it is new."""
        async with self._writing:
            await self._make()

    async def missing(self, document: Known, passages: Sequence[Entry], /) -> list[int]:
        """Return the places of the passages that `upsert` would write: only their vectors need to be computed."""
        head = row_id("document", document.key)
        before = (await self._listed([head])).get(head) if await self._opened() else None
        there = set(before.places) if before is not None else set[str]()
        return [place for place, row in enumerate(passage_rows(passages, document)) if row.id not in there]

    async def remove(self, keys: Sequence[str], /) -> int:
        async with self._writing:
            if not await self._opened():
                return 0
            await self._repair()
            heads = [row_id("document", key) for key in dict.fromkeys(keys)]
            found = await self._listed(heads)
            for head, before in found.items():
                await self.table.put([Row(row_id("pending", head), "pending", owner=head, body=encoded(head))])
                await self.table.drop([head])
                await self._tidy(head, before, None)
            return len(found)

    async def candidates(self, query: StoreQuery, /) -> list[Entry]:
        if not await self._opened():
            raise RetrievalError(
                f"There is no index in {self.table.place}: make one with agentkit index PATH --index URL."
            )
        walls = await self._walls(query.principal)
        if not walls:
            return []
        found, lost = list[Entry](), set[str]()
        for _ in range(_ATTEMPTS):
            whole, ranked = await self._proposed(query, walls)
            found, missed = await self._placed(whole, ranked, query.principal)
            if missed <= lost:
                break
            # A document was replaced between the two looks, or a writer was killed: the next look tells which.
            lost = missed
        return found

    async def counts(self, stems: Iterable[str], principal: Principal | None) -> Counts | None:
        """Return how common stems are in what a principal may see; None where that is not known."""
        return await self._tallies.counts(await self._walls(principal), stems) if await self._opened() else None

    async def is_guarded(self) -> bool:
        """Tell whether it holds a document that not everybody may see."""
        if not await self._opened():
            return False
        return await self._guards(wall for wall, _, _ in await self._built() if wall != _OPEN)

    async def settle(self) -> int:
        """Tidy up after a run of writes; return how many passages there are."""
        if not await self._opened():
            return 0
        rows = await self.table.rows(Where("document"), limit=None)
        async with self._writing:
            await self._tallies.settle(rows)
        await self.table.settle()
        return sum(int(json.loads(body)["passages"]) for _, body in rows)

    async def aclose(self) -> None:
        await self.table.aclose()

    async def _proposed(self, query: StoreQuery, walls: Sequence[str]) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Return the rows of documents that are taken as a whole, and others, best first, by turns of each search."""
        words, limit = numbered(query.terms), query.limit
        if query.document is not None:
            within = Where("passage", walls, name=token(query.document))
            whole = await self.table.rows(within, limit=limit + 1)
            if len(whole) <= limit:
                return dict(whole), {}
        else:
            within = Where("passage", walls)
        looks: list[Awaitable[list[Hit]]] = []
        if words:
            looks.append(self.table.words(words, within, limit=limit))
        if query.vector is not None and self._dimensions:
            looks.append(self.table.near(query.vector, within, limit=limit))
        rankings = [await look for look in looks]
        named = numbered(query.reference) if query.document is None else {}
        return await self._named(named, walls, limit) if named else {}, in_turns(rankings)

    async def _named(self, words: Mapping[int, float], walls: Sequence[str], limit: int) -> dict[str, str]:
        """Return the passages of the documents whose beginning has most of these words."""
        heads = await self.table.words(words, Where("document", walls), limit=_DOCUMENTS)
        found: list[Hit] = []
        for head, _ in heads:
            found += await self.table.rows(Where("passage", walls, owner=head), limit=4 * limit)
        return dict(found)

    async def _placed(
        self, whole: Mapping[str, str], ranked: Mapping[str, str], principal: Principal | None
    ) -> tuple[list[Entry], set[str]]:
        """Return the passages that rows stand for now, whole documents in their order, and rows that stand for none."""
        bodies = {row: cast(dict[str, Any], json.loads(body)) for row, body in {**whole, **ranked}.items()}
        owners = list(dict.fromkeys(str(body["owner"]) for body in bodies.values()))
        heads = await self._listed(owners)
        found = {
            row: heads[owner].entries(row, body) if (owner := str(body["owner"])) in heads else []
            for row, body in bodies.items()
        }
        ordered = sorted(
            ((owners.index(str(bodies[row]["owner"])), *one) for row in whole for one in found[row]),
            key=lambda one: one[:2],
        )
        best = [entry for row in ranked if row not in whole for _, entry in found[row]]
        seer = principal or Principal()
        entries = [
            entry for entry in [*(one[-1] for one in ordered), *best] if seer.may_see(entry.matter, entry.labels)
        ]
        return entries, {row for row, held in found.items() if not held}

    async def _walls(self, principal: Principal | None) -> list[str]:
        """Return the walls behind which somebody may look."""
        seer, built = principal or Principal(), await self._built()
        closed = [wall for wall, matter, labels in built if not seer.may_see(matter, labels)]
        nothing = principal is None and await self._guards(closed)
        return [] if nothing else [wall for wall, matter, labels in built if seer.may_see(matter, labels)]

    async def _built(self) -> list[tuple[str, str, list[str]]]:
        """Return the walls there are, each with its matter and labels.

        Raises:
            RetrievalError: one is not what its row says: nobody knows any more who may see what.
        """
        built = list[tuple[str, str, list[str]]]()
        for row, body in await self.table.rows(Where("wall"), limit=None):
            matter, labels = cast(tuple[str, list[str]], tuple(json.loads(body)))
            wall = wall_of(matter, labels)
            if row != row_id("wall", wall):
                raise RetrievalError(f"{self.table.place} is damaged: index into another place.")
            built.append((wall, matter, labels))
        return built

    async def _guards(self, walls: Iterable[str]) -> bool:
        """Tell whether a document stands behind one of these walls."""
        closed = list(walls)
        return bool(closed) and bool(await self.table.rows(Where("document", closed), limit=1))

    async def _wall(self, document: Known) -> None:
        wall = wall_of(document.matter, document.labels)
        made = row_id("wall", wall)
        if not await self.table.get([made]):
            body = encoded([document.matter, sorted(document.labels)])
            await self.table.put([Row(made, "wall", wall, body=body)])

    async def _listed(self, heads: Sequence[str]) -> dict[str, Listed]:
        found = await self.table.get(heads)
        return {head: listed(body, places) for head, (body, places) in found.items()}

    async def _tidy(self, head: str, before: Listed | None, after: Listed | None) -> None:
        """Remove the rows of a document that it no longer lists, and the mark that they may be there."""
        rows = dict(await self.table.rows(Where("passage", owner=head), limit=None))
        self._tallies.note(before, after, rows)
        stale = [row for row in rows if after is None or row not in after.places]
        for first in range(0, len(stale), _BATCH):
            await self.table.drop(stale[first : first + _BATCH])
        await self.table.drop([row_id("pending", head)])

    async def _repair(self) -> None:
        """Remove what a killed writer left."""
        if self._repaired:
            return
        for _, body in await self.table.rows(Where("pending"), limit=None):
            head = str(json.loads(body))
            before = (await self._listed([head])).get(head)
            await self._tidy(head, before, before)
        self._repaired = True

    async def _make(self) -> None:
        if not await self._opened():
            await self.table.create(self._dimensions)
            data = {"format": FORMAT, "embedding": self.embedding, "dimensions": self._dimensions}
            await self.table.put([Row(_META, "meta", body=encoded(data))])
            self._ready = True
        await self._repair()

    async def _opened(self) -> bool:
        """Return whether the database has an index, and it is one of ours."""
        if self._ready:
            return True
        body = await self.table.meta(_META)
        if body is None:
            return False
        data, place = cast(dict[str, Any], json.loads(body)), self.table.place
        if data.get("format") != FORMAT:
            raise ConfigError(f"{place} holds an index of another version of agentkit: index into another place.")
        if (data["embedding"], data["dimensions"]) != (self.embedding, self._dimensions):
            was = f"{data['embedding']} ({data['dimensions']} dimensions)"
            now = f"{self.embedding} ({self._dimensions})"
            raise ConfigError(
                f"{place} was indexed with the embedding {was} and now it is {now}: set index.embedding to "
                f"{data['embedding']}, or index into another place."
            )
        self._ready = True
        return True

    def _check(self, passages: Sequence[Entry], vectors: Sequence[Sequence[float]] | None) -> None:
        sizes = {len(vector) for vector in vectors or () if len(vector)}
        if (vectors is None) != (self._dimensions == 0) and passages:
            told = "has no embeddings" if vectors is not None else f"needs embeddings of {self.embedding}"
            raise ConfigError(f"{self.table.place} {told}: set index.embedding to what it was made with.")
        if sizes - {self._dimensions}:
            raise ConfigError(
                f"Vectors of {max(sizes)} dimensions do not fit {self.table.place}, which holds "
                f"{self._dimensions}: set index.embedding to {self.embedding}, or index into another place."
            )
        if vectors is not None and len(vectors) != len(passages):
            raise UsageError(f"There are {len(vectors)} vectors for {len(passages)} passages: give one for each.")
