"""HTTP to one endpoint: a session per event loop, no proxy, no redirect, no address that the policy forbids."""

import asyncio
import socket
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from weakref import WeakKeyDictionary

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from agentkit.egress import EgressPolicy
from agentkit.errors import BackendError, ConfigError, EgressDeniedError
from agentkit.prompts.failures import (
    Where,
    broke_off,
    not_json,
    not_text,
    too_large,
    unknown_host,
    unreachable,
    untrusted,
)

# Servers commonly hang up after five idle seconds; a call on a connection just hung up would fail for nothing.
_KEEP_ALIVE_S = 4.0
_NEVER = aiohttp.ClientTimeout()  # the caller has a deadline


MAX_BYTES = 32_000_000
"""How much of an answer is read."""


class PolicyResolver(AbstractResolver):
    """Resolves names, and refuses addresses of a kind that the policy does not mean by the name."""

    def __init__(self, egress: EgressPolicy) -> None:
        self._egress = egress
        self._inner = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        for row in found:
            if not self._egress.allows_resolved(host, row["host"]):
                raise EgressDeniedError(f"{host} at {row['host']}")
        return found

    async def close(self) -> None:
        await self._inner.close()


class Connections:
    """The sessions of one backend, one per event loop that it is used in; the backend closes them.

    Args:
        egress: the hosts that may be contacted.
        ca_file: certificates of authorities to trust beside none other; by default the system's.

    Raises:
        ConfigError: `ca_file` cannot be read.
    """

    def __init__(self, *, egress: EgressPolicy, ca_file: Path | None = None) -> None:
        self._egress = egress
        self._ca_file = ca_file
        self._tls: ssl.SSLContext | None = None if ca_file is None else _trust(ca_file)
        self._sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = WeakKeyDictionary()

    async def post(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> aiohttp.ClientResponse:
        """Send a request and return the answer once its headers are there.

        Raises:
            EgressDeniedError: the host, or the address it resolves to, is not allowed.
            aiohttp.ClientError: the connection failed.
        """
        self._egress.check(url, direct=True)
        session = self._session(secure=url.startswith("https:"))
        return await session.post(url, data=body, headers=headers, allow_redirects=False)

    async def read(self, response: aiohttp.ClientResponse, where: Where) -> bytes:
        """Return the whole body.

        Raises:
            InvalidResponseError: it is larger than `MAX_BYTES`.
        """
        body = bytearray()
        while chunk := await response.content.readany():
            body += chunk
            check_size(len(body), where)
        return bytes(body)

    async def aclose(self) -> None:
        """Close the connections of this event loop, and forget those of loops that are gone."""
        mine = self._sessions.pop(asyncio.get_running_loop(), None)
        self._forget()
        if mine is not None:
            await mine.close()

    def _session(self, *, secure: bool) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        session = self._sessions.get(loop)
        if session is None:
            self._forget()
            if secure and self._tls is None:
                self._tls = ssl.create_default_context()
            connector = aiohttp.TCPConnector(
                limit=0, keepalive_timeout=_KEEP_ALIVE_S, ssl=self._tls or True, resolver=PolicyResolver(self._egress)
            )
            session = aiohttp.ClientSession(
                connector=connector,
                timeout=_NEVER,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                headers={"User-Agent": "agentkit", "Accept-Encoding": "identity"},
            )
            self._sessions[loop] = session
        return session

    def _forget(self) -> None:
        """Let go of sessions whose event loop was closed: nobody can close their connections any more."""
        for loop, session in list(self._sessions.items()):
            if loop.is_closed():
                del self._sessions[loop]
                session.detach()


def check_size(read: int, where: Where) -> None:
    """Give up an answer that does not end.

    Raises:
        InvalidResponseError: more than `MAX_BYTES` were read.
    """
    if read > MAX_BYTES:
        raise too_large(where, MAX_BYTES)


def translate(error: Exception, where: Where, *, begun: bool = False) -> BackendError | EgressDeniedError:
    """Return our error for one of the client's.

    Args:
        error: what was raised.
        where: who was called.
        begun: whether pieces of an answer had come.
    """
    denied = next((cause for cause in _chain(error) if isinstance(cause, EgressDeniedError)), None)
    if denied is not None:
        return EgressDeniedError(denied.host)
    if isinstance(error, UnicodeDecodeError):
        return not_text(where)
    if isinstance(error, aiohttp.ClientSSLError):
        return untrusted(where)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return unknown_host(where, passing=_resolver_is_down(error))
    if isinstance(error, aiohttp.ClientConnectorError):
        return unreachable(where)
    if isinstance(error, (aiohttp.ClientResponseError, ValueError)):
        return not_json(where)
    return broke_off(where, billed="yes" if begun else "unknown")


def _resolver_is_down(error: aiohttp.ClientConnectorDNSError) -> bool:
    return error.os_error.errno == socket.EAI_AGAIN


def _chain(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    for _ in range(20):
        if current is None:
            return
        yield current
        inner = getattr(current, "os_error", None)
        current = inner if isinstance(inner, EgressDeniedError) else current.__cause__ or current.__context__


def _trust(ca_file: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"The certificates in {ca_file.name} cannot be read.") from error
