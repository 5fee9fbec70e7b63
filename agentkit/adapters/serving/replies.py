"""Completions, pieces and errors → what OpenAI's chat protocol says. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from agentkit.adapters.serving.wire import RequestError
from agentkit.calls import Completion, Usage
from agentkit.errors import (
    AgentKitError,
    AuthenticationError,
    BackendTimeoutError,
    BudgetExceededError,
    ContentFilterError,
    ContextWindowError,
    EgressDeniedError,
    InvalidResponseError,
    NoDeploymentError,
    RateLimitError,
    RefusedError,
    UnavailableError,
    UnknownModelError,
    UsageError,
)

DONE = b"data: [DONE]\n\n"
KEEP_ALIVE = b": still working\n\n"
"""A comment, which every client passes over."""
_REASONS = {"stop", "length", "tool_calls", "content_filter"}
_Row = tuple[type[AgentKitError], int, str, str | None]
_ERRORS: tuple[_Row, ...] = (
    (RequestError, 400, "invalid_request_error", None),
    (UnknownModelError, 404, "invalid_request_error", "model_not_found"),
    (RefusedError, 400, "invalid_request_error", "content_filter"),
    (ContentFilterError, 400, "invalid_request_error", "content_filter"),
    (ContextWindowError, 400, "invalid_request_error", "context_length_exceeded"),
    (BudgetExceededError, 429, "insufficient_quota", "insufficient_quota"),
    (RateLimitError, 429, "rate_limit_error", "rate_limit_exceeded"),
    (NoDeploymentError, 403, "permission_error", "no_deployment"),
    (EgressDeniedError, 403, "permission_error", "egress_denied"),
    (AuthenticationError, 502, "api_error", "provider_key_refused"),
    (InvalidResponseError, 502, "api_error", "invalid_response"),
    (BackendTimeoutError, 504, "api_error", "timeout"),
    (UnavailableError, 503, "api_error", "unavailable"),
    (UsageError, 400, "invalid_request_error", None),
)
_RETRIED = {RateLimitError, UnavailableError}
"""What may go well in a moment; a client that tried the rest again would only pay again."""


@dataclass(frozen=True, slots=True)
class Named:
    """What every part of one answer repeats: its id, the model's name, and when it began (Unix time, seconds)."""

    ident: str
    model: str
    created: int


def envelope(message: str, kind: str, *, code: str | None = None, param: str | None = None) -> dict[str, object]:
    """Return an error as the protocol writes it."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def failed(error: Exception, /) -> tuple[int, dict[str, object], dict[str, str]]:
    """Return status, body and headers for an error; of a fault of ours, nothing but its class is told."""
    for kind, status, family, code in _ERRORS:
        if isinstance(error, kind):
            param = error.param if isinstance(error, RequestError) else None
            body = envelope(" ".join(str(error).split()), family, code=code, param=param)
            return status, body, _headers(error, kind)
    body = envelope(f"This is a fault of the server: {type(error).__name__}.", "server_error", code="internal_error")
    return 500, body, _headers(error, Exception)


def _headers(error: Exception, kind: type[Exception]) -> dict[str, str]:
    headers = {"x-should-retry": "true" if kind in _RETRIED else "false"}
    after = getattr(error, "retry_after_s", None)
    if isinstance(after, (int, float)):
        headers["retry-after"] = str(max(1, round(after)))
    return headers


def whole(completion: Completion, named: Named) -> dict[str, object]:
    """Return a reply that is not streamed."""
    message: dict[str, object] = {"role": "assistant", "content": completion.text, "refusal": None}
    if completion.tool_calls:
        message["content"] = completion.text or None
        message["tool_calls"] = _calls(completion)
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason_of(completion)}
    return {
        "id": named.ident,
        "object": "chat.completion",
        "created": named.created,
        "model": named.model,
        "choices": [choice],
        "usage": usage_of(completion.usage),
    }


def piece(delta: Mapping[str, object], named: Named, *, reason: str | None = None) -> dict[str, object]:
    """Return one piece of a stream."""
    choice = {"index": 0, "delta": dict(delta), "logprobs": None, "finish_reason": reason}
    return {**_chunk(named), "choices": [choice]}


def ending(completion: Completion, named: Named, *, include_usage: bool) -> list[bytes]:
    """Return the last events of a stream: calls of tools, why it ended, and what it took."""
    last: list[dict[str, object]] = []
    if completion.tool_calls:
        calls = [{"index": number, **call} for number, call in enumerate(_calls(completion))]
        last.append(piece({"tool_calls": calls}, named))
    last.append(piece({}, named, reason=reason_of(completion)))
    if include_usage:
        last.append({**_chunk(named), "choices": [], "usage": usage_of(completion.usage)})
    return [*(event(item) for item in last), DONE]


def event(data: Mapping[str, object]) -> bytes:
    """Return one server-sent event."""
    return b"data: " + json.dumps(data, ensure_ascii=False).encode() + b"\n\n"


def reason_of(completion: Completion) -> str:
    """Return why an answer ended, in the protocol's words: one that may not be whole counts as cut ("length")."""
    if completion.tool_calls:
        return "tool_calls"
    return completion.finish_reason if completion.finish_reason in _REASONS else "length"


def usage_of(taken: Usage) -> dict[str, object]:
    """Return the tokens taken."""
    return {
        "prompt_tokens": taken.input_tokens,
        "completion_tokens": taken.output_tokens,
        "total_tokens": taken.input_tokens + taken.output_tokens,
        "prompt_tokens_details": {"cached_tokens": taken.cached_tokens},
    }


def _calls(completion: Completion) -> list[dict[str, object]]:
    return [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in completion.tool_calls
    ]


def _chunk(named: Named) -> dict[str, object]:
    return {"id": named.ident, "object": "chat.completion.chunk", "created": named.created, "model": named.model}
