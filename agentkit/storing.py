"""A `PassageStore` over any database that is a `Table`: whole documents in one write, and what a killed writer left."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence

from agentkit.errors import ConfigError, UsageError
from agentkit.indexed import Entry, Known
from agentkit.listed import Listed, listed, passages_in
from agentkit.proposing import FORMAT, META, TableReader
from agentkit.stored import Row, Table, Where, document_row, encoded, passage_rows, row_id, wall_of
from agentkit.tallying import Tallies

_BATCH = 256


class TableStore(TableReader):
    """Passages in a database (see `TableReader`); one process at a time writes a document.

    `added` is how many passages were new, of those written since it was opened; the same words may stand in several.

    Raises:
        ConfigError: at the first use, where the database holds vectors of another embedding or size.
    """

    def __init__(self, table: Table, *, embedding: str = "none", dimensions: int = 0) -> None:
        super().__init__(table, embedding=embedding, dimensions=dimensions)
        self.added = 0
        self._repaired = False
        self._writing = asyncio.Lock()

    async def upsert(
        self, document: Known, passages: Sequence[Entry], /, *, vectors: Sequence[Sequence[float]] | None
    ) -> int:
        self._check(passages, vectors)
        async with self._writing:
            await self._make()
            rows = passage_rows(passages, document, vectors)
            head = document_row(document, passages, [row.id for row in rows])
            before = (await self.listed([head.id])).get(head.id)
            there = set(before.places) if before is not None else set[str]()
            fresh = list({row.id: row for row in rows if row.id not in there}.values())
            if self.dimensions and not all(row.vector for row in fresh):
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
            self.added += _new(Counter(row.id for row in rows), before)
            return len(fresh)

    def doubt(self) -> None:
        """Take nothing for granted of the database any more: it was away, or a write ended in the middle."""
        self.ready = self._repaired = False
        self.tallies = Tallies(self.table)

    async def make(self) -> None:
        """Make the place ready where it is new."""
        async with self._writing:
            await self._make()

    async def missing(self, document: Known, passages: Sequence[Entry], /) -> list[int]:
        """Return the places of the passages that `upsert` would write: only their vectors need to be computed."""
        head = row_id("document", document.key)
        before = (await self.listed([head])).get(head) if await self.opened() else None
        there = set(before.places) if before is not None else set[str]()
        return [place for place, row in enumerate(passage_rows(passages, document)) if row.id not in there]

    async def remove(self, keys: Sequence[str], /) -> int:
        async with self._writing:
            if not await self.opened():
                return 0
            await self._repair()
            heads = [row_id("document", key) for key in dict.fromkeys(keys)]
            found = await self.listed(heads)
            for head, before in found.items():
                await self.table.put([Row(row_id("pending", head), "pending", owner=head, body=encoded(head))])
                await self.table.drop([head])
                await self._tidy(head, before, None)
            return len(found)

    async def settle(self) -> int:
        """Tidy up after a run of writes; return how many passages there are."""
        if not await self.opened():
            return 0
        rows = await self.table.rows(Where("document"), limit=None)
        async with self._writing:
            await self.tallies.settle(rows)
        await self.table.settle()
        return sum(passages_in(body) for _, body in rows)

    async def _wall(self, document: Known) -> None:
        wall = wall_of(document.matter, document.labels)
        made = row_id("wall", wall)
        if not await self.table.get([made]):
            body = encoded([document.matter, sorted(document.labels)])
            await self.table.put([Row(made, "wall", wall, body=body)])

    async def _tidy(self, head: str, before: Listed | None, after: Listed | None) -> None:
        """Remove the rows of a document that it no longer lists, and the mark that they may be there."""
        rows = dict(await self.table.rows(Where("passage", owner=head), limit=None))
        self.tallies.note(before, after, rows)
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
            before = (await self.listed([head])).get(head)
            await self._tidy(head, before, before)
        self._repaired = True

    async def _make(self) -> None:
        if not await self.opened():
            await self.table.create(self.dimensions)
            data = {"format": FORMAT, "embedding": self.embedding, "dimensions": self.dimensions}
            await self.table.put([Row(META, "meta", body=encoded(data))])
            self.ready = True
        await self._repair()

    def _check(self, passages: Sequence[Entry], vectors: Sequence[Sequence[float]] | None) -> None:
        sizes = {len(vector) for vector in vectors or () if len(vector)}
        if (vectors is None) != (self.dimensions == 0) and passages:
            told = "has no embeddings" if vectors is not None else f"needs embeddings of {self.embedding}"
            raise ConfigError(f"{self.table.place} {told}: set index.embedding to what it was made with.")
        if sizes - {self.dimensions}:
            raise ConfigError(
                f"Vectors of {max(sizes)} dimensions do not fit {self.table.place}, which holds "
                f"{self.dimensions}: set index.embedding to {self.embedding}, or index into another place."
            )
        if vectors is not None and len(vectors) != len(passages):
            raise UsageError(f"There are {len(vectors)} vectors for {len(passages)} passages: give one for each.")


def _new(rows: Mapping[str, int], before: Listed | None) -> int:
    """Return how many passages a document has more of the same words than it had."""
    if before is None:
        return sum(rows.values())
    return sum(max(0, times - len(before.places.get(row, ()))) for row, times in rows.items())
