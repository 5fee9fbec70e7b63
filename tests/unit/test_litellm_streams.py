"""Streams of providers with protocols of their own, through LiteLLM: whole, cut, and without a word to anybody else."""

import json

import pytest

from agentkit.adapters.litellm import LiteLLMBackend
from agentkit.calls import Chunk, Message, Price
from agentkit.errors import BackendError, InvalidResponseError
from agentkit.testing.server import EVENTS, ModelServer, Reply, json_reply
from agentkit.types import Prompt

PROMPT = Prompt(
    role="writer",
    task="chat",
    version="1",
    instructions="",
    messages=[Message("system", "Be brief."), Message("user", "Hello.")],
)
LINES = {"content-type": "application/x-ndjson"}
PRICE = Price(input_usd=1e-6, output_usd=2e-6, cached_usd=1e-7)


def claude(kind: str, **fields: object) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def word(text: str) -> bytes:
    return claude("content_block_delta", index=0, delta={"type": "text_delta", "text": text})


USED = {"input_tokens": 25, "output_tokens": 1, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 0}
MESSAGE = {"id": "m", "type": "message", "role": "assistant", "model": "claude", "content": [], "usage": USED}
CLAUDE = [
    claude("message_start", message=MESSAGE),
    claude("content_block_start", index=0, content_block={"type": "text", "text": ""}),
    claude("ping"),
    word("Good "),
    word("day."),
    claude("content_block_stop", index=0),
    claude("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 15}),
    claude("message_stop"),
]


def ollama(text: str, **end: object) -> bytes:
    message = {"role": "assistant", "content": text}
    line = {"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": bool(end), **end}
    return json.dumps(line).encode() + b"\n"


OLLAMA = [ollama("Good "), ollama("day."), ollama("", done_reason="stop", prompt_eval_count=9, eval_count=3)]


async def stream(
    model: str, reply: Reply, monkeypatch: pytest.MonkeyPatch, *, price: Price | None = None
) -> tuple[list[Chunk], ModelServer]:
    monkeypatch.setenv("FIRM_KEY", "firm-key-0123456789")
    async with ModelServer([reply]) as server:
        url = server.url.removesuffix("/v1")
        backend = LiteLLMBackend(name="m", model=model, api_base=url, api_key_env="FIRM_KEY", timeout_s=20, price=price)
        try:
            return [chunk async for chunk in backend.stream(PROMPT)], server
        finally:
            await backend.aclose()


async def test_claude_is_told_where_its_stable_prefix_ends_and_what_it_had_cached_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reply = Reply(headers=EVENTS, pieces=CLAUDE)
    chunks, server = await stream("anthropic/claude-sonnet-4-5", reply, monkeypatch, price=PRICE)
    body = server.received[0].body
    assert body["system"] == [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}]
    completion = chunks[-1].completion
    assert completion is not None
    assert (completion.text, completion.finish_reason) == ("Good day.", "stop")
    usage = completion.usage
    assert (usage.input_tokens, usage.cached_tokens, usage.output_tokens) == (125, 100, 15)
    assert usage.cost_usd == pytest.approx(25e-6 + 10e-6 + 30e-6)


async def test_ollama_is_asked_nothing_but_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    chunks, server = await stream("ollama_chat/m", Reply(headers=LINES, pieces=OLLAMA), monkeypatch)
    assert chunks[-1].completion is not None
    assert chunks[-1].completion.text == "Good day."
    assert chunks[-1].completion.usage.output_tokens == 3
    assert [received.path for received in server.received] == ["/api/chat"]


@pytest.mark.parametrize("end", ["whole", "reset"])
@pytest.mark.parametrize(
    ("model", "headers", "pieces"),
    [("anthropic/claude-sonnet-4-5", EVENTS, CLAUDE[:5]), ("ollama_chat/m", LINES, OLLAMA[:2])],
    ids=["claude", "ollama"],
)
async def test_a_stream_without_its_end_is_no_answer(
    model: str, headers: dict[str, str], pieces: list[bytes], end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = Reply(headers=headers, pieces=pieces, end=end)  # type: ignore[arg-type]
    with pytest.raises(BackendError) as caught:
        await stream(model, reply, monkeypatch)
    assert (caught.value.passing, caught.value.billed) == (True, "yes")


async def test_an_event_that_litellm_would_pass_over_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = [*CLAUDE[:4], b'event: content_block_delta\ndata: {"type": "content_blo\n\n', *CLAUDE[4:]]
    with pytest.raises(InvalidResponseError, match="not JSON"):
        await stream("anthropic/claude-sonnet-4-5", Reply(headers=EVENTS, pieces=broken), monkeypatch)


async def test_claudes_own_words_for_too_busy_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    with pytest.raises(BackendError, match="529") as caught:
        await stream("anthropic/claude-sonnet-4-5", json_reply(error, status=529), monkeypatch)
    assert (caught.value.passing, caught.value.billed) == (True, "no")
