"""What a database of passages holds for one who asks: what it proposes to a search, and how common words are."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from agentkit.errors import ConfigError, RetrievalError
from agentkit.indexed import Counts, Entry, Known, Principal, StoreQuery
from agentkit.legal.lineages import NEAR, sought_keys
from agentkit.listed import Listed, edition_of, known_of, listed, passages_in
from agentkit.stored import Hit, Table, Where, in_turns, kin, numbered, row_id, token, wall_of
from agentkit.tallying import Tallies

FORMAT = "agentkit.store/3"
META = row_id("meta")
_OPEN = wall_of("", ())
_DOCUMENTS = 5
"""So many documents that a query may name are looked through as a whole."""
_ATTEMPTS = 3


class TableReader:
    """Passages in a database, for those who read.

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
        self.dimensions = dimensions
        self.ready = False
        self.tallies = Tallies(table)

    async def known(self) -> Mapping[str, Known]:
        if not await self.opened():
            return {}
        rows = await self.table.rows(Where("document"), limit=None)
        return {document.key: document for document in (known_of(body) for _, body in rows)}

    async def size(self) -> int:
        """Return how many passages there are."""
        rows = await self.table.rows(Where("document"), limit=None) if await self.opened() else []
        return sum(passages_in(body) for _, body in rows)

    async def documents(
        self, wanted: Callable[[Known], bool], principal: Principal | None
    ) -> list[tuple[Known, list[Entry]]]:
        """Return documents with their passages in order: those a principal may see, without one those anybody may."""
        if not await self.opened():
            raise self._missing()
        walls = await self._walls(principal or Principal())
        rows = await self.table.rows(Where("document", walls), limit=None) if walls else []
        heads = [head for head, body in rows if wanted(known_of(body))]
        found = [await self._whole(head) for head in heads]
        return [one for one in found if one is not None]

    async def held(self, keys: Iterable[str]) -> list[tuple[Known, list[Entry]]]:
        """Return documents of these keys, with their passages in order, whoever may see them."""
        found = [await self._whole(row_id("document", key)) for key in keys]
        return [one for one in found if one is not None]

    async def editions(self, names: Sequence[str], principal: Principal | None) -> dict[str, str]:
        """Return what documents say they are, by name: some, and those that may replace one of them.

        Only documents that the principal may see are looked up (see `legal.lineages`).
        """
        walls = await self._walls(principal) if await self.opened() else []
        if not walls:
            return {}
        looks = [self.table.rows(Where("document", walls, name=token(name)), limit=None) for name in names]
        found = dict(edition_of(body) for rows in [await look for look in looks] for _, body in rows)
        words = numbered(dict.fromkeys(kin(sought_keys(found.values())), 1.0))
        near = await self.table.words(words, Where("document", walls), limit=NEAR) if words else []
        return dict(edition_of(body) for _, body in near) | found

    async def contents(self, keys: Iterable[str]) -> dict[str, str]:
        """Return what some documents hold, by their keys: the SHA-256 of it."""
        rows = {row_id("document", key): key for key in keys}
        found = await self.listed(list(rows)) if rows and await self.opened() else {}
        return {rows[head]: version for head, one in found.items() if (version := one.version)}

    async def _whole(self, head: str) -> tuple[Known, list[Entry]] | None:
        """Return a document; None where it is gone."""
        entries: list[tuple[int, Entry]] = []
        for _ in range(_ATTEMPTS):
            one = (await self.listed([head])).get(head)
            if one is None:
                return None
            held = await self.table.rows(Where("passage", owner=head), limit=None)
            entries = [found for row, body in held for found in one.entries(row, json.loads(body))]
            if len(entries) == one.size:  # or it was replaced between the two looks
                return one.known, [entry for _, entry in sorted(entries, key=lambda found: found[0])]
        raise RetrievalError(f"{self.table.place} is changing too fast to read a document: try again.")

    def _missing(self) -> RetrievalError:
        return RetrievalError(
            f"There is no index in {self.table.place}: make one with agentkit index PATH --index URL."
        )

    async def candidates(self, query: StoreQuery, /) -> list[Entry]:
        if not await self.opened():
            raise self._missing()
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
        return await self.tallies.counts(await self._walls(principal), stems) if await self.opened() else None

    async def is_guarded(self) -> bool:
        """Tell whether it holds a document that not everybody may see."""
        if not await self.opened():
            return False
        return await self._guards(wall for wall, _, _ in await self._built() if wall != _OPEN)

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
        if query.vector is not None and self.dimensions:
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
        heads = await self.listed(owners)
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

    async def listed(self, heads: Sequence[str]) -> dict[str, Listed]:
        """Return the documents of some rows, with where their passages stand."""
        found = await self.table.get(heads)
        return {head: listed(body, places) for head, (body, places) in found.items()}

    async def opened(self) -> bool:
        """Return whether the database has an index, and it is one of ours."""
        if self.ready:
            return True
        body = await self.table.meta(META)
        if body is None:
            return False
        data, place = cast(dict[str, Any], json.loads(body)), self.table.place
        if data.get("format") != FORMAT:
            raise ConfigError(f"{place} holds an index of another version of agentkit: index into another place.")
        if (data["embedding"], data["dimensions"]) != (self.embedding, self.dimensions):
            was = f"{data['embedding']} ({data['dimensions']} dimensions)"
            now = f"{self.embedding} ({self.dimensions})"
            raise ConfigError(
                f"{place} was indexed with the embedding {was} and now it is {now}: set index.embedding to "
                f"{data['embedding']}, or index into another place."
            )
        self.ready = True
        return True
