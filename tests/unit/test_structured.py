"""Answers as objects, whatever a model makes of the question."""

import json
import time
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from agentkit.calls import Chunk, Completion, Message
from agentkit.errors import StructuredOutputError
from agentkit.prompts.parse import read_json
from agentkit.prompts.schemas import strict_schema
from agentkit.structured import Partial, complete_as, read_as, stream_as
from agentkit.testing.fakes import ScriptedBackend
from agentkit.types import Prompt

PROMPT = Prompt(role="writer", task="chat", version="t", instructions="", messages=[Message("user", "The invoice?")])


class Line(BaseModel):
    item: str
    euros: float = Field(ge=0)


class Invoice(BaseModel):
    number: str
    status: Literal["open", "paid"] = "open"
    lines: list[Line] = Field(default_factory=list)


GOOD = {"number": "A-1", "status": "paid", "lines": [{"item": "paper", "euros": 3.5}]}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(GOOD),
        f"Sure! Here it is:\n```json\n{json.dumps(GOOD)}\n```\nAnything else?",
        "{number: 'A-1', status: 'paid', lines: [{item: 'paper', euros: 3.5,}],}",
        json.dumps(GOOD)[:-2],
    ],
    ids=["plain", "fenced", "loose", "truncated"],
)
async def test_any_spelling_of_an_object_is_read(text: str) -> None:
    model = ScriptedBackend(text)
    assert (await complete_as(model, PROMPT, Invoice)).model_dump() == GOOD
    assert len(model.prompts) == 1


async def test_an_answer_that_does_not_fit_is_shown_to_the_model_with_what_is_wrong() -> None:
    model = ScriptedBackend('{"number": "A-1", "status": "lost"}', json.dumps(GOOD))
    assert (await complete_as(model, PROMPT, Invoice)).status == "paid"
    turns = model.prompts[1].messages
    assert turns[1].role == "assistant"
    assert "lost" in turns[1].content
    assert "status: input should be 'open' or 'paid'" in turns[2].content


async def test_after_one_more_attempt_the_error_says_what_is_wrong() -> None:
    model = ScriptedBackend('{"number": "A-1", "lines": [{"item": "x", "euros": -1}]}')
    with pytest.raises(StructuredOutputError, match=r"no Invoice in 2 attempts: lines\.0\.euros: input should be"):
        await complete_as(model, PROMPT, Invoice)
    assert len(model.prompts) == 2


async def test_prose_is_no_object() -> None:
    with pytest.raises(StructuredOutputError):
        await complete_as(ScriptedBackend("I cannot help with that."), PROMPT, Invoice)


async def test_the_model_is_told_the_schema_in_the_strict_form_that_providers_ask_for() -> None:
    model = ScriptedBackend(json.dumps(GOOD))
    await complete_as(model, PROMPT, Invoice)
    schema = model.prompts[0].schema
    assert schema is not None
    assert schema["required"] == ["number", "status", "lines"]
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["Line"]["additionalProperties"] is False
    assert "default" not in json.dumps(schema)


def test_a_property_named_default_or_properties_survives_strictness() -> None:
    schema = {"type": "object", "properties": {"default": {"type": "string"}, "properties": {"type": "string"}}}
    assert strict_schema(schema)["required"] == ["default", "properties"]


class Typing:
    """A model that streams what it is given, in pieces of three characters."""

    name, context_tokens, deterministic = "typing", 8192, False

    def __init__(self, text: str) -> None:
        self._text = text

    async def complete(self, prompt: Prompt, /) -> Completion:
        return Completion(self._text, self.name)

    async def stream(self, prompt: Prompt, /):
        for start in range(0, len(self._text), 3):
            yield Chunk(self._text[start : start + 3])
        yield Chunk("", Completion(self._text, self.name))

    async def aclose(self) -> None: ...


async def test_a_streamed_object_grows_and_ends_whole() -> None:
    parts = [part async for part in stream_as(Typing(json.dumps(GOOD)), PROMPT, Invoice)]
    assert parts[0].data in ({"number": ""}, {"number": "A"})
    assert all(part.whole is None for part in parts[:-1])
    assert parts[-1] == Partial(GOOD, Invoice.model_validate(GOOD))
    sizes = [len(json.dumps(dict(part.data))) for part in parts]
    assert sizes == sorted(sizes)


async def test_a_streamed_answer_that_does_not_fit_is_an_error_and_not_a_silence() -> None:
    async def read() -> list[Partial[Invoice]]:
        return [part async for part in stream_as(Typing('{"status": "paid"}'), PROMPT, Invoice)]

    with pytest.raises(StructuredOutputError, match="number: field required"):
        await read()


@settings(deadline=None)  # a busy machine is no fault of the parser
@given(
    st.builds(
        Invoice,
        number=st.text(max_size=20),
        lines=st.lists(st.builds(Line, item=st.text(max_size=20), euros=st.floats(0, 1e6)), max_size=3),
    )
)
def test_what_a_model_writes_as_json_is_read_back_exactly(invoice: Invoice) -> None:
    assert read_as(invoice.model_dump_json(), Invoice) == invoice


@pytest.mark.parametrize("text", ["[" * 100_000, "{" * 50_000, '{"a":' * 3000, "]" * 9 + "[" * 5000])
async def test_an_answer_that_nests_without_end_is_refused_at_once(text: str) -> None:
    begun = time.process_time()
    with pytest.raises(StructuredOutputError):
        await complete_as(ScriptedBackend(text), PROMPT, Invoice)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("text", ['{"claims":' * 3000, "{" * 50_000, "[" * 50_000, '{"score": ' + "1" * 5000 + "}"])
def test_an_answer_that_no_parser_takes_holds_nothing(text: str) -> None:
    begun = time.process_time()
    assert not read_json(text).get("claims")
    assert time.process_time() - begun < 2
