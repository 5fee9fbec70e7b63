"""Both doors to remote models, through LiteLLM and directly, against a loopback server."""

import asyncio
import socket

import pytest

from agentkit.adapters.litellm import LiteLLMBackend
from agentkit.adapters.openai import OpenAIBackend
from agentkit.egress import EgressPolicy, record_hosts
from agentkit.errors import (
    AuthenticationError,
    BackendError,
    BackendTimeoutError,
    ContentFilterError,
    ContextWindowError,
    EgressDeniedError,
    InvalidResponseError,
    RateLimitError,
)
from agentkit.testing.server import ModelServer, Reply, chat_reply, json_reply
from agentkit.types import Completion, Prompt, SafePassage

KEY = "sk-proj-4f9a8b7c6d5e4f3a2b1c"
ANSWER = '{"answered": true, "claims": []}'
JSON = {"content-type": "application/json"}
PASSAGE = SafePassage(id="d0p0", source=0, start=0, end=28, text="<PERSON_1> pays EUR 1,250.")
PROMPT = Prompt(role="writer", task="summarize", version="1", instructions="Summarize.", passages=[PASSAGE])


def refusal(status: int, message: str, *, code: str | None = None, retry_after: str | None = None) -> Reply:
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return json_reply({"error": {"message": message, "code": code}}, status=status, headers=headers)


Door = type[LiteLLMBackend] | type[OpenAIBackend]


@pytest.fixture(params=[LiteLLMBackend, OpenAIBackend], ids=["litellm", "direct"])
def door(request: pytest.FixtureRequest) -> Door:
    return request.param


async def complete(
    door: Door, url: str, *, prompt: Prompt = PROMPT, key_env: str | None = None, timeout_s: float = 10
) -> Completion:
    backend = door(name="local", model="openai/served", api_base=url, api_key_env=key_env, timeout_s=timeout_s)
    try:
        return await backend.complete(prompt)
    finally:
        await backend.aclose()


async def test_a_completion_returns_the_text_and_counts_its_tokens(door: Door) -> None:
    async with ModelServer([chat_reply(ANSWER, input_tokens=71, output_tokens=9)]) as server:
        completion = await complete(door, server.url)
    assert (completion.text, completion.model, completion.finish_reason) == (ANSWER, "local", "stop")
    assert (completion.usage.input_tokens, completion.usage.output_tokens, completion.usage.cost_usd) == (71, 9, 0)


