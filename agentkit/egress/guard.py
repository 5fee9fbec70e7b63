"""Holds connections to a policy: those of our own calls in somebody's process, or of a whole process that is ours.

One audit hook sees every connection, datagram and name look-up that goes through Python's sockets. It does nothing
unless the current context is inside one of our calls, or the process is held as a whole. A context is inherited by
the tasks and by the `asyncio.to_thread` threads that a call starts; other threads, native code and child processes
are out of its reach.
"""

import socket
import sys
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Sequence
from contextlib import contextmanager
from typing import TypeGuard, TypeVar

from agentkit.egress.contacts import BOOK
from agentkit.egress.hosts import address_of, name_of
from agentkit.egress.policy import ConnectionDeniedError, EgressPolicy
from agentkit.egress.record import Judge, Watch, contacted, denied, watches

T = TypeVar("T")
_LOOK_UPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
_CONTACTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOCAL_FAMILIES = frozenset({getattr(socket, "AF_UNIX", None), getattr(socket, "AF_NETLINK", None)} - {None})
_installing = threading.Lock()
_hooked: list[bool] = []
_open: set[Watch] = set()


@contextmanager
def record_hosts(policy: EgressPolicy | None = None) -> Generator[set[str]]:
    """Collect the hosts that are contacted while the block runs, and hold its connections to a policy.

    What counts is the connection, seen as it is made, whoever makes it in this context and in the tasks and
    `asyncio.to_thread` threads started inside the block; concurrent runs keep separate records. A host that a client
    already holds a connection to counts when a request to it passes `EgressPolicy.check`.

    Args:
        policy: what connections are held to; None only records.
    """
    install_hook()
    watch = Watch(policy)
    token = watches.set((*watches.get(), watch))
    _open.add(watch)
    try:
        yield watch.hosts
    finally:
        _open.discard(watch)
        watches.reset(token)


@contextmanager
def enforced(policy: EgressPolicy) -> Generator[None]:
    """Hold the connections made inside the block to a policy, in this context only.

    Not for the body of an async generator around a `yield`: that would hold whoever consumes it (see `held`).
    """
    if any(watch.policy == policy for watch in watches.get()):
        yield
        return
    with record_hosts(policy):
        yield


async def held(policy: EgressPolicy, items: AsyncIterator[T]) -> AsyncGenerator[T]:
    """Yield what an iterator yields, its own work held to a policy and that of its consumer not; closes it."""
    try:
        while True:
            with enforced(policy):
                try:
                    item = await anext(items)
                except StopAsyncIteration:
                    return
            yield item
    finally:
        if isinstance(items, AsyncGenerator):
            with enforced(policy):
                await items.aclose()


class ProcessGuard:
    """Holds every socket of this process to a policy, whoever opens it, until it is released.

    `denied` lists the hosts that were refused, in order of first attempt.
    """

    def __init__(self, policy: EgressPolicy) -> None:
        self._policy: EgressPolicy | None = policy
        self.denied: list[str] = []

    def release(self) -> None:
        """Let everything through again (an audit hook cannot be removed)."""
        self._policy = None

    def judge(self, event: str, arguments: tuple[object, ...]) -> None:
        """Raise `ConnectionDeniedError` for an audit event that would contact a host that is not allowed."""
        host = contact(event, arguments) if self._policy is not None else None
        if host is None or self._policy is None:
            return
        try:
            _judge(Watch(self._policy), host, connects=event in _CONTACTS)
        except ConnectionDeniedError as error:
            if error.address not in self.denied:
                self.denied.append(error.address)
            raise


_guards: list[ProcessGuard] = []


def guard_process(policy: EgressPolicy) -> ProcessGuard:
    """Deny this whole process every connection, datagram and name look-up that the policy does not allow.

    For a process that is ours: it replaces `socket.getaddrinfo`, to see which addresses belong to an allowed name.
    Unix sockets stay open. Call it before anything else is imported; a second call replaces the policy.
    """
    guard = ProcessGuard(policy)
    if _guards:
        _guards[0].release()
        _guards[0] = guard
        return guard
    _guards.append(guard)
    install_hook()
    socket.getaddrinfo = _reporting(socket.getaddrinfo)
    return guard


def install_hook() -> None:
    """Add the audit hook to this process, once."""
    with _installing:
        if not _hooked:
            _hooked.append(True)
            sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if not event.startswith("socket."):
        return
    inside = watches.get()
    if not inside and not _guards:
        if _open and event == "socket.getaddrinfo":
            BOOK.note(_text(arguments[0]))
        return
    if BOOK.is_looking_up:
        return
    for guard in _guards:
        guard.judge(event, arguments)
    host = contact(event, arguments) if inside else None
    if host is not None:
        _hold(inside, host, connects=event in _CONTACTS)


