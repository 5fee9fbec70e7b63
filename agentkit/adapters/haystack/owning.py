# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Haystack's serialization is untyped.
"""What a component opens when it is first used, and closes with its pipeline."""

import threading
from collections.abc import Awaitable, Callable
from typing import Any, Generic, Protocol, TypeVar, cast

from haystack.telemetry import _telemetry
from haystack.utils import deserialize_callable, serialize_callable

from agentkit.blocking import Blocking
from agentkit.errors import UsageError


class Closable(Protocol):
    """What can be closed."""

    def aclose(self) -> Awaitable[None]:
        """Release what it holds."""
        ...


P = TypeVar("P")


class Owned(Generic[P]):
    """A part that is made by a function of the user's, so that a pipeline can be written down and loaded again.

    Args:
        make: a function with a name, which a written pipeline holds; anything else works until it is written.
    """

    def __init__(self, make: Callable[[], P]) -> None:
        self.make = make
        self.blocking = Blocking()
        self._made: P | None = None
        self._lock = threading.Lock()

    def get(self) -> P:
        """Return the part, made now if it was not before."""
        with self._lock:
            if self._made is None:
                self._made = self.make()
            return self._made

    def close(self) -> None:
        """Close the part, for callers without an event loop."""
        made = self._left()
        if made is not None and hasattr(made, "aclose"):
            self.blocking.run(_closed(cast(Closable, made)))
        self.blocking.close()

    async def aclose(self) -> None:
        """Close the part."""
        made = self._left()
        if made is not None and hasattr(made, "aclose"):
            await cast(Closable, made).aclose()
        self.blocking.close()

    def _left(self) -> P | None:
        with self._lock:
            made, self._made = self._made, None
        return made


class Owning(Generic[P]):
    """A component that has a part made for it."""

    def __init__(self, make: Callable[[], P]) -> None:
        check_silent()
        self._part = Owned(make)

    def warm_up(self) -> None:
        """Make what the component works with."""
        self._part.get()

    def close(self) -> None:
        """Close what was made; a later run makes another."""
        self._part.close()

    async def close_async(self) -> None:
        """`close`, in a running loop."""
        await self._part.aclose()


def written(make: Callable[[], Any]) -> str:
    """Return the name of a function, as a pipeline is written down."""
    return serialize_callable(make)


def read_in(data: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a component's data with a function in place of its name."""
    given = {**data.get("init_parameters", {})}
    given[name] = deserialize_callable(given[name])
    return {**data, "init_parameters": given}


def check_silent() -> None:
    """Refuse to be part of a pipeline that reports on its runs.

    Raises:
        UsageError: Haystack's telemetry is on; says how to switch it off.
    """
    if getattr(_telemetry, "telemetry", None) is not None:
        raise UsageError(
            "Haystack's telemetry is on: import agentkit.adapters.haystack before haystack, or set "
            "HAYSTACK_TELEMETRY_ENABLED=False."
        )


async def _closed(part: Closable) -> None:
    await part.aclose()
