"""The ledger's database in one file, for every process on this machine."""

import asyncio
import contextlib
import os
import random
import sqlite3
import threading
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from agentkit.errors import UnavailableError
from agentkit.records import ledger_sql as sql

_PATIENCE_S = 10.0
_FIRST_PAUSE_S = 0.001
_LONGEST_PAUSE_S = 0.05
_VERSION = 1


class SqliteDatabase:
    """One SQLite file with a write-ahead log, readable by its owner only.

    A transaction takes a tenth of a millisecond and runs in the caller's thread; another process's is waited for
    without holding up the event loop. A killed process loses nothing that was committed; after a power cut the
    last transactions may be missing (`synchronous = NORMAL`), never a part of one.

    Args:
        path: the file; its folder is made where it is missing.
        patience_s: how long others are waited for.
    """

    def __init__(self, path: Path, *, patience_s: float = _PATIENCE_S) -> None:
        self._path = path
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._pid = 0

    @asynccontextmanager
    async def transaction(self, *, alone: bool = True) -> AsyncGenerator["_Statements"]:
        """Open a transaction; what runs inside never waits, so that no other task comes between."""
        connection = await self._begun("BEGIN IMMEDIATE" if alone else "BEGIN")
        try:
            yield _Statements(connection)
            connection.execute("COMMIT")
        except BaseException as error:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise self._unavailable(error) from error
            raise
        finally:
            self._lock.release()

    async def aclose(self) -> None:
        """Close the file."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    async def _begun(self, begin: str) -> sqlite3.Connection:
        """Return the connection with a transaction begun, our lock held."""
        end, pause = time.monotonic() + self._patience_s, _FIRST_PAUSE_S
        while True:
            if self._lock.acquire(blocking=False):
                try:
                    connection = self._open()
                    connection.execute(begin)
                except (sqlite3.Error, OSError) as error:
                    self._lock.release()
                    if not _is_busy(error) or time.monotonic() > end:
                        raise self._unavailable(error) from error
                else:
                    return connection
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
            pause = min(_LONGEST_PAUSE_S, pause * 1.5)

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None and self._pid == os.getpid():
            return self._connection
        self._connection = None  # a connection does not survive a fork
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path.touch(mode=0o600)
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=0)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            if connection.execute("PRAGMA user_version").fetchone()[0] < _VERSION:
                _create(connection)
        except BaseException:
            connection.close()
            raise
        self._connection, self._pid = connection, os.getpid()
        return connection

    def _unavailable(self, error: Exception) -> UnavailableError:
        why = "another process holds it" if _is_busy(error) else str(error)
        return UnavailableError(
            f"The ledger {self._path.name} cannot be written: {why}. No call that costs is made without it."
        )


class _Statements:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def run(self, statement: str, values: Sequence[str | int | float] = (), /) -> Sequence[Sequence[object]]:
        return self._connection.execute(statement, values).fetchall()


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in sql.SQLITE:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _is_busy(error: Exception) -> bool:
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF in {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
    }
