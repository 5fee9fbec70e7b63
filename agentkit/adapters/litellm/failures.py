"""LiteLLM's exceptions → ours. No sentence carries a key, whatever the provider echoes."""
# pyright: reportUnknownMemberType=false
# LiteLLM's exceptions inherit from partly untyped ones.

import re
import socket
import ssl
from collections.abc import Iterator, Mapping

from agentkit.adapters.litellm.clients import MAX_BYTES, Exchange, TooLargeError
from agentkit.adapters.litellm.vendor import exceptions
from agentkit.egress import host_of
from agentkit.errors import BackendError, Billed, ContentFilterError, ContextWindowError, EgressDeniedError
from agentkit.prompts import failures
from agentkit.prompts.failures import ProviderError, Where, detail

_NAMES = re.compile(r"^(?:(?:litellm\.)?\w*(?:Error|Exception|Timeout)\w*(?: -|:)\s*)+")
_TRACEBACK = "Traceback (most recent call last)"
_NETWORK = frozenset({"httpx", "httpcore", "aiohttp"})
_TLS = re.compile(r"certificate|\bssl\b|\btls\b", re.IGNORECASE)


def translate(
    error: Exception, where: Where, exchange: Exchange, *, begun: bool = False
) -> BackendError | EgressDeniedError:
    """Return our error for one of LiteLLM's; its `__cause__` is the scrubbed original.

    Args:
        error: what LiteLLM raised.
        where: who was called.
        exchange: what came over the wire; LiteLLM's own word counts only where that was out of sight.
        begun: whether pieces of an answer had come.
    """
    causes = list(_chain(error))
    denied = next((cause for cause in causes if isinstance(cause, EgressDeniedError)), None)
    if denied is not None:
        return EgressDeniedError(denied.host)
    status = exchange.status
    if status is None:
        ours = _without_answer(error, causes, where)
    elif status >= 300:
        ours = _refused(error, where, exchange, status)
    else:
        ours = _unusable(error, causes, where, exchange, begun=begun)
    ours.__cause__ = ProviderError(f"{type(error).__name__}: {detail(said(error), where)}")
    return ours


def status_of(error: Exception, exchange: Exchange) -> int:
    """Return the HTTP status of a refusal, or 0."""
    status = exchange.status or getattr(error, "status_code", None)
    return status if isinstance(status, int) else 0


def said(error: Exception) -> str:
    """Return a provider's words without the names of exceptions before them."""
    code = getattr(error, "code", None)
    words = _NAMES.sub("", str(getattr(error, "message", "") or error)).partition(_TRACEBACK)[0].rstrip()
    return f"{words} {code}" if isinstance(code, str) and code not in words else words


def _refused(error: Exception, where: Where, exchange: Exchange, status: int) -> BackendError:
    if status < 400:
        return failures.redirected(where, host_of(exchange.headers.get("location", "")))
    return _by_class(error, where) or failures.refused(where, status=status, said=said(error), headers=exchange.headers)


def _unusable(
    error: Exception, causes: list[BaseException], where: Where, exchange: Exchange, *, begun: bool
) -> BackendError:
    """Return the error for an answer whose headers said that all is well."""
    billed: Billed = "yes" if begun else "unknown"
    if any(isinstance(cause, TooLargeError) for cause in causes):
        return failures.too_large(where, MAX_BYTES)
    if any(isinstance(cause, UnicodeDecodeError) for cause in causes):
        return failures.not_text(where, billed=billed)
    if any(_is_network(cause) for cause in causes):
        return failures.broke_off(where, billed=billed)
    if any(isinstance(cause, ValueError) for cause in causes) or "invalid response" in str(error).lower():
        return failures.not_json(where, kind=exchange.foreign_kind, billed=billed)
    inside = getattr(error, "status_code", None)
    status = inside if isinstance(inside, int) else 500
    return _by_class(error, where) or failures.failed_inside(where, status=status, said=said(error), begun=begun)


def _without_answer(error: Exception, causes: list[BaseException], where: Where) -> BackendError:
    unresolved = next((cause for cause in causes if isinstance(cause, socket.gaierror)), None)
    if unresolved is not None:
        return failures.unknown_host(where, passing=unresolved.errno == socket.EAI_AGAIN)
    if any(isinstance(cause, ssl.SSLError) or "Certificate" in type(cause).__name__ for cause in causes):
        return failures.untrusted(where)
    if any(_is_refusal(cause) for cause in causes):
        return failures.unreachable(where)
    if any(_is_network(cause) for cause in causes):
        return failures.broke_off(where)
    status = getattr(error, "status_code", None)
    ours = _by_class(error, where)
    if ours is None and isinstance(status, int):
        headers: Mapping[str, str] | None = getattr(getattr(error, "response", None), "headers", None)
        ours = failures.refused(where, status=status, said=said(error), headers=headers)
    return ours or failures.broke_off(where)


def _by_class(error: Exception, where: Where) -> BackendError | None:
    """Return the error for what LiteLLM has recognised by the wording of some provider."""
    if isinstance(error, exceptions.ContextWindowExceededError):
        return ContextWindowError(
            f"The prompt does not fit the window of {where.who}: set context_tokens to its real size.",
            model=where.name,
        )
    if isinstance(error, exceptions.ContentPolicyViolationError):
        return ContentFilterError(f"The content filter of {where.who} withheld the answer.", model=where.name)
    return None


def _is_refusal(cause: BaseException) -> bool:
    """Return whether no connection came about: refused, or no route."""
    name = type(cause).__name__
    return isinstance(cause, ConnectionRefusedError) or name in {"ConnectError", "ClientConnectorError"}


def _is_network(cause: BaseException) -> bool:
    if isinstance(cause, OSError):
        return True
    # An answer with an error status is also among their exceptions, and is no fault of the network.
    return type(cause).__module__.partition(".")[0] in _NETWORK and type(cause).__name__ != "HTTPStatusError"


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__
