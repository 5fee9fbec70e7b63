"""Calls under way, so that the same call is made once however many ask for it at the same time."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from agentkit.calls import Chunk

Source = Callable[[], AsyncGenerator[Chunk]]


class Flight:
    """One call under way: a task reads its pieces; any number of listeners follow, each at its own pace.

    The task ends when nobody listens any more; one listener's cancellation leaves the others alone.
    """

    def __init__(self, source: Source, *, landed: Callable[["Flight"], None]) -> None:
        self._landed = landed
        self._chunks: list[Chunk] = []
        self._failure: Exception | None = None
        self._listeners = 0
        self._ended = False
        self._more = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._read(source))

    async def follow(self) -> AsyncGenerator[Chunk]:
        """Yield every piece from the first, as they come, then raise what the call raised, if it did."""
        position = 0
        self._listeners += 1
        try:
            while True:
                while position < len(self._chunks):
                    position += 1
                    yield self._chunks[position - 1]
                if self._ended:
                    break
                await self._more.wait()
            if self._failure is not None:
                raise self._failure
        finally:
            self._listeners -= 1
            if not self._listeners and not self._ended:
                self._landed(self)
                self._task.cancel()
                await asyncio.gather(self._task, return_exceptions=True)

    async def _read(self, source: Source) -> None:
        try:
            async with aclosing(source()) as chunks:
                async for chunk in chunks:
                    self._chunks.append(chunk)
                    self._wake()
        except Exception as error:  # noqa: BLE001 - raised again to whoever listens
            self._failure = error
        finally:
            self._ended = True
            self._landed(self)
            self._wake()

    def _wake(self) -> None:
        self._more.set()
        self._more = asyncio.Event()


class Flights:
    """The calls under way in this process, by event loop and key."""

    def __init__(self) -> None:
        self._flights: dict[tuple[asyncio.AbstractEventLoop, str], Flight] = {}

    def join(self, key: str, source: Source, /) -> tuple[Flight, bool]:
        """Return the call under way for a key, or begin it; and whether it was begun."""
        place = (asyncio.get_running_loop(), key)
        under_way = self._flights.get(place)
        if under_way is not None:
            return under_way, False

        def landed(flight: Flight) -> None:
            if self._flights.get(place) is flight:
                del self._flights[place]

        self._flights[place] = begun = Flight(source, landed=landed)
        return begun, True
