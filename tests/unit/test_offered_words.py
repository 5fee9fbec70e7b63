"""Words that reach a model beside the conversation: tools' parameters, schemas of answers, where an answer ends."""

import json
from collections.abc import Mapping

import pytest

from agentkit.calls import CallOptions, Completion, Message, Tool, ToolCall
from agentkit.errors import RefusedError
from agentkit.gateway import Gateway
from agentkit.testing.fakes import ScriptedBackend, WordRails
from agentkit.types import Prompt

NAME = "Mary Quxzovbadeko"
WHO = {"type": "string", "description": f"such as Ms. {NAME}", "enum": [f"Ms. {NAME}", "nobody"]}
SCHEMA = {"type": "object", "properties": {"who": WHO}, "required": ["who"], "additionalProperties": False}


class Seen(ScriptedBackend):
    """A model that remembers everything it was given, and calls a tool with the first choice it has."""

    def __init__(self) -> None:
        super().__init__("", name="seen")
        self.prompts: list[Prompt] = []

    async def complete(self, prompt: Prompt, /) -> Completion:
        self.prompts.append(prompt)
        schema = prompt.schema or (prompt.tools[0].parameters if prompt.tools else SCHEMA)
        choice = json.dumps({"who": schema["properties"]["who"]["enum"][0]})
        if prompt.schema is not None:
            return Completion(choice, self.name)
        return Completion("", self.name, tool_calls=[ToolCall("c1", "find", choice)])

    def words(self) -> str:
        return repr([(prompt.messages, prompt.tools, prompt.schema, prompt.options) for prompt in self.prompts])


def asking(**more: object) -> Prompt:
    turns = [Message("user", "Find her.")]
    return Prompt(role="writer", task="chat", version="test/1", instructions="", **{"messages": turns, **more})


async def test_names_in_a_tools_parameters_are_placeholders_to_the_model_and_names_in_its_call() -> None:
    model = Seen()
    async with Gateway(model=model) as gateway:
        said = await gateway.door().complete(asking(tools=[Tool("find", "Finds.", SCHEMA)]))
    assert "Quxzov" not in model.words()
    assert model.prompts[0].tools[0].parameters["required"] == ["who"]
    assert json.loads(said.tool_calls[0].arguments) == {"who": f"Ms. {NAME}"}


async def test_names_in_a_schema_are_placeholders_to_the_model_and_names_in_its_answer() -> None:
    model = Seen()
    async with Gateway(model=model) as gateway:
        said = await gateway.door().complete(asking(schema=SCHEMA))
    assert "Quxzov" not in model.words()
    assert json.loads(said.text) == {"who": f"Ms. {NAME}"}


async def test_an_answer_ends_at_the_placeholder_of_a_name() -> None:
    model = Seen()
    async with Gateway(model=model) as gateway:
        await gateway.door().complete(asking(options=CallOptions(stop=(f"Ms. {NAME}", "END"))))
    assert model.prompts[0].options.stop == ("Ms. <PERSON_1>", "END")


@pytest.mark.parametrize("more", [{"schema": SCHEMA}, {"tools": [Tool("find", "Finds.", SCHEMA)]}])
async def test_what_says_nothing_personal_goes_as_it_is(more: Mapping[str, object]) -> None:
    model = Seen()
    plain = json.loads(json.dumps(more.get("schema") or SCHEMA).replace(f"Ms. {NAME}", "a tenant"))
    given = {"schema": plain} if "schema" in more else {"tools": [Tool("find", "Finds.", plain)]}
    async with Gateway(model=model) as gateway:
        await gateway.door().complete(asking(**given))
    sent = model.prompts[0]
    assert (sent.schema or sent.tools[0].parameters) == plain


async def test_an_identifier_that_carries_a_known_name_is_not_sent() -> None:
    model = Seen()
    call = ToolCall(NAME, "find", "{}")
    turns = [Message("user", f"Find Ms. {NAME}."), Message("assistant", "", [call]), Message("tool", "x", [], NAME)]
    async with Gateway(model=model) as gateway:
        with pytest.raises(RefusedError, match="still held personal data"):
            await gateway.door().complete(asking(messages=turns))
    assert model.prompts == []


async def test_rails_read_the_arguments_of_calls_that_a_conversation_brings_along() -> None:
    model = Seen()
    call = ToolCall("c1", "find", json.dumps({"who": "input:bad"}))
    turns = [Message("user", "Find her."), Message("assistant", "", [call]), Message("tool", "Found.", [], "c1")]
    async with Gateway(model=model, rails=WordRails()) as gateway:
        with pytest.raises(RefusedError, match="rail"):
            await gateway.door().complete(asking(messages=turns))
    assert model.prompts == []
