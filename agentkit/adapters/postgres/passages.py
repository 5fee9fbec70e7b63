# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false, reportMissingTypeStubs=false
# asyncpg has no types.
"""Rows of passages in a table of Postgres with pgvector."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import asyncpg

from agentkit.egress import note_host
from agentkit.errors import RetrievalError
from agentkit.stored import NUMBERS, Hit, Row, Where

_Answer = TypeVar("_Answer")
_CONNECTIONS = 4
_TURN = 0x70617373616765
_FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError, ValueError)


class PostgresTable:
    """A table, with its indexes; the extension `vector` is made where it is missing and that is allowed.

    Who may see a row is decided before anything is compared: rows are chosen by their wall, and only then ordered by
    the exact distance of their vectors.

    Args:
        url: `postgresql://user@host:port/database`; may hold a password.
        table: the table's name: letters, digits and underscores.
        hosts: the server's names, for what records contacts.
        timeout_s: how long a connection or an answer is waited for.
    """

    def __init__(self, url: str, *, table: str, hosts: Sequence[str] = (), timeout_s: float = 10.0) -> None:
        self.place = f"the table {table} of Postgres"
        self._url, self._table, self._hosts, self._timeout_s = url, table, list(hosts), timeout_s
        self._pool: Any = None
        self._home: tuple[object, int] = (None, 0)
        self._opening = asyncio.Lock()

    async def meta(self, key: str, /) -> str | None:
        async def look(connection: Any) -> str | None:
            if await connection.fetchval("SELECT to_regclass($1)", f'"{self._table}"') is None:
                return None
            return await connection.fetchval(f'SELECT body FROM "{self._table}" WHERE id = $1', key)  # noqa: S608

        return await self._ask(look)

    async def create(self, dimensions: int, /) -> None:
        async def make(connection: Any) -> None:
            async with connection.transaction():
                # Two writers that begin at once would both make it.
                await connection.execute("SELECT pg_advisory_xact_lock($1)", _TURN)
                for statement in _schema(self._table, dimensions):
                    await connection.execute(statement)

        await self._ask(make)

    async def get(self, ids: Sequence[str], /) -> Mapping[str, tuple[str, str]]:
        found = await self._fetch("SELECT id, body, places FROM {table} WHERE id = ANY($1::uuid[])", list(ids))
        return {str(row["id"]): (row["body"], row["places"]) for row in found}

    async def rows(self, where: Where, /, *, limit: int | None) -> list[Hit]:
        condition, values = _where(where)
        query = f"SELECT id, body FROM {{table}} WHERE {condition} LIMIT ${len(values) + 1}"  # noqa: S608
        return _hits(await self._fetch(query, *values, limit))

    async def put(self, rows: Sequence[Row], /) -> None:
        async def write(connection: Any) -> None:
            dense = any(row.vector for row in rows)
            async with connection.transaction():
                await connection.executemany(_insert(self._table, dense=dense), [_values(row, dense) for row in rows])

        await self._ask(write)

    async def drop(self, ids: Sequence[str], /) -> None:
        if ids:
            await self._fetch("DELETE FROM {table} WHERE id = ANY($1::uuid[])", list(ids))

    async def words(self, words: Mapping[int, float], where: Where, /, *, limit: int) -> list[Hit]:
        condition, values = _where(where)
        place = len(values) + 1
        query = (
            f"SELECT id, body FROM {{table}} WHERE {condition} AND terms && ${place}::int[] "  # noqa: S608
            f"ORDER BY words <#> ${place + 1}::text::sparsevec, id LIMIT ${place + 2}"
        )
        return _hits(await self._fetch(query, *values, list(words), _sparse(words), limit))

    async def near(self, vector: Sequence[float], where: Where, /, *, limit: int) -> list[Hit]:
        condition, values = _where(where)
        place = len(values) + 1
        query = (
            f"WITH seen AS MATERIALIZED (SELECT id, body, vector FROM {{table}} WHERE {condition}) "  # noqa: S608
            f"SELECT id, body FROM seen ORDER BY vector <=> ${place}::text::vector, id LIMIT ${place + 1}"
        )
        return _hits(await self._fetch(query, *values, _dense(vector), limit))

    async def settle(self) -> None:
        await self._fetch("ANALYZE {table}")

    async def aclose(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None and self._home == _here():
            await pool.close()

    async def _fetch(self, query: str, *values: object) -> list[Any]:
        statement = query.format(table=f'"{self._table}"')
        return await self._ask(lambda connection: connection.fetch(statement, *values))

    async def _ask(self, question: Callable[[Any], Awaitable[_Answer]]) -> _Answer:
        for host in self._hosts:
            note_host(host)
        try:
            pool = await self._opened()
            async with pool.acquire(timeout=self._timeout_s) as connection:
                return await question(connection)
        except _FAILURES as error:
            raise RetrievalError(f"{self.place[0].upper()}{self.place[1:]} cannot be used: {_told(error)}.") from error

    async def _opened(self) -> Any:
        """Return the pool of this event loop and process."""
        if self._home != _here():
            self._pool, self._home, self._opening = None, _here(), asyncio.Lock()
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._url,
                    min_size=0,
                    max_size=_CONNECTIONS,
                    timeout=self._timeout_s,
                    command_timeout=60.0,
                    server_settings={"application_name": "agentkit"},
                )
            return self._pool


def _schema(table: str, dimensions: int) -> list[str]:
    dense = f", vector vector({dimensions})" if dimensions else ""
    return [
        "CREATE EXTENSION IF NOT EXISTS vector",
        f'CREATE TABLE IF NOT EXISTS "{table}" (id uuid PRIMARY KEY, kind text NOT NULL, wall text NOT NULL, '
        "owner text NOT NULL, name text NOT NULL, terms int[] NOT NULL, "
        f"words sparsevec({NUMBERS}), body text NOT NULL, places text NOT NULL{dense})",
        *(
            f'CREATE INDEX IF NOT EXISTS "{table}_{field}" ON "{table}" ({field}, kind)'
            for field in ("wall", "owner", "name")
        ),
        f'CREATE INDEX IF NOT EXISTS "{table}_kind" ON "{table}" (kind) WHERE kind <> \'passage\'',
        f'CREATE INDEX IF NOT EXISTS "{table}_terms" ON "{table}" USING gin (terms)',
    ]


def _insert(table: str, *, dense: bool) -> str:
    names = ["id", "kind", "wall", "owner", "name", "terms", "words", "body", "places", *(["vector"] if dense else [])]
    values = ["$1", "$2", "$3", "$4", "$5", "$6", "$7::text::sparsevec", "$8", "$9", *(["$10::text::vector"] * dense)]
    changed = ", ".join(f"{name} = EXCLUDED.{name}" for name in names[1:])
    return (
        f'INSERT INTO "{table}" ({", ".join(names)}) VALUES ({", ".join(values)}) '  # noqa: S608
        f"ON CONFLICT (id) DO UPDATE SET {changed}"
    )


def _values(row: Row, dense: bool) -> list[object]:  # noqa: FBT001
    values: list[object] = [row.id, row.kind, row.wall, row.owner, row.name, sorted(row.words)]
    values += [_sparse(row.words), row.body, row.places]
    return values + ([_dense(row.vector) if row.vector else None] if dense else [])


def _where(where: Where) -> tuple[str, list[object]]:
    parts, values = ["kind = $1"], list[object]([where.kind])
    if where.walls is not None:
        values.append(list(where.walls))
        parts.append(f"wall = ANY(${len(values)})")
    for field, value in (("owner", where.owner), ("name", where.name)):
        if value:
            values.append(value)
            parts.append(f"{field} = ${len(values)}")
    return " AND ".join(parts), values


def _sparse(words: Mapping[int, float]) -> str:
    return "{" + ",".join(f"{word}:{words[word]}" for word in sorted(words)) + f"}}/{NUMBERS}"


def _dense(vector: Sequence[float]) -> str:
    return "[" + ",".join(f"{value:.7g}" for value in vector) + "]"


def _hits(rows: Sequence[Any]) -> list[Hit]:
    return [(str(row["id"]), row["body"]) for row in rows]


def _here() -> tuple[object, int]:
    return asyncio.get_running_loop(), os.getpid()


def _told(error: Exception) -> str:
    """Say what is wrong, without the address: it may hold a password."""
    if isinstance(error, asyncpg.UndefinedFileError | asyncpg.FeatureNotSupportedError):
        return "its server has no pgvector: install the extension `vector`"
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        return "the user may not do this; let its owner run CREATE EXTENSION vector and create the table"
    return type(error).__name__
