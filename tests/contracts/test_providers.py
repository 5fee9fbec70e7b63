"""Each provider's own wire format, from a real server that speaks it: what is asked, and what is made of the answer."""

import json
import logging
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from provider_wire import (
    ANSWER,
    AWS,
    CALL,
    CLAUDE_OVERLOADED,
    CLAUDE_WROTE,
    CONVERSE_THROTTLED,
    CONVERSE_WROTE,
    KEY,
    PROVIDERS,
    WORDS,
    Provider,
)

from agentkit.adapters.litellm import LiteLLMBackend
from agentkit.adapters.openai import OpenAIBackend
from agentkit.calls import CallOptions, Message, Price, Tool, ToolCall
from agentkit.errors import BackendError, ContentFilterError, InvalidResponseError
from agentkit.ports import StreamingBackend
from agentkit.prompts import ask_prompt, response_schema
from agentkit.testing.server import ModelServer, Received, Reply
from agentkit.types import Limits, Prompt, SafePassage

TEXT = "The Tenant shall pay EUR 1,250."
PASSAGE = SafePassage(id="d0p0", source=0, start=0, end=len(TEXT), text=TEXT)
ASK = ask_prompt("What is the rent?", [PASSAGE], terms=[], limits=Limits())
TOOL = Tool("find_clause", "Find a clause.", {"type": "object", "properties": {"number": {"type": "string"}}})
TALK = Prompt(
    task="chat",
    role="writer",
    version="chat/1",
    instructions="",
    messages=[Message("system", "You help lawyers."), Message("user", "What is the rent?")],
    options=CallOptions(max_output_tokens=77),
)
PRICE = Price(2e-6, 10e-6, 1e-6, 2.5e-6)
each = pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)


def make(provider: Provider, server: ModelServer) -> StreamingBackend:
    base = server.url.removesuffix("/v1") + provider.base
    key_env = "FIRM_KEY" if provider.has_key else None
    if provider.thin:
        return OpenAIBackend(name="m", model=provider.model, api_base=base, api_key_env=key_env, price=PRICE)
    return LiteLLMBackend(
        name="m", model=provider.model, api_base=base, api_key_env=key_env, price=PRICE, options=provider.options
    )


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in {**AWS, "FIRM_KEY": KEY, "OPENAI_ORG_ID": "org-of-somebody", "HF_TOKEN": "hf_other"}.items():
        monkeypatch.setenv(variable, value)


_CONTACTED: list[str] = []


def _note(event: str, args: tuple[object, ...]) -> None:
    if event == "socket.connect" and isinstance(args[1], tuple):
        _CONTACTED.append(f"{args[1][0]}:{args[1][1]}")
    elif event == "socket.getaddrinfo":
        _CONTACTED.append(f"{args[0]}:{args[1]}")


sys.addaudithook(_note)


@pytest.fixture(autouse=True)
def contacted() -> list[str]:
    """Tell whom this process contacts, or looks up, from here on."""
    _CONTACTED.clear()
    return _CONTACTED


@asynccontextmanager
async def called(
    provider: Provider, *replies: Reply | Callable[[Received], Reply]
) -> AsyncIterator[tuple[StreamingBackend, ModelServer]]:
    async with ModelServer(replies) as server:
        backend = make(provider, server)
        try:
            yield backend, server
        finally:
            await backend.aclose()


