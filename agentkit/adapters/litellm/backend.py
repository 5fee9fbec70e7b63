"""One deployment behind LiteLLM as a `ModelBackend`."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# LiteLLM's response objects and its completion function are partly untyped.

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from agentkit.adapters.litellm.arguments import arguments, find_key
from agentkit.adapters.litellm.clients import Clients, Exchange, check_reachable_by_policy, current
from agentkit.adapters.litellm.failures import said, status_of, translate
from agentkit.adapters.litellm.models import (
    NO_OPTIONS,
    ProviderOptions,
    Resolved,
    list_price,
    resolve,
    window_tokens,
)
from agentkit.adapters.litellm.vendor import exceptions, litellm
from agentkit.calls import Chunk, Price
from agentkit.egress import EgressPolicy
from agentkit.errors import BackendError, EgressDeniedError
from agentkit.prompts import failures, replies
from agentkit.prompts.failures import Where
from agentkit.prompts.wire import AnswerFormat, Sampling, chat_request
from agentkit.types import Completion, Prompt

_T = TypeVar("_T")
LOOPBACK = EgressPolicy.parse("loopback")


class LiteLLMBackend:
    """Calls one model through LiteLLM: one attempt, one absolute deadline, our errors.

    Args:
        name: what the user calls it, and what errors and reports call it.
        model: any LiteLLM string, such as "ollama/llama3.1" or, with `api_base`, "openai/anything".
        api_base: the server's URL where it is not the provider's own.
        api_key_env: the environment variable that holds the key. A server named by `api_base` is sent
            no other key.
        timeout_s: for a whole call.
        idle_s: the longest silence within a stream that has begun.
        max_output_tokens: the longest answer asked for.
        context_tokens: the model's window; by default what LiteLLM's table says, else 8192.
        price: dollars per token; by default the table's, zero for a server in the private network. Where nobody
            knows it, `priced` is False and the usage is recorded at no cost.
        temperature: 0 asks for the likeliest words.
        seed: sent where the provider takes one.
        egress: the hosts that may be contacted.
        options: what this provider needs beside.

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
        idle_s: float = 30.0,
        max_output_tokens: int = 1024,
        context_tokens: int | None = None,
        price: Price | None = None,
        temperature: float = 0.0,
        seed: int | None = 0,
        egress: EgressPolicy = LOOPBACK,
        options: ProviderOptions = NO_OPTIONS,
    ) -> None:
        self._resolved = resolve(model, api_base=api_base, options=options)
        check_reachable_by_policy(self._resolved, name=name, egress=egress)
        self.name = name
        listed = options.base_model or model
        known = price or list_price(listed, self._resolved)
        self.price = known or Price()
        self.priced = known is not None
        self.max_output_tokens = max_output_tokens
        self.context_tokens = context_tokens or window_tokens(listed, self._resolved)
        self._options = options
        self._timeout_s = timeout_s
        self._egress = egress
        self._idle_s = min(idle_s, timeout_s)
        self._sampling = Sampling(max_output_tokens, temperature, seed)
        self._key = find_key(name, self._resolved, api_base=api_base, api_key_env=api_key_env)
        self._extra = arguments(self._resolved, options, self._key, context_tokens=self.context_tokens)
        self.host = self._resolved.host
        self._where = Where(
            name,
            self._resolved.host or self._resolved.provider,
            is_local=self._resolved.is_local,
            key_env=api_key_env,
            secret=self._key.secret,
        )
        self._marks_cache = _wants_cache_mark(self._resolved)
        self._format: AnswerFormat = "schema"
        self._clients: dict[asyncio.AbstractEventLoop, Clients] = {}

    async def complete(self, prompt: Prompt, /) -> Completion:
        return await self._within(self._complete(prompt, exchange := Exchange()), exchange, until=self._deadline())

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        exchange, pieces, deadline = Exchange(), replies.Pieces(), self._deadline()
        stream = await self._within(self._open(prompt, exchange, stream=True), exchange, until=deadline)
        try:
            while True:
                try:
                    chunk = await self._within(anext(stream, None), exchange, until=deadline, pieces=pieces)
                except BackendError:
                    if not stream.received_finish_reason:
                        raise
                    chunk = None  # the answer is whole, whatever became of the connection
                if chunk is None:
                    break
                if text := pieces.add(chunk):
                    yield Chunk(text)
            yield Chunk(pieces.rest(), self._gathered(stream, exchange, pieces, prompt))
        finally:
            # LiteLLM's own way to close leaves the connection open where the stream was not read to its end.
            await exchange.aclose()
            await stream.aclose()

    async def aclose(self) -> None:
        mine = self._clients.pop(asyncio.get_running_loop(), None)
        self._forget()
        if mine is not None:
            await mine.aclose()

    async def _complete(self, prompt: Prompt, exchange: Exchange) -> Completion:
        response = await self._open(prompt, exchange, stream=False)
        choices, usage = getattr(response, "choices", None), getattr(response, "usage", None)
        if not choices:
            raise failures.no_choice(self._where, replies.read_usage(usage, price=self.price))
        answer = _ended(replies.whole(choices[0], usage, price=self.price), exchange)
        return replies.judge(answer, prompt, name=self.name)

    async def _open(self, prompt: Prompt, exchange: Exchange, *, stream: bool) -> Any:
        """Send the request; once or twice more where the server refuses the form of answer that is asked for."""
        answer_format = self._format
        while True:
            request = chat_request(prompt, sampling=self._sampling, answer_format=answer_format)
            if stream:
                request |= {"stream": True, "stream_options": {"include_usage": True}}
            try:
                response = await self._send(request, exchange)
            except Exception as error:
                weaker = failures.weaker_format(answer_format, status=status_of(error, exchange), said=said(error))
                if weaker is None or "response_format" not in request:
                    raise
                answer_format = weaker
            else:
                self._format = answer_format
                return response

    async def _send(self, request: dict[str, Any], exchange: Exchange) -> object:
        if self._marks_cache:
            request["messages"] = _with_cache_mark(request["messages"])
        token = current.set(exchange)
        try:
            return await litellm.acompletion(
                model=self._resolved.string,
                api_base=self._resolved.api_base,
                api_key=self._key.value,
                client=self._client(),
                timeout=self._timeout_s,
                num_retries=0,
                max_retries=0,
                drop_params=True,
                # A callback that the host application set would send the text elsewhere; and LiteLLM's own gateway
                # to MCP servers, which it loads wherever a tool is offered, is a door that is not ours.
                **{"no-log": True, "_skip_mcp_handler": True},
                **self._extra,
                **request,
            )
        finally:
            current.reset(token)

    def _gathered(self, stream: Any, exchange: Exchange, pieces: replies.Pieces, prompt: Prompt) -> Completion:
        """Return the whole of a stream that ended.

        LiteLLM ends a stream that was cut with a "stop" of its own making, and counts tokens itself where the server
        did not: what the provider said is read from its wrapper.
        """
        if exchange.foreign_kind and not pieces.begun:
            raise failures.not_json(self._where, kind=exchange.foreign_kind)
        if not (stream.received_finish_reason or stream.intermittent_finish_reason):
            raise failures.ended_early(self._where, billed="yes" if pieces.begun else "unknown")
        pieces.finish_reason = pieces.finish_reason or stream.received_finish_reason or ""
        answer = _ended(pieces.answer(price=self.price), exchange)
        if any(getattr(chunk, "usage", None) for chunk in stream.chunks) and pieces.repeated():
            raise failures.repeated(self._where, answer.usage)
        return replies.judge(answer, prompt, name=self.name)

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self._timeout_s

    async def _within(
        self, work: Awaitable[_T], exchange: Exchange, *, until: float, pieces: replies.Pieces | None = None
    ) -> _T:
        """Wait until the deadline, or for the longest silence where pieces have come; raise our errors alone."""
        begun = pieces is not None and pieces.begun
        silent = asyncio.get_running_loop().time() + self._idle_s if begun else until
        failure: BackendError | EgressDeniedError
        try:
            async with asyncio.timeout_at(min(until, silent)):
                return await work
        except TimeoutError:
            failure = self._late(begun=begun)
            if silent < until:
                failure = failures.stalled(self._where, self._idle_s)
        except (BackendError, EgressDeniedError):
            raise
        except exceptions.Timeout as error:
            failure = (
                translate(error, self._where, exchange) if (exchange.status or 0) >= 400 else self._late(begun=begun)
            )
        except Exception as error:  # noqa: BLE001 - LiteLLM raises whatever its providers raise
            failure = translate(error, self._where, exchange, begun=begun)
        # Raised outside the handler, so that the original, which may hold a key, is not kept as its context.
        raise failure

    def _late(self, *, begun: bool) -> BackendError:
        return failures.late(self._where, self._timeout_s, billed="yes" if begun else "unknown")

    def _client(self) -> object | None:
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            self._forget()
            self._clients[loop] = Clients(
                self._resolved,
                api_key=self._key.value,
                timeout_s=self._timeout_s,
                egress=self._egress,
                options=self._options,
            )
        return self._clients[loop].client

    def _forget(self) -> None:
        """Let go of connections whose event loop was closed: nobody can close them any more."""
        for loop in [loop for loop in self._clients if loop.is_closed()]:
            self._clients.pop(loop).abandon()


def _ended(answer: replies.Answer, exchange: Exchange) -> replies.Answer:
    """Return an answer with the reason of its end that LiteLLM made a proper one of."""
    reason = replies.reason_of(exchange.reason)
    return replace(answer, finish_reason=reason) if reason and answer.finish_reason == "stop" else answer


def _wants_cache_mark(resolved: Resolved) -> bool:
    """Return whether the provider caches only what the request marks: Claude does, others find prefixes themselves."""
    return resolved.provider == "anthropic" or (
        resolved.provider in {"bedrock", "vertex_ai", "openrouter"} and "claude" in resolved.model
    )


def _with_cache_mark(messages: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """Mark the end of the stable prefix, the system message, for the provider's cache."""
    first = messages[0]
    if first["role"] != "system":
        return [*messages]
    marked = {"type": "text", "text": first["content"], "cache_control": {"type": "ephemeral"}}
    return [{**first, "content": [marked]}, *messages[1:]]
