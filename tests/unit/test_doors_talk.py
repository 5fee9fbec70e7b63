"""What both doors send for tools, forms, options and streams, and what they read back."""

import asyncio
import json

import pytest

from agentkit.adapters.litellm import LiteLLMBackend
from agentkit.adapters.openai import OpenAIBackend
from agentkit.calls import CallOptions, Chunk, Message, Price, Tool, ToolCall
from agentkit.errors import BackendError, InvalidResponseError
from agentkit.testing.server import EVENTS, ModelServer, Reply, chat_reply, json_reply, stream_event, stream_reply
from agentkit.types import Completion, Prompt

Door = type[LiteLLMBackend] | type[OpenAIBackend]
WEATHER = Tool("weather", "the weather of a city", {"type": "object", "properties": {"city": {"type": "string"}}})
CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Cork"}'}}
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CLOSED = {**CITY, "additionalProperties": False}


@pytest.fixture(params=[LiteLLMBackend, OpenAIBackend], ids=["litellm", "direct"])
def door(request: pytest.FixtureRequest) -> Door:
    return request.param


def chat(*messages: Message, options: CallOptions | None = None, **more: object) -> Prompt:
    given = list(messages) or [Message("system", "Be brief."), Message("user", "Hello.")]
    return Prompt(
        role="writer",
        task="chat",
        version="1",
        instructions="",
        messages=given,
        options=options or CallOptions(),
        **more,  # type: ignore[arg-type]
    )


async def complete(door: Door, server: ModelServer, prompt: Prompt, *, price: Price | None = None) -> Completion:
    backend = door(name="local", model="openai/served", api_base=server.url, price=price)
    try:
        return await backend.complete(prompt)
    finally:
        await backend.aclose()


async def stream(door: Door, server: ModelServer, prompt: Prompt) -> list[Chunk]:
    backend = door(name="local", model="openai/served", api_base=server.url)
    try:
        return [chunk async for chunk in backend.stream(prompt)]
    finally:
        await backend.aclose()


async def test_a_conversation_with_tools_is_sent_as_it_is_and_the_call_comes_back(door: Door) -> None:
    asked = ToolCall("call_0", "weather", '{"city": "Rome"}')
    messages = [
        Message("user", "And in Cork?"),
        Message("assistant", "", tool_calls=[asked]),
        Message("tool", "sunny", tool_call_id="call_0"),
    ]
    prompt = chat(*messages, options=CallOptions(tool_choice="weather"), tools=[WEATHER])
    async with ModelServer([chat_reply(None, finish_reason="tool_calls", tool_calls=[CALL])]) as server:
        completion = await complete(door, server, prompt)
    assert completion.tool_calls == [ToolCall("call_1", "weather", '{"city": "Cork"}')]
    assert (completion.text, completion.finish_reason) == ("", "tool_calls")
    body = server.received[0].body
    sent = body["messages"]
    assert isinstance(sent, list)
    assert [message["role"] for message in sent] == ["user", "assistant", "tool"]
    assert sent[1]["tool_calls"][0]["function"] == {"name": "weather", "arguments": '{"city": "Rome"}'}
    assert (sent[2]["content"], sent[2]["tool_call_id"]) == ("sunny", "call_0")
    assert body["tool_choice"] == {"type": "function", "function": {"name": "weather"}}
    assert body["tools"][0]["function"]["parameters"] == WEATHER.parameters  # type: ignore[index]
    assert "response_format" not in body


async def test_a_tool_call_that_is_streamed_in_parts_is_put_together(door: Door) -> None:
    parts = [{"index": 0, "function": {"arguments": part}} for part in ('{"city":', ' "Cork"}')]
    begun = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}}
    events = [stream_event({"tool_calls": [part]}) for part in (begun, *parts)]
    events += [stream_event({}, finish_reason="tool_calls"), b"data: [DONE]\n\n"]
    async with ModelServer([Reply(headers=EVENTS, pieces=events)]) as server:
        chunks = await stream(door, server, chat(tools=[WEATHER]))
    assert chunks[-1].completion is not None
    assert chunks[-1].completion.tool_calls == [ToolCall("call_1", "weather", '{"city": "Cork"}')]


