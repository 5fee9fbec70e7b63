"""Model strings: which provider they name, what is known about them, and what a misspelt one may have meant."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# LiteLLM's tables are untyped dictionaries.

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from agentkit.adapters.litellm.vendor import LlmProviders, exceptions, litellm
from agentkit.calls import Price
from agentkit.egress import EgressPolicy, host_of
from agentkit.errors import ConfigError, UnknownModelError

EMBEDDED = ("embedded/extractive", "embedded/smollm2")
_DEFAULT_CONTEXT_TOKENS = 8192
# Where the providers listen that LiteLLM gives no address for; the request itself is checked again.
_HOSTS = {
    "openai": "api.openai.com",
    "anthropic": "api.anthropic.com",
    "mistral": "api.mistral.ai",
    "gemini": "generativelanguage.googleapis.com",
    "openrouter": "openrouter.ai",
    "together_ai": "api.together.ai",
}
_LOCAL = EgressPolicy.parse("private")
_HUGGING_FACE = "https://router.huggingface.co/v1"
_REGION = re.compile(r"(?:^|/|:bedrock:)([a-z]{2}(?:-[a-z]+)+-\d)(?=[/:])")


@dataclass(frozen=True, slots=True)
class ProviderOptions:
    """What some providers need beside a model, an address and a key, in LiteLLM's words.

    Azure: `api_version`, and `base_model`, the model behind a deployment's own name. Bedrock: `aws_region_name`.
    OpenAI: `organization`.
    """

    api_version: str | None = None
    aws_region_name: str | None = None
    organization: str | None = None
    base_model: str | None = None


NO_OPTIONS = ProviderOptions()


@dataclass(frozen=True, slots=True)
class Resolved:
    """A model string taken apart. `api_base` is where its provider listens, if that is known beforehand.

    `string` is what LiteLLM is given; `region` is AWS's, `api_version` is Azure's, empty elsewhere.
    """

    provider: str
    model: str
    api_base: str | None
    string: str = ""
    region: str = ""
    api_version: str = ""

    @property
    def host(self) -> str:
        """The host that is called, or an empty string where only the provider knows."""
        return host_of(self.api_base or "") or _HOSTS.get(self.provider, "")

    @property
    def is_local(self) -> bool:
        """Whether the host is in the firm's own network."""
        return _LOCAL.allows(self.host)


def known(model: str) -> bool:
    """Return whether a model string names a provider of LiteLLM (or a model of its price list)."""
    return _resolve(model) is not None


def near(model: str) -> list[str]:
    """Return at most three model strings that a misspelt one may have meant, nearest first."""
    prefix, slash, rest = model.partition("/")
    found = get_close_matches(model, EMBEDDED, n=1, cutoff=0.8)
    if slash and rest:
        found += [f"{name}/{rest}" for name in get_close_matches(prefix, _providers(), n=2, cutoff=0.75)]
    if not slash:
        found += get_close_matches(model, list(litellm.model_cost), n=2, cutoff=0.8)
    return list(dict.fromkeys(found))[:3]


def resolve(model: str, *, api_base: str | None = None, options: ProviderOptions = NO_OPTIONS) -> Resolved:
    """Take a model string apart, asking nobody.

    Raises:
        UnknownModelError: no provider goes by that name; the message names near ones.
        ConfigError: a model of Bedrock's has no region.
    """
    found = _resolve(model)
    if found is None:
        close = near(model)
        hint = f" Did you mean {' or '.join(close)}?" if close else " Write PROVIDER/MODEL, such as ollama/llama3.1."
        raise UnknownModelError(f"There is no model {model!r}.{hint}")
    prefix = found.provider.removesuffix("_chat").upper()
    named = os.environ.get(f"{prefix}_API_BASE") or os.environ.get(f"{prefix}_BASE_URL")
    base = api_base or named or found.api_base
    plain = replace(found, api_base=base, string=model)
    settle_ollama(plain)
    if found.provider == "bedrock":
        return _in_region(plain, options)
    if found.provider == "azure":
        version = options.api_version or os.environ.get("AZURE_API_VERSION") or litellm.AZURE_DEFAULT_API_VERSION
        return replace(plain, api_version=version)
    if found.provider == "huggingface":
        return _routed(plain)
    if found.provider == "ollama":
        # By the older interface, LiteLLM writes the conversation into one text in a form that few models know, and
        # calls an answer whole that was cut at its longest length.
        return replace(plain, provider="ollama_chat", string=f"ollama_chat/{found.model}")
    return plain


