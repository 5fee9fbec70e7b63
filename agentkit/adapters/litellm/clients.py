"""One HTTP client per backend: it has one owner that closes it, and it asks the egress policy before each request."""
# pyright: reportUnknownMemberType=false
# LiteLLM's handler is partly untyped.

import os

from agentkit.adapters.litellm.models import Resolved
from agentkit.adapters.litellm.vendor import AsyncHTTPHandler, openai
from agentkit.egress import EgressPolicy
from agentkit.errors import ConfigError, EgressDeniedError

# Providers whose requests LiteLLM sends through the OpenAI SDK; the rest take its own handler.
_SDK = {"openai", "custom_openai", "deepinfra", "perplexity", "nvidia_nim", "cerebras", "volcengine", "nebius"}
# Providers seen to use the handler they are given; others build their own client, out of our sight.
_HANDLER = {
    *("anthropic", "ollama", "ollama_chat", "mistral", "groq", "deepseek", "xai", "together_ai", "fireworks_ai"),
    *("hosted_vllm", "openrouter", "gemini"),
}


class Clients:
    """The HTTP client of one backend. `client` is None where the provider insists on its own."""

    def __init__(self, resolved: Resolved, *, api_key: str | None, timeout_s: float, egress: EgressPolicy) -> None:
        self._egress = egress
        self._handler = AsyncHTTPHandler(timeout=timeout_s, event_hooks={"request": [self._check]})
        self.client: object | None = None
        if resolved.provider in _HANDLER or (resolved.provider in _SDK and _without_sdk()):
            self.client = self._handler
        elif resolved.provider in _SDK:
            self.client = openai.AsyncOpenAI(
                api_key=api_key or "none",
                base_url=resolved.api_base,
                http_client=self._handler.client,
                max_retries=0,
                timeout=timeout_s,
            )

    async def _check(self, request: object) -> None:
        self._egress.check(str(getattr(request, "url", "")))

    async def aclose(self) -> None:
        """Close every connection."""
        await self._handler.close()


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
