"""LangGraph's SQLite checkpointer, opened when first used, with a serializer that loads our types and no others."""

import asyncio
import copy
import dataclasses
import random
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from pathlib import Path
from typing import Any, TypeVar

import ormsgpack
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)
from langgraph.checkpoint.serde.jsonplus import (
    EXT_CONSTRUCTOR_KW_ARGS,
    EXT_CONSTRUCTOR_POS_ARGS,
    JsonPlusSerializer,
)
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Send

from agentkit import state, types
from agentkit.errors import ConfigError, UnavailableError

_PATIENCE_S = 10.0
_FIRST_PAUSE_S = 0.001
_LONGEST_PAUSE_S = 0.05
_ALONE = "~__pregel_pull"
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_OPTIONS = (
    ormsgpack.OPT_NON_STR_KEYS
    | ormsgpack.OPT_PASSTHROUGH_DATACLASS
    | ormsgpack.OPT_PASSTHROUGH_DATETIME
    | ormsgpack.OPT_PASSTHROUGH_ENUM
    | ormsgpack.OPT_PASSTHROUGH_UUID
    | ormsgpack.OPT_REPLACE_SURROGATES
)
T = TypeVar("T")
# `Any` stands where LangGraph's own signatures have it.


def _our_types() -> list[type]:
    return [
        value
        for module in (types, state)
        for value in vars(module).values()
        if isinstance(value, type) and dataclasses.is_dataclass(value) and value.__module__ == module.__name__
    ]


def allowed_types() -> list[tuple[str, str]]:
    """Return `(module, class)` of everything a checkpoint of ours may hold."""
    return [(kind.__module__, kind.__name__) for kind in _our_types()]


_FIELDS = {
    kind: (kind.__module__, kind.__name__, [field.name for field in dataclasses.fields(kind)]) for kind in _our_types()
}


def _plain(value: object) -> ormsgpack.Ext:
    """Write one of our dataclasses, or a `Send`, as LangGraph's serializer would, which asks what else it may be."""
    known = _FIELDS.get(type(value))
    if known is not None:
        module, name, fields = known
        content = (module, name, {field: getattr(value, field) for field in fields})
        return ormsgpack.Ext(EXT_CONSTRUCTOR_KW_ARGS, ormsgpack.packb(content, default=_plain, option=_OPTIONS))
    if type(value) is Send and value.timeout is None:
        content = (Send.__module__, Send.__name__, (value.node, value.arg))
        return ormsgpack.Ext(EXT_CONSTRUCTOR_POS_ARGS, ormsgpack.packb(content, default=_plain, option=_OPTIONS))
    raise TypeError(type(value).__name__)


class _Serializer(JsonPlusSerializer):
    """Its bytes are LangGraph's own; a tenth of the time goes into them where all types are ours."""

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        if obj is None or isinstance(obj, bytes | bytearray):
            return super().dumps_typed(obj)
        try:
            return "msgpack", ormsgpack.packb(obj, default=_plain, option=_OPTIONS)
        except ormsgpack.MsgpackEncodeError:  # LangGraph's own types
            return super().dumps_typed(obj)


def serializer() -> JsonPlusSerializer:
    """Return a message-pack serializer that refuses every type that is not ours, and never unpickles."""
    return _Serializer(pickle_fallback=False, allowed_msgpack_modules=allowed_types())


def strict(saver: BaseCheckpointSaver[str]) -> BaseCheckpointSaver[str]:
    """Return a host's checkpointer as our graph uses it: what a checkpoint names is not built, unless it is ours.

    LangGraph's own serializer builds anything, if `LANGGRAPH_STRICT_MSGPACK` was not set before it was imported. In its
    place stands ours, in a copy that shares what is saved: the host's graphs keep theirs.

    Raises:
        ConfigError: the serializer builds anything, and is of a class of its own.
    """
    serde = saver.serde
    if not isinstance(serde, JsonPlusSerializer) or not _builds_anything(serde):
        return saver
    if type(serde) is not JsonPlusSerializer:
        raise ConfigError(
            f"The serializer {type(serde).__name__} of the checkpointer builds whatever a checkpoint names, which can "
            "run code: make the checkpointer with serde=agentkit.adapters.sqlite.checkpoints.serializer(), or set "
            "LANGGRAPH_STRICT_MSGPACK=true before Python begins."
        )
    twin = copy.copy(saver)
    twin.serde = serializer()
    return twin


