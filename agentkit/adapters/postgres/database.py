# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false, reportMissingTypeStubs=false
# asyncpg has no types.
"""A Postgres database for the ledger."""

import asyncio
import os
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

import asyncpg

from agentkit.adapters.postgres.server import hosts_in, reason_of
from agentkit.egress import EgressPolicy, note_host
from agentkit.errors import UnavailableError

# Any number that nobody else uses: transactions of the ledger take turns.
_TURN = 0x6167656E746B6974
_CONNECTIONS = 4
_FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


class PostgresDatabase:
    """Tables in Postgres, made when they are first needed.

    A password comes from the address's environment variable, from `PGPASSWORD` or from a `.pgpass` file, never
    from the configuration. Transactions take turns by an advisory lock, so that limits hold across machines.

    Args:
        url: `postgresql://user@host:port/database`.
        schema: the statements that make the tables.
        egress: the hosts that may be contacted.
        timeout_s: how long a connection, or a turn, is waited for.

    Raises:
        ConfigError: the address is not one of Postgres.
        EgressDeniedError: its host may not be contacted.
    """

    def __init__(
        self, url: str, *, schema: Sequence[str], egress: EgressPolicy | None = None, timeout_s: float = 10.0
    ) -> None:
        self._hosts = hosts_in(url, said="ledger.url", egress=egress)
        self._url = url
        self._schema = list(schema)
        self._timeout_s = timeout_s
        self._pool: Any = None
        self._home: tuple[object, int] = (None, 0)
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def transaction(self, *, alone: bool = True) -> AsyncGenerator["_Statements"]:
        pool = await self._opened()
        try:
            async with pool.acquire(timeout=self._timeout_s) as connection, connection.transaction():
                for host in self._hosts:
                    note_host(host)  # most statements go over a connection that is open already
                if alone:
                    await connection.execute("SELECT pg_advisory_xact_lock($1)", _TURN)
                yield _Statements(connection)
        except _FAILURES as error:
            raise _unavailable(error) from error

    async def aclose(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None and self._home == _here():
            await pool.close()

    async def _opened(self) -> Any:
        """Return the pool of this event loop and process, with the tables made."""
        if self._home != _here():
            self._pool, self._home, self._opening = None, _here(), asyncio.Lock()
        async with self._opening:
            if self._pool is None:
                try:
                    self._pool = await self._open()
                except (*_FAILURES, ValueError) as error:  # asyncpg's own, for a malformed address
                    raise _unavailable(error) from error
            return self._pool

    async def _open(self) -> Any:
        pool = await asyncpg.create_pool(
            self._url,
            min_size=0,
            max_size=_CONNECTIONS,
            timeout=self._timeout_s,
            command_timeout=self._timeout_s,
            server_settings={"application_name": "agentkit"},
        )
        try:
            async with pool.acquire() as connection, connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", _TURN)
                # Whoever made the tables may have more rights than we have.
                if await connection.fetchval("SELECT to_regclass('spent')") is None:
                    for statement in self._schema:
                        await connection.execute(statement)
        except BaseException:
            pool.terminate()
            raise
        return pool


class _Statements:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def run(self, statement: str, values: Sequence[str | int | float] = (), /) -> Sequence[Sequence[object]]:
        rows: list[Any] = await self._connection.fetch(_numbered(statement), *values)
        return [tuple(row) for row in rows]


def _here() -> tuple[object, int]:
    return asyncio.get_running_loop(), os.getpid()


@lru_cache(maxsize=64)
def _numbered(statement: str) -> str:
    """Write parameters as Postgres does: `$1`, `$2`."""
    numbers = iter(range(1, 100))
    return re.sub(r"\?", lambda _: f"${next(numbers)}", statement)


def _unavailable(error: Exception) -> UnavailableError:
    return UnavailableError(
        f"The ledger's Postgres cannot be used ({reason_of(error)}). No call that costs is made without it."
    )