async def test_a_tool_that_was_not_offered_is_no_answer(door: Door) -> None:
    other = Tool("search", "search", {"type": "object", "properties": {}})
    async with ModelServer([chat_reply(None, tool_calls=[CALL])]) as server:
        with pytest.raises(InvalidResponseError, match="not offered"):
            await complete(door, server, chat(tools=[other]))


async def test_a_prompts_options_go_before_the_deployments(door: Door) -> None:
    options = CallOptions(max_output_tokens=7, temperature=0.5, stop=("END",))
    async with ModelServer([chat_reply("Hi.")]) as server:
        await complete(door, server, chat(options=options))
    body = server.received[0].body
    assert (body["max_tokens"], body["temperature"], body["stop"]) == (7, 0.5, ["END"])


@pytest.mark.parametrize(("schema", "strict"), [(CLOSED, True), (CITY, False)], ids=["closed", "open"])
async def test_a_schema_is_asked_for_strictly_only_where_it_can_be(
    door: Door, schema: dict[str, object], *, strict: bool
) -> None:
    async with ModelServer([chat_reply('{"city": "Cork"}')]) as server:
        await complete(door, server, chat(schema=schema))
    form = server.received[0].body["response_format"]["json_schema"]  # type: ignore[index]
    assert (form["schema"], form["strict"]) == (schema, strict)


async def test_a_server_without_schemas_is_asked_for_json_and_then_in_words(door: Door) -> None:
    no_schema = json_reply({"error": {"message": "json_schema is not supported"}}, status=400)
    no_form = json_reply({"error": {"message": "response_format is unknown"}}, status=400)
    async with ModelServer([no_schema, no_form, chat_reply('{"city": "Cork"}')]) as server:
        backend = door(name="local", model="openai/served", api_base=server.url)
        await backend.complete(chat(schema=CITY))
        await backend.complete(chat(schema=CITY))
        await backend.aclose()
    forms = [received.body.get("response_format", {}).get("type") for received in server.received]  # type: ignore[attr-defined]
    assert forms == ["json_schema", "json_object", None, None]  # what it takes is remembered
    assert json.dumps(CITY) in str(server.received[-1].body["messages"][0]["content"])  # type: ignore[index]


async def test_free_text_that_was_cut_is_kept_and_says_so(door: Door) -> None:
    async with ModelServer([chat_reply("Once upon a", finish_reason="length")]) as server:
        completion = await complete(door, server, chat())
    assert (completion.text, completion.finish_reason) == ("Once upon a", "length")


async def test_an_answer_to_a_schema_that_was_cut_is_no_answer(door: Door) -> None:
    async with ModelServer([chat_reply('{"city": "Co', finish_reason="length")]) as server:
        with pytest.raises(InvalidResponseError, match="cut off"):
            await complete(door, server, chat(schema=CITY))


@pytest.mark.parametrize(
    "cached",
    [{"prompt_tokens_details": {"cached_tokens": 60}}, {"prompt_cache_hit_tokens": 60}],
    ids=["openai", "deepseek"],
)
async def test_tokens_that_the_provider_had_cached_are_counted_and_priced(
    door: Door, cached: dict[str, object]
) -> None:
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110, **cached}
    answer = json.loads(chat_reply("Hi.").body) | {"usage": usage}
    async with ModelServer([json_reply(answer)]) as server:
        completion = await complete(door, server, chat(), price=Price(1e-6, 2e-6, 1e-7))
    assert (completion.usage.input_tokens, completion.usage.cached_tokens) == (100, 60)
    assert completion.usage.cost_usd == pytest.approx(40e-6 + 6e-6 + 20e-6)


@pytest.mark.parametrize(
    "written",
    [{"prompt_tokens_details": {"cached_tokens": 60, "cache_creation_tokens": 30}},
     {"cache_read_input_tokens": 60, "cache_creation_input_tokens": 30}],
    ids=["in the details", "beside"],
)  # fmt: skip
async def test_tokens_that_the_provider_wrote_into_its_cache_have_their_own_price(
    door: Door, written: dict[str, object]
) -> None:
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110, **written}
    answer = json.loads(chat_reply("Hi.").body) | {"usage": usage}
    async with ModelServer([json_reply(answer)] * 2) as server:
        dear = await complete(door, server, chat(), price=Price(1e-6, 2e-6, 1e-7, 1.25e-6))
        plain = await complete(door, server, chat(), price=Price(1e-6, 2e-6, 1e-7))
    assert (dear.usage.input_tokens, dear.usage.cached_tokens, dear.usage.written_tokens) == (100, 60, 30)
    assert dear.usage.cost_usd == pytest.approx(10e-6 + 6e-6 + 37.5e-6 + 20e-6)
    assert plain.usage.cost_usd == pytest.approx(10e-6 + 6e-6 + 30e-6 + 20e-6)


