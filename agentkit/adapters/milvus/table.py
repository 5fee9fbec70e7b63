# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false, reportMissingTypeStubs=false
# pymilvus returns untyped rows.
"""Rows as entities of a Milvus collection: words as a sparse vector, the embedding as a dense one."""

import asyncio
import base64
import json
import threading
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from pymilvus import DataType, MilvusClient

from agentkit.egress import note_host
from agentkit.errors import RetrievalError, UsageError
from agentkit.stored import Hit, Row, Where, filler

_Answer = TypeVar("_Answer")
_PIECE = 65_535
"""So many bytes fit in a field."""
_BODIES, _PLACES = 2, 8
_PAGE = 1000
_NOTHING = {0: 1.0}
"""The words of what has none: every entity has a vector, and no word has this number."""


class MilvusTable:
    """A collection of a Milvus server, or of a file, which one process at a time can open.

    Args:
        collection: its name: letters, digits and underscores.
        uri: the server's address, or the path of a file.
        token: the server's key, or "user:password".
        host: what the server is called where contacts are recorded; empty for a file.
        timeout_s: how long an answer is waited for.
    """

    def __init__(self, collection: str, *, uri: str, token: str = "", host: str = "", timeout_s: float = 10.0) -> None:
        self.place = f"{uri}/{collection}" if host else f"milvus:{uri}"
        self._collection, self._uri, self._token = collection, uri, token
        self._host, self._timeout_s = host, timeout_s
        self._opened: Any = None
        self._dimensions: int | None = None
        self._turn = threading.Lock()

    async def meta(self, key: str, /) -> str | None:
        def look(client: Any) -> str | None:
            if not client.has_collection(self._collection):
                return None
            found = client.query(self._collection, filter=f'id in ["{key}"]', output_fields=_fields("body", _BODIES))
            return _joined(found[0], "body", _BODIES) if found else None

        return await self._ask(look)

    async def create(self, dimensions: int, /) -> None:
        def make(client: Any) -> None:
            if client.has_collection(self._collection):
                return
            schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
            schema.add_field("id", DataType.VARCHAR, max_length=36, is_primary=True)
            for name in ("kind", "wall", "owner", "name"):
                schema.add_field(name, DataType.VARCHAR, max_length=40)
            for name in [*_fields("body", _BODIES), *_fields("places", _PLACES)]:
                schema.add_field(name, DataType.VARCHAR, max_length=_PIECE)
            schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
            indexes = client.prepare_index_params()
            indexes.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
            if dimensions:
                schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimensions)
                indexes.add_index("vector", index_type="AUTOINDEX" if self._host else "FLAT", metric_type="COSINE")
            client.create_collection(self._collection, schema=schema, index_params=indexes, consistency_level="Strong")

        await self._ask(make)

    async def get(self, ids: Sequence[str], /) -> Mapping[str, tuple[str, str]]:
        fields = [*_fields("body", _BODIES), *_fields("places", _PLACES)]
        found: list[Any] = []
        for first in range(0, len(ids), _PAGE):
            chosen = _one_of("id", ids[first : first + _PAGE])
            found += await self._ask(
                lambda client, chosen=chosen: client.query(
                    self._collection, filter=chosen, output_fields=["id", *fields]
                )
            )
        return {
            str(row["id"]): (_joined(row, "body", _BODIES), _unpacked(_joined(row, "places", _PLACES))) for row in found
        }

    async def rows(self, where: Where, /, *, limit: int | None) -> list[Hit]:
        def look(client: Any) -> list[Hit]:
            wanted = {"filter": _filter(where), "output_fields": ["id", *_fields("body", _BODIES)]}
            if limit is not None:
                return _hits(client.query(self._collection, limit=limit, **wanted))
            if not self._host:
                return _hits(client.query(self._collection, **wanted))
            # A server returns so many rows at once and no more.
            pages, found = client.query_iterator(self._collection, batch_size=_PAGE, **wanted), list[Hit]()
            while page := pages.next():
                found += _hits(page)
            pages.close()
            return found

        return await self._ask(look)

    async def put(self, rows: Sequence[Row], /) -> None:
        def write(client: Any) -> None:
            if self._dimensions is None:
                fields = {one["name"]: one for one in client.describe_collection(self._collection)["fields"]}
                self._dimensions = int(fields["vector"]["params"]["dim"]) if "vector" in fields else 0
            size = self._dimensions
            client.upsert(self._collection, [_entity(row, size) for row in rows])

        await self._ask(write)

    async def drop(self, ids: Sequence[str], /) -> None:
        if ids:
            await self._ask(lambda client: client.delete(self._collection, ids=list(ids)))

    async def words(self, words: Mapping[int, float], where: Where, /, *, limit: int) -> list[Hit]:
        return await self._search(dict(words), "words", where, limit)

    async def near(self, vector: Sequence[float], where: Where, /, *, limit: int) -> list[Hit]:
        return await self._search(list(vector), "vector", where, limit)

    async def settle(self) -> None:
        return None

    async def aclose(self) -> None:
        client, self._opened = self._opened, None
        if client is None:
            return
        await asyncio.to_thread(client.close)
        if not self._host:
            from milvus_lite.server_manager import server_manager_instance  # noqa: PLC0415 - only where there is a file

            # The client leaves the file open until the process ends.
            await asyncio.to_thread(server_manager_instance.release_server, self._uri)

    async def _search(self, query: Any, field: str, where: Where, limit: int) -> list[Hit]:
        found = await self._ask(
            lambda client: client.search(
                self._collection,
                data=[query],
                anns_field=field,
                filter=_filter(where),
                limit=limit,
                output_fields=_fields("body", _BODIES),
            )
        )
        return [(str(one["id"]), _joined(one["entity"], "body", _BODIES)) for one in found[0]]

    async def _ask(self, question: Callable[[Any], _Answer]) -> _Answer:
        return await asyncio.to_thread(self._asked, question)

    def _asked(self, question: Callable[[Any], _Answer]) -> _Answer:
        if self._host:
            note_host(self._host)
        with self._turn:
            try:
                if self._opened is None:
                    self._opened = MilvusClient(self._uri, token=self._token, timeout=self._timeout_s)
                    if self._opened.has_collection(self._collection):
                        self._opened.load_collection(self._collection)
                return question(self._opened)
            except UsageError:
                raise
            except Exception as error:
                taken = "Open local milvus failed" in str(error)
                told = "another process has it open, or milvus-lite is missing" if taken else type(error).__name__
                raise RetrievalError(f"The store {self.place} cannot be used: {told}.") from error


