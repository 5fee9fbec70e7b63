# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# The client's models take and return loosely typed values.
"""Rows as points of a Qdrant collection: words as a sparse vector, the embedding as a dense one."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from qdrant_client import QdrantClient, models

from agentkit.egress import note_host
from agentkit.errors import RetrievalError
from agentkit.stored import Hit, Row, Where

_Answer = TypeVar("_Answer")
_DENSE, _WORDS = "dense", "words"
_PAGE = 1000
_FILTERED = ("kind", "wall", "owner", "name")


class QdrantTable:
    """A collection of a Qdrant server, or of a folder, which one process at a time can open.

    Args:
        collection: its name.
        url: the server's address.
        folder: where the points are, in place of a server.
        api_key: the server's.
        host: what the server is called where contacts are recorded.
        timeout_s: how long an answer is waited for.
    """

    def __init__(
        self,
        collection: str,
        *,
        url: str = "",
        folder: Path | None = None,
        api_key: str | None = None,
        host: str = "",
        timeout_s: int = 10,
    ) -> None:
        self.place = f"{url}/{collection}" if url else f"qdrant:{folder}"
        self._collection = collection
        self._url, self._folder, self._api_key = url, folder, api_key
        self._host, self._timeout_s = host, timeout_s
        self._opened: Any = None
        # The client of a folder is one SQLite connection.
        self._turn = threading.Lock()

    async def meta(self, key: str, /) -> str | None:
        def look(client: Any) -> str | None:
            if not client.collection_exists(self._collection):
                return None
            found = client.retrieve(self._collection, [key], with_payload=["body"])
            return str((found[0].payload or {})["body"]) if found else None

        return await self._ask(look)

    async def create(self, dimensions: int, /) -> None:
        def make(client: Any) -> None:
            if client.collection_exists(self._collection):
                return
            dense = {_DENSE: models.VectorParams(size=dimensions, distance=models.Distance.COSINE)}
            client.create_collection(
                self._collection,
                vectors_config=dense if dimensions else {},
                sparse_vectors_config={_WORDS: models.SparseVectorParams()},
            )
            for name in _FILTERED if self._folder is None else ():
                client.create_payload_index(self._collection, name, models.PayloadSchemaType.KEYWORD, wait=True)

        await self._ask(make)

    async def get(self, ids: Sequence[str], /) -> Mapping[str, tuple[str, str]]:
        if not ids:
            return {}
        found = await self._ask(lambda client: client.retrieve(self._collection, ids, with_payload=["body", "places"]))
        return {str(one.id): (str((one.payload or {})["body"]), str((one.payload or {})["places"])) for one in found}

    async def rows(self, where: Where, /, *, limit: int | None) -> list[Hit]:
        def scroll(client: Any) -> list[Hit]:
            found, after = list[Hit](), None
            while limit is None or len(found) < limit:
                page, after = client.scroll(
                    self._collection,
                    scroll_filter=_filter(where),
                    limit=_PAGE if limit is None else min(_PAGE, limit - len(found)),
                    offset=after,
                    with_payload=["body"],
                )
                found += _hits(page)
                if after is None:
                    break
            return found

        return await self._ask(scroll)

    async def put(self, rows: Sequence[Row], /) -> None:
        points = [models.PointStruct(id=row.id, vector=_vectors(row), payload=_payload(row)) for row in rows]
        await self._ask(lambda client: client.upsert(self._collection, points, wait=True))

    async def drop(self, ids: Sequence[str], /) -> None:
        chosen = models.PointIdsList(points=list(ids))
        if ids:
            await self._ask(lambda client: client.delete(self._collection, chosen, wait=True))

    async def words(self, words: Mapping[int, float], where: Where, /, *, limit: int) -> list[Hit]:
        return await self._search(_sparse(words), _WORDS, where, limit)

    async def near(self, vector: Sequence[float], where: Where, /, *, limit: int) -> list[Hit]:
        return await self._search(list(vector), _DENSE, where, limit)

    async def settle(self) -> None:
        return None

    async def aclose(self) -> None:
        client, self._opened = self._opened, None
        if client is not None:
            await asyncio.to_thread(client.close)

    async def _search(self, query: Any, using: str, where: Where, limit: int) -> list[Hit]:
        found = await self._ask(
            lambda client: client.query_points(
                self._collection,
                query=query,
                using=using,
                query_filter=_filter(where),
                limit=limit,
                with_payload=["body"],
            )
        )
        return _hits(found.points)

    async def _ask(self, question: Callable[[Any], _Answer]) -> _Answer:
        return await asyncio.to_thread(self._asked, question)

    def _asked(self, question: Callable[[Any], _Answer]) -> _Answer:
        if self._host:
            note_host(self._host)
        with self._turn:
            try:
                if self._opened is None:
                    self._opened = self._open()
                return question(self._opened)
            except Exception as error:
                told = "another process has it open" if "already accessed" in str(error) else type(error).__name__
                raise RetrievalError(f"The store {self.place} cannot be used: {told}.") from error

    def _open(self) -> Any:
        if self._folder is not None:
            return QdrantClient(path=str(self._folder), force_disable_check_same_thread=True)
        return QdrantClient(
            url=self._url, api_key=self._api_key, timeout=self._timeout_s, check_compatibility=False, trust_env=False
        )


def _filter(where: Where) -> models.Filter:
    return models.Filter(
        must=[
            models.FieldCondition(key=field, match=models.MatchAny(any=list(values)))
            for field, values in where.allowed().items()
        ]
    )


def _sparse(words: Mapping[int, float]) -> models.SparseVector:
    return models.SparseVector(indices=list(words), values=list(words.values()))


def _vectors(row: Row) -> dict[str, Any]:
    vectors: dict[str, Any] = {_WORDS: _sparse(row.words)} if row.words else {}
    return vectors | ({_DENSE: list(row.vector)} if row.vector else {})


def _payload(row: Row) -> dict[str, str]:
    return {**row.filtered(), "body": row.body, "places": row.places}


def _hits(points: Sequence[Any]) -> list[Hit]:
    return [(str(one.id), str((one.payload or {})["body"])) for one in points]
