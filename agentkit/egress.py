"""Which hosts may be contacted (`privacy.egress`), and a guard that holds the whole process to it.

A policy is judged by what is written in an address: a name is allowed by being named (or by being of
a kind that only exists in a private network), never because of what it resolves to. The process guard
checks the resolved addresses as well. Child processes and native code that opens sockets by itself
are outside the guard; a network namespace is the proof for those.
"""

import re
import socket
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeGuard
from urllib.parse import urlsplit

from agentkit.errors import ConfigError, EgressDeniedError

KEYWORDS = ("none", "loopback", "private")
_LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
# Link-local addresses are left out on purpose: clouds serve credentials at 169.254.169.254.
_PRIVATE = (
    *_LOOPBACK,
    ip_network("10.0.0.0/8"),
    ip_network("172.16.0.0/12"),
    ip_network("192.168.0.0/16"),
    ip_network("fc00::/7"),
)
_PRIVATE_SUFFIXES = (".local", ".internal", ".intranet", ".lan", ".home.arpa", ".corp", ".svc")
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMERIC = re.compile(r"\d+|0x[0-9a-f]*")  # "2130706433" and "0x7f000001" are addresses in disguise
_contacted: ContextVar[set[str] | None] = ContextVar("agentkit_contacted", default=None)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """The hosts that may be contacted: names, patterns ("*.firm.example") and networks. Empty allows none."""

    names: frozenset[str] = frozenset()
    suffixes: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()
    private_names: bool = False
    text: str = field(default="none", compare=False)

    @classmethod
    def parse(cls, value: str | Sequence[str]) -> "EgressPolicy":
        """Read `privacy.egress`: `none`, `loopback`, `private`, or a list of hosts (and of these words).

        A host is a name, "*.domain", an address or a network ("10.1.0.0/16"), without a port.

        Raises:
            ConfigError: an entry is none of these.
        """
        items = [value] if isinstance(value, str) else list(value)
        words = [item.strip().lower().rstrip(".") for item in items]
        if "none" in words and len(words) > 1:
            raise ConfigError("privacy.egress: 'none' cannot be combined with hosts.")
        names = {name for word in words for name in _names(word)}
        return cls(
            names=frozenset(names),
            suffixes=tuple(word[1:] for word in words if word.startswith("*.")),
            networks=tuple(network for word in words for network in _networks(word)),
            private_names="private" in words,
            text=", ".join(words) or "none",
        )

    def allows(self, host: str) -> bool:
        """Return whether a host name or an address may be contacted."""
        name = host.strip().lower().strip("[]").rstrip(".")
        address = _address(name)
        if address is not None:
            return any(address in network for network in self.networks)
        if not _NAME.fullmatch(name) or _NUMERIC.fullmatch(name.rsplit(".", 1)[-1]):
            return False
        return (
            name in self.names
            or name.endswith(self.suffixes)
            or (self.private_names and ("." not in name or name.endswith(_PRIVATE_SUFFIXES)))
        )

    def check(self, url_or_host: str) -> str:
        """Return the host, recorded as contacted, if it may be contacted.

        Raises:
            EgressDeniedError: it may not; nothing was sent.
        """
        host = host_of(url_or_host)
        if not self.allows(host):
            raise EgressDeniedError(host or url_or_host)
        hosts = _contacted.get()
        if hosts is not None:
            hosts.add(host)
        return host


def host_of(url_or_host: str) -> str:
    """Return the host of a URL, of "host:port" or of a bare host; empty where there is none."""
    text = url_or_host.strip()
    if re.search(r"[\s\\\x00-\x1f]", text):
        return ""  # parsers disagree about these
    if _address(text.strip("[]")) is not None:
        return text.strip("[]").lower()
    try:
        return (urlsplit(text if "://" in text else f"//{text}").hostname or "").rstrip(".")
    except ValueError:
        return ""


@contextmanager
def record_hosts() -> Generator[set[str]]:
    """Collect the hosts that `EgressPolicy.check` lets through while the block runs, in this context.

    Tasks started inside the block report to it too, so concurrent runs keep separate records.
    """
    hosts: set[str] = set()
    token = _contacted.set(hosts)
    try:
        yield hosts
    finally:
        _contacted.reset(token)