def _hold(inside: tuple[Watch, ...], host: str, *, connects: bool) -> None:
    """Hold one contact to every watch, and record it only if none of them refuses it."""
    for watch in inside:
        _judge(watch, host, connects=connects)
    for watch in inside if connects else ():
        contacted(watch, _called(watch, host))


def _judge(watch: Watch, host: str, *, connects: bool) -> None:
    """Hold one contact to one watch."""
    if not connects:
        _judge_look_up(watch, host)
        return
    _learn(watch, host)
    if watch.policy is not None:
        _check(watch.policy, host)


def _judge_look_up(watch: Watch, host: str) -> None:
    if watch.policy is not None and not watch.policy.allows(host) and not _is_led_to(watch.policy, host):
        raise ConnectionDeniedError(host or "an unnamed host")
    watch.asked.add(name_of(host) or host)


def _check(policy: Judge, host: str) -> None:
    """Judge the address of a connection, or every address of a name that is connected to as such."""
    if address_of(host) is None:
        wrong = [address for address in BOOK.addresses(name_of(host)) if not policy.allows_resolved(host, address)]
        if not policy.allows(host):
            raise ConnectionDeniedError(host or "an unnamed host")
        if wrong:
            raise ConnectionDeniedError(wrong[0], name=host)
    elif not policy.allows(host) and not _is_led_to(policy, host):
        led = next(filter(policy.allows, BOOK.names(host)), "")
        denied(led or host)
        raise ConnectionDeniedError(host, name=led)


def _is_led_to(policy: Judge, address: str) -> bool:
    return any(policy.allows_resolved(name, address) for name in BOOK.names(address))


def _learn(watch: Watch, host: str) -> None:
    """Look up the names that may have led here, where nobody told what they resolve to."""
    if address_of(host) is None:
        if watch.policy is None or watch.policy.allows(host):
            BOOK.look_up(name_of(host))
        return
    if _guards:
        return  # every look-up of the process was seen
    if not watch.asked.intersection([host, *BOOK.names(host)]):
        for name in [name for name in watch.asked if address_of(name) is None]:
            BOOK.look_up(name)
    if watch.policy is not None and not watch.policy.allows(host):
        _guess(watch.policy, host)


def _guess(policy: Judge, host: str) -> None:
    """Look up listed names, those in use first, until one leads to an address."""
    for name in filter(policy.lists, [*BOOK.noted(), *sorted(policy.names)]):
        if _is_led_to(policy, host):
            return
        BOOK.look_up(name)


def _called(watch: Watch, host: str) -> str:
    """Return what this call knows a host as: the name it asked for, else the name that allows it, else its address."""
    names = BOOK.names(host)
    known = [name for name in (host, *names) if name in watch.asked]
    if known:
        return known[0]
    if watch.policy is not None and not watch.policy.allows(host):
        return next((name for name in names if watch.policy.allows_resolved(name, host)), host)
    return host


def _reporting(look_up: Callable[..., Sequence[tuple[object, ...]]]) -> Callable[..., Sequence[tuple[object, ...]]]:
    """Wrap `socket.getaddrinfo`, so that the addresses of a name are known when it is connected to."""

    def getaddrinfo(host: object, *arguments: object, **options: object) -> Sequence[tuple[object, ...]]:
        found = look_up(host, *arguments, **options)
        name = name_of(_text(host))
        if name:
            BOOK.learn(name, [_first(row[-1]) for row in found])
        return found

    return getaddrinfo


def contact(event: str, arguments: tuple[object, ...]) -> str | None:
    """Return the host that an audit event is about to contact; None for one that contacts nobody."""
    if event in _LOOK_UPS:
        return _text(arguments[0]) or None  # no host is the wildcard address, for listening
    if event == "socket.getnameinfo":
        return _first(arguments[0])
    if event not in _CONTACTS:
        return None
    address = arguments[1]
    if address is None or getattr(arguments[0], "family", None) in _LOCAL_FAMILIES:
        return None  # a connected socket was judged when it connected
    return _first(address)


def _first(address: object) -> str:
    host = _text(next(iter(address), None)) if _is_row(address) else ""
    found = address_of(host)
    return host if found is None else str(found).partition("%")[0]


def _is_row(value: object) -> TypeGuard[tuple[object, ...]]:
    return isinstance(value, tuple)


def _text(host: object) -> str:
    return host.decode("ascii", "replace") if isinstance(host, (bytes, bytearray)) else str(host or "")
