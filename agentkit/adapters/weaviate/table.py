"""Rows as objects of a Weaviate collection, over REST and GraphQL as documented for Weaviate 1.25 and later.

No server was at hand to run this against: the tests hold each request and answer to the documentation's examples.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import httpx

from agentkit.egress import note_host
from agentkit.errors import RetrievalError
from agentkit.stored import Hit, Row, Where

_MISSING = 404
_PAGE = 1000
_FILTERED = ("kind", "wall", "owner", "name")


class WeaviateTable:
    """A collection of a Weaviate server.

    Words are weighed by the server's own BM25, which counts all passages: of what somebody may see, that decides which
    are proposed; their scores are made anew from those alone.

    Args:
        collection: its name: a capital, then letters, digits and underscores.
        url: the server's address.
        api_key: the server's.
        host: what it is called where contacts are recorded.
        timeout_s: how long an answer is waited for.
    """

    def __init__(
        self, collection: str, *, url: str, api_key: str | None = None, host: str = "", timeout_s: float = 10.0
    ) -> None:
        self.place = f"{url}/{collection}"
        self._collection, self._host = collection, host
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx.AsyncClient(base_url=url, headers=headers, timeout=timeout_s, trust_env=False)

    async def meta(self, key: str, /) -> str | None:
        if await self._call("GET", f"/v1/schema/{self._collection}", missing=True) is None:
            return None
        found = await self._call("GET", f"/v1/objects/{self._collection}/{key}", missing=True)
        return str(found["properties"]["body"]) if found is not None else None

    async def create(self, dimensions: int, /) -> None:
        if await self._call("GET", f"/v1/schema/{self._collection}", missing=True) is not None:
            return
        fields = [
            {"name": name, "dataType": ["text"], "tokenization": "field", "indexSearchable": False}
            for name in _FILTERED
        ]
        kept = {"dataType": ["text"], "indexFilterable": False, "indexSearchable": False}
        words = {"name": "words", "dataType": ["text"], "tokenization": "whitespace", "indexFilterable": False}
        schema = {
            "class": self._collection,
            "vectorizer": "none",
            "vectorIndexConfig": {"distance": "cosine", "skip": dimensions == 0},
            "properties": [*fields, words, {"name": "body", **kept}, {"name": "places", **kept}],
        }
        await self._call("POST", "/v1/schema", body=schema)

    async def get(self, ids: Sequence[str], /) -> Mapping[str, tuple[str, str]]:
        found: dict[str, tuple[str, str]] = {}
        for first in range(0, len(ids), _PAGE):
            chosen = {"path": ["id"], "operator": "ContainsAny", "valueText": list(ids[first : first + _PAGE])}
            for row in await self._query({"where": chosen, "limit": _PAGE}, "body places"):
                found[row["_additional"]["id"]] = (row["body"], row["places"])
        return found

    async def rows(self, where: Where, /, *, limit: int | None) -> list[Hit]:
        found, page = list[Hit](), list[Hit]()
        while limit is None or len(found) < limit:
            size = _PAGE if limit is None else min(_PAGE, limit - len(found))
            page = _hits(await self._query({"where": _filter(where), "limit": size, "offset": len(found)}, "body"))
            found += page
            if len(page) < size:
                break
        return found

    async def put(self, rows: Sequence[Row], /) -> None:
        objects = [_object(self._collection, row) for row in rows]
        for row in await self._call("POST", "/v1/batch/objects", body={"objects": objects}):
            if row.get("result", {}).get("errors"):
                raise self._failed("it refused a row")

    async def drop(self, ids: Sequence[str], /) -> None:
        if not ids:
            return
        chosen = {"path": ["id"], "operator": "ContainsAny", "valueTextArray": list(ids)}
        await self._call("DELETE", "/v1/batch/objects", body={"match": {"class": self._collection, "where": chosen}})

    async def words(self, words: Mapping[int, float], where: Where, /, *, limit: int) -> list[Hit]:
        asked = " ".join(map(str, sorted(words, key=lambda word: -words[word])))
        arguments = {"bm25": {"query": asked, "properties": ["words"]}, "where": _filter(where), "limit": limit}
        return _hits(await self._query(arguments, "body"))

    async def near(self, vector: Sequence[float], where: Where, /, *, limit: int) -> list[Hit]:
        arguments = {"nearVector": {"vector": list(vector)}, "where": _filter(where), "limit": limit}
        return _hits(await self._query(arguments, "body"))

    async def settle(self) -> None:
        return None

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _query(self, arguments: Mapping[str, object], fields: str) -> list[Any]:
        query = f"{{Get{{{self._collection}({_inside(arguments)}){{{fields} _additional{{id}}}}}}}}"
        answer = await self._call("POST", "/v1/graphql", body={"query": query})
        if answer.get("errors"):
            raise self._failed("it refused a query")
        return answer["data"]["Get"][self._collection]

    async def _call(self, method: str, path: str, *, body: object = None, missing: bool = False) -> Any:
        note_host(self._host)
        try:
            answer = await self._client.request(method, path, json=body)
            if missing and answer.status_code == _MISSING:
                return None
            if answer.is_error:
                raise self._failed(f"it answered {answer.status_code}")
            return answer.json() if answer.content else None
        except (httpx.HTTPError, ValueError) as error:
            raise self._failed(type(error).__name__) from error

    def _failed(self, told: str) -> RetrievalError:
        return RetrievalError(f"The store {self.place} cannot be used: {told}.")


def _filter(where: Where) -> dict[str, object]:
    parts: list[dict[str, object]] = [{"path": ["kind"], "operator": "Equal", "valueText": where.kind}]
    if where.walls is not None:
        parts.append({"path": ["wall"], "operator": "ContainsAny", "valueText": list(where.walls)})
    for field, value in (("owner", where.owner), ("name", where.name)):
        if value:
            parts.append({"path": [field], "operator": "Equal", "valueText": value})
    return {"operator": "And", "operands": parts} if len(parts) > 1 else parts[0]


def _graphql(value: object) -> str:
    """Write a value as GraphQL does: names of fields and operators without quotes, texts as in JSON."""
    if isinstance(value, Mapping):
        return f"{{{_inside(cast(Mapping[str, object], value))}}}"
    if isinstance(value, list):
        return f"[{', '.join(_graphql(one) for one in cast(list[object], value))}]"
    return json.dumps(value)


def _inside(fields: Mapping[str, object]) -> str:
    return ", ".join(f"{key}: {value if key == 'operator' else _graphql(value)}" for key, value in fields.items())


def _object(collection: str, row: Row) -> dict[str, object]:
    often = {word: max(1, round(2 * value)) for word, value in row.words.items()}
    fields = {**row.filtered(), "body": row.body, "places": row.places}
    fields["words"] = " ".join(" ".join([str(word)] * many) for word, many in often.items())
    made: dict[str, object] = {"class": collection, "id": row.id, "properties": fields}
    return made | ({"vector": list(row.vector)} if row.vector else {})


def _hits(rows: Sequence[Any]) -> list[Hit]:
    return [(str(row["_additional"]["id"]), str(row["body"])) for row in rows]
