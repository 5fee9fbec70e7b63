"""How a call to a model server failed → our errors, in the same words for every adapter, and never with a key."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from agentkit.calls import Usage
from agentkit.errors import (
    AuthenticationError,
    BackendError,
    BackendTimeoutError,
    Billed,
    ContentFilterError,
    ContextWindowError,
    InvalidResponseError,
    RateLimitError,
)
from agentkit.prompts.scrub import scrub
from agentkit.prompts.wire import AnswerFormat

_CONTEXT = re.compile(
    r"context[_ ](?:length|window|size)|too many (?:input )?tokens|(?:prompt|input) is too long|longer than the model"
    r"|`inputs` (?:tokens \+|must have less)|exceeds? (?:the )?max(?:imum)?[_ ](?:input|seq|num_tokens)"
    r"|\bmax_seq_len\b",
    re.IGNORECASE,
)
_FILTER = re.compile(r"content[_ ](?:filter|policy|management)|safety system", re.IGNORECASE)
_WEAKER = re.compile(r"json_?schema|json_object|\bschema\b|grammar|structured", re.IGNORECASE)
_GRAMMAR = re.compile(r"missing field `value`|expected `json` or `regex`|`json`, `regex`", re.IGNORECASE)
_QUOTA = re.compile(r"insufficient_quota|exceeded your current quota|credit balance|billing", re.IGNORECASE)
_PAGE = re.compile(r"<!doctype html|<html|<body|<head", re.IGNORECASE)
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_UNBILLED = frozenset({503, 529})
_MAX_DETAIL = 160
_MAX_SCRUBBED = 4000


@dataclass(frozen=True, slots=True)
class Where:
    """Who was called: the user's name for the model, its host, the variable of the key, and the key itself."""

    name: str
    host: str
    is_local: bool
    key_env: str | None
    secret: str | None = field(repr=False)

    @property
    def who(self) -> str:
        """The model and its host, for a sentence."""
        return f"{self.name} at {self.host}"


class ProviderError(Exception):
    """What the provider said, without secrets: the cause kept with our errors."""


def detail(text: str, where: Where) -> str:
    """Return the first words of a provider's message, with everything that looks like a key removed."""
    text = scrub(text[:_MAX_SCRUBBED], where.secret)
    if _PAGE.search(text):
        return "it sent an HTML page"
    text = " ".join(text.split())
    return text if len(text) <= _MAX_DETAIL else text[: _MAX_DETAIL - 1] + "…"


def refused(where: Where, *, status: int, said: str, headers: Mapping[str, str] | None = None) -> BackendError:
    """Return the error for an answer with an error status.

    Args:
        where: who was called.
        status: the HTTP status.
        said: the provider's message and code; its wording tells apart what shares a status.
        headers: those of the answer, for Retry-After.
    """
    wait = retry_after_s(headers or {})
    who, model = where.who, where.name
    if status in {401, 403}:
        variable = where.key_env or "the provider's environment variable"
        return AuthenticationError(f"{who} refused the key: check {variable}.", model=model)
    if status == 402 or (status == 429 and _QUOTA.search(said)) or (status == 400 and "credit balance" in said):
        return RateLimitError(f"{who} takes no more calls: the account's quota or credit is used up.", model=model)
    if status == 429:
        when = "later" if wait is None else f"in {wait:g} s"
        return RateLimitError(
            f"{who} takes no more calls now: try again {when}.", model=model, passing=True, retry_after_s=wait
        )
    if status in {400, 413, 422} and _CONTEXT.search(said):
        return ContextWindowError(
            f"The prompt does not fit the window of {who}: set context_tokens to its real size.", model=model
        )
    if status in {400, 422} and _FILTER.search(said):
        return ContentFilterError(f"The content filter of {who} withheld the answer.", model=model)
    return _by_status(where, status=status, said=said, wait=wait)


def _by_status(where: Where, *, status: int, said: str, wait: float | None) -> BackendError:
    who, model = where.who, where.name
    if status == 404:
        return BackendError(f"{who} has no such model: check the name, or load the model there.", model=model)
    if status == 413:
        return BackendError(f"The prompt is larger than {who} accepts (status 413): send fewer passages.", model=model)
    if status in {408, 504}:
        return BackendTimeoutError(
            f"{who} gave up before it had an answer (status {status}).",
            model=model,
            passing=True,
            billed="unknown",
            retry_after_s=wait,
        )
    billed: Billed = "unknown" if status >= 500 and status not in _UNBILLED else "no"
    told = detail(said, where)
    return BackendError(
        f"{who} failed (status {status})" + (f": {told}" if told else "."),
        model=model,
        passing=status in _PASSING,
        billed=billed,
        retry_after_s=wait,
    )


def failed_inside(where: Where, *, status: int, said: str, begun: bool) -> BackendError:
    """Return the error for what a server reports within an answer whose headers said that all is well.

    Args:
        where: who was called.
        status: the status it names, else 500.
        said: its message and code.
        begun: whether pieces of an answer had come.
    """
    failure = refused(where, status=status if 400 <= status < 600 else 500, said=said)
    if begun:
        failure.billed = "yes"
    return failure


