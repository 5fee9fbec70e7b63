"""Asynchronous doors for synchronous callers: one event loop in a thread, for hosts that have no loop to lend."""

import asyncio
import contextvars
import os
import threading
from collections.abc import AsyncGenerator, Coroutine, Generator
from concurrent.futures import Future
from typing import Any, TypeVar

from agentkit.errors import UsageError

T = TypeVar("T")


class Blocking:
    """Runs coroutines to their end for callers that wait, from any thread, also from one whose own loop is running.

    All of them run in one loop, so that connections are kept between calls. The thread is started by the first call
    and does not keep the process alive; a process that was forked off starts one of its own.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pid = 0
        self._lock = threading.Lock()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what a coroutine returns, or raise what it raises; an interrupt cancels it.

        Raises:
            UsageError: it is called inside the loop that it would wait for.
        """
        done: Future[T] = Future()
        loop, context = self._running(), contextvars.copy_context()
        if asyncio._get_running_loop() is loop:  # noqa: SLF001  (None where no loop runs, at no cost)
            work.close()
            raise UsageError(
                "A synchronous call inside its own event loop would wait for itself: await its asynchronous twin."
            )
        tasks: list[asyncio.Task[T]] = []

        def start() -> None:
            task = loop.create_task(work, context=context)
            tasks.append(task)
            task.add_done_callback(lambda ended: _hand_over(ended, done))

        loop.call_soon_threadsafe(start, context=context)
        try:
            return done.result()
        except BaseException:
            if not done.done():
                loop.call_soon_threadsafe(lambda: [task.cancel() for task in tasks])
            raise

    def iterate(self, pieces: AsyncGenerator[T]) -> Generator[T]:
        """Yield what an asynchronous generator yields; leaving early closes it."""
        try:
            while True:
                try:
                    yield self.run(_next(pieces))
                except StopAsyncIteration:
                    return
        finally:
            self.run(_close(pieces))

    def close(self) -> None:
        """Stop the loop, and cancel what still runs in it; a later call starts another."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None and self._pid == os.getpid():
            loop.call_soon_threadsafe(loop.stop)

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None or self._pid != os.getpid():  # threads do not survive a fork
                self._loop, self._pid = asyncio.new_event_loop(), os.getpid()
                threading.Thread(target=_serve, args=(self._loop,), name="agentkit-blocking", daemon=True).start()
            return self._loop


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)  # libraries clean up through it, also when it no longer runs
    loop.run_forever()
    if running := asyncio.all_tasks(loop):
        for task in running:
            task.cancel()
        loop.run_until_complete(asyncio.wait(running))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


def _hand_over(task: "asyncio.Task[T]", done: "Future[T]") -> None:
    if task.cancelled():
        done.cancel()
    elif (error := task.exception()) is not None:
        done.set_exception(error)
    else:
        done.set_result(task.result())


async def _next(pieces: AsyncGenerator[T]) -> T:
    return await anext(pieces)


async def _close(pieces: AsyncGenerator[T]) -> None:
    await pieces.aclose()
