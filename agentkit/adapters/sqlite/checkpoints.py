"""LangGraph's SQLite checkpointer with a serializer that loads our types and no others."""

import dataclasses
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiosqlite
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from agentkit import state, types
from agentkit.errors import UnavailableError


def allowed_types() -> list[tuple[str, str]]:
    """Return `(module, class)` of everything a checkpoint of ours may hold."""
    return [
        (module.__name__, name)
        for module in (types, state)
        for name, value in vars(module).items()
        if isinstance(value, type) and dataclasses.is_dataclass(value) and value.__module__ == module.__name__
    ]


def serializer() -> JsonPlusSerializer:
    """Return a message-pack serializer that refuses every type that is not ours, and never unpickles."""
    return JsonPlusSerializer(pickle_fallback=False, allowed_msgpack_modules=allowed_types())


@asynccontextmanager
async def open_checkpointer(path: Path) -> AsyncGenerator[AsyncSqliteSaver, None]:
    """Open the checkpoint database at `path`, made if missing, readable by its owner only.

    Raises:
        UnavailableError: the database cannot be opened.
    """
    try:
        _create(path)
        async with aiosqlite.connect(path) as connection:
            await connection.execute("PRAGMA journal_mode=WAL")
            await connection.execute("PRAGMA busy_timeout=10000")
            saver = AsyncSqliteSaver(connection, serde=serializer())
            await saver.setup()
            yield saver
    except (OSError, aiosqlite.Error) as error:
        raise UnavailableError(f"The checkpoints at {path} cannot be used: {error}.") from error


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