class ConnectionDeniedError(EgressDeniedError, OSError):
    """What the guard raises: also an `OSError`, so that libraries take it for a network that is down."""

    def __init__(self, host: str) -> None:
        EgressDeniedError.__init__(self, host)


class ProcessGuard:
    """Holds every socket of this process to a policy, whoever opens it, until it is released.

    `denied` lists the hosts that were refused, in order of first attempt.
    """

    def __init__(self, policy: EgressPolicy) -> None:
        self._policy: EgressPolicy | None = policy
        self._resolved: set[str] = set()
        self._lock = threading.Lock()
        self.denied: list[str] = []

    def release(self) -> None:
        """Let everything through again (an audit hook cannot be removed)."""
        self._policy = None

    def resolved(self, host: str, addresses: Sequence[str]) -> None:
        """Allow the addresses that an allowed name resolved to."""
        if self._policy is not None and self._policy.allows(host):
            with self._lock:
                self._resolved.update(addresses)

    def judge(self, event: str, arguments: tuple[object, ...]) -> None:
        """Raise `ConnectionDeniedError` for an audit event that would contact a host that is not allowed."""
        host = _contact(event, arguments) if self._policy is not None else None
        if host is None or self._policy is None:
            return
        if self._policy.allows(host) or host in self._resolved:
            return
        if host not in self.denied:
            self.denied.append(host)
        raise ConnectionDeniedError(host or "an unnamed host")


_guards: list[ProcessGuard] = []


def guard_process(policy: EgressPolicy) -> ProcessGuard:
    """Deny this whole process every connection, datagram and name look-up that the policy does not allow.

    Unix sockets stay open. Call it before anything else is imported; a second call replaces the policy.
    """
    guard = ProcessGuard(policy)
    if _guards:
        _guards[0].release()
        _guards[0] = guard
        return guard
    _guards.append(guard)
    sys.addaudithook(_hook)
    socket.getaddrinfo = _reporting(socket.getaddrinfo)
    return guard


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith("socket.") and _guards:
        _guards[0].judge(event, arguments)


def _reporting(look_up: Callable[..., Sequence[tuple[object, ...]]]) -> Callable[..., Sequence[tuple[object, ...]]]:
    """Wrap `socket.getaddrinfo`, so that the addresses of an allowed name are known when it is connected to."""

    def getaddrinfo(host: object, *arguments: object, **options: object) -> Sequence[tuple[object, ...]]:
        found = look_up(host, *arguments, **options)
        _guards[0].resolved(_text(host), [_first(row[-1]) for row in found])
        return found

    return getaddrinfo


def _contact(event: str, arguments: tuple[object, ...]) -> str | None:
    """Return the host that an audit event is about to contact; None for one that contacts nobody."""
    if event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}:
        return _text(arguments[0]) or None  # no host is the wildcard address, for listening
    if event == "socket.getnameinfo":
        return _first(arguments[0])
    if event not in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        return None
    family = getattr(arguments[0], "family", None)
    address = arguments[1]
    if address is None or family in {getattr(socket, "AF_UNIX", None), getattr(socket, "AF_NETLINK", None)}:
        return None  # a connected socket was judged when it connected
    return _first(address)


def _first(address: object) -> str:
    return _text(next(iter(address), None)) if _is_row(address) else ""


def _is_row(value: object) -> TypeGuard[tuple[object, ...]]:
    return isinstance(value, tuple)


def _text(host: object) -> str:
    return host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")


def _names(word: str) -> tuple[str, ...]:
    if word in {"loopback", "private"}:
        return ("localhost", "ip6-localhost")
    plain = word not in KEYWORDS and not word.startswith("*.") and not _networks(word)
    return (word,) if plain else ()


def _networks(word: str) -> tuple[Network, ...]:
    if word in KEYWORDS:
        return {"none": (), "loopback": _LOOPBACK, "private": _PRIVATE}[word]
    try:
        return (ip_network(word.strip("[]"), strict=False),)
    except ValueError:
        name = word.removeprefix("*.")
        if not _NAME.fullmatch(name) or _NUMERIC.fullmatch(name.rsplit(".", 1)[-1]):
            raise ConfigError(
                f"privacy.egress: {word!r} is not a host; write none, loopback, private, "
                "or a list of host names, addresses or networks without ports."
            ) from None
        return ()


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
