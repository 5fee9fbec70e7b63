"""What a provider must be told beside the request: keys, regions, versions. Nothing is read by LiteLLM on its own."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# LiteLLM's table of environment variables is untyped.

import os
from dataclasses import dataclass, field

from agentkit.adapters.litellm.models import ProviderOptions, Resolved
from agentkit.adapters.litellm.vendor import litellm
from agentkit.errors import AuthenticationError

NO_KEY = "none"
"""What a server that wants no key is sent, so that no other key is."""
_BEARER = "AWS_BEARER_TOKEN_BEDROCK"
_AWS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


@dataclass(frozen=True, slots=True)
class Key:
    """What a provider is shown: a key, or the three parts of AWS that sign requests. `secret` is what to hide."""

    value: str | None = field(default=None, repr=False)
    aws: dict[str, str] = field(default_factory=dict[str, str], repr=False)

    @property
    def secret(self) -> str | None:
        """The part that must appear nowhere."""
        return self.aws.get("aws_secret_access_key") or (None if self.value == NO_KEY else self.value)


def find_key(name: str, resolved: Resolved, *, api_base: str | None, api_key_env: str | None) -> Key:
    """Return the key from the environment: the variable that is named, else the provider's own for its own host.

    Args:
        name: what errors call the model.
        resolved: the model string, taken apart.
        api_base: the server's URL in the configuration; a server named there is sent no key but the one named.
        api_key_env: the variable in the configuration.

    Raises:
        AuthenticationError: a variable is empty.
    """
    if api_key_env is not None:
        return Key(_read(api_key_env, name))
    if resolved.provider == "bedrock":
        return _aws_key(name)
    if api_base is not None:
        return Key(None if resolved.provider.startswith("ollama") else NO_KEY)
    variable = f"{resolved.provider.upper()}_API_KEY"
    missing = litellm.validate_environment(f"{resolved.provider}/model")["missing_keys"]
    missing = [item for item in missing if item.endswith("_KEY")]
    if missing and not resolved.provider.startswith("ollama"):
        raise AuthenticationError(
            f"Set the environment variable {' and '.join(missing)}: it should hold the key for {name}.", model=name
        )
    return Key(os.environ.get(variable) or None)


def arguments(resolved: Resolved, options: ProviderOptions, key: Key, *, context_tokens: int) -> dict[str, object]:
    """Return the keywords for LiteLLM that this provider needs, and no others."""
    found: dict[str, object] = {}
    if options.base_model:
        found["base_model"] = options.base_model
    if resolved.provider == "azure":
        found["api_version"] = resolved.api_version
    if resolved.provider == "bedrock":
        # Without keys of its own, LiteLLM would look for some in files and at the cloud's metadata service.
        found |= {"aws_region_name": resolved.region, "aws_bedrock_runtime_endpoint": resolved.api_base, **key.aws}
    if resolved.provider.startswith("ollama"):
        # Ollama cuts longer prompts to its own window without a word, and that is 4096 unless a request says more.
        found["num_ctx"] = context_tokens
    return found


def _aws_key(name: str) -> Key:
    bearer = os.environ.get(_BEARER, "").strip()
    if bearer:
        return Key(bearer)
    parts = {variable.lower(): _read(variable, name) for variable in _AWS}
    session = os.environ.get("AWS_SESSION_TOKEN", "").strip()
    return Key("", parts | ({"aws_session_token": session} if session else {}))


def _read(variable: str, name: str) -> str:
    value = os.environ.get(variable, "").strip()
    if not value:
        raise AuthenticationError(
            f"Set the environment variable {variable}: it should hold the key for {name}.", model=name
        )
    return value
