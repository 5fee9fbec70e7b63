# ruff: noqa: D102
# The port documents the methods.
"""Which documents of an index changed, until everybody was told what that means: kept through a kill."""

import hmac
import json
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import cast

from agentkit.changes.doings import Changes, parted
from agentkit.errors import UnavailableError
from agentkit.privacy.keys import load_naming_key
from agentkit.privacy.sealed import opened_bytes, sealed_bytes

FILE = "owed.db"
_CONTEXT = "what followers owe"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS owed (number INTEGER PRIMARY KEY, place TEXT NOT NULL, position TEXT, sealed BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS owed_place ON owed (place);
"""
_BUSY_S = 5.0


class KeptOwed:
    """What is owed for one index and one feed (see `changes.doings.Owed`), in a SQLite file of the home folder.

    The keys of rows may name people: they are encrypted, and no text is kept.

    Args:
        home: the folder of all state.
        index: where the index is.
        feed: the feed's name.
    """

    def __init__(self, home: Path, index: str, feed: str) -> None:
        self._home = home
        self._path = home / FILE
        self._of = json.dumps([index, feed])

    def note(self, changes: Changes, /) -> None:
        with self._transaction() as connection:
            self._insert(connection, changes)

    def promise(self, position: str | None, /) -> None:
        if position is None or not self._path.exists():
            return
        with self._transaction() as connection:
            statement = "UPDATE owed SET position = ? WHERE place = ? AND position IS NULL"
            connection.execute(statement, (self._hashed(position), self._place))

    def recall(self, position: str | None, /) -> tuple[Changes, Changes]:
        if not self._path.exists():
            return [], []
        with self._transaction() as connection:
            statement = "SELECT sealed, position FROM owed WHERE place = ? ORDER BY number"
            rows = connection.execute(statement, (self._place,)).fetchall()
        noted = [(self._opened(sealed), cast(str | None, place)) for sealed, place in rows]
        return parted(noted, None if position is None else self._hashed(position))

    def clear(self, *, keep: Changes) -> None:
        if not self._path.exists():
            return
        with self._transaction() as connection:
            connection.execute("DELETE FROM owed WHERE place = ?", (self._place,))
            if keep:
                self._insert(connection, keep)

    def _insert(self, connection: sqlite3.Connection, changes: Changes) -> None:
        sealed = sealed_bytes(json.dumps(list(changes)).encode(), key=self._key, context=_CONTEXT)
        connection.execute("INSERT INTO owed (place, sealed) VALUES (?, ?)", (self._place, sealed))

    def _opened(self, sealed: bytes) -> Changes:
        read = cast(list[list[str]], json.loads(opened_bytes(sealed, key=self._key, context=_CONTEXT)))
        return [(key, held) for key, held in read]

    def _hashed(self, text: str) -> str:
        return hmac.new(self._naming, text.encode("utf-8", "surrogatepass"), "sha256").hexdigest()

    @cached_property
    def _place(self) -> str:
        return self._hashed(self._of)

    @cached_property
    def _naming(self) -> bytes:
        """The key that stays the same however keys change."""
        return load_naming_key(self._home)

    @cached_property
    def _key(self) -> bytes:
        return hmac.digest(self._naming, b"agentkit-owed", "sha256")

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.touch(mode=0o600)
            connection = sqlite3.connect(self._path, timeout=_BUSY_S)
            try:
                connection.execute("PRAGMA auto_vacuum = FULL")
                connection.execute("PRAGMA secure_delete = ON").fetchall()
                connection.executescript(_SCHEMA)
                with connection:
                    yield connection
            finally:
                connection.close()
        except (sqlite3.Error, OSError) as error:
            raise UnavailableError(f"What followers owe, {self._path}, cannot be used: {error}.") from error
