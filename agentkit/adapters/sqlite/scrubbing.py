"""What was deleted from a SQLite file leaves its bytes, too."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from agentkit.errors import UnavailableError

_PATIENCE_S = 10.0
_BESIDE = ("", "-wal", "-journal", "-shm")


def scrub(path: Path) -> None:
    """Write a file anew without the pages of what was deleted, and empty its write-ahead log.

    Raises:
        UnavailableError: the file cannot be used, or another process reads it all the time.
    """
    try:
        with closing(sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)) as connection:
            connection.execute("PRAGMA temp_store = MEMORY")  # the copy that VACUUM makes stays off the disk
            connection.execute("PRAGMA secure_delete = ON").fetchall()
            connection.execute("VACUUM")
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.Error as error:
        raise UnavailableError(f"{path.name} cannot be written anew: {error}; try again later.") from error
    if busy:
        raise UnavailableError(f"{path.name} is read by another process: try again later.")


def holds_bytes(path: Path, needles: Sequence[str]) -> bool:
    """Return whether a file, its log or its journal holds one of the texts, whether or not SQLite still knows of it."""
    wanted = [needle.encode() for needle in needles]
    for ending in _BESIDE:
        beside = path.with_name(path.name + ending)
        if beside.exists() and wanted:
            data = beside.read_bytes()
            if any(needle in data for needle in wanted):
                return True
    return False
