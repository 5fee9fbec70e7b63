# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false, reportMissingTypeStubs=false
# LanceDB and pyarrow are untyped.
"""Rows as rows of a LanceDB table; every write is a version of it, which readers see as a whole."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import lancedb
import numpy as np
import pyarrow as pa

from agentkit.errors import RetrievalError
from agentkit.stored import Hit, Row, Where, filler

_Answer = TypeVar("_Answer")
_NAME = "passages"
_ATTEMPTS = 5
_ALL = 1 << 30
_INDEXED = 5_000
"""From so many rows on, an index is faster than looking at each."""
_KEPT = timedelta(minutes=10)
"""A reader has so long to finish with a version that was replaced."""


class LanceTable:
    """A table in a folder; any number of processes may read it while others write.

    Args:
        folder: where it is, or will be.
    """

    def __init__(self, folder: Path) -> None:
        self.place = f"lancedb:{folder}"
        self._folder = folder
        self._opened: Any = None
        self._turn = threading.Lock()

    async def meta(self, key: str, /) -> str | None:
        def look() -> str | None:
            if self._opened is None:
                return None
            found = self._opened.search().where(f"id = '{key}'").select(["body"]).limit(1).to_list()
            return str(found[0]["body"]) if found else None

        return await self._ask(look)

    async def create(self, dimensions: int, /) -> None:
        texts = [(name, pa.string()) for name in ("id", "kind", "wall", "owner", "name", "body", "places")]
        words = [("terms", pa.list_(pa.int32())), ("values", pa.list_(pa.float32()))]
        dense = [("vector", pa.list_(pa.float32(), dimensions))] if dimensions else []

        def make() -> None:
            schema = pa.schema([*texts, *words, *dense])
            self._opened = self._database().create_table(_NAME, schema=schema, exist_ok=True)

        await self._ask(make)

    async def get(self, ids: Sequence[str], /) -> Mapping[str, tuple[str, str]]:
        if not ids:
            return {}
        found = await self._read(_one_of("id", ids), ["id", "body", "places"], limit=len(ids))
        return {row["id"]: (row["body"], row["places"]) for row in found.to_pylist()}

    async def rows(self, where: Where, /, *, limit: int | None) -> list[Hit]:
        return _hits(await self._read(_filter(where), ["id", "body"], limit=limit))

    async def put(self, rows: Sequence[Row], /) -> None:
        def write() -> None:
            columns = [_columns(row, self._opened.schema) for row in rows]
            made = pa.Table.from_pylist(columns, schema=self._opened.schema)
            self._opened.merge_insert("id").when_matched_update_all().when_not_matched_insert_all().execute(made)

        await self._ask(write)

    async def drop(self, ids: Sequence[str], /) -> None:
        if ids:
            await self._ask(lambda: self._opened.delete(_one_of("id", ids)))

    async def words(self, words: Mapping[int, float], where: Where, /, *, limit: int) -> list[Hit]:
        # LanceDB's own full text search weighs words by all passages, also those behind other walls.
        shared = f"array_has_any(terms, [{','.join(str(word) for word in words)}])"
        found = await self._read(f"{_filter(where)} AND {shared}", ["id", "terms", "values"], limit=None)
        best = _best(found, words, limit)
        bodies = await self.get(best)
        return [(row, bodies[row][0]) for row in best if row in bodies]

    async def near(self, vector: Sequence[float], where: Where, /, *, limit: int) -> list[Hit]:
        def look() -> Any:
            search = self._opened.search(list(vector), vector_column_name="vector").distance_type("cosine")
            chosen = search.where(_filter(where), prefilter=True).select(["id", "body", "_distance"])
            return chosen.limit(limit).to_arrow()

        return _hits(await self._ask(look))

    async def settle(self) -> None:
        def tidy() -> None:
            self._opened.optimize(cleanup_older_than=_KEPT)
            if self._opened.count_rows() >= _INDEXED and not self._opened.list_indices():
                for name in ("id", "owner", "name"):
                    self._opened.create_scalar_index(name, index_type="BTREE")
                self._opened.create_scalar_index("terms", index_type="LABEL_LIST")

        await self._ask(tidy)

    async def aclose(self) -> None:
        self._opened = None

    def _database(self) -> Any:
        return lancedb.connect(self._folder, read_consistency_interval=timedelta(0))

    async def _read(self, where: str, columns: Sequence[str], *, limit: int | None) -> Any:
        def look() -> Any:
            most = limit if limit is not None else max(1, self._opened.count_rows(where))
            return self._opened.search().where(where).select(list(columns)).limit(most).to_arrow()

        return await self._ask(look)

    async def _ask(self, question: Callable[[], _Answer]) -> _Answer:
        return await asyncio.to_thread(self._asked, question)

    def _asked(self, question: Callable[[], _Answer]) -> _Answer:
        with self._turn:
            for attempt in range(_ATTEMPTS):
                try:
                    if self._opened is None and (self._folder / f"{_NAME}.lance").exists():
                        self._opened = self._database().open_table(_NAME)
                    return question()
                except Exception as error:
                    # Another process may have written between the look and the write.
                    if attempt < _ATTEMPTS - 1 and "commit conflict" in str(error).lower():
                        continue
                    raise RetrievalError(f"The store {self.place} cannot be used: {type(error).__name__}.") from error
        raise AssertionError


def _filter(where: Where) -> str:
    return " AND ".join(_one_of(field, values) for field, values in where.allowed().items())


def _one_of(field: str, values: Sequence[str]) -> str:
    """Return a filter; the values are kinds, ids and hashes, in which there is nothing to escape."""
    listed = ",".join(f"'{value}'" for value in values)
    return f"{field} IN ({listed})" if values else "false"


def _columns(row: Row, schema: Any) -> dict[str, Any]:
    columns: dict[str, Any] = {"id": row.id, **row.filtered(), "body": row.body, "places": row.places}
    columns |= {"terms": list(row.words), "values": list(row.words.values())}
    if "vector" in schema.names:
        columns["vector"] = list(row.vector) if row.vector else filler(schema.field("vector").type.list_size)
    return columns


def _best(found: Any, words: Mapping[int, float], limit: int) -> list[str]:
    """Return the ids of the rows with the largest sums, the largest first."""
    asked = np.array(sorted(words), np.int32)
    worth = np.array([words[int(word)] for word in asked], np.float32)
    terms = found["terms"].combine_chunks()
    flat, values = terms.flatten().to_numpy(), found["values"].combine_chunks().flatten().to_numpy()
    places = np.minimum(np.searchsorted(asked, flat), len(asked) - 1)
    given = np.where(asked[places] == flat, worth[places] * values, np.float32(0))
    owner = np.repeat(np.arange(len(terms)), np.diff(terms.offsets.to_numpy()))
    scores = np.bincount(owner, weights=given, minlength=len(terms))
    order = np.argsort(-scores, kind="stable")[:limit]
    return [str(found["id"][int(row)]) for row in order]


def _hits(found: Any) -> list[Hit]:
    return [(str(row["id"]), str(row["body"])) for row in found.to_pylist()]
