"""Sealed answers in Redis or Valkey, by key: no module of the server is needed."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from agentkit.egress import note_host
from agentkit.errors import MissingExtraError, NoSearchError, UnavailableError

try:
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.exceptions import RedisError
    from redis.retry import Retry
except ImportError as error:
    raise MissingExtraError("redis") from error

_Answer = TypeVar("_Answer")
# The client's methods are typed as "a value or an awaitable of it": `Any` and `cast` say which.


class RedisAnswerStore:
    """Entries by key, each of which the server drops when it is too old.

    The client works in threads, so that one store serves any event loop, and gives up after a second.

    Args:
        url: `redis://host:port/number`, or `rediss://` for TLS; may hold a user and a password.
        max_age_s: how long entries are kept.
        prefix: begins every key.
    """

    def __init__(self, url: str, *, max_age_s: float = 30 * 86_400.0, prefix: str = "agentkit:cache:") -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self.where = f"{parts.scheme}://{parts.hostname}:{parts.port or 6379}"
        self._ttl_s = max(1, round(max_age_s))
        self.prefix = prefix
        self._client: Any = cast(Any, Redis).from_url(
            url,
            decode_responses=True,
            socket_timeout=1.0,
            socket_connect_timeout=1.0,
            retry=Retry(NoBackoff(), 1),
        )

    async def get(self, key: str, /) -> str | None:
        return await self._ask(lambda client: cast(str | None, client.hget(self.key("e", key), "entry")))

    async def put(
        self, key: str, entry: str, /, *, form: str = "", vector: Sequence[int] = (), documents: Sequence[str] = ()
    ) -> None:
        def write(client: Any) -> None:
            name, fields = self.key("e", key), self._fields(entry, form, vector)
            with client.pipeline(transaction=True) as pipe:
                pipe.delete(name)
                pipe.hset(name, mapping=fields)
                pipe.expire(name, self._ttl_s)
                for document in documents:
                    pipe.sadd(self.key("d", document), key)
                    pipe.expire(self.key("d", document), self._ttl_s)
                pipe.execute()

        await self._ask(write)

    async def near(self, form: str, /, *, vector: Sequence[int], limit: int) -> list[str]:
        return await self._ask(lambda client: self._near(client, form, vector, limit))

    async def count(self, documents: Sequence[str], /) -> int:
        def look(client: Any) -> int:
            sets = [self.key("d", document) for document in documents]
            keys = cast(set[str], client.sunion(sets)) if sets else set[str]()
            return cast(int, client.exists(*(self.key("e", key) for key in keys))) if keys else 0

        return await self._ask(look)

    async def forget(self, documents: Sequence[str], /) -> int:
        def remove(client: Any) -> int:
            sets = [self.key("d", document) for document in documents]
            keys = cast(set[str], client.sunion(sets)) if sets else set[str]()
            removed = cast(int, client.delete(*(self.key("e", key) for key in keys))) if keys else 0
            if sets:
                client.delete(*sets)
            return removed

        return await self._ask(remove)

    def close(self) -> None:
        self._client.close()

    def _fields(self, entry: str, form: str, vector: Sequence[int]) -> dict[str, Any]:
        """Return what the server keeps of an entry."""
        del form, vector
        return {"entry": entry}

    def _near(self, client: Any, form: str, vector: Sequence[int], limit: int) -> list[str]:
        del client, form, vector, limit
        raise NoSearchError(f"answers at {self.where} are kept without an index of questions")

    def key(self, kind: str, name: str) -> str:
        """Return the server's name of an entry ("e"), or of a document's set of keys ("d")."""
        return f"{self.prefix}{kind}:{name}"

    async def _ask(self, question: Callable[[Any], _Answer]) -> _Answer:
        try:
            answer = await asyncio.to_thread(question, self._client)
        except (RedisError, OSError, UnicodeDecodeError) as error:
            raise UnavailableError(f"the cache at {self.where} cannot be used: {type(error).__name__}") from error
        note_host(self._host)  # most answers come over a connection that is open already
        return answer
