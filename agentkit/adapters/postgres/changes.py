# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false, reportMissingTypeStubs=false
# asyncpg has no types.
"""What happens to the rows of tables in Postgres, by logical decoding.

A slot keeps the log from one moment on, and the rows are first read as of that very moment. The log is peeked at, and
the slot moved on only when everything up to a place is kept for good: whoever is killed in between reads it again.
"""

import asyncio
import io
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

import asyncpg

from agentkit.adapters.postgres import changes_sql as sql
from agentkit.adapters.postgres.changes_reading import Position, Reading, Transaction
from agentkit.adapters.postgres.changes_tables import Followed, examine, publish, there
from agentkit.adapters.postgres.server import hosts_in, reason_of
from agentkit.changes import Batch, Lag, Table
from agentkit.egress import EgressPolicy, note_host
from agentkit.errors import ConfigError, UnavailableError

_FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)
_MESSAGES = 20_000
_AT_ONCE = 500
_LOOK_EVERY_S = 0.03
_PATIENCE_S = 8.0
_LONG_S = 86_400.0
_SETTINGS = {
    # Values come as text: the same text whoever asks, so that nothing seems to have changed.
    "application_name": "agentkit follow",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "extra_float_digits": "1",
    "bytea_output": "hex",
}


class PostgresChanges:
    """The changes of tables.

    Args:
        url: `postgresql://user@host:port/database`; a password comes from `PGPASSWORD` or a `.pgpass` file, or with
            an address that itself comes from the environment.
        name: of the slot and the publication, after "agentkit_"; lower-case letters, digits and underscores.
        tables: which, and which of their columns.
        egress: the hosts that may be contacted.
        timeout_s: how long a connection, or an answer, is waited for.

    Raises:
        ConfigError: the address is not one of Postgres.
        EgressDeniedError: its host may not be contacted.
    """

    def __init__(
        self,
        url: str,
        *,
        name: str,
        tables: Sequence[Table],
        egress: EgressPolicy | None = None,
        timeout_s: float = 60.0,
    ) -> None:
        self._hosts = hosts_in(url, said=f"The url of the feed {name}", egress=egress)
        self._url = url
        self._name = name
        self.slot = f"agentkit_{name}"
        self._wanted = tables
        self._timeout_s = timeout_s
        self._open: Any = None
        self._is_alone = False
        self._followed: dict[str, Followed] = {}
        self._server = ("", "")
        self._seen = 0

    async def resume(self, position: str | None, /) -> str:
        async with self._connection() as connection:
            await self._prepare(connection)
            known = Position.read(position)
            slot = await connection.fetchrow(sql.SLOT, self.slot)
            self._seen = 0
            if known is None:
                return "nothing of it was read before"
            if (known.system, known.database) != self._server:
                return "this is another server than the one that was read before"
            if slot is None:
                return f"the slot {self.slot} is gone"
            if slot["wal_status"] == "lost":
                return f"the server has deleted what the slot {self.slot} was to keep"
            if slot["confirmed_flush_lsn"] > known.lsn:
                return f"the slot {self.slot} is ahead of the index"
            return await self._untold(connection, known)

    async def snapshot(self) -> AsyncGenerator[Batch]:
        async with self._connection() as connection:
            await self._prepare(connection)
            await self._drop_slot(connection)
            await publish(connection, self.slot, list(self._followed.values()))
            reading = connection.transaction(isolation="repeatable_read", readonly=True)
            tables, _ = await there(connection, self.slot, [*self._followed.values()])
            async with self._frozen(connection) as (name, lsn), reading:
                await connection.execute(f"SET TRANSACTION SNAPSHOT '{name}'")
                for table in self._followed.values():
                    async for batch in self._rows_of(connection, table):
                        yield batch
            yield Batch([], Position(*self._server, lsn, tables).told())

    async def changes(self, position: str, /) -> AsyncGenerator[Batch]:
        known = Position.read(position)
        async with self._connection() as connection:
            end = cast(int, await connection.fetchval(sql.END))
            if known is None:
                raise UnavailableError("The position in the log cannot be read: follow with --restart.")
            if end == self._seen:
                return
            untold = await self._untold(connection, known)
            if untold:
                raise UnavailableError(f"The log does not tell all: {untold}.")
            reading = Reading(connection, self._followed, known)
            asked = (sql.PEEK, self.slot, end, _MESSAGES, self.slot)
            async with connection.transaction():
                async for row in connection.cursor(*asked, prefetch=_AT_ONCE, timeout=_LONG_S):
                    batch = await reading.take(row["data"])
                    if batch is not None:
                        yield batch
            if reading.count < _MESSAGES:
                self._seen = end
                yield Batch([], replace(known, lsn=max(reading.last, end)).told())

    async def release(self, position: str, /) -> None:
        known = Position.read(position)
        if known is None:
            return
        async with self._connection() as connection:
            await connection.execute(sql.ADVANCE, self.slot, known.lsn)

    async def wait(self, seconds: float, /) -> None:
        end = time.monotonic() + seconds
        async with self._connection() as connection:
            while await connection.fetchval(sql.END) == self._seen and time.monotonic() < end:  # noqa: ASYNC110 - the server tells nobody
                await asyncio.sleep(_LOOK_EVERY_S)

    async def lag(self) -> Lag:
        async with self._connection(alone=False) as connection:
            row = await connection.fetchrow(sql.LAG, self.slot)
            bounded = await connection.fetchval("SHOW max_slot_wal_keep_size") != "-1"
        if row is None:
            return Lag(0, "bytes", bounded=True, lost=True)
        return Lag(int(row["behind"] or 0), "bytes", int(row["kept"] or 0), bounded, row["wal_status"] == "lost")

    async def unread(self) -> dict[str, int]:
        async with self._connection(alone=False) as connection:
            return {str(row["name"]): int(row["kept"] or 0) for row in await connection.fetch(sql.UNREAD)}

    async def drop(self) -> bool:
        async with self._connection() as connection:
            there = await self._drop_slot(connection)
            published = await connection.fetchval(sql.PUBLISHED, self.slot)
            if published:
                await connection.execute(f"DROP PUBLICATION {sql.quoted(self.slot)}")
            return bool(there or published)

    async def aclose(self) -> None:
        connection, self._open = self._open, None
        if connection is not None:
            connection.terminate()

    async def _prepare(self, connection: Any) -> None:
        level = await connection.fetchval("SHOW wal_level")
        if level != "logical":
            raise ConfigError(
                f"This Postgres writes its log at wal_level = {level}: set it to logical (ALTER SYSTEM SET wal_level = "
                "'logical') and restart the server."
            )
        self._server = await self._identified(connection)
        self._followed = {table.name: table for table in await examine(connection, self._wanted)}

    async def _untold(self, connection: Any, known: Position) -> str:
        """Return why the log does not tell everything that happened to the rows; "" where it does."""
        tables, left_out = await there(connection, self.slot, [*self._followed.values()])
        others = [name for name, oid in tables.items() if known.tables.get(name, oid) != oid]
        if others:
            return f"{', '.join(others)} was made anew since it was read"
        return f"the publication {self.slot} leaves out {', '.join(left_out)}" if left_out else ""

    async def _identified(self, connection: Any) -> tuple[str, str]:
        row = await connection.fetchrow(sql.SERVER)
        return str(row["system"]), str(row["database"])

    async def _drop_slot(self, connection: Any) -> bool:
        slot = await connection.fetchrow(sql.SLOT, self.slot)
        if slot is not None:
            await connection.execute("SELECT pg_drop_replication_slot($1)", self.slot)
        return slot is not None

    @asynccontextmanager
    async def _frozen(self, connection: Any) -> AsyncGenerator[tuple[str, int]]:
        """Make the slot; lend the name of a snapshot of the very moment it begins at, and that moment."""
        replicating = await self._connected({**_SETTINGS, "replication": "database"})
        try:
            # On such a connection there are plain statements only: what one returns comes by COPY.
            await replicating.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            await replicating.execute(f"CREATE_REPLICATION_SLOT {self.slot} LOGICAL pgoutput (SNAPSHOT 'use')")
            told = io.BytesIO()
            await replicating.copy_from_query("SELECT pg_export_snapshot()", output=told)
            moment = cast(int, (await connection.fetchrow(sql.SLOT, self.slot))["confirmed_flush_lsn"])
            yield told.getvalue().decode().strip(), moment
        finally:
            replicating.terminate()

    async def _rows_of(self, connection: Any, table: Followed) -> AsyncGenerator[Batch]:
        told = Transaction(skipped=False)
        async for row in connection.cursor(table.select, prefetch=_AT_ONCE, timeout=_LONG_S):
            told.take([table.put(dict(row))])
            if told.is_long:
                yield told.cut(None)
        yield told.cut(None)

    @asynccontextmanager
    async def _connection(self, *, alone: bool = True) -> AsyncGenerator[Any]:
        """Lend the connection; to look only, there need not be nobody else who follows."""
        try:
            for host in self._hosts:
                note_host(host)
            if self._open is None or self._open.is_closed():
                self._open, self._is_alone = await self._connected(_SETTINGS), False
            if alone and not self._is_alone:
                await self._alone(self._open)
                self._is_alone = True
            yield self._open
        except asyncpg.UndefinedColumnError as error:
            raise ConfigError(f"Postgres: {reason_of(error)}. Change `follow` in the configuration.") from error
        except asyncpg.CharacterNotInRepertoireError as error:
            raise ConfigError(
                f"A row holds bytes that are no text ({reason_of(error)}): mend it, or keep the database in UTF8."
            ) from error
        except _FAILURES as error:
            await self.aclose()
            raise UnavailableError(f"Postgres cannot be followed ({reason_of(error)}).") from error

    async def _connected(self, settings: Mapping[str, str]) -> Any:
        try:
            return await asyncpg.connect(
                self._url,
                timeout=min(10, int(self._timeout_s) or 1),
                command_timeout=self._timeout_s,
                server_settings=dict(settings),
            )
        except ValueError:  # asyncpg's own, for a malformed address: waiting does not mend it
            raise ConfigError(f"The url of the feed {self._name} is no address that can be used.") from None

    async def _alone(self, connection: Any) -> None:
        """Keep others from reading the same slot. One that was killed may hold on for a moment."""
        end = time.monotonic() + _PATIENCE_S
        while not await connection.fetchval("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", self.slot):
            if time.monotonic() > end:
                connection.terminate()
                raise UnavailableError(f"Somebody else follows these tables already, as {self.slot}: stop that first.")
            await asyncio.sleep(_LOOK_EVERY_S)