def _builds_anything(serde: JsonPlusSerializer) -> bool:
    lists = (getattr(serde, "_allowed_msgpack_modules", True), getattr(serde, "_allowed_json_modules", None))
    return serde.pickle_fallback or any(allowed is True for allowed in lists)


class SqliteCheckpoints(BaseCheckpointSaver[str]):
    """LangGraph's own SQLite saver behind a connection that opens when it is first needed.

    So a graph can be compiled once, before any event loop runs. A transaction takes a tenth of a millisecond and runs
    in the caller's thread; another process's is waited for without holding up the event loop. The file is readable by
    its owner only and keeps a write-ahead log.

    What a node wrote that was alone in its step is saved with the checkpoint that ends the step, at once; only the
    pieces of a fan-out are saved one by one, so that a killed run keeps those that were done.

    Raises:
        UnavailableError: the database cannot be used.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(serde=serializer())
        self._path = path
        self._saver: SqliteSaver | None = None

    async def _run(self, work: Callable[[SqliteSaver], T]) -> T:
        """Do something with the saver; again, a little later, while another process holds the file."""
        end, pause = time.monotonic() + _PATIENCE_S, _FIRST_PAUSE_S
        while True:
            try:
                saver = self._saver = self._saver or self._open()
                return work(saver)
            except (OSError, sqlite3.Error) as error:
                busy = isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF in _BUSY
                if not busy or time.monotonic() > end:
                    self._close()
                    raise UnavailableError(f"The checkpoints at {self._path} cannot be used: {error}.") from error
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
            pause = min(_LONGEST_PAUSE_S, pause * 1.5)

    def _open(self) -> SqliteSaver:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path.touch(mode=0o600)
        connection = sqlite3.connect(self._path, check_same_thread=False, timeout=0)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            # With a write-ahead log a killed process loses nothing; only a power cut may take the last steps.
            connection.execute("PRAGMA synchronous=NORMAL")
        except BaseException:
            connection.close()
            raise
        return SqliteSaver(connection, serde=self.serde)

    def _close(self) -> None:
        saver, self._saver = self._saver, None
        if saver is not None:
            with saver.lock:
                saver.conn.close()

    async def aclose(self) -> None:
        """Close the file, if it was opened."""
        await asyncio.sleep(0)  # LangGraph writes in tasks of its own, which an interrupt leaves behind
        self._close()

    def with_allowlist(self, extra_allowlist: Collection[tuple[str, ...]]) -> "SqliteCheckpoints":  # noqa: ARG002
        """Keep to our own list, and to one connection: LangGraph would go on with a copy."""
        return self

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """As LangGraph's."""
        return await self._run(lambda saver: saver.get_tuple(config))

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002  (LangGraph's name)
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """As LangGraph's."""
        for item in await self._run(lambda saver: [*saver.list(config, filter=filter, before=before, limit=limit)]):
            yield item

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """As LangGraph's, but for what a graph was given: the next state, saved before any node begins, holds it."""
        if metadata.get("source") == "input":
            return {"configurable": {**config.get("configurable", {}), "checkpoint_id": checkpoint["id"]}}
        return await self._run(lambda saver: saver.put(config, checkpoint, metadata, new_versions))

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """As LangGraph's, but for a node that is alone in its step."""
        if task_path.startswith(_ALONE) and not any(channel in WRITES_IDX_MAP for channel, _ in writes):
            return
        await self._run(lambda saver: saver.put_writes(config, writes, task_id, task_path))

    async def adelete_thread(self, thread_id: str) -> None:
        """As LangGraph's."""
        await self._run(lambda saver: saver.delete_thread(thread_id))

    def get_next_version(self, current: str | None, channel: None) -> str:
        """As LangGraph's: a number that grows, and a fraction that differs between writers."""
        return SqliteSaver.get_next_version(self, current, channel)  # pyright: ignore[reportArgumentType]
