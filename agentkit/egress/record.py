"""Which hosts our calls really contacted, and who is to judge a connection: what holds in the current context."""

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol


class Judge(Protocol):
    """What decides about hosts: an `EgressPolicy`."""

    @property
    def names(self) -> frozenset[str]:
        """The names that are listed."""
        ...

    def lists(self, name: str) -> bool:
        """Return whether a name is listed, itself or by a pattern."""
        ...

    def allows(self, host: str) -> bool:
        """Return whether a name or an address may be contacted."""
        ...

    def allows_resolved(self, name: str, address: str) -> bool:
        """Return whether an address may be contacted because this name resolved to it."""
        ...


@dataclass(eq=False, slots=True)
class Watch:
    """One of our calls, or one run.

    Args:
        policy: what its connections are held to; None only records.
        hosts: the hosts it contacted, by the name it asked for, else by address.
        asked: the hosts it meant to contact.
        reached: those of `hosts` that a connection was seen to.
        behind: by proxy, the hosts that it is to carry requests to.
    """

    policy: Judge | None = None
    hosts: set[str] = field(default_factory=set[str])
    asked: set[str] = field(default_factory=set[str])
    reached: set[str] = field(default_factory=set[str])
    behind: dict[str, set[str]] = field(default_factory=dict[str, set[str]])


watches: ContextVar[tuple[Watch, ...]] = ContextVar("agentkit_egress", default=())
# Hosts that a connection was ever seen to: a client may still hold one open and send the next request over it.
_ever: set[str] = set()


def asked(host: str, *, proxy: str = "") -> None:
    """Note that a request to a host is about to be made; it counts as a contact where no connection need be seen."""
    carrier = proxy or host
    unseen = carrier in _ever or not sees_connections()
    for watch in watches.get():
        watch.asked.add(carrier)
        if proxy:
            watch.behind.setdefault(proxy, set()).add(host)
        if unseen:
            watch.hosts |= {carrier, host}


def note_host(host: str) -> None:
    """Count a host as contacted that another thread contacts on behalf of this call, sooner or later."""
    for watch in watches.get():
        watch.hosts.add(host)


def contacted(watch: Watch, host: str) -> None:
    """Note a contact: a connection is being made."""
    _ever.add(host)
    found = {host} | watch.behind.get(host, set())
    watch.reached |= found
    watch.hosts |= found


def denied(host: str) -> None:
    """Note that a connection was refused: what was only asked for has not been contacted."""
    for watch in watches.get():
        if host not in watch.reached:
            watch.hosts.discard(host)


def sees_connections() -> bool:
    """Return whether Python sees the connections made here: an event loop written in C (uvloop) makes its own."""
    try:
        return isinstance(asyncio.get_running_loop(), asyncio.BaseEventLoop)
    except RuntimeError:
        return True
