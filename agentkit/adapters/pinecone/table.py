"""Rows as records of a Pinecone index, over its data plane as documented (API version 2025-04).

No server was at hand to run this against: the tests hold each request and answer to the documentation's examples. A
write is seen after a moment, and a search returns at most ten thousand rows.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from agentkit.egress import note_host
from agentkit.errors import RetrievalError, UsageError
from agentkit.stored import Hit, Row, Where, filler

_VERSION = "2025-04"
_ALL = 10_000
_FETCHED, _WRITTEN = 100, 100
_MOST_BYTES = 39_000
"""So much may stand beside a record's vector."""
_NOTHING = {"indices": [0], "values": [1.0]}
"""Every record has this, which is no word's number: asking for it returns rows in no particular order."""


class PineconeTable:
    """A namespace of a Pinecone index: with embeddings a dense one of the metric "dotproduct", else a sparse one.

    Args:
        namespace: its name.
        url: the index's own address.
        api_key: the project's.
        host: what it is called where contacts are recorded.
        timeout_s: how long an answer is waited for.
    """

    def __init__(
        self, namespace: str, *, url: str, api_key: str | None = None, host: str = "", timeout_s: float = 10.0
    ) -> None:
        self.place = f"{url}/{namespace}"
        self._namespace, self._host = namespace, host
        headers = {"X-Pinecone-API-Version": _VERSION} | ({"Api-Key": api_key} if api_key else {})
        self._client = httpx.AsyncClient(base_url=url, headers=headers, timeout=timeout_s, trust_env=False)
        self._size: int | None = None

    async def meta(self, key: str, /) -> str | None:
        found = await self.get([key])
        return found[key][0] if key in found else None

    async def create(self, dimensions: int, /) -> None:
        if await self._dimensions() != dimensions:
            kind = f'a dense index of {dimensions} dimensions, metric "dotproduct"' if dimensions else "a sparse index"
            raise RetrievalError(f"The store {self.place} does not fit: index.embedding asks for {kind}.")

    async def get(self, ids: Sequence[str], /) -> Mapping[str, tuple[str, str]]:
        found: dict[str, tuple[str, str]] = {}
        for first in range(0, len(ids), _FETCHED):
            chosen = [("ids", one) for one in ids[first : first + _FETCHED]]
            answer = await self._call("GET", "/vectors/fetch", params=[*chosen, ("namespace", self._namespace)])
            for one, record in answer["vectors"].items():
                found[one] = (record["metadata"]["body"], record["metadata"]["places"])
        return found

    async def rows(self, where: Where, /, *, limit: int | None) -> list[Hit]:
        size = await self._dimensions()
        anything = {"vector": filler(size)} if size else {"sparseVector": _NOTHING}
        found = await self._query(anything, where, _ALL if limit is None else min(limit, _ALL))
        if limit is None and len(found) == _ALL:
            raise RetrievalError(
                f"The store {self.place} cannot list more than {_ALL} rows: spread them over namespaces."
            )
        return found

    async def put(self, rows: Sequence[Row], /) -> None:
        size = await self._dimensions()
        for first in range(0, len(rows), _WRITTEN):
            records = [_record(row, size) for row in rows[first : first + _WRITTEN]]
            await self._call("POST", "/vectors/upsert", body={"vectors": records, "namespace": self._namespace})

    async def drop(self, ids: Sequence[str], /) -> None:
        if ids:
            await self._call("POST", "/vectors/delete", body={"ids": list(ids), "namespace": self._namespace})

    async def words(self, words: Mapping[int, float], where: Where, /, *, limit: int) -> list[Hit]:
        size = await self._dimensions()
        asked: dict[str, object] = {"sparseVector": _sparse(words)}
        # A dense index is asked by both vectors; one of zeros adds nothing.
        return await self._query(asked | ({"vector": [0.0] * size} if size else {}), where, limit)

    async def near(self, vector: Sequence[float], where: Where, /, *, limit: int) -> list[Hit]:
        return await self._query({"vector": list(vector)}, where, limit)

    async def settle(self) -> None:
        return None

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _dimensions(self) -> int:
        if self._size is None:
            told = await self._call("POST", "/describe_index_stats", body={})
            self._size = int(told.get("dimension") or 0)
        return self._size

    async def _query(self, asked: Mapping[str, object], where: Where, limit: int) -> list[Hit]:
        body = {**asked, "filter": _filter(where), "topK": limit, "includeMetadata": True, "includeValues": False}
        answer = await self._call("POST", "/query", body={**body, "namespace": self._namespace})
        return [(str(one["id"]), str(one["metadata"]["body"])) for one in answer["matches"]]

    async def _call(
        self, method: str, path: str, *, body: object = None, params: Sequence[tuple[str, str]] = ()
    ) -> Any:
        note_host(self._host)
        try:
            answer = await self._client.request(method, path, json=body, params=list(params))
            if answer.is_error:
                raise RetrievalError(f"The store {self.place} cannot be used: it answered {answer.status_code}.")
            return answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise RetrievalError(f"The store {self.place} cannot be used: {type(error).__name__}.") from error


def _filter(where: Where) -> dict[str, object]:
    chosen: dict[str, object] = {"kind": {"$eq": where.kind}}
    if where.walls is not None:
        chosen["wall"] = {"$in": list(where.walls)}
    return chosen | {key: {"$eq": value} for key, value in (("owner", where.owner), ("name", where.name)) if value}


def _record(row: Row, size: int) -> dict[str, object]:
    fields = {**row.filtered(), "body": row.body, "places": row.places}
    if sum(len(value.encode()) for value in fields.values()) > _MOST_BYTES:
        raise UsageError("A passage or document is too large for Pinecone: set retrieval.max_chars lower, or split it.")
    sparse = {"sparseValues": _sparse({0: 1.0, **row.words})}
    dense = {"values": list(row.vector) if row.vector else filler(size)} if size else {}
    return {"id": row.id, **dense, **sparse, "metadata": fields}


def _sparse(words: Mapping[int, float]) -> dict[str, object]:
    return {"indices": list(words), "values": list(words.values())}