def window_tokens(model: str, resolved: Resolved) -> int:
    """Return the size of a model's window from LiteLLM's shipped table, or a cautious default."""
    value = _row(model, resolved).get("max_input_tokens")
    return value if isinstance(value, int) and value > 0 else _DEFAULT_CONTEXT_TOKENS


def list_price(model: str, resolved: Resolved) -> Price | None:
    """Return the list price: zero for a model on the firm's own machines, None where nobody knows it."""
    if resolved.is_local:
        return Price()
    row = _row(model, resolved)
    if "input_cost_per_token" not in row:
        return None
    cached = _cost(row, "cache_read_input_token_cost") if "cache_read_input_token_cost" in row else None
    name = "cache_creation_input_token_cost"
    written = _cost(row, name) if row.get(name) else None
    return Price(_cost(row, "input_cost_per_token"), _cost(row, "output_cost_per_token"), cached, written)


def _in_region(resolved: Resolved, options: ProviderOptions) -> Resolved:
    """Return a model of Bedrock's with its region and its address there."""
    named = _REGION.search(resolved.model)
    region = options.aws_region_name or (named[1] if named else "")
    region = region or os.environ.get("AWS_REGION_NAME") or os.environ.get("AWS_REGION") or ""
    if not re.fullmatch(r"[a-z]{2}(?:-[a-z]+)+-\d", region):
        raise ConfigError(
            f"Set aws_region_name (or api_base with it) for model {resolved.string!r}, as in eu-central-1."
        )
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    base = resolved.api_base or f"https://bedrock-runtime.{region}.{suffix}"
    return replace(resolved, region=region, api_base=base)


def _routed(resolved: Resolved) -> Resolved:
    """Return a model of Hugging Face's router or of a server there: both speak OpenAI's protocol.

    By its own way to them, LiteLLM asks huggingface.co about the model at every call. The router writes
    OWNER/NAME:PROVIDER for what LiteLLM writes PROVIDER/OWNER/NAME.
    """
    if resolved.api_base is not None:
        base = resolved.api_base.rstrip("/").removesuffix("/v1")
        return replace(resolved, api_base=f"{base}/v1", string=f"openai/{resolved.model}")
    provider, _, rest = resolved.model.partition("/")
    name = f"{rest}:{provider}" if "/" in rest else resolved.model
    return replace(resolved, api_base=_HUGGING_FACE, model=name, string=f"openai/{name}")


def settle_ollama(resolved: Resolved) -> None:
    """Enter a model of Ollama into LiteLLM's table, where it is missing.

    For one that is not there LiteLLM asks the server, in the middle of the event loop, with a client that is not ours
    and waits for the answer: every other call of the process would stand still.
    """
    if resolved.provider.startswith("ollama"):
        free = {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0}
        for provider in ("ollama", "ollama_chat"):
            row = {"litellm_provider": provider, "mode": "chat", "supports_function_calling": True}
            litellm.model_cost.setdefault(f"{provider}/{resolved.model}", {**row, **free})


def _cost(row: Mapping[str, object], key: str) -> float:
    value = row.get(key)
    return float(value) if isinstance(value, (int, float)) else 0.0


def _row(model: str, resolved: Resolved) -> Mapping[str, object]:
    for key in (model, f"{resolved.provider}/{resolved.model}", resolved.model):
        row = litellm.model_cost.get(key)
        if row:
            return row
    return {}


def _providers() -> list[str]:
    return [str(provider.value) for provider in LlmProviders]


def _resolve(model: str) -> Resolved | None:
    prefix, slash, rest = model.partition("/")
    if prefix == "embedded" or not model.strip() or (slash and not rest.strip()):
        return None
    try:
        name, provider, _, api_base = litellm.get_llm_provider(model)
    except exceptions.BadRequestError:
        return None
    return Resolved(provider=provider, model=name, api_base=api_base)
