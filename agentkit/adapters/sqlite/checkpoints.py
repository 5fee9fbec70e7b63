"""LangGraph's SQLite checkpointer, opened when first used, with a serializer that loads our types and no others."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Collection, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiosqlite
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from agentkit import state, types
from agentkit.errors import UnavailableError

_LAST_WRITES_S = 2.0
# `Any` stands where LangGraph's own signatures have it.


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


class SqliteCheckpoints(BaseCheckpointSaver[str]):
    """LangGraph's own SQLite saver behind a connection that opens in the event loop that first needs it.

    So a graph can be compiled once, before any event loop runs. One instance serves one event loop at a
    time; `aclose` ends it. The file is readable by its owner only and keeps a write-ahead log.

    Raises:
        UnavailableError: the database cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(serde=serializer())
        self._path = path
        self._busy: set[asyncio.Task[object] | None] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opening: asyncio.Task[tuple[aiosqlite.Connection, AsyncSqliteSaver]] | None = None

    async def _saver(self) -> AsyncSqliteSaver:
        loop = asyncio.get_running_loop()
        if self._opening is None or self._loop is not loop:
            # One task, so that nodes that begin together do not open a connection each.
            self._loop, self._opening = loop, loop.create_task(self._open())
        try:
            return (await asyncio.shield(self._opening))[1]
        except UnavailableError:
            self._opening = None
            raise

    async def _open(self) -> tuple[aiosqlite.Connection, AsyncSqliteSaver]:
        with self._failures():
            await asyncio.to_thread(self._create)
            connection = await aiosqlite.connect(self._path)
            await connection.execute("PRAGMA journal_mode=WAL")
            # With a write-ahead log a killed process loses nothing; only a power cut may take the last steps.
            await connection.execute("PRAGMA synchronous=NORMAL")
            await connection.execute("PRAGMA busy_timeout=10000")
            return connection, AsyncSqliteSaver(connection, serde=self.serde)

    def _create(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path.touch(mode=0o600)

    @contextmanager
    def _failures(self) -> Generator[None]:
        task = asyncio.current_task()
        self._busy.add(task)
        try:
            yield
        except (OSError, aiosqlite.Error) as error:
            raise UnavailableError(f"The checkpoints at {self._path} cannot be used: {error}.") from error
        finally:
            self._busy.discard(task)

    async def aclose(self) -> None:
        """Close the connection, if one was opened in this event loop."""
        if self._opening is not None and self._loop is asyncio.get_running_loop():
            opening, self._opening = self._opening, None
            # LangGraph writes in tasks of its own, which an interrupt leaves behind.
            writing = self._busy - {asyncio.current_task(), None}
            if writing:
                await asyncio.wait([task for task in writing if task is not None], timeout=_LAST_WRITES_S)
            await (await opening)[0].close()

    def with_allowlist(self, extra_allowlist: Collection[tuple[str, ...]]) -> "SqliteCheckpoints":  # noqa: ARG002
        """Keep to our own list, and to one connection: LangGraph would go on with a copy."""
        return self

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """As LangGraph's."""
        saver = await self._saver()
        with self._failures():
            return await saver.aget_tuple(config)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002  (LangGraph's name)
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """As LangGraph's."""
        saver = await self._saver()
        async for item in saver.alist(config, filter=filter, before=before, limit=limit):
            yield item

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """As LangGraph's."""
        saver = await self._saver()
        with self._failures():
            return await saver.aput(config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """As LangGraph's."""
        saver = await self._saver()
        with self._failures():
            await saver.aput_writes(config, writes, task_id, task_path)

    async def adelete_thread(self, thread_id: str) -> None:
        """As LangGraph's."""
        saver = await self._saver()
        with self._failures():
            await saver.adelete_thread(thread_id)

    def get_next_version(self, current: str | None, channel: None) -> str:
        """As LangGraph's: a number that grows, and a fraction that differs between writers."""
        return AsyncSqliteSaver.get_next_version(self, current, channel)  # pyright: ignore[reportArgumentType]