def _filter(where: Where) -> str:
    return " and ".join(_one_of(field, values) for field, values in where.allowed().items())


def _one_of(field: str, values: Sequence[str]) -> str:
    """Return a filter; the values are kinds, ids and hashes, in which there is nothing to escape."""
    return f"{field} in {json.dumps(list(values))}"


def _entity(row: Row, dimensions: int) -> dict[str, Any]:
    fields: dict[str, Any] = {"id": row.id, **row.filtered()}
    fields |= _cut(row.body, "body", _BODIES)
    fields |= _cut(_packed(row.places), "places", _PLACES)
    fields["words"] = dict(row.words) or _NOTHING
    if dimensions:
        fields["vector"] = list(row.vector) if row.vector else filler(dimensions)
    return fields


def _fields(name: str, count: int) -> list[str]:
    return [f"{name}_{number}" for number in range(count)]


def _cut(text: str, name: str, count: int) -> dict[str, str]:
    """Spread a text over fields; no piece ends within a character."""
    pieces, rest = list[str](), text.encode()
    while rest:
        end = min(_PIECE, len(rest))
        while end < len(rest) and rest[end] & 0xC0 == 0x80:
            end -= 1
        pieces.append(rest[:end].decode())
        rest = rest[end:]
    if len(pieces) > count:
        raise UsageError("A passage or document is too large for Milvus: set retrieval.max_chars lower, or split it.")
    return dict(zip(_fields(name, count), [*pieces, *[""] * (count - len(pieces))], strict=True))


def _joined(row: Mapping[str, Any], name: str, count: int) -> str:
    return "".join(str(row[field]) for field in _fields(name, count))


def _packed(text: str) -> str:
    return base64.b64encode(zlib.compress(text.encode())).decode() if text else ""


def _unpacked(text: str) -> str:
    return zlib.decompress(base64.b64decode(text)).decode() if text else ""


def _hits(rows: Sequence[Mapping[str, Any]]) -> list[Hit]:
    return [(str(row["id"]), _joined(row, "body", _BODIES)) for row in rows]
