"""LiteLLM's exceptions → ours. No sentence carries a key, whatever the provider echoes."""
# pyright: reportUnknownMemberType=false
# LiteLLM's exceptions inherit from partly untyped ones.

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from agentkit.adapters.litellm.vendor import exceptions
from agentkit.errors import (
    AuthenticationError,
    BackendError,
    BackendTimeoutError,
    ContentFilterError,
    ContextWindowError,
    EgressDeniedError,
    InvalidResponseError,
    RateLimitError,
)

_SECRET = re.compile(
    r"\b(?:sk|pk|rk|hf|gsk|xai|ghp)[-_][\w*.-]{4,}|\bAIza\S{8,}|\b(?:Bearer|Basic)\s+\S+|(?=[A-Za-z+/_=-]*\d)[\w+/=-]{20,}"
)
_NAMES = re.compile(r"^(?:(?:litellm\.)?\w*(?:Error|Exception|Timeout)\w*(?: -|:)\s*)+")
_CONTEXT = re.compile(r"context[_ ](?:length|window|size)|too many tokens|prompt is too long", re.IGNORECASE)
_FILTER = re.compile(r"content[_ ](?:filter|policy|management)|safety system", re.IGNORECASE)
_MAX_DETAIL = 160
_NETWORK = frozenset({"httpx", "httpcore", "aiohttp"})
_UNSTABLE_STATUS = frozenset({429, 500, 502, 503, 504, 529})


@dataclass(frozen=True, slots=True)
class Where:
    """Who was called: the user's name for the model, its host, the variable of the key, and the key itself."""

    name: str
    host: str
    is_local: bool
    key_env: str | None
    secret: str | None


class ProviderError(Exception):
    """What the provider said, without secrets: the cause kept with our errors."""


def translate(error: Exception, where: Where) -> BackendError | EgressDeniedError:
    """Return our error for one of LiteLLM's; its `__cause__` is the scrubbed original."""
    denied = next((cause for cause in _chain(error) if isinstance(cause, EgressDeniedError)), None)
    if denied is not None:
        return EgressDeniedError(denied.host)
    ours = _by_class(error, where) or _by_status(error, where)
    ours.__cause__ = ProviderError(f"{type(error).__name__}: {detail(error, where)}")
    return ours


def is_passing(error: Exception) -> bool:
    """Return whether the same call may well succeed in a moment."""
    if isinstance(error, exceptions.Timeout):
        return False
    status = getattr(error, "status_code", None)
    if _refused(error):
        return False
    return status in _UNSTABLE_STATUS or isinstance(error, exceptions.APIConnectionError)


def is_format_refusal(error: Exception) -> bool:
    """Return whether the server may have refused the answer's schema, rather than the request."""
    other = _is_filtered(error) or _is_context(error)
    return getattr(error, "status_code", None) in {400, 415, 422, 501} and not other


def retry_after_s(error: Exception) -> float | None:
    """Return the seconds that the provider asks to wait, if it does."""
    for cause in _chain(error):
        headers = getattr(getattr(cause, "response", None), "headers", None) or getattr(
            cause, "litellm_response_headers", None
        )
        value = headers.get("retry-after") if headers is not None else None
        if value is not None:
            return _seconds(str(value))
    return None


def detail(error: Exception, where: Where) -> str:
    """Return the first words of a provider's message, with everything that looks like a key removed."""
    text = str(getattr(error, "message", "") or error)
    if where.secret:
        text = text.replace(where.secret, "[key]")
    text = " ".join(_SECRET.sub("[key]", _NAMES.sub("", text)).split())
    if "<html" in text.lower():
        return "it sent an HTML page"
    return text if len(text) <= _MAX_DETAIL else text[: _MAX_DETAIL - 1] + "…"


def _by_class(error: Exception, where: Where) -> BackendError | None:
    who = f"{where.name} at {where.host}"
    if getattr(error, "status_code", None) in {401, 403}:
        variable = where.key_env or "the provider's environment variable"
        return AuthenticationError(f"{who} refused the key: check {variable}.", model=where.name)
    if isinstance(error, exceptions.RateLimitError):
        wait = retry_after_s(error)
        when = "later" if wait is None else f"in {wait:g} s"
        return RateLimitError(f"{who} takes no more calls now: try again {when}.", model=where.name, retry_after_s=wait)
    if isinstance(error, exceptions.Timeout):
        return BackendTimeoutError(
            f"{who} did not answer in time: raise timeout_s or use a faster model.", model=where.name
        )
    if _is_context(error):
        return ContextWindowError(
            f"The prompt does not fit the window of {who}: set context_tokens to its real size.", model=where.name
        )
    if _is_filtered(error):
        return ContentFilterError(f"The content filter of {who} withheld the answer.", model=where.name)
    if isinstance(error, exceptions.NotFoundError):
        return BackendError(f"{who} has no such model: check the name, or load the model there.", model=where.name)
    return None


def _by_status(error: Exception, where: Where) -> BackendError:
    who = f"{where.name} at {where.host}"
    if _refused(error):
        advice = "start it, or correct api_base" if where.is_local else "check the network and api_base"
        return BackendError(
            f"The model server for {where.name} at {where.host} cannot be reached: {advice}.", model=where.name
        )
    if any(isinstance(cause, ValueError) for cause in _chain(error)) or "invalid response" in str(error).lower():
        return InvalidResponseError(f"{who} answered with something that is not JSON.", model=where.name)
    if any(_is_network(cause) for cause in _chain(error)):
        return BackendError(f"The connection to {who} broke off before the answer was complete.", model=where.name)
    status = getattr(error, "status_code", None)
    code = f" (status {status})" if isinstance(status, int) else ""
    return BackendError(f"{who} failed{code}: {detail(error, where)}", model=where.name)


def _is_network(cause: BaseException) -> bool:
    if isinstance(cause, OSError):
        return True
    # An answer with an error status is also among their exceptions, and is no fault of the network.
    return type(cause).__module__.partition(".")[0] in _NETWORK and type(cause).__name__ != "HTTPStatusError"


def _seconds(value: str) -> float | None:
    """Read a Retry-After header: seconds, or a date."""
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _is_filtered(error: Exception) -> bool:
    if isinstance(error, exceptions.ContentPolicyViolationError):
        return True
    return getattr(error, "status_code", None) == 400 and bool(_FILTER.search(str(error)))


def _is_context(error: Exception) -> bool:
    """Servers word this in many ways, of which LiteLLM knows some."""
    if isinstance(error, exceptions.ContextWindowExceededError):
        return True
    return getattr(error, "status_code", None) in {400, 413, 422} and bool(_CONTEXT.search(str(error)))


def _refused(error: Exception) -> bool:
    """Return whether no connection came about: refused, no such host, no route."""
    return any(
        isinstance(cause, (ConnectionRefusedError, socket.gaierror))
        or type(cause).__name__ == "ConnectError"
        or type(cause).__name__.startswith("ClientConnector")
        for cause in _chain(error)
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__
