"""How work reaches the door to a model from wherever CrewAI happens to call: any thread, any loop, or none."""

import asyncio
import contextvars
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar, runtime_checkable

from agentkit.blocking import Blocking
from agentkit.errors import AgentKitError, BackendError, UsageError

T = TypeVar("T")


@runtime_checkable
class Line(Protocol):
    """Carries work to where the door is asked."""

    def run(self, work: Coroutine[Any, Any, T], /) -> T:
        """Wait for the result in a thread that may block."""
        ...

    async def arun(self, work: Coroutine[Any, Any, T], /) -> T:
        """Wait for the result in a running loop."""
        ...


class OwnLine:
    """For a model of its own: asynchronous calls run where they are made, others in a thread with a loop."""

    def __init__(self) -> None:
        self._blocking = Blocking()

    def run(self, work: Coroutine[Any, Any, T], /) -> T:
        return self._blocking.run(work)

    async def arun(self, work: Coroutine[Any, Any, T], /) -> T:
        return await work


class HostLine:
    """For a guest: whatever thread of the crew calls, the door is asked in the loop of the run it belongs to.

    `fault` is what the crew must not get over: the first budget, rail or policy that stopped it. Every later call
    fails with it at once, because CrewAI tries again and goes on without what failed.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False
        self.sent = 0
        self.fault: AgentKitError | None = None

    def run(self, work: Coroutine[Any, Any, T], /) -> T:
        return self._sent(work).result()

    async def arun(self, work: Coroutine[Any, Any, T], /) -> T:
        return await asyncio.wrap_future(self._sent(work))

    def stop(self, error: AgentKitError) -> None:
        """Remember what ends the crew; a model that could not be reached does not, CrewAI may try again."""
        if self.fault is None and not isinstance(error, BackendError):
            self.fault = error

    def close(self) -> None:
        """Cancel what is being asked, and let nothing more through."""
        self._closed = True
        for task in self._tasks:
            task.cancel()

    def _sent(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        done: Future[T] = Future()
        context = contextvars.copy_context()

        def start() -> None:
            if self._closed or self.fault is not None:
                work.close()
                done.set_exception(self.fault or UsageError("The run that this crew belongs to is over."))
                return
            task = self._loop.create_task(work, context=context)
            self._tasks.add(task)
            task.add_done_callback(lambda ended: self._ended(ended, done))

        try:
            self._loop.call_soon_threadsafe(start, context=context)
        except RuntimeError:  # the loop is closed
            work.close()
            raise
        return done

    def _ended(self, task: "asyncio.Task[T]", done: "Future[T]") -> None:
        self._tasks.discard(task)
        if task.cancelled():
            done.cancel()
            done.set_running_or_notify_cancel()
        elif (error := task.exception()) is not None:
            if isinstance(error, AgentKitError):
                self.stop(error)
            done.set_exception(error)
        else:
            done.set_result(task.result())