@each
async def test_the_schema_is_asked_for_and_a_whole_answer_is_read_and_priced(
    provider: Provider, caplog: pytest.LogCaptureFixture, contacted: list[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    protocol = provider.protocol
    async with called(provider, protocol.whole(ANSWER, "")) as (backend, server):
        completion = await backend.complete(ASK)
    assert (json.loads(completion.text), completion.finish_reason) == (json.loads(ANSWER), "stop")
    cached = 12 if protocol.caches else 0
    usage = completion.usage
    assert (usage.input_tokens, usage.cached_tokens, usage.output_tokens) == (31, cached, 7)
    assert usage.cost_usd == pytest.approx((31 - cached) * 2e-6 + cached * 1e-6 + 7 * 10e-6)
    (request,) = server.received
    body = request.body
    assert request.path == provider.path
    assert body.get("model", "") == provider.sent
    assert TEXT in json.dumps(body, ensure_ascii=False)
    wanted = response_schema(ASK)
    assert protocol.schema(body)["required"] == wanted["required"]  # type: ignore[index]
    assert set(protocol.schema(body)["properties"]) == {"answered", "claims"}  # type: ignore[index]
    assert protocol.longest(body) == 1024
    assert [name for name in provider.absent if name in body] == []
    assert {name: body.get(name) for name in provider.present} == provider.present
    check_key(provider, request)
    assert set(contacted) == {server.url.removeprefix("http://").removesuffix("/v1")}
    assert all(secret not in caplog.text for secret in (KEY, AWS["AWS_SECRET_ACCESS_KEY"]))


def check_key(provider: Provider, request: Received) -> None:
    """The key goes where the provider wants it, and no other key or name goes anywhere."""
    sent = request.headers.get(provider.header, "")
    if provider.has_key:
        assert sent.removeprefix("Bearer ") == KEY
    elif provider.name == "bedrock":
        assert sent.startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE00/")
        assert "/eu-central-1/bedrock/aws4_request" in sent
    else:
        assert sent in {"", "Bearer none"}
    everything = json.dumps([dict(request.headers), request.body])
    assert all(other not in everything for other in ("org-of-somebody", "hf_other", AWS["AWS_SECRET_ACCESS_KEY"]))
    if provider.header == "x-api-key":
        assert request.headers["anthropic-version"] == "2023-06-01"


@each
async def test_tools_are_offered_and_a_call_is_read(provider: Provider, contacted: list[str]) -> None:
    prompt = replace(TALK, tools=[TOOL])
    async with called(provider, provider.protocol.called) as (backend, server):
        completion = await backend.complete(prompt)
    assert provider.protocol.tool(server.received[0].body) == "find_clause"
    (call,) = completion.tool_calls
    assert (call.name, json.loads(call.arguments)) == CALL
    assert call.id
    assert completion.finish_reason == "tool_calls"
    assert set(contacted) == {server.url.removeprefix("http://").removesuffix("/v1")}


@each
async def test_what_a_tool_found_goes_back_in_the_providers_form(provider: Provider) -> None:
    call = ToolCall("call_1", "find_clause", '{"number": "8.2"}')
    turns = [*TALK.messages, Message("assistant", "", [call]), Message("tool", "German law governs.", [], "call_1")]
    prompt = replace(TALK, messages=turns, tools=[TOOL])
    async with called(provider, provider.protocol.streamed) as (backend, server):
        async for _ in backend.stream(prompt):
            pass
    sent = json.dumps(server.received[0].body)
    assert "German law governs." in sent
    assert "8.2" in sent


@each
async def test_a_stream_is_read_piece_by_piece_to_its_end(provider: Provider) -> None:
    async with called(provider, provider.protocol.streamed) as (backend, server):
        chunks = [chunk async for chunk in backend.stream(TALK)]
    assert "".join(chunk.text for chunk in chunks) == "".join(WORDS)
    assert len([chunk for chunk in chunks if chunk.text]) >= len(WORDS)
    completion = chunks[-1].completion
    assert completion is not None
    assert (completion.text, completion.finish_reason) == ("".join(WORDS), "stop")
    cached = 12 if provider.protocol.caches else 0
    usage = completion.usage
    assert (usage.input_tokens, usage.cached_tokens, usage.output_tokens) == (31, cached, 7)
    (request,) = server.received
    assert request.path == (provider.stream_path or provider.path)
    assert request.body.get("stream") is (None if provider.stream_path else True)
    asks = provider.protocol.schema.__module__ and "stream_options" not in provider.absent
    if asks and provider.path.partition("?")[0].endswith("chat/completions") and provider.name != "mistral":
        assert request.body["stream_options"] == {"include_usage": True}
    assert provider.protocol.longest(request.body) == 77


@each
async def test_a_stream_that_ends_before_its_end_is_no_answer(provider: Provider) -> None:
    cut = provider.protocol.cut_stream
    assert cut is not None
    async with called(provider, cut) as (backend, _):
        with pytest.raises(InvalidResponseError, match="ended before") as caught:
            async for _ in backend.stream(TALK):
                pass
    assert (caught.value.passing, caught.value.billed) == (True, "yes")


async def test_no_tokenizer_is_fetched_to_count_a_streams_tokens(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # A host may have imported Hugging Face's client before it was told to stay offline.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    provider = next(provider for provider in PROVIDERS if provider.name == "hugging face")
    assert provider.protocol.cut_stream is not None
    fresh = replace(provider, model="huggingface/meta-llama/Llama-3.2-1B-never-counted:novita")
    async with called(fresh, provider.protocol.cut_stream) as (backend, _):
        with pytest.raises(InvalidResponseError, match="ended before"):
            async for _ in backend.stream(TALK):
                pass
    assert "huggingface.co" not in caplog.text


REASONS = [(provider, said, meant) for provider in PROVIDERS for said, meant in provider.protocol.reasons.items()]


@pytest.mark.parametrize(("provider", "said", "meant"), REASONS, ids=lambda item: getattr(item, "name", str(item)))
async def test_why_an_answer_ended_is_understood(provider: Provider, said: str, meant: str) -> None:
    async with called(provider, provider.protocol.whole("Rent is EUR 1,250.", said)) as (backend, _):
        if meant == "filtered":
            with pytest.raises(ContentFilterError):
                await backend.complete(TALK)
        elif meant == "broken":
            with pytest.raises(InvalidResponseError, match="gave up"):
                await backend.complete(TALK)
        else:
            completion = await backend.complete(TALK)
            assert (completion.text, completion.finish_reason) == ("Rent is EUR 1,250.", meant)


WRITTEN = [("anthropic", CLAUDE_WROTE), ("bedrock", CONVERSE_WROTE)]


@pytest.mark.parametrize(("name", "reply"), WRITTEN, ids=[name for name, _ in WRITTEN])
async def test_tokens_written_into_the_provider_s_cache_are_counted_and_dearer(name: str, reply: Reply) -> None:
    provider = next(item for item in PROVIDERS if item.name == name)
    async with called(provider, reply) as (backend, _):
        usage = (await backend.complete(TALK)).usage
    assert (usage.input_tokens, usage.cached_tokens, usage.written_tokens, usage.output_tokens) == (31, 12, 9, 7)
    assert usage.cost_usd == pytest.approx(10 * 2e-6 + 12 * 1e-6 + 9 * 2.5e-6 + 7 * 10e-6)


MIDDLE = [("anthropic", CLAUDE_OVERLOADED), ("bedrock", CONVERSE_THROTTLED)]


@pytest.mark.parametrize(("name", "reply"), MIDDLE, ids=[name for name, _ in MIDDLE])
async def test_an_error_in_the_middle_of_a_stream_is_told_and_may_pass(name: str, reply: Reply) -> None:
    provider = next(item for item in PROVIDERS if item.name == name)
    pieces: list[str] = []
    async with called(provider, reply) as (backend, _):
        with pytest.raises(BackendError) as caught:
            pieces += [chunk.text async for chunk in backend.stream(TALK)]
    assert (caught.value.passing, caught.value.billed) == (True, "yes")
