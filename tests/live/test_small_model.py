"""The small model in this process."""

import asyncio
import json
from collections.abc import Sequence

import pytest

from agentkit.adapters.smollm2 import SmolLM2Backend
from agentkit.calls import CallOptions, Tool
from agentkit.errors import ContextWindowError
from agentkit.ports import ModelBackend
from agentkit.prompts import parse_summary, summarize_prompt
from agentkit.testing.contracts import BackendContract, StreamingContract
from agentkit.types import Limits, Message, Prompt, SafePassage

LEASE = (
    "This Lease is made on 3 March 2024 between Harbor Mills LLC and <PERSON_1>. The Tenant shall pay rent of "
    "EUR 1,250 on the first day of each month. Either party may terminate this Lease on ninety (90) days' notice."
)


def passage(text: str) -> SafePassage:
    return SafePassage(id="d0p0", source=0, start=0, end=len(text), text=text)


def chat(message: Message, *, options: CallOptions | None = None, tools: Sequence[Tool] = ()) -> Prompt:
    return Prompt(
        role="writer",
        task="chat",
        version="1",
        instructions="",
        messages=[message],
        options=options or CallOptions(),
        tools=list(tools),
    )


class TestSmolLM2(BackendContract):
    slow = True

    async def make(self) -> ModelBackend:
        return SmolLM2Backend(threads=1, max_output_tokens=160)


class TestSmolLM2Stream(StreamingContract):
    at_once = 1

    async def make(self) -> ModelBackend:
        return SmolLM2Backend(threads=1, max_output_tokens=160)


async def test_it_answers_a_free_question_within_the_length_asked_for() -> None:
    backend = SmolLM2Backend(threads=1)
    asked = Message("user", "Say hello to Bob.")
    completion = await backend.complete(chat(asked, options=CallOptions(max_output_tokens=5)))
    await backend.aclose()
    assert completion.text
    assert completion.usage.output_tokens <= 5
    assert completion.finish_reason in {"stop", "length"}


async def test_it_calls_a_tool_where_one_is_required() -> None:
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string", "maxLength": 20}},
        "required": ["city"],
        "additionalProperties": False,
    }
    backend = SmolLM2Backend(threads=1)
    prompt = chat(
        Message("user", "What is the weather in Paris?"),
        options=CallOptions(tool_choice="required"),
        tools=[Tool("weather", "the weather of a city", schema)],
    )
    completion = await backend.complete(prompt)
    await backend.aclose()
    assert [call.name for call in completion.tool_calls] == ["weather"]
    assert list(json.loads(completion.tool_calls[0].arguments)) == ["city"]


async def test_a_cancelled_call_frees_the_model_at_once() -> None:
    backend = SmolLM2Backend(threads=1, max_output_tokens=2000)
    long = chat(Message("user", "Tell a very long story about a lighthouse."))
    stream = backend.stream(long)
    assert (await anext(stream)).text
    await stream.aclose()
    short = chat(Message("user", "Say hello."), options=CallOptions(max_output_tokens=2))
    async with asyncio.timeout(60):  # two thousand tokens would take minutes
        await backend.complete(short)
    await backend.aclose()


async def test_its_claims_cite_words_that_stand_in_the_passage() -> None:
    backend = SmolLM2Backend(threads=1)
    passages = [passage(LEASE)]
    completion = await backend.complete(summarize_prompt(passages, focus="", limits=Limits(max_claims=2)))
    await backend.aclose()
    summary = parse_summary(completion.text, passages, prefix="c")
    assert summary.claims
    assert all(claim.citations for claim in summary.claims)
    assert completion.usage.output_tokens > 10


async def test_a_prompt_that_does_not_fit_is_refused() -> None:
    backend = SmolLM2Backend(threads=1, context_tokens=512)
    with pytest.raises(ContextWindowError, match="does not fit"):
        await backend.complete(summarize_prompt([passage(LEASE * 20)], focus="", limits=Limits()))
    await backend.aclose()
