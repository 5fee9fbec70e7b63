"""How many calls a deployment takes at once, and how many may wait: the rest are turned away at once."""

import asyncio
import threading
from collections import deque

from agentkit.errors import OverloadedError

_Waiter = asyncio.Future[None]


class Gate:
    """Lets `max_concurrent` calls in, in order of arrival; `max_waiting` more may stand in line.

    One gate serves every run, thread and event loop of the process: a deployment's limit is its own.

    Args:
        name: the deployment's, for the error.
        max_concurrent: at least 1.
        max_waiting: 0 turns every call away that would have to wait.
    """

    def __init__(self, name: str, *, max_concurrent: int = 32, max_waiting: int = 1024) -> None:
        self._name = name
        self._free = max_concurrent
        self._max_concurrent = max_concurrent
        self._max_waiting = max_waiting
        self._line: deque[_Waiter] = deque()
        self._lock = threading.Lock()

    async def enter(self) -> None:
        """Take a place, in order of arrival; give it back with `leave`.

        Raises:
            OverloadedError: the line is full; nothing was sent.
        """
        with self._lock:
            if self._free > 0:
                self._free -= 1
                return
            if len(self._line) >= self._max_waiting:
                raise OverloadedError(
                    f"{self._name} has {self._max_concurrent} calls under way and {len(self._line)} waiting, which is "
                    "its limit: try again later, or raise max_concurrency or max_waiting.",
                    model=self._name,
                )
            waiter: _Waiter = asyncio.get_running_loop().create_future()
            self._line.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            with self._lock:
                waits = waiter in self._line
                if waits:
                    self._line.remove(waiter)
            if not waits:
                self.leave()  # the place was given to it in that very moment
            raise

    def leave(self) -> None:
        """Give a place back, to the first in line."""
        with self._lock:
            if not self._line:
                self._free += 1
                return
            waiter = self._line.popleft()
        try:
            waiter.get_loop().call_soon_threadsafe(_wake, waiter)
        except RuntimeError:
            self.leave()  # its event loop was closed: the place goes to the next


def _wake(waiter: _Waiter) -> None:
    if not waiter.done():
        waiter.set_result(None)