async def test_a_stream_asks_for_its_usage_and_reports_it(door: Door) -> None:
    async with ModelServer([stream_reply("The ", "rent.", input_tokens=31)]) as server:
        chunks = await stream(door, server, chat())
    assert [chunk.text for chunk in chunks if chunk.text] == ["The", " rent."]
    body = server.received[0].body
    assert (body["stream"], body["stream_options"]) == (True, {"include_usage": True})
    completion = chunks[-1].completion
    assert completion is not None
    assert (completion.usage.input_tokens, completion.usage.output_tokens) == (31, 2)
    assert completion.finish_reason == "stop"


@pytest.mark.parametrize("end", ["whole", "closed", "reset", "open"])
async def test_a_stream_is_whole_once_its_end_was_given_a_reason(door: Door, end: str) -> None:
    pieces = [stream_event({"content": "The rent."}), stream_event({}, finish_reason="stop")]
    async with ModelServer([Reply(headers=EVENTS, pieces=pieces, end=end)]) as server:  # type: ignore[arg-type]
        backend = door(name="local", model="openai/served", api_base=server.url, timeout_s=60, idle_s=1)
        chunks = [chunk async for chunk in backend.stream(chat())]
        await backend.aclose()
    assert chunks[-1].completion is not None
    assert chunks[-1].completion.text == "The rent."


async def test_a_cancelled_stream_hangs_up(door: Door) -> None:
    endless = Reply(headers=EVENTS, pieces=[stream_event({"content": "word "})], end="open")
    async with ModelServer([endless]) as server:
        backend = door(name="local", model="openai/served", api_base=server.url)
        seen = asyncio.Event()

        async def read() -> None:
            async for _ in backend.stream(chat()):
                seen.set()

        task = asyncio.create_task(read())
        await seen.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(server.hung_up.wait(), timeout=120)
        await backend.aclose()


async def test_a_stream_that_stands_still_delays_none_of_sixty_three_others(door: Door) -> None:
    endless = Reply(headers=EVENTS, pieces=[stream_event({"content": "word "})], end="open")
    async with ModelServer([endless, stream_reply("The ", "rent.")]) as server:
        backend = door(name="local", model="openai/served", api_base=server.url)
        slow = backend.stream(chat())
        await anext(slow)

        async def read() -> Completion | None:
            return [chunk async for chunk in backend.stream(chat())][-1].completion

        others = await asyncio.gather(*(read() for _ in range(63)))
        assert all(completion and completion.text == "The rent." for completion in others)
        await slow.aclose()  # type: ignore[attr-defined]
        await backend.aclose()


async def test_a_key_shown_in_part_is_not_shown(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "qwertyuiop-ASDF-zxcvbnm"
    monkeypatch.setenv("FIRM_KEY", key)
    said = f"bad key {key[:9]}... and {key[4:]} and qwe***bnm"
    async with ModelServer([json_reply({"error": {"message": said}}, status=500)]) as server:
        backend = door(name="local", model="openai/served", api_base=server.url, api_key_env="FIRM_KEY")
        with pytest.raises(BackendError) as caught:
            await backend.complete(chat())
        await backend.aclose()
    assert not [part for part in (key[:9], key[4:12], key[-8:], "***") if part in str(caught.value)]


async def test_a_backend_serves_one_event_loop_after_another(door: Door) -> None:
    async with ModelServer([chat_reply("Hi.")]) as server:
        backend = door(name="local", model="openai/served", api_base=server.url)

        def elsewhere() -> str:
            async def call() -> str:
                try:
                    return (await backend.complete(chat())).text
                finally:
                    await backend.aclose()

            return asyncio.run(call())

        assert await asyncio.to_thread(elsewhere) == "Hi."
        assert (await backend.complete(chat())).text == "Hi."
        await backend.aclose()
