"""One HTTP client per backend: its owner closes it, the policy is asked before each request, the wire can be seen."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# LiteLLM's handler is partly untyped.

import json
import os
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field

import httpx

from agentkit.adapters.litellm.models import NO_OPTIONS, ProviderOptions, Resolved
from agentkit.adapters.litellm.vendor import GLOBAL_LOGGING_WORKER, AsyncHTTPHandler, openai
from agentkit.egress import EgressPolicy
from agentkit.errors import ConfigError, EgressDeniedError
from agentkit.prompts.events import DONE, EventParser

# Providers whose requests LiteLLM sends through the OpenAI SDK; the rest take its own handler.
_SDK = {
    "openai",
    "custom_openai",
    "deepinfra",
    "perplexity",
    "nvidia_nim",
    "cerebras",
    "volcengine",
    "nebius",
    "huggingface",
}
# Providers seen to use the handler they are given; others build their own client, out of our sight.
_HANDLER = {
    *("anthropic", "ollama", "ollama_chat", "mistral", "groq", "deepseek", "xai", "together_ai", "fireworks_ai"),
    *("hosted_vllm", "openrouter", "gemini", "bedrock"),
}
# Versions of Azure's API that speak OpenAI's own protocol, deployments named in the body.
_AZURE_V1 = {"v1", "latest", "preview"}
MAX_BYTES = 32_000_000
# Reasons of an end that LiteLLM takes for a proper one. In a text they stand between escaped quotes.
_REASON = re.compile(
    rb'"(?:finish_reason|stop_reason|stopReason|done_reason)" *: *"'
    rb'(abort|error|model_length|model_context_window_exceeded)"'
)
_LONGEST_REASON = 96


@dataclass(slots=True)
class Exchange:
    """What came over the wire in one call, before LiteLLM made something else of it.

    `status` is None until the headers of an answer came, and for ever where a provider insists on its own client.
    `reason` is why the answer ended, where LiteLLM would say "stop" of an answer that is not whole.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    response: httpx.Response | None = field(default=None, repr=False)
    reason: str = ""

    @property
    def foreign_kind(self) -> str:
        """The content type of the answer, where it is none that models answer in."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip()
        return "" if "json" in kind or "stream" in kind else kind

    async def aclose(self) -> None:
        """Hang up, if the answer was not read to its end."""
        if self.response is not None:
            await self.response.aclose()


class TooLargeError(Exception):
    """The answer is larger than is read."""


class _Checked(httpx.AsyncByteStream):
    """A body of which no more than `MAX_BYTES` are read, whose events are whole, and whose end is known.

    LiteLLM passes over events that it cannot parse, and the answer would lack them without a word.
    """

    def __init__(self, inner: httpx.AsyncByteStream, exchange: Exchange, *, has_events: bool) -> None:
        self._inner = inner
        self._exchange = exchange
        self._parser = EventParser() if has_events else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read, seen = 0, b""
        async for chunk in self._inner:
            read += len(chunk)
            if read > MAX_BYTES:
                raise TooLargeError
            for event in self._parser.feed(chunk) if self._parser else ():
                if event.strip() not in {DONE, ""}:
                    json.loads(event)
            seen = seen[-_LONGEST_REASON:] + chunk
            if reason := _REASON.search(seen):
                self._exchange.reason = reason[1].decode()
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


current: ContextVar[Exchange | None] = ContextVar("agentkit_exchange", default=None)
"""The exchange that the next answer in this context belongs to."""
_enqueue = GLOBAL_LOGGING_WORKER.ensure_initialized_and_enqueue


def _enqueue_others(async_coroutine: Coroutine[object, object, object]) -> None:
    """Let LiteLLM log every call but ours, which are booked elsewhere and say `no-log`.

    Its worker would be a task that nobody ends: a loop that is closed, or a second one beside it, leaves it pending,
    and Python says so on standard error.
    """
    if current.get() is None:
        _enqueue(async_coroutine)
    else:
        async_coroutine.close()


setattr(GLOBAL_LOGGING_WORKER, "ensure_initialized_and_enqueue", _enqueue_others)  # noqa: B010 - its type forbids it


class Clients:
    """The HTTP client of one backend. `client` is None where the provider insists on its own."""

    def __init__(
        self,
        resolved: Resolved,
        *,
        api_key: str | None,
        timeout_s: float,
        egress: EgressPolicy,
        options: ProviderOptions = NO_OPTIONS,
    ) -> None:
        self._egress = egress
        hooks: dict[str, list[Callable[..., object]]] = {"request": [self._asked], "response": [self._answered]}
        self._handler = AsyncHTTPHandler(timeout=timeout_s, event_hooks=hooks, follow_redirects=False)
        self.client: object | None = None
        if resolved.provider in _HANDLER or (resolved.provider in _SDK and _without_sdk()):
            self.client = self._handler
        elif resolved.provider in _SDK | {"azure"}:
            self.client = self._sdk(resolved, api_key or "none", timeout_s, options)

    def _sdk(self, resolved: Resolved, api_key: str, timeout_s: float, options: ProviderOptions) -> openai.AsyncOpenAI:
        base, version = resolved.api_base, resolved.api_version
        if resolved.provider == "azure" and base and version in _AZURE_V1:
            base = f"{base.rstrip('/').removesuffix('/openai/v1')}/openai/v1"
        if resolved.provider == "azure" and base and version not in _AZURE_V1:
            client = openai.AsyncAzureOpenAI(
                api_key=api_key,
                azure_endpoint=base,
                api_version=version,
                http_client=self._handler.client,
                max_retries=0,
                timeout=timeout_s,
            )
        else:
            client = openai.AsyncOpenAI(
                api_key=api_key, base_url=base, http_client=self._handler.client, max_retries=0, timeout=timeout_s
            )
        # By itself it would send the names in OPENAI_ORG_ID and OPENAI_PROJECT_ID to any server.
        client.organization, client.project = options.organization, None
        return client

    async def _asked(self, request: object) -> None:
        self._egress.check(str(getattr(request, "url", "")))

    async def _answered(self, response: httpx.Response) -> None:
        exchange = current.get()
        if exchange is not None:
            exchange.status, exchange.headers, exchange.response = response.status_code, response.headers, response
        if isinstance(response.stream, httpx.AsyncByteStream):
            unread = self.client is self._handler  # the SDK raises where LiteLLM's own way passes over
            has_events = unread and "event-stream" in response.headers.get("content-type", "")
            response.stream = _Checked(response.stream, exchange or Exchange(), has_events=has_events)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._handler.close()

    def abandon(self) -> None:
        """Let go of every connection, where the event loop that could close them is gone."""
        session = getattr(getattr(self._handler.client, "_transport", None), "client", None)
        if session is not None and hasattr(session, "detach"):
            session.detach()


def check_reachable_by_policy(resolved: Resolved, *, name: str, egress: EgressPolicy) -> None:
    """Refuse a model whose host the policy forbids, before any document is read.

    Raises:
        EgressDeniedError: the host is known and not allowed.
        ConfigError: the provider's host cannot be known beforehand and none is configured.
    """
    if resolved.host:
        if not egress.allows(resolved.host):
            raise EgressDeniedError(resolved.host)
    elif resolved.provider not in _SDK | _HANDLER:
        raise ConfigError(
            f"Set api_base for model {name!r}: without it, requests to {resolved.provider} "
            "cannot be held to privacy.egress."
        )


def _without_sdk() -> bool:
    """LiteLLM's cheaper way to OpenAI-compatible servers, which a user may have switched on."""
    return os.environ.get("EXPERIMENTAL_OPENAI_BASE_LLM_HTTP_HANDLER", "").strip().lower() == "true"
