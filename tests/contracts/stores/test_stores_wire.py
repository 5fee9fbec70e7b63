"""Weaviate and Pinecone by their wire format: no server of theirs comes as a package. Requests and answers are those
of their documentation (Weaviate REST and GraphQL 1.25; Pinecone data plane 2025-04)."""

import json
import re
from typing import Any

import httpx
import pytest
import respx
from places import Numbers, document, passages

from agentkit.errors import RetrievalError, UsageError
from agentkit.indexed import Principal, StoreQuery
from agentkit.opening import open_store
from agentkit.stored import Row, number_of, passage_rows, row_id, token, wall_of

RENT = "The rent is due on the first."
NUMBERS = Numbers()
LEASE = document("lease.pdf", matter="M1")
ANN = Principal("ann", frozenset({"M1"}))
ENVIRONMENT = {"KEY": "k-123"}


class Pinecone:
    """Answers as the data plane does, over records in memory."""

    def __init__(self) -> None:
        self.records: dict[str, Any] = {}
        self.asked: list[tuple[str, Any]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["Api-Key"] == "k-123"
        assert request.headers["X-Pinecone-API-Version"] == "2025-04"
        path = request.url.path
        if request.method == "GET":
            ids = request.url.params.get_list("ids")
            found = {one: self.records[one] for one in ids if one in self.records}
            return httpx.Response(200, json={"vectors": found, "namespace": "matters", "usage": {"readUnits": 1}})
        body = json.loads(request.content)
        self.asked.append((path, body))
        if path == "/describe_index_stats":
            return httpx.Response(
                200, json={"dimension": 8, "indexFullness": 0, "totalVectorCount": 0, "namespaces": {}}
            )
        assert body["namespace"] == "matters"
        if path == "/vectors/upsert":
            self.records |= {one["id"]: one for one in body["vectors"]}
            return httpx.Response(200, json={"upsertedCount": len(body["vectors"])})
        if path == "/vectors/delete":
            for one in body["ids"]:
                self.records.pop(one, None)
            return httpx.Response(200, json={})
        assert path == "/query"
        held = [one for one in self.records.values() if _allowed(one["metadata"], body["filter"])]
        matches = [{"id": one["id"], "score": _score(one, body), "metadata": one["metadata"]} for one in held]
        matches = sorted((one for one in matches if one["score"]), key=lambda one: -one["score"])[: body["topK"]]
        return httpx.Response(200, json={"matches": matches, "namespace": "matters", "usage": {"readUnits": 5}})


def _allowed(metadata: dict[str, str], wanted: dict[str, Any]) -> bool:
    return all(
        metadata[key] == one["$eq"] if "$eq" in one else metadata[key] in one["$in"] for key, one in wanted.items()
    )


def _score(record: dict[str, Any], body: dict[str, Any]) -> float:
    dense = sum(a * b for a, b in zip(record["values"], body["vector"], strict=True))
    sparse = dict(zip(record["sparseValues"]["indices"], record["sparseValues"]["values"], strict=True))
    asked = body.get("sparseVector", {"indices": [], "values": []})
    return dense + sum(sparse.get(i, 0) * v for i, v in zip(asked["indices"], asked["values"], strict=True))


class Weaviate:
    """Answers as the REST and GraphQL endpoints do, over objects in memory."""

    def __init__(self) -> None:
        self.schema: Any = None
        self.objects: dict[str, Any] = {}
        self.queries: list[str] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["Authorization"] == "Bearer k-123"
        path, method = request.url.path, request.method
        body = json.loads(request.content) if request.content else None
        if path == "/v1/schema/Matters":
            return httpx.Response(200, json=self.schema) if self.schema else httpx.Response(404)
        if path == "/v1/schema":
            self.schema = body
            return httpx.Response(200, json=body)
        if path.startswith("/v1/objects/Matters/"):
            found = self.objects.get(path.rpartition("/")[2])
            return httpx.Response(200, json=found) if found else httpx.Response(404)
        if path == "/v1/batch/objects" and method == "POST":
            self.objects |= {one["id"]: one for one in body["objects"]}
            return httpx.Response(200, json=[{**one, "result": {"status": "SUCCESS"}} for one in body["objects"]])
        if path == "/v1/batch/objects":
            assert body["match"]["class"] == "Matters"
            for one in body["match"]["where"]["valueTextArray"]:
                self.objects.pop(one, None)
            return httpx.Response(200, json={"results": {"failed": 0}})
        assert (path, method) == ("/v1/graphql", "POST")
        self.queries.append(body["query"])
        rows = [
            {**{name: one["properties"][name] for name in ("body", "places")}, "_additional": {"id": key}}
            for key, one in self.objects.items()
            if self._chosen(key, one, body["query"])
        ]
        return httpx.Response(200, json={"data": {"Get": {"Matters": rows}}})

    def _chosen(self, key: str, one: Any, query: str) -> bool:
        for field, operator, value in re.findall(
            r'path: \["(\w+)"\], operator: (\w+), valueText: (".*?"|\[.*?\])', query
        ):
            has = key if field == "id" else one["properties"][field]
            given = json.loads(value)
            if has not in (given if operator == "ContainsAny" else [given]):
                return False
        asked = re.search(r'bm25: \{query: "([\d ]*)"', query)
        words = set(one["properties"]["words"].split())
        return asked is None or bool(words & set(asked[1].split()))


@pytest.fixture
def pinecone():
    fake = Pinecone()
    with respx.mock(base_url="http://127.0.0.1:5081") as mock:
        mock.route().mock(side_effect=fake.answer)
        yield fake


@pytest.fixture
def weaviate():
    fake = Weaviate()
    with respx.mock(base_url="http://127.0.0.1:8080") as mock:
        mock.route().mock(side_effect=fake.answer)
        yield fake


async def test_pinecone_keeps_finds_and_removes_by_its_documented_requests(pinecone: Pinecone) -> None:
    store = open_store(
        "pinecone+http://127.0.0.1:5081/matters", embedding=NUMBERS, api_key="os.environ/KEY", environ=ENVIRONMENT
    )
    entries = passages(LEASE, RENT)
    assert await store.upsert(LEASE, entries, vectors=[NUMBERS.vector(RENT)]) == 1
    row = passage_rows(entries, LEASE)[0]
    record = pinecone.records[row.id]
    assert record["values"] == NUMBERS.vector(RENT)
    assert record["sparseValues"]["indices"] == [0, *row.words]
    assert record["metadata"] == {
        "kind": "passage", "wall": wall_of("M1", ()), "owner": row_id("document", LEASE.key),
        "name": token("lease.pdf"), "body": row.body, "places": "",
    }  # fmt: skip
    vector = NUMBERS.vector("else")
    assert await store.candidates(StoreQuery({"rent": 0.5}, vector=vector, principal=ANN)) == entries
    lexical, dense = [body for path, body in pinecone.asked if path == "/query"][-2:]
    seen = {"kind": {"$eq": "passage"}, "wall": {"$in": [wall_of("M1", ())]}}
    assert lexical == {
        "vector": [0.0] * 8, "sparseVector": {"indices": [number_of("rent")], "values": [0.5]}, "filter": seen,
        "topK": 100, "includeMetadata": True, "includeValues": False, "namespace": "matters",
    }  # fmt: skip
    assert (dense["vector"], dense["filter"]) == (vector, seen)
    assert "sparseVector" not in dense
    assert await store.candidates(StoreQuery({"rent": 0.5})) == []
    assert await store.remove([LEASE.key]) == 1
    assert row.id not in pinecone.records
    await store.aclose()


async def test_a_record_that_pinecone_would_refuse_is_refused_before_it_is_sent(pinecone: Pinecone) -> None:
    store = open_store(
        "pinecone+http://127.0.0.1:5081/matters", embedding=NUMBERS, api_key="os.environ/KEY", environ=ENVIRONMENT
    )
    with pytest.raises(UsageError, match="too large for Pinecone"):
        await store.table.put([Row("1", "passage", body="x" * 40_000)])
    assert pinecone.records == {}
    await store.aclose()


async def test_weaviate_keeps_finds_and_removes_by_its_documented_requests(weaviate: Weaviate) -> None:
    store = open_store(
        "weaviate+http://127.0.0.1:8080/matters", embedding=NUMBERS, api_key="os.environ/KEY", environ=ENVIRONMENT
    )
    entries = passages(LEASE, RENT)
    assert await store.upsert(LEASE, entries, vectors=[NUMBERS.vector(RENT)]) == 1
    assert (weaviate.schema["class"], weaviate.schema["vectorizer"]) == ("Matters", "none")
    assert weaviate.schema["vectorIndexConfig"] == {"distance": "cosine", "skip": False}
    tokenized = {one["name"]: one.get("tokenization") for one in weaviate.schema["properties"]}
    assert (tokenized["wall"], tokenized["words"]) == ("field", "whitespace")
    row = passage_rows(entries, LEASE)[0]
    made = weaviate.objects[row.id]
    assert (made["class"], made["vector"], made["properties"]["wall"]) == ("Matters", NUMBERS.vector(RENT), row.wall)
    assert await store.candidates(StoreQuery({"rent": 0.5, "roof": 1.0}, vector=[1.0] * 8, principal=ANN)) == entries
    lexical, dense = [query for query in weaviate.queries if "bm25" in query or "nearVector" in query][-2:]
    where = (
        'where: {operator: And, operands: [{path: ["kind"], operator: Equal, valueText: "passage"}, '
        f'{{path: ["wall"], operator: ContainsAny, valueText: ["{row.wall}"]}}]}}'
    )
    asked = f"{number_of('roof')} {number_of('rent')}"
    assert lexical == (
        f'{{Get{{Matters(bm25: {{query: "{asked}", properties: ["words"]}}, {where}, limit: 100)'
        "{body _additional{id}}}}"
    )
    assert dense.startswith(f"{{Get{{Matters(nearVector: {{vector: [{', '.join(['1.0'] * 8)}]}}, {where}, limit: 100)")
    assert await store.candidates(StoreQuery({"rent": 0.5})) == []
    assert await store.remove([LEASE.key]) == 1
    assert row.id not in weaviate.objects
    await store.aclose()


@pytest.mark.parametrize("scheme", ["pinecone", "weaviate"])
@pytest.mark.parametrize("status", [401, 429, 500])
async def test_a_refusal_is_one_sentence_without_the_key(scheme: str, status: int) -> None:
    with respx.mock(base_url="http://127.0.0.1:8080") as mock:
        mock.route().respond(status, text="denied for k-123")
        store = open_store(f"{scheme}+http://127.0.0.1:8080/matters", api_key="os.environ/KEY", environ=ENVIRONMENT)
        with pytest.raises(RetrievalError, match=f"cannot be used: it answered {status}") as caught:
            await store.candidates(StoreQuery({"rent": 1.0}))
        assert "k-123" not in str(caught.value)
        await store.aclose()
