"""One endpoint that speaks OpenAI's chat protocol as a `ModelBackend`, on aiohttp: little between us and the wire."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import TypeVar

import aiohttp

from agentkit.adapters.openai.connections import Connections, check_size, translate
from agentkit.adapters.openai.dialect import fit
from agentkit.calls import Chunk, Price
from agentkit.egress import EgressPolicy, host_of
from agentkit.errors import AuthenticationError, BackendError, ConfigError, EgressDeniedError
from agentkit.prompts import failures, replies
from agentkit.prompts.events import DONE, EventParser
from agentkit.prompts.wire import AnswerFormat, Sampling, chat_request, is_list, is_mapping
from agentkit.types import Completion, Prompt

OPENAI = "https://api.openai.com/v1"
LOOPBACK = EgressPolicy.parse("loopback")
_PRIVATE = EgressPolicy.parse("private")
_PREFIXES = ("openai/", "hosted_vllm/", "custom_openai/")
_GRACE_S = 5.0
"""How long the end of a stream is waited for once the reason of its end is known."""
_T = TypeVar("_T")


class OpenAIBackend:
    """Calls one model of an OpenAI-compatible endpoint: one attempt, one absolute deadline, our errors.

    Args:
        name: what the user calls it, and what errors and reports call it.
        model: the endpoint's name for it; a prefix "openai/" or "hosted_vllm/" is left out.
        api_base: the endpoint's URL up to "/v1"; by default OpenAI's.
        api_key_env: the environment variable that holds the key; by default OPENAI_API_KEY for OpenAI's own
            endpoint, and none for others.
        timeout_s: for a whole call.
        idle_s: the longest silence within a stream that has begun.
        max_output_tokens: the longest answer asked for.
        context_tokens: the model's window.
        price: dollars per token; zero for a server in the private network. Where nobody said it, `priced` is
            False and the usage is recorded at no cost.
        temperature: 0 asks for the likeliest words.
        seed: sent unless None.
        egress: the hosts that may be contacted; the addresses that names resolve to are held to it too.
        ca_file: certificates of the authorities to trust in place of the system's.
        organization: whose account pays, where a key belongs to several of OpenAI's.

    Raises:
        ConfigError: `api_base` is no URL, or `ca_file` cannot be read.
        AuthenticationError: the key's environment variable is empty.
        EgressDeniedError: the host is not allowed.
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
        ca_file: Path | None = None,
        organization: str | None = None,
    ) -> None:
        base = (api_base or OPENAI).rstrip("/")
        host = host_of(base)
        if not host or not base.startswith(("http://", "https://")):
            raise ConfigError(f"api_base of model {name!r} is no URL: write http:// or https://, host and /v1.")
        if not egress.allows(host):
            raise EgressDeniedError(host)
        is_local = _PRIVATE.allows(host)
        key_env = api_key_env or (None if api_base else "OPENAI_API_KEY")
        key = _key(name, key_env)
        self.name = name
        self.price = price or Price()
        self.priced = price is not None or is_local
        self.max_output_tokens = max_output_tokens
        self.context_tokens = context_tokens or 8192
        self._model = _without_prefix(model)
        self._url = f"{base}/chat/completions"
        self._timeout_s = timeout_s
        self._idle_s = min(idle_s, timeout_s)
        self._sampling = Sampling(max_output_tokens, temperature, seed)
        self.host = host
        self._where = failures.Where(name, host, is_local=is_local, key_env=key_env, secret=key)
        self._headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        self._headers |= {"OpenAI-Organization": organization} if organization else {}
        self._connections = Connections(egress=egress, ca_file=ca_file)
        self._format: AnswerFormat = "schema"

    async def complete(self, prompt: Prompt, /) -> Completion:
        return await self._within(self._complete(prompt), until=self._deadline())

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        deadline = self._deadline()
        response = await self._within(self._open(prompt, stream=True), until=deadline)
        try:
            if "event-stream" not in response.content_type:
                completion = await self._within(self._read(response, prompt), until=deadline)
                yield Chunk(completion.text, completion)
                return
            pieces = replies.Pieces()
            async for text in self._pieces(response, pieces, deadline=deadline):
                yield Chunk(text)
            yield Chunk(pieces.rest(), self._gathered(pieces, prompt))
        except BaseException:
            response.close()
            raise
        response.release()

    async def aclose(self) -> None:
        await self._connections.aclose()

    async def _complete(self, prompt: Prompt) -> Completion:
        response = await self._open(prompt, stream=False)
        try:
            return await self._read(response, prompt)
        except BaseException:
            response.close()
            raise

    async def _open(self, prompt: Prompt, *, stream: bool) -> aiohttp.ClientResponse:
        """Send the request; once or twice more where the server refuses the form of answer that is asked for."""
        answer_format = self._format
        while True:
            request = chat_request(prompt, sampling=self._sampling, answer_format=answer_format)
            if stream:
                request |= {"stream": True, "stream_options": {"include_usage": True}}
            body = json.dumps(fit(request, host=self._where.host, model=self._model)).encode()
            response = await self._connections.post(self._url, body=body, headers=self._headers)
            if response.status < 300:
                self._format = answer_format
                return response
            said = await self._said(response)
            weaker = failures.weaker_format(answer_format, status=response.status, said=said)
            if weaker is None or "response_format" not in request:
                raise self._refused(response, said)
            answer_format = weaker

    async def _said(self, response: aiohttp.ClientResponse) -> str:
        """Return the words of an answer with an error status."""
        try:
            body = await response.content.read(65_536)
        finally:
            response.release()
        text = body.decode("utf-8", "replace")
        try:
            return message_of(json.loads(text)) or text
        except (ValueError, RecursionError):
            return text

    def _refused(self, response: aiohttp.ClientResponse, said: str) -> BackendError | EgressDeniedError:
        if 300 <= response.status < 400:
            return failures.redirected(self._where, host_of(response.headers.get("Location", "")))
        return failures.refused(self._where, status=response.status, said=said, headers=response.headers)

    async def _read(self, response: aiohttp.ClientResponse, prompt: Prompt) -> Completion:
        body = await self._connections.read(response, self._where)
        kind = response.content_type
        try:
            data: object = json.loads(body.decode("utf-8"))
        except UnicodeDecodeError:
            raise
        except (ValueError, RecursionError):
            data = None
        if not is_mapping(data):
            raise failures.not_json(self._where, kind="" if "json" in kind else kind)
        choices = data.get("choices")
        if not is_list(choices) or not choices:
            self._check_error(data, begun=False)
            raise failures.no_choice(self._where, replies.read_usage(data.get("usage"), price=self.price))
        answer = replies.whole(choices[0], data.get("usage"), price=self.price)
        return replies.judge(answer, prompt, name=self.name)

    async def _pieces(
        self, response: aiohttp.ClientResponse, pieces: replies.Pieces, *, deadline: float
    ) -> AsyncIterator[str]:
        parser = EventParser()
        async for data in self._chunks(response, pieces, deadline=deadline):
            for event in self._events(parser, data, pieces):
                if event == DONE:
                    return
                if text := self._add(event, pieces):
                    yield text
        if parser.end() != DONE and not pieces.finish_reason:
            raise failures.ended_early(self._where, billed="yes" if pieces.begun else "unknown")

    async def _chunks(
        self, response: aiohttp.ClientResponse, pieces: replies.Pieces, *, deadline: float
    ) -> AsyncIterator[bytes]:
        received = 0
        while True:
            try:
                data = await self._within(response.content.readany(), until=deadline, pieces=pieces)
            except BackendError:
                if pieces.finish_reason:
                    return  # the answer is whole, whatever became of the connection
                raise
            received += len(data)
            check_size(received, self._where)
            if not data:
                return
            yield data

    def _events(self, parser: EventParser, data: bytes, pieces: replies.Pieces) -> list[str]:
        try:
            return list(parser.feed(data))
        except UnicodeDecodeError:
            failure = failures.not_text(self._where, billed="yes" if pieces.begun else "unknown")
        raise failure

    def _add(self, event: str, pieces: replies.Pieces) -> str:
        try:
            chunk: object = json.loads(event)
        except (ValueError, RecursionError):
            chunk = None
        if not is_mapping(chunk):
            raise failures.not_json(self._where, billed="yes" if pieces.begun else "unknown")
        if not chunk.get("choices"):
            self._check_error(chunk, begun=pieces.begun)
        return pieces.add(chunk)

    def _gathered(self, pieces: replies.Pieces, prompt: Prompt) -> Completion:
        answer = pieces.answer(price=self.price)
        if not pieces.begun and not pieces.finish_reason:
            raise failures.ended_early(self._where, billed="unknown")
        if pieces.repeated():
            raise failures.repeated(self._where, answer.usage)
        return replies.judge(answer, prompt, name=self.name)

    def _check_error(self, data: object, *, begun: bool) -> None:
        """Raise what a server says inside of an answer that began well."""
        said = message_of(data)
        if said and is_mapping(data) and "error" in data:
            code = replies.part(data["error"], "code")
            status = code if isinstance(code, int) else 500
            raise failures.failed_inside(self._where, status=status, said=said, begun=begun)

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self._timeout_s

    async def _within(self, work: Awaitable[_T], *, until: float, pieces: replies.Pieces | None = None) -> _T:
        """Wait until the deadline, or for the longest silence where pieces have come; raise our errors alone."""
        begun = pieces is not None and pieces.begun
        idle_s = min(_GRACE_S, self._idle_s) if pieces is not None and pieces.finish_reason else self._idle_s
        silent = asyncio.get_running_loop().time() + idle_s if begun else until
        failure: BackendError | EgressDeniedError
        try:
            async with asyncio.timeout_at(min(until, silent)):
                return await work
        except TimeoutError:
            billed = "yes" if begun else "unknown"
            failure = failures.late(self._where, self._timeout_s, billed=billed)
            if silent < until:
                failure = failures.stalled(self._where, idle_s)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = translate(error, self._where, begun=begun)
        # Raised outside the handler, so that the original, which may hold a key, is not kept as its context.
        raise failure


def message_of(data: object) -> str:
    """Return the message and the code of a provider's error body, in any of the usual shapes."""
    error = replies.part(data, "error")
    inner = error if is_mapping(error) else data
    said = [replies.part(inner, name) for name in ("message", "code", "detail")]
    return " ".join([replies.words(error), *(replies.words(item) for item in said)]).strip()


def _without_prefix(model: str) -> str:
    prefix = next((prefix for prefix in _PREFIXES if model.startswith(prefix)), "")
    return model.removeprefix(prefix)


def _key(name: str, variable: str | None) -> str | None:
    key = os.environ.get(variable, "").strip() if variable else None
    if key == "":
        raise AuthenticationError(
            f"Set the environment variable {variable}: it should hold the key for {name}.", model=name
        )
    return key
