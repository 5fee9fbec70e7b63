"""Sealed answers in one SQLite file that processes may share."""

import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from agentkit.errors import UnavailableError

_SCHEMA = """
DROP TABLE IF EXISTS answers;
CREATE TABLE IF NOT EXISTS entries (
    key TEXT PRIMARY KEY, entry TEXT NOT NULL, form TEXT NOT NULL, made REAL NOT NULL, used REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entries_form ON entries (form, made) WHERE form <> '';
CREATE INDEX IF NOT EXISTS entries_used ON entries (used);
CREATE INDEX IF NOT EXISTS entries_made ON entries (made);
CREATE TABLE IF NOT EXISTS rests_on (
    document TEXT NOT NULL, key TEXT NOT NULL REFERENCES entries (key) ON DELETE CASCADE, PRIMARY KEY (document, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS rests_on_key ON rests_on (key);
"""  # the table of earlier versions held answers without a seal
_NEAR = "SELECT entry FROM entries WHERE form = ? AND form <> '' ORDER BY made DESC LIMIT ?"
_PRUNE_EVERY = 64
_USED_STEP_S = 600.0
_BUSY_S = 2.0


class SqliteAnswerStore:
    """Entries by key and by form; the oldest and the least recently used go first.

    Args:
        path: the file; its folder is made where it is missing. Only its owner can read it.
        max_entries: about how many entries are kept.
        max_age_s: how long.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        path: Path,
        *,
        max_entries: int = 100_000,
        max_age_s: float = 30 * 86_400.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = path
        self._max_entries = max_entries
        self._max_age_s = max_age_s
        self._clock = clock
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._writes = 0

    async def get(self, key: str, /) -> str | None:
        with self._transaction() as connection:
            row = connection.execute("SELECT entry, used FROM entries WHERE key = ?", (key,)).fetchone()
            now = self._clock()
            if row is not None and now - row[1] > _USED_STEP_S:
                connection.execute("UPDATE entries SET used = ? WHERE key = ?", (now, key))
            return None if row is None else str(row[0])

    async def put(
        self, key: str, entry: str, /, *, form: str = "", vector: Sequence[int] = (), documents: Sequence[str] = ()
    ) -> None:
        del vector  # few entries share a form: whoever asked compares them
        now = self._clock()
        with self._transaction() as connection:
            connection.execute("DELETE FROM entries WHERE key = ?", (key,))
            connection.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", (key, entry, form, now, now))
            connection.executemany("INSERT OR IGNORE INTO rests_on VALUES (?, ?)", [(name, key) for name in documents])
            if self._writes % _PRUNE_EVERY == 0:
                self._prune(connection, now)
            self._writes += 1

    async def near(self, form: str, /, *, vector: Sequence[int], limit: int) -> list[str]:
        del vector
        with self._transaction() as connection:
            return [str(row[0]) for row in connection.execute(_NEAR, (form, limit))]

    async def count(self, documents: Sequence[str], /) -> int:
        marks = ", ".join("?" * len(documents))
        with self._transaction() as connection:
            found = connection.execute(
                f"SELECT count(DISTINCT key) FROM rests_on WHERE document IN ({marks})",  # noqa: S608 - marks only
                tuple(documents),
            )
            return int(found.fetchone()[0])

    async def forget(self, documents: Sequence[str], /) -> int:
        with self._transaction() as connection:
            return sum(
                connection.execute(
                    "DELETE FROM entries WHERE key IN (SELECT key FROM rests_on WHERE document = ?)", (name,)
                ).rowcount
                for name in documents
            )

    def close(self) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    def _prune(self, connection: sqlite3.Connection, now: float) -> None:
        connection.execute("DELETE FROM entries WHERE made < ?", (now - self._max_age_s,))
        connection.execute(
            "DELETE FROM entries WHERE key IN (SELECT key FROM entries ORDER BY used DESC LIMIT -1 OFFSET ?)",
            (self._max_entries,),
        )

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        with self._lock:
            try:
                connection = self._open()
                with connection:
                    yield connection
            except (sqlite3.Error, OSError) as error:
                raise UnavailableError(f"the cache at {self._path} cannot be used: {error}") from error

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.touch(mode=0o600)
            connection = sqlite3.connect(self._path, check_same_thread=False, timeout=_BUSY_S)
            try:
                # An unread answer of the first would lock the tables for what follows.
                connection.execute("PRAGMA journal_mode = WAL").fetchall()
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute("PRAGMA foreign_keys = ON")
                connection.execute("PRAGMA secure_delete = ON").fetchall()
                connection.executescript(_SCHEMA)
            except sqlite3.Error:
                connection.close()
                raise
            self._connection = connection
        return self._connection
