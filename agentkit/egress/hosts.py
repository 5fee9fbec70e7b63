"""Which host a text names, and which address an address really is.

Clients disagree about odd spellings, so whatever two of them could read differently names no host here:
backslashes, spaces, numbers in place of dotted addresses, addresses with a dot behind them, two at-signs.
"""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMERIC = re.compile(r"\d+|0x[0-9a-f]*")  # "2130706433" and "0x7f000001" are addresses in disguise
_PLACE = re.compile(r"(?:[^@]*@)?(?:\[[^\[\]@]+\]|[^\[\]@:]+)(?::\d*)?")  # user@host:port
_DISPUTED = re.compile(r"[\s\\\x00-\x1f\x7f]")
_SCOPE = re.compile(r"[A-Za-z0-9_.-]+")
_MAX_NAME = 253
_LOCALHOST = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"})
# Here clouds and hypervisors hand out credentials to whoever asks from inside (169.254.169.254 and its kin), and
# the unspecified address is this machine under another name.
_NEVER: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        *("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "fd20:ce::254/128", "100.100.100.200/32"),
        *("168.63.129.16/32", "192.0.0.192/32", "0.0.0.0/32", "::/128"),
    )
)
_NAT64 = ip_network("64:ff9b::/96")
_NAT64_LOCAL = ip_network("64:ff9b:1::/48")
_LAST_32_BITS = 0xFFFFFFFF


def host_of(url_or_host: str) -> str:
    """Return the host of a URL, of "host:port" or of a bare host, in lower case; empty where there is none."""
    text = url_or_host.strip()
    if _DISPUTED.search(text):
        return ""
    if "/" not in text and address_of(text) is not None:
        return text.strip("[]").lower()
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        host = parts.hostname or ""
    except ValueError:
        return ""
    return host.removesuffix(".") if _PLACE.fullmatch(parts.netloc) else ""


def name_of(host: str) -> str:
    """Return a host name as it goes over the wire: lower case, ASCII, no dot at the end; empty for what is none.

    A name in another script takes its `xn--` form where the old and the new rules for it agree.
    """
    name = host if host.isascii() else _ascii(host)
    name = name.lower().removesuffix(".")
    sound = len(name) <= _MAX_NAME and _NAME.fullmatch(name) and not _NUMERIC.fullmatch(name.rsplit(".", 1)[-1])
    return name if sound else ""


def address_of(host: str) -> Address | None:
    """Return the address that a text writes, unwrapped if it is an IPv4 address in IPv6 clothes; None for a name."""
    text, percent, scope = host.removeprefix("[").removesuffix("]").partition("%")
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return None if percent else address
    if percent and not _SCOPE.fullmatch(scope):
        return None
    return address.ipv4_mapped or address


def is_localhost(name: str) -> bool:
    """Return whether a name may only ever mean this machine (RFC 6761)."""
    return name in _LOCALHOST or name.endswith(".localhost")


def meanings(address: Address) -> tuple[Address, ...]:
    """Return an address and the public IPv4 address that a NAT64 gateway would contact for it, if it is one of those.

    A gateway has no business with private addresses (RFC 6052, 3.1), so what looks like one means nothing.
    """
    if isinstance(address, IPv6Address) and address in _NAT64:
        inner = IPv4Address(int(address) & _LAST_32_BITS)
        return (address, inner) if inner.is_global else (address,)
    return (address,)


def is_never_meant(address: Address) -> bool:
    """Return whether no name may lead to an address: link-local and metadata services, in any clothes."""
    return any(item in network for item in _unwrapped(address) for network in _NEVER)


def opens_never_meant(network: Network) -> bool:
    """Return whether a listed network lies wholly among those addresses, so that they are meant after all."""
    return any(_within(network, never) for never in _NEVER)


def _within(network: Network, other: Network) -> bool:
    if isinstance(network, IPv4Network):
        return isinstance(other, IPv4Network) and network.subnet_of(other)
    return isinstance(other, IPv6Network) and network.subnet_of(other)


def _unwrapped(address: Address) -> list[Address]:
    """Return an address and every IPv4 address that a tunnel or a translator could find in it."""
    if isinstance(address, IPv4Address):
        return [address]
    found: list[Address] = [address]
    if address in _NAT64 or address in _NAT64_LOCAL:
        found.append(IPv4Address(int(address) & _LAST_32_BITS))
    if address.sixtofour is not None:
        found.append(address.sixtofour)
    if address.teredo is not None:
        found += address.teredo
    return found


def _ascii(host: str) -> str:
    """Encode a name by IDNA 2003 where that is reversible; where 2008 differs (ß, joiners), it is not."""
    if len(host) > _MAX_NAME:
        return ""
    try:
        encoded = host.lower().encode("idna")
        return encoded.decode("ascii") if encoded.decode("idna") == host.lower() else ""
    except UnicodeError:
        return ""
