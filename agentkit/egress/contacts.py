"""What is known about names and addresses at run time: who asked for which, and what a name resolved to."""

import contextlib
import socket
import threading
import time
from collections import OrderedDict
from collections.abc import Generator, Sequence

from agentkit.egress.hosts import address_of

_FRESH_S = 30.0
_KEPT = 4096
_NOTED = 32


class AddressBook:
    """Remembers, for names that were looked up, the addresses that the machine's own resolver gave."""

    def __init__(self) -> None:
        self._names: OrderedDict[str, dict[str, float]] = OrderedDict()
        self._looked_up: dict[str, float] = {}
        self._asked: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()
        self._own = threading.local()

    @property
    def is_looking_up(self) -> bool:
        """Whether the look-up under way in this thread is the book's own."""
        return bool(getattr(self._own, "busy", False))

    def learn(self, name: str, addresses: Sequence[str]) -> None:
        """Note what a name resolved to."""
        now = time.monotonic()
        with self._lock:
            self._looked_up[name] = now
            for address in filter(None, map(_plain, addresses)):
                self._names.setdefault(address, {})[name] = now
                self._names.move_to_end(address)
            while len(self._names) > _KEPT:
                self._names.popitem(last=False)
            if len(self._looked_up) > _KEPT:
                self._looked_up = {name: now}

    def is_fresh(self, name: str) -> bool:
        """Return whether a name was looked up just now."""
        return time.monotonic() - self._looked_up.get(name, float("-inf")) < _FRESH_S

    def names(self, address: str) -> list[str]:
        """Return the names that resolved to an address, the latest first."""
        with self._lock:
            found = dict(self._names.get(_plain(address), {}))
        return sorted(found, key=lambda name: -found[name])

    def addresses(self, name: str) -> list[str]:
        """Return the addresses that a name is known to have."""
        with self._lock:
            return [address for address, names in self._names.items() if name in names]

    def look_up(self, name: str) -> None:
        """Ask the machine's resolver for a name, unless that was done just now; a failure teaches nothing."""
        if self.is_fresh(name):
            return
        found: list[str] = []
        with self._busy(), contextlib.suppress(OSError, UnicodeError):
            found = [str(row[4][0]) for row in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)]
        self.learn(name, found)

    def note(self, name: str) -> None:
        """Note that somebody looks a name up: an event loop does that in a thread that does not know for whom."""
        with self._lock:
            self._asked.pop(name, None)
            self._asked[name] = None
            while len(self._asked) > _NOTED:
                self._asked.popitem(last=False)

    def noted(self) -> list[str]:
        """Return the names that were looked up of late, the latest first."""
        with self._lock:
            return list(reversed(self._asked))

    @contextlib.contextmanager
    def _busy(self) -> Generator[None]:
        before = self.is_looking_up
        self._own.busy = True
        try:
            yield
        finally:
            self._own.busy = before


def _plain(address: str) -> str:
    """Return one spelling for one address: no scope, no IPv4 in IPv6 clothes."""
    found = address_of(address.partition("%")[0])
    return "" if found is None else str(found)


BOOK = AddressBook()
"""What this process knows. It only ever says what resolved where; a policy says whether that may be used."""
