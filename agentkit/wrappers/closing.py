"""The end of a door: nothing is asked after it, and what is being asked is over before it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import aclosing, suppress
from typing import TypeVar

from agentkit.calls import Chunk
from agentkit.errors import UsageError
from agentkit.ports import ModelBackend
from agentkit.streams import stream_of
from agentkit.types import Completion, Prompt
from agentkit.wrappers.wrapping import WrappedBackend

_T = TypeVar("_T")
_CLOSED = "This gateway was closed: make another one."


class Visits:
    """The calls that go on behind the doors of one owner, who ends them all at once."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()
        self._streams: set[AsyncGenerator[Chunk]] = set()
        self.closed = False

    async def run(self, work: Coroutine[object, None, _T]) -> _T:
        """Return what a call returns; it ends with its caller.

        Raises:
            UsageError: the owner closed, before or while the call went on.
        """
        if self.closed:
            work.close()
            raise UsageError(_CLOSED)
        task = asyncio.create_task(work)
        self._tasks.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if self.closed and not (caller and caller.cancelling()):
                raise UsageError(_CLOSED) from None
            raise
        finally:
            self._tasks.discard(task)

    def follow(self, chunks: AsyncGenerator[Chunk]) -> None:
        """Close a stream with the owner."""
        self._streams.add(chunks)

    def leave(self, chunks: AsyncGenerator[Chunk]) -> None:
        """Forget a stream that is over."""
        self._streams.discard(chunks)

    async def close(self) -> None:
        """End what goes on, and wait until it is over; calls of other event loops are told, and not waited for."""
        self.closed = True
        here = asyncio.get_running_loop()
        mine = [task for task in self._tasks if task.get_loop() is here]
        for task in self._tasks.difference(mine):
            if not task.get_loop().is_closed():
                task.get_loop().call_soon_threadsafe(task.cancel)
        for task in mine:
            task.cancel()
        if mine:
            await asyncio.wait(mine)
        for chunks in list(self._streams):
            with suppress(RuntimeError):  # another event loop reads it, and was told
                await chunks.aclose()


class ClosableBackend(WrappedBackend):
    """A door that its owner can close while others hold it.

    Args:
        inner: the door.
        visits: the owner's.
    """

    def __init__(self, inner: ModelBackend, *, visits: Visits) -> None:
        super().__init__(inner)
        self._visits = visits

    async def complete(self, prompt: Prompt, /) -> Completion:
        return await self._visits.run(self._inner_complete(prompt))

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        """Answer in pieces."""
        chunks = stream_of(self._inner, prompt)
        self._visits.follow(chunks)
        try:
            async with aclosing(chunks):
                while (chunk := await self._visits.run(_next(chunks))) is not None:
                    yield chunk
        finally:
            self._visits.leave(chunks)

    async def _inner_complete(self, prompt: Prompt) -> Completion:
        return await self._inner.complete(prompt)


async def _next(chunks: AsyncGenerator[Chunk]) -> Chunk | None:
    return await anext(chunks, None)
