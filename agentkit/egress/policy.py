"""Which hosts may be contacted (`privacy.egress`)."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network

from agentkit.egress.contacts import BOOK
from agentkit.egress.hosts import (
    Address,
    Network,
    address_of,
    host_of,
    is_localhost,
    is_never_meant,
    meanings,
    name_of,
    opens_never_meant,
)
from agentkit.egress.proxies import proxy_for
from agentkit.egress.record import asked, denied, sees_connections
from agentkit.errors import ConfigError, EgressDeniedError

_REMEMBERED = 1024
KEYWORDS = ("none", "loopback", "private")
_LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
_PRIVATE: tuple[Network, ...] = (
    *_LOOPBACK,
    ip_network("10.0.0.0/8"),
    ip_network("172.16.0.0/12"),
    ip_network("192.168.0.0/16"),
    ip_network("fc00::/7"),
)
_PRIVATE_SUFFIXES = (".local", ".internal", ".intranet", ".lan", ".home.arpa", ".corp", ".svc")


class ConnectionDeniedError(EgressDeniedError, OSError):
    """A connection was refused: also an `OSError`, so that libraries take it for a network that is down.

    Args:
        host: the address, or the name that was looked up.
        name: the allowed name that led to this address, if one did.
    """

    def __init__(self, host: str, *, name: str = "") -> None:
        EgressDeniedError.__init__(self, f"{host}, to which {name} resolves," if name else host)
        self.address = host


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """The hosts that may be contacted: names, patterns ("*.firm.example") and networks. Empty allows none.

    A host is judged twice: by its name, and by the address that the name leads to. A name that is listed may lead
    anywhere but to link-local addresses and the metadata services of clouds, which must be listed as addresses. A name
    that is allowed for its kind (`localhost`, `llm.internal`) must lead into the networks of that kind.
    """

    names: frozenset[str] = frozenset()
    suffixes: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()
    private_names: bool = False
    local_names: bool = False
    text: str = field(default="none", compare=False)
    _verdicts: dict[str, bool] = field(default_factory=dict[str, bool], init=False, repr=False, compare=False)

    @classmethod
    def parse(cls, value: str | Sequence[str]) -> "EgressPolicy":
        """Read `privacy.egress`: `none`, `loopback`, `private`, or a list of hosts (and of these words).

        A host is a name, "*.domain", an address or a network ("10.1.0.0/16"), without a port.

        Raises:
            ConfigError: an entry is none of these.
        """
        items = [value] if isinstance(value, str) else list(value)
        words = [item.strip().lower() for item in items]
        if "none" in words and len(words) > 1:
            raise ConfigError("privacy.egress: 'none' cannot be combined with hosts.")
        networks = {word: _networks(word) for word in words}
        hosts = {word: _entry(word) for word in words if word not in KEYWORDS and not networks[word]}
        return cls(
            names=frozenset(name for name in hosts.values() if not name.startswith(".")),
            suffixes=tuple(name for name in hosts.values() if name.startswith(".")),
            networks=tuple(network for found in networks.values() for network in found),
            private_names="private" in words,
            local_names="loopback" in words or "private" in words,
            text=", ".join(words) or "none",
        )

    def allows(self, host: str) -> bool:
        """Return whether a host name (wherever it leads) or an address may be contacted."""
        verdict = self._verdicts.get(host)  # asked for each call, and dear to find
        if verdict is None:
            if len(self._verdicts) >= _REMEMBERED:
                self._verdicts.clear()
            verdict = self._verdicts[host] = self._judge_host(host)
        return verdict

    def _judge_host(self, host: str) -> bool:
        address = address_of(host.strip())
        if address is not None:
            return self._allows_address(address)
        name = name_of(host.strip())
        return bool(name) and (self.lists(name) or self._knows_kind(name))

    def lists(self, name: str) -> bool:
        """Return whether a name is listed, itself or by a pattern, and so may lead anywhere."""
        return name in self.names or name.endswith(self.suffixes)

    def allows_resolved(self, name: str, address: str) -> bool:
        """Return whether an address may be contacted because this name resolved to it."""
        found, plain = address_of(address), name_of(name)
        if found is None or not plain or not self.allows(plain):
            return False
        if self._allows_address(found):
            return True
        if is_localhost(plain):
            return self.lists(plain) and found.is_loopback
        return self.lists(plain) and not is_never_meant(found)

    def check(self, url_or_host: str, *, direct: bool = False) -> str:
        """Return the host of a URL that may be contacted; nothing is looked up and nothing is sent.

        Args:
            url_or_host: a whole URL also has the proxy judged that the environment names for it.
            direct: the caller's client ignores proxies in the environment.

        Raises:
            EgressDeniedError: the host, or the proxy that would carry the request, may not be contacted.
        """
        host = host_of(url_or_host)
        if not self.allows(host):
            raise EgressDeniedError(host or "a URL without a proper host")
        proxy = None if direct else proxy_for(url_or_host)
        if proxy is not None and not self.allows(proxy.host):
            raise EgressDeniedError(
                f"{proxy.host or 'a proxy'} ({proxy.variable} sends calls to {host} there; NO_PROXY={host} would not)"
            )
        asked(host, proxy=proxy.host if proxy is not None else "")
        return host

    async def admit(self, url: str, *, direct: bool = False) -> str:
        """Return the host of a URL, as `check` does, after looking its name up and judging where it leads.

        The look-up does not hold up the event loop, and it tells the guard on connections which addresses belong to
        an allowed name. Call it before each request. A name behind a proxy is looked up by the proxy.

        Raises:
            EgressDeniedError: the host, where it leads, or the proxy may not be contacted.
        """
        host = self.check(url, direct=direct)
        proxy = None if direct else proxy_for(url)
        carrier = proxy.host if proxy is not None else host
        if address_of(carrier) is not None:
            return host
        if not BOOK.is_fresh(carrier):
            with contextlib.suppress(OSError, UnicodeError):  # a name that is unknown is the client's to report
                rows = await asyncio.get_running_loop().getaddrinfo(carrier, None)
                BOOK.learn(carrier, [str(row[4][0]) for row in rows])
        self._judge(carrier, BOOK.addresses(carrier))
        return host

    def resolved(self, name: str, addresses: Sequence[str]) -> None:
        """Judge where a name leads that a client's own resolver looked up, and remember it for the guard.

        Raises:
            EgressDeniedError: none of the addresses may be contacted, or one may not and no guard would see it.
        """
        plain = name_of(name) or name
        BOOK.learn(plain, addresses)
        self._judge(plain, addresses)

    def _judge(self, name: str, addresses: Sequence[str]) -> None:
        wrong = [address for address in addresses if not self.allows_resolved(name, address)]
        # A guard that sees each connection refuses the wrong ones; without it, one wrong address spoils the name.
        if wrong and (len(wrong) == len(addresses) or not sees_connections()):
            denied(name)
            raise ConnectionDeniedError(wrong[0], name=name)

    def _allows_address(self, address: Address) -> bool:
        if is_never_meant(address):
            return any(address in network for network in self.networks if opens_never_meant(network))
        return any(item in network for item in meanings(address) for network in self.networks)

    def _knows_kind(self, name: str) -> bool:
        if self.private_names and ("." not in name or name.endswith(_PRIVATE_SUFFIXES)):
            return True
        return self.local_names and is_localhost(name)


def _networks(word: str) -> tuple[Network, ...]:
    if word in KEYWORDS:
        return {"none": (), "loopback": _LOOPBACK, "private": _PRIVATE}[word]
    address = address_of(word)
    try:
        return (ip_network(str(address).partition("%")[0] if address else word, strict=False),)
    except ValueError:
        return ()


def _entry(word: str) -> str:
    """Return a listed name, or the suffix that a pattern stands for."""
    plain = word.removeprefix("*.")
    name = name_of(plain)
    if not name:
        hint = " Write a name in another script in its xn-- form." if not word.isascii() else ""
        raise ConfigError(
            f"privacy.egress: {word!r} is not a host; write none, loopback, private, "
            f"or a list of host names, addresses or networks without ports.{hint}"
        )
    return f".{name}" if word.startswith("*.") else name
