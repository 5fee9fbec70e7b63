# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# The client's answers are untyped.
"""Rows of passages as hashes of Redis, found through its search module."""

import asyncio
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast
from uuid import UUID

from agentkit.egress import note_host
from agentkit.errors import MissingExtraError, RetrievalError
from agentkit.stored import Hit, Row, Where

try:
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.exceptions import RedisError, ResponseError
    from redis.retry import Retry
except ImportError as error:
    raise MissingExtraError("redis", needed_for="A store in Redis") from error

_Answer = TypeVar("_Answer")
_ALL = 1_000_000
_PATIENCE_MS = 10_000
"""The server would return what it has found within half a second as if that were all."""
_MOST_REPEATS = 4


class RedisTable:
    """Hashes whose keys begin with the index's name; needs Redis 8, Redis Stack, or the modules of these.

    The server compares vectors only of rows that it has chosen by their wall.

    Args:
        url: `redis://host:port/number`, or `rediss://` for TLS; may hold a user and a password.
        index: the index's name: letters, digits and `_`.
        host: what the server is called where contacts are recorded.
        password: the server's, where the address holds none.
        timeout_s: how long an answer is waited for.
    """

    def __init__(
        self, url: str, *, index: str, host: str, password: str | None = None, timeout_s: float = 15.0
    ) -> None:
        self.place = f"the index {index} of Redis"
        self._index, self._host = index, host
        self._client: Any = cast(Any, Redis).from_url(
            url,
            **({"password": password} if password else {}),
            protocol=2,  # the answers of the search module differ by protocol
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            retry=Retry(NoBackoff(), 1),
        )

    async def meta(self, key: str, /) -> str | None:
        found = await self._ask(lambda client: client.hget(self._key(key), "body"))
        return found.decode() if found is not None else None

    async def create(self, dimensions: int, /) -> None:
        schema = [part for name in ("kind", "wall", "owner", "name", "terms") for part in (name, "TAG")]
        if dimensions:
            schema += ["vector", "VECTOR", "FLAT", "6", "TYPE", "FLOAT32", "DIM", str(dimensions)]
            schema += ["DISTANCE_METRIC", "COSINE"]

        def make(client: Any) -> None:
            try:
                client.execute_command(
                    "FT.CREATE", self._index, "ON", "HASH", "PREFIX", "1", self._key(""), "SCHEMA", *schema
                )
            except ResponseError as error:
                if "already exists" not in str(error):
                    raise

        await self._ask(make)

    async def get(self, ids: Sequence[str], /) -> Mapping[str, tuple[str, str]]:
        def look(client: Any) -> list[list[bytes | None]]:
            with client.pipeline(transaction=False) as pipe:
                for one in ids:
                    pipe.hmget(self._key(one), ["body", "places"])
                return pipe.execute()

        found = await self._ask(look) if ids else []
        return {
            one: (row[0].decode(), row[1].decode())
            for one, row in zip(ids, found, strict=True)
            if row[0] is not None and row[1] is not None
        }

    async def rows(self, where: Where, /, *, limit: int | None) -> list[Hit]:
        most = ["LIMIT", "0", str(_ALL if limit is None else limit)]
        return self._hits(await self._search([_filter(where), "RETURN", "1", "body", *most]))

    async def put(self, rows: Sequence[Row], /) -> None:
        def write(client: Any) -> None:
            with client.pipeline(transaction=True) as pipe:
                for row in rows:
                    pipe.hset(self._key(row.id), mapping=_fields(row))
                pipe.execute()

        await self._ask(write)

    async def drop(self, ids: Sequence[str], /) -> None:
        if ids:
            await self._ask(lambda client: client.delete(*map(self._key, ids)))

    async def words(self, words: Mapping[int, float], where: Where, /, *, limit: int) -> list[Hit]:
        wanted = f"{_filter(where)} @terms:{{{'|'.join(map(str, words))}}}"
        # The scores of the server's full text search rest on all passages, also those behind other walls.
        score = "+".join(f"{worth:.4f}*contains(@words,' {word} ')" for word, worth in words.items())
        found = await self._ask(
            lambda client: client.execute_command(
                "FT.AGGREGATE", self._index, wanted, "LOAD", "3", "@__key", "@words", "@body", "APPLY", score,
                "AS", "score", "SORTBY", "2", "@score", "DESC", "MAX", str(limit), "LIMIT", "0", str(limit),
                "TIMEOUT", str(_PATIENCE_MS), "DIALECT", "2",
            )
        )  # fmt: skip
        rows = [dict(zip(row[::2], row[1::2], strict=True)) for row in found[1:]]
        return [(self._id(row[b"__key"]), row[b"body"].decode()) for row in rows]

    async def near(self, vector: Sequence[float], where: Where, /, *, limit: int) -> list[Hit]:
        query = f"({_filter(where)})=>[KNN {limit} @vector $vector HYBRID_POLICY ADHOC_BF AS distance]"
        options = ["PARAMS", "2", "vector", _packed(vector), "SORTBY", "distance", "LIMIT", "0", str(limit)]
        return self._hits(await self._search([query, "RETURN", "1", "body", *options]))

    async def settle(self) -> None:
        return None

    async def aclose(self) -> None:
        await asyncio.to_thread(self._client.close)

    def _key(self, one: str) -> str:
        return f"{self._index}:{one}"

    def _id(self, key: bytes) -> str:
        return key.decode().removeprefix(self._key(""))

    async def _search(self, arguments: Sequence[Any]) -> list[Any]:
        return await self._ask(
            lambda client: client.execute_command(
                "FT.SEARCH", self._index, *arguments, "TIMEOUT", str(_PATIENCE_MS), "DIALECT", "2"
            )
        )

    def _hits(self, found: Sequence[Any]) -> list[Hit]:
        keys, fields = found[1::2], found[2::2]
        # A row that went between the search and the look at it has no fields.
        return [(self._id(key), row[1].decode()) for key, row in zip(keys, fields, strict=True) if row]

    async def _ask(self, question: Callable[[Any], _Answer]) -> _Answer:
        note_host(self._host)
        try:
            return await asyncio.to_thread(question, self._client)
        except (RedisError, OSError) as error:
            lacks = "unknown command" in str(error).lower()
            told = "the server has no search module" if lacks else type(error).__name__
            raise RetrievalError(f"{self.place[0].upper()}{self.place[1:]} cannot be used: {told}.") from error


