"""Who may come in, with how much: keys, host names, the size of a body. For any ASGI application."""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import cast

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agentkit.adapters.serving.replies import envelope

TENANT = "agentkit.tenant"
"""The name in a request's scope of who pays for it."""
MAX_BODY_BYTES = 48 * 1024 * 1024
_BODY_S = 60.0
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class Admission:
    """Lets in what has a key, comes to a name of ours, and is neither too long nor too slow.

    Without keys, only requests to this machine's own names are let in: a page in a browser, which can lead any name of
    its own to the loopback, is not. A body must say that it is JSON, which such a page may not claim without asking.

    Args:
        inner: the application.
        keys: the tenant of each key; none where nobody needs one.
        hosts: names, beside those of the loopback, that requests may be addressed to; "*" is any.
        open_paths: what may be read without a key.
        max_body_bytes: the longest body.
    """

    def __init__(
        self,
        inner: ASGIApp,
        *,
        keys: Mapping[str, str],
        hosts: Sequence[str] = (),
        open_paths: Sequence[str] = (),
        max_body_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        self._inner = inner
        self._tenants = {_digest(key): tenant for key, tenant in keys.items()}
        self._hosts = {name.casefold() for name in (*_LOOPBACK, *hosts)}
        self._open = frozenset(open_paths)
        self._max = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        try:
            async with asyncio.timeout(_BODY_S):
                body = await self._body(receive)
        except TimeoutError:
            await _refuse(408, "The body did not arrive in time.")(scope, receive, send)
            return
        if body is None:
            text = f"The body is longer than {self._max // 1024} KB."
            await _refuse(413, text, code="body_too_long")(scope, receive, send)
            return
        await self._inner(scope, _replayed(body, receive), send)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        headers = Headers(scope=scope)
        name = headers.get("host", "").casefold()
        if "*" not in self._hosts and name.rpartition(":")[0] not in self._hosts and name not in self._hosts:
            return _refuse(421, "This server does not answer to that host name.", code="unknown_host")
        if not self._is_ours(headers.get("origin")):
            return _refuse(403, "This server does not answer to pages of other sites.", code="foreign_origin")
        tenant = self._tenant(headers.get("authorization", ""))
        if tenant is None and scope["path"] not in self._open:
            return _refuse(401, "The key is missing or wrong.", code="invalid_api_key", challenge=True)
        scope[TENANT] = tenant or ""
        if scope["method"] == "POST" and not headers.get("content-type", "").startswith("application/json"):
            return _refuse(415, "The content type is not application/json.")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or len(length) > 18 or int(length) > self._max:
            return _refuse(413, f"The body is longer than {self._max // 1024} KB.", code="body_too_long")
        return None

    def _is_ours(self, origin: str | None) -> bool:
        """Tell whether a request may come from there: from no page of a browser, but of one that was served here."""
        if origin is None or "*" in self._hosts:
            return True
        scheme, _, place = origin.casefold().partition("://")
        if not scheme.startswith("http"):
            return scheme != "null"  # a program's own window
        return place in self._hosts or place.rpartition(":")[0] in self._hosts

    def _tenant(self, authorization: str) -> str | None:
        """Return who pays: an empty name where no key is needed, None where it is missing or wrong."""
        if not self._tenants:
            return ""
        kind, _, key = authorization.partition(" ")
        given = _digest(key.strip())
        found = [tenant for known, tenant in self._tenants.items() if hmac.compare_digest(known, given)]
        return found[0] if found and kind.lower() == "bearer" else None

    async def _body(self, receive: Receive) -> bytes | None:
        """Return a body, or None where it is too long; nothing more is kept than the limit."""
        parts: list[bytes] = []
        length = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return b"".join(parts)
            part = cast(bytes, message.get("body", b""))
            length += len(part)
            if length > self._max:
                return None
            parts.append(part)
            if not message.get("more_body"):
                return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return left.pop() if left else await receive()

    return replay


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def _refuse(status: int, message: str, *, code: str | None = None, challenge: bool = False) -> JSONResponse:
    headers = {"x-should-retry": "false"} | ({"www-authenticate": "Bearer"} if challenge else {})
    return JSONResponse(envelope(message, "invalid_request_error", code=code), status_code=status, headers=headers)
