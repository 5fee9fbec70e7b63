"""One deployment behind LiteLLM as a `ModelBackend`."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# LiteLLM's response objects and its completion function are partly untyped.

import asyncio
import os
from typing import Any

from agentkit.adapters.litellm.answers import read
from agentkit.adapters.litellm.clients import Clients, check_reachable_by_policy
from agentkit.adapters.litellm.failures import Where, is_format_refusal, is_passing, retry_after_s, translate
from agentkit.adapters.litellm.models import Price, list_price, resolve, window_tokens
from agentkit.adapters.litellm.vendor import litellm
from agentkit.egress import EgressPolicy
from agentkit.errors import AuthenticationError, BackendError, BackendTimeoutError, EgressDeniedError
from agentkit.prompts import render, response_schema
from agentkit.types import Completion, Prompt

_PAUSE_S = 0.25
LOOPBACK = EgressPolicy.parse("loopback")


class LiteLLMBackend:
    """Calls one model through LiteLLM: at most one retry, one absolute deadline, our errors.

    Args:
        name: what the user calls it, and what errors and reports call it.
        model: any LiteLLM string, such as "ollama/llama3.1" or, with `api_base`, "openai/anything".
        api_base: the server's URL where it is not the provider's own.
        api_key_env: the environment variable that holds the key. A server named by `api_base` is sent
            no other key.
        timeout_s: for a whole call, retry included.
        max_output_tokens: the longest answer asked for.
        context_tokens: the model's window; by default what LiteLLM's table says, else 8192.
        price: dollars per token; by default the table's, zero for a server in the private network. Where nobody
            knows it, `priced` is False and the usage is recorded at no cost.
        temperature: 0 asks for the likeliest words.
        seed: sent where the provider takes one.
        egress: the hosts that may be contacted.

    Raises:
        MissingExtraError: LiteLLM is not installed.
        UnknownModelError: no provider goes by that name.
        AuthenticationError: the key's environment variable is empty.
        EgressDeniedError: the server's host is not allowed.
    """

    deterministic = False

    def __init__(  # noqa: PLR0913 - one keyword per configuration key of a deployment
        self,
        *,
        name: str,
        model: str,
        api_base: str | None = None,
        api_key_env: str | None = None,
        timeout_s: float = 60.0,
        max_output_tokens: int = 1024,
        context_tokens: int | None = None,
        price: Price | None = None,
        temperature: float = 0.0,
        seed: int | None = 0,
        egress: EgressPolicy = LOOPBACK,
    ) -> None:
        self._resolved = resolve(model, api_base=api_base)
        check_reachable_by_policy(self._resolved, name=name, egress=egress)
        self.name = name
        known = price or list_price(model, self._resolved)
        self.price = known or Price()
        self.priced = known is not None
        self.max_output_tokens = max_output_tokens
        self.context_tokens = context_tokens or window_tokens(model, self._resolved)
        self._model = model
        self._timeout_s = timeout_s
        self._egress = egress
        self._options = {"temperature": temperature, "max_tokens": max_output_tokens}
        if seed is not None:
            self._options["seed"] = seed
        self._key = _key(name, self._resolved.provider, api_base=api_base, api_key_env=api_key_env)
        self._where = Where(
            name,
            self._resolved.host or self._resolved.provider,
            is_local=self._resolved.is_local,
            key_env=api_key_env,
            secret=self._key,
        )
        self._takes_schema = True
        self._clients: Clients | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def complete(self, prompt: Prompt, /) -> Completion:
        failure: BackendError | EgressDeniedError
        try:
            async with asyncio.timeout(self._timeout_s):
                response = await self._call(prompt)
        except TimeoutError:
            failure = BackendTimeoutError(
                f"{self.name} at {self._where.host} did not answer within {self._timeout_s:g} s: "
                "raise timeout_s or use a faster model.",
                model=self.name,
            )
        except (BackendError, EgressDeniedError):
            raise
        except Exception as error:  # noqa: BLE001 - LiteLLM raises whatever its providers raise
            failure = translate(error, self._where)
        else:
            return read(response, name=self.name, price=self.price)
        # Raised outside the handler, so that the original, which may hold a key, is not kept as its context.
        raise failure

    async def aclose(self) -> None:
        clients, self._clients = self._clients, None
        if clients is not None:
            await clients.aclose()

    async def _call(self, prompt: Prompt) -> object:
        """Call, once more without the schema if the server refuses it, once more if the failure may pass."""
        with_schema, retried = self._takes_schema, False
        while True:
            try:
                response = await self._send(prompt, with_schema=with_schema)
            except Exception as error:
                if with_schema and is_format_refusal(error):
                    with_schema = False
                    continue
                wait = retry_after_s(error)
                if retried or not is_passing(error) or not self._affords(wait):
                    raise
                retried = True
                await asyncio.sleep(_PAUSE_S if wait is None else wait)
            else:
                self._takes_schema = with_schema
                return response

    def _affords(self, wait_s: float | None) -> bool:
        return wait_s is None or wait_s < self._timeout_s / 2

    async def _send(self, prompt: Prompt, *, with_schema: bool) -> object:
        options: dict[str, Any] = dict(self._options)
        if with_schema:
            schema = {"name": "answer", "schema": response_schema(prompt), "strict": True}
            options["response_format"] = {"type": "json_schema", "json_schema": schema}
        return await litellm.acompletion(
            model=self._model,
            messages=[{"role": message.role, "content": message.content} for message in render(prompt)],
            api_base=self._resolved.api_base,
            api_key=self._key,
            client=self._client(),
            timeout=self._timeout_s,
            num_retries=0,
            max_retries=0,
            drop_params=True,
            **{"no-log": True},  # a callback that the host application set would send the text elsewhere
            **options,
        )

    def _client(self) -> object | None:
        loop = asyncio.get_running_loop()
        if self._clients is None or self._loop is not loop:
            self._clients = Clients(self._resolved, api_key=self._key, timeout_s=self._timeout_s, egress=self._egress)
            self._loop = loop
        return self._clients.client


def _key(name: str, provider: str, *, api_base: str | None, api_key_env: str | None) -> str | None:
    if api_key_env is not None:
        key = os.environ.get(api_key_env, "").strip()
        if not key:
            raise AuthenticationError(
                f"Set the environment variable {api_key_env}: it should hold the key for {name}.", model=name
            )
        return key
    if api_base is not None:
        return None if provider.startswith("ollama") else "none"
    missing = litellm.validate_environment(f"{provider}/model")["missing_keys"]
    if missing and not provider.startswith("ollama"):
        raise AuthenticationError(
            f"Set the environment variable {' and '.join(missing)}: it should hold the key for {name}.", model=name
        )
    return os.environ.get(f"{provider.upper()}_API_KEY") or None