def _filter(where: Where) -> str:
    """Return a query; its values are kinds and hexadecimal digits, in which there is nothing to escape."""
    parts = [f"@kind:{{{where.kind}}}"]
    parts += [f"@wall:{{{'|'.join(where.walls)}}}"] if where.walls is not None else []
    parts += [f"@owner:{{{_plain(where.owner)}}}"] if where.owner else []
    parts += [f"@name:{{{where.name}}}"] if where.name else []
    return " ".join(parts)


def _plain(one: str) -> str:
    return UUID(one).hex


def _fields(row: Row) -> dict[str, Any]:
    fields: dict[str, Any] = {"kind": row.kind, "wall": row.wall, "name": row.name}
    fields |= {"owner": _plain(row.owner) if row.owner else "", "body": row.body, "places": row.places}
    fields["terms"] = ",".join(map(str, row.words))
    # The server adds up how often a word stands here: its value, in halves.
    often = {word: min(_MOST_REPEATS, max(1, round(2 * value))) for word, value in row.words.items()}
    fields["words"] = " " + "".join(f"{word}  " * many for word, many in often.items())
    return fields | ({"vector": _packed(row.vector)} if row.vector else {})


def _packed(vector: Sequence[float]) -> bytes:
    return struct.pack(f"<{len(vector)}f", *vector)
