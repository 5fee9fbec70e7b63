"""A deployment that keeps failing is left alone for a while, then tried with one call (Nygard, *Release It!*)."""

import threading
import time
from collections.abc import Callable

from agentkit.errors import CircuitOpenError


class Circuit:
    """Opens after failures in a row; after its rest one call goes through, whose outcome closes or opens it again.

    Args:
        name: the deployment's, for the error.
        failures: how many in a row open it.
        open_s: how long it stays open, in seconds.
        clock: monotonic seconds.
    """

    def __init__(
        self, name: str, *, failures: int = 5, open_s: float = 30.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._name = name
        self._limit = failures
        self._open_s = open_s
        self._clock = clock
        self._failures = 0
        self._opened: float | None = None
        self._probing = False
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        """Whether a call made now would be turned away."""
        with self._lock:
            return self._rest() > 0 or self._probing

    def enter(self) -> None:
        """Let a call through.

        Raises:
            CircuitOpenError: the deployment rests, or is being tried by another call.
        """
        with self._lock:
            if self._opened is None:
                return
            rest = self._rest()
            if rest > 0 or self._probing:
                when = f"for another {rest:.0f} s" if rest > 0 else "until the call that tries it is back"
                raise CircuitOpenError(
                    f"{self._name} failed {self._failures} times in a row and is left alone {when}.", model=self._name
                )
            self._probing = True

    def succeeded(self) -> None:
        """Close it: the deployment works."""
        with self._lock:
            self._failures, self._opened, self._probing = 0, None, False

    def failed(self) -> None:
        """Count one more failure."""
        with self._lock:
            self._failures += 1
            self._probing = False
            if self._failures >= self._limit:
                self._opened = self._clock()

    def abandoned(self) -> None:
        """Count nothing: the call was cancelled or says nothing about the deployment."""
        with self._lock:
            self._probing = False

    def _rest(self) -> float:
        return 0.0 if self._opened is None else self._open_s - (self._clock() - self._opened)