async def test_the_request_holds_the_redacted_passage_the_schema_and_no_foreign_key(
    door: Door,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    async with ModelServer([chat_reply(ANSWER)]) as server:
        await complete(door, server.url)
    received = server.received[0]
    assert received.path == "/v1/chat/completions"
    assert KEY not in str(received.headers)
    body = received.body
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("served", 0, 1024)
    assert PASSAGE.text in str(body["messages"])
    assert body["response_format"]["json_schema"]["schema"]["required"] == ["answered", "claims"]  # type: ignore[index]


async def test_the_configured_key_is_sent_to_the_configured_server(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRM_MODEL_KEY", KEY)
    async with ModelServer([chat_reply(ANSWER)]) as server:
        await complete(door, server.url, key_env="FIRM_MODEL_KEY")
    assert server.received[0].headers["authorization"] == f"Bearer {KEY}"


async def test_a_server_that_refuses_the_schema_is_asked_again_without_it(door: Door) -> None:
    async with ModelServer([refusal(400, "response_format is not supported"), chat_reply(ANSWER)]) as server:
        completion = await complete(door, server.url)
    assert completion.text == ANSWER
    assert ["response_format" in request.body for request in server.received] == [True, False]


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (refusal(401, f"Incorrect API key provided: {KEY}"), AuthenticationError, "refused the key"),
        (refusal(403, "This key may not use this model"), AuthenticationError, "refused the key"),
        (refusal(400, "flagged by our safety system", code="content_filter"), ContentFilterError, "withheld"),
        (refusal(429, "slow down", retry_after="Wed, 21 Oct 2020 07:28:00 GMT"), RateLimitError, "in 0 s"),
        (refusal(429, "slow down", retry_after="soon"), RateLimitError, "later"),
        (refusal(408, "request timed out"), BackendTimeoutError, "gave up"),
        (refusal(500, "x" * 400), BackendError, "x{100,160}…"),
        (refusal(404, "model 'served' not found"), BackendError, "no such model"),
        (refusal(429, "slow down", retry_after="40"), RateLimitError, "in 40 s"),
        (refusal(500, f"oops {KEY}"), BackendError, "status 500"),
        (Reply(status=503, body=b"<html>Sorry</html>"), BackendError, "HTML page"),
        (Reply(body=b'{"id": "1", "choices": [', headers=JSON), InvalidResponseError, "not JSON"),
        (Reply(body=b"<html>", headers=JSON), InvalidResponseError, "not JSON"),
        (Reply(body=chat_reply(ANSWER).body, cut=True, headers=JSON), BackendError, "broke off"),
        (json_reply({"id": "1", "choices": [], "usage": {}}), InvalidResponseError, "without any choice"),
        (chat_reply(None), InvalidResponseError, "no text"),
        (chat_reply("  "), InvalidResponseError, "no text"),
        (chat_reply("x", finish_reason="content_filter"), ContentFilterError, "withheld"),
        (chat_reply('{"claims": [{"text": "A cu', finish_reason="length"), InvalidResponseError, "cut off"),
        (
            refusal(400, "maximum context length is 4096 tokens", code="context_length_exceeded"),
            ContextWindowError,
            "does not fit",
        ),
    ],
    ids=(
        "401 403 filtered date odd 408 long 404 429 500 503 malformed html cut empty null blank filter length context"
    ).split(),
)
async def test_a_failure_is_our_error_without_the_key(
    door: Door, reply: Reply, error: type[BackendError], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRM_MODEL_KEY", KEY)
    async with ModelServer([reply]) as server:
        with pytest.raises(error, match=words) as caught:
            await complete(door, server.url, key_env="FIRM_MODEL_KEY")
    assert type(caught.value) is error
    assert caught.value.model == "local"
    assert len(server.received) == 1
    told = f"{caught.value} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert KEY not in told
    assert "PERSON" not in told


async def test_the_wait_a_provider_asks_for_is_kept(door: Door) -> None:
    async with ModelServer([refusal(429, "slow down", retry_after="40")]) as server:
        with pytest.raises(RateLimitError) as caught:
            await complete(door, server.url)
    assert caught.value.retry_after_s == 40


async def test_a_slow_drip_ends_at_the_deadline(door: Door) -> None:
    drip = Reply(body=chat_reply(ANSWER).body, drip_s=0.05, headers=JSON)
    async with ModelServer([drip]) as server:
        with pytest.raises(BackendTimeoutError, match=r"within 0\.4 s"):
            await complete(door, server.url, timeout_s=0.4)


async def test_a_cancelled_call_hangs_up(door: Door) -> None:
    drip = Reply(body=chat_reply(ANSWER).body * 10, drip_s=0.01, headers=JSON)
    async with ModelServer([drip]) as server:
        call = asyncio.create_task(complete(door, server.url))
        await server.arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(server.hung_up.wait(), timeout=120)
    assert len(server.received) == 1


async def test_a_bad_request_does_not_cost_later_calls_their_schema(door: Door) -> None:
    replies = [refusal(400, "bad seed"), refusal(400, "bad seed"), chat_reply(ANSWER)]
    async with ModelServer(replies) as server:
        backend = door(name="local", model="openai/served", api_base=server.url)
        with pytest.raises(BackendError, match="status 400"):
            await backend.complete(PROMPT)
        await backend.complete(PROMPT)
        await backend.aclose()
    assert ["response_format" in request.body for request in server.received] == [True, False, True]


async def test_an_unreachable_server_is_named(door: Door) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(BackendError, match=r"local at 127\.0\.0\.1 cannot be reached: start it"):
            await complete(door, f"http://127.0.0.1:{port}/v1")


async def test_an_answer_cut_at_its_longest_keeps_its_whole_claims(door: Door) -> None:
    cut = '{"answered": true, "claims": [{"text": "One.", "citations": []}, {"text": "Tw'
    async with ModelServer([chat_reply(cut, finish_reason="length")]) as server:
        completion = await complete(door, server.url)
    assert completion.finish_reason == "length"
    assert completion.text == '{"answered": true, "claims": [{"text": "One.", "citations": []}]}'


@pytest.mark.parametrize(
    ("cut", "whole"),
    [
        ('{"claims": [{"text": "One.", "citations": [{"passage": "d0p0", "quote": "a"}, {"pa', "One."),
        ('{"keep": ["c1", "c', "c1"),
        ('{"keep": ["c1", "c2"]}', "c2"),
    ],
    ids=["among the citations", "among ids", "after the end"],
)
async def test_what_a_cut_left_whole_is_kept(door: Door, cut: str, whole: str) -> None:
    async with ModelServer([chat_reply(cut, finish_reason="length")]) as server:
        assert whole in (await complete(door, server.url)).text


async def test_a_models_thoughts_are_not_part_of_the_answer(door: Door) -> None:
    async with ModelServer([chat_reply(f'<think>{{"claims": "none?"}}</think>\n{ANSWER}')]) as server:
        assert (await complete(door, server.url)).text == ANSWER


async def test_a_redirect_to_another_host_is_not_followed(door: Door) -> None:
    away = Reply(status=307, headers={"location": "http://models.example/v1/chat/completions"})
    async with ModelServer([away]) as server:
        with pytest.raises(BackendError, match=r"redirects to models\.example"):
            await complete(door, server.url)


def test_a_host_that_is_not_allowed_is_refused_before_any_call(door: Door) -> None:
    with pytest.raises(EgressDeniedError, match=r"models\.example"):
        door(name="far", model="openai/served", api_base="https://models.example/v1")


async def test_contacted_hosts_are_recorded(door: Door) -> None:
    async with ModelServer([chat_reply(ANSWER)]) as server:
        with record_hosts() as hosts:
            await complete(door, server.url)
    assert hosts == {"127.0.0.1"}


def test_a_missing_key_is_noticed_before_any_call(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(AuthenticationError, match="OPENAI_API_KEY"):
        door(name="gpt", model="openai/gpt-4o", egress=EgressPolicy.parse(["api.openai.com"]))