def weaker_format(answer_format: AnswerFormat, *, status: int, said: str) -> AnswerFormat | None:
    """Return the next form of answer to ask for, where a server may have refused the form rather than the request.

    One that speaks of schemas is asked for any JSON object; of another it is not known what it refused.
    """
    other = status in {400, 422} and (_CONTEXT.search(said) or _FILTER.search(said))
    if answer_format == "none" or other or status not in {400, 415, 422, 501}:
        return None
    if answer_format == "schema" and _GRAMMAR.search(said):
        return "grammar"
    return "object" if answer_format == "schema" and _WEAKER.search(said) else "none"


def unreachable(where: Where) -> BackendError:
    """Return the error for a connection that did not come about: refused, or no route."""
    advice = "start it, or correct api_base" if where.is_local else "check the network and api_base"
    return BackendError(
        f"The model server for {where.who} cannot be reached: {advice}.", model=where.name, passing=True
    )


def unknown_host(where: Where, *, passing: bool) -> BackendError:
    """Return the error for a host name that does not resolve."""
    return BackendError(
        f"The host name of {where.who} is not known: check api_base and the name server.",
        model=where.name,
        passing=passing,
    )


def untrusted(where: Where) -> BackendError:
    """Return the error for a TLS handshake that failed."""
    return BackendError(
        f"No secure connection to {where.who} could be made: its certificate or TLS cannot be trusted.",
        model=where.name,
    )


def redirected(where: Where, host: str) -> BackendError:
    """Return the error for a redirect, which is never followed: it would take the prompt elsewhere."""
    return BackendError(
        f"{where.who} redirects to {host or 'another address'}: redirects are not followed; set api_base.",
        model=where.name,
    )


def broke_off(where: Where, *, billed: Billed = "unknown") -> BackendError:
    """Return the error for a connection that was lost in the middle of an answer."""
    return BackendError(
        f"The connection to {where.who} broke off before the answer was complete.",
        model=where.name,
        passing=True,
        billed=billed,
    )


def ended_early(where: Where, *, billed: Billed) -> InvalidResponseError:
    """Return the error for a stream that ended properly but before its end was announced."""
    return InvalidResponseError(
        f"The stream of {where.who} ended before its end was announced.",
        model=where.name,
        passing=True,
        billed=billed,
    )


def repeated(where: Where, usage: Usage) -> InvalidResponseError:
    """Return the error for a stream that brought pieces twice."""
    return InvalidResponseError(
        f"The stream of {where.who} brought pieces of the answer twice.",
        model=where.name,
        passing=True,
        billed="yes",
        usage=usage,
    )


def late(where: Where, timeout_s: float, *, billed: Billed = "unknown") -> BackendTimeoutError:
    """Return the error for an answer that was not complete at the deadline."""
    return BackendTimeoutError(
        f"{where.who} did not answer within {timeout_s:g} s: raise timeout_s or use a faster model.",
        model=where.name,
        passing=True,
        billed=billed,
    )


def stalled(where: Where, idle_s: float) -> BackendTimeoutError:
    """Return the error for a stream that began and then said nothing more."""
    return BackendTimeoutError(
        f"The stream of {where.who} stood still for {idle_s:g} s.", model=where.name, passing=True, billed="yes"
    )


def not_json(where: Where, *, kind: str = "", billed: Billed = "unknown") -> InvalidResponseError:
    """Return the error for an answer that cannot be parsed; `kind` is its content type where that is not JSON."""
    what = f"with {kind} instead of JSON" if kind else "with something that is not JSON"
    return InvalidResponseError(f"{where.who} answered {what}.", model=where.name, passing=not kind, billed=billed)


def not_text(where: Where, *, billed: Billed = "unknown") -> InvalidResponseError:
    """Return the error for an answer that is not UTF-8."""
    return InvalidResponseError(
        f"{where.who} answered with bytes that are not UTF-8.", model=where.name, passing=True, billed=billed
    )


def too_large(where: Where, max_bytes: int) -> InvalidResponseError:
    """Return the error for an answer that does not end."""
    return InvalidResponseError(
        f"{where.who} sent more than {max_bytes / 1e6:g} MB; the rest was not read.",
        model=where.name,
        billed="unknown",
    )


def no_choice(where: Where, usage: Usage) -> InvalidResponseError:
    """Return the error for a well-formed answer without any choice."""
    return InvalidResponseError(
        f"{where.who} answered without any choice.", model=where.name, passing=True, billed="yes", usage=usage
    )


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a provider asks to wait, if it does: in seconds, milliseconds or as a date.

    Args:
        headers: names in lower case, or a mapping that ignores case.
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after", "")
    seconds = _number(value)
    if seconds is not None or not value:
        return seconds
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None
