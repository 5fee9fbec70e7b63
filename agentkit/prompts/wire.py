"""Prompt → the request of OpenAI's chat protocol, which most model servers speak."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeGuard

from agentkit.calls import Message, Tool, ToolCall
from agentkit.prompts.render import render, response_schema
from agentkit.types import Prompt

AnswerFormat = Literal["schema", "grammar", "object", "none"]
FORMATS: tuple[AnswerFormat, ...] = ("schema", "grammar", "object", "none")
"""How an answer's form is asked for, best first: by JSON schema, by JSON schema in the words of Text Generation
Inference, as any JSON object, in words alone."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """A deployment's own settings, which a prompt's options override; `seed` None is not sent."""

    max_output_tokens: int
    temperature: float
    seed: int | None


def chat_request(prompt: Prompt, *, sampling: Sampling, answer_format: AnswerFormat = "schema") -> dict[str, object]:
    """Return the request's body without the model's name.

    Where the server takes no schema, one that the task does not imply is put into words.
    """
    options, schema = prompt.options, response_schema(prompt)
    messages = render(prompt)
    if prompt.schema and answer_format != "schema":
        messages = _with_schema(messages, schema)
    body: dict[str, object] = {
        "messages": [message_body(message) for message in messages],
        "temperature": sampling.temperature if options.temperature is None else options.temperature,
        "max_tokens": options.max_output_tokens or sampling.max_output_tokens,
    }
    if sampling.seed is not None:
        body["seed"] = sampling.seed
    if options.stop:
        body["stop"] = list(options.stop)
    if prompt.tools:
        body["tools"] = [_tool_body(tool) for tool in prompt.tools]
        if options.tool_choice is not None:
            body["tool_choice"] = _choice_body(options.tool_choice)
    if schema and answer_format != "none":
        body["response_format"] = _format_body(prompt, schema, answer_format)
    return body


def message_body(message: Message) -> dict[str, object]:
    """Return one message as the protocol writes it."""
    body: dict[str, object] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        body["tool_calls"] = [_call_body(call) for call in message.tool_calls]
        body["content"] = message.content or None
    if message.role == "tool":
        body["tool_call_id"] = message.tool_call_id
    return body


def is_strict(schema: object) -> bool:
    """Return whether a schema is one that OpenAI's strict mode takes: closed objects, every property required."""
    if is_list(schema):
        return all(is_strict(item) for item in schema)
    if not is_mapping(schema):
        return True
    properties = schema.get("properties")
    if schema.get("type") == "object" or is_mapping(properties):
        names = set(properties) if is_mapping(properties) else set[str]()
        required = schema.get("required")
        listed = {str(name) for name in required} if is_list(required) else set[str]()
        if schema.get("additionalProperties") is not False or names != listed:
            return False
    return all(is_strict(value) for value in schema.values())


def is_mapping(value: object) -> TypeGuard[Mapping[str, object]]:
    """Return whether a JSON value is an object."""
    return isinstance(value, (dict, Mapping))  # the first is much faster


def is_list(value: object) -> TypeGuard[Sequence[object]]:
    """Return whether a JSON value is a list."""
    return isinstance(value, list)


def _format_body(prompt: Prompt, schema: Mapping[str, object], answer_format: AnswerFormat) -> dict[str, object]:
    if answer_format == "object":
        return {"type": "json_object"}
    if answer_format == "grammar":
        return {"type": "json", "value": schema}
    # The tasks' own schemas are strict; looking through them takes longer than the rest of the request.
    strict = prompt.schema is None or is_strict(schema)
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": strict}}


def _with_schema(messages: Sequence[Message], schema: Mapping[str, object]) -> list[Message]:
    words = f"Answer with one JSON object and nothing else. It must fit this JSON schema:\n{json.dumps(schema)}"
    if messages and messages[0].role == "system":
        return [Message("system", f"{messages[0].content}\n{words}"), *messages[1:]]
    return [Message("system", words), *messages]


def _tool_body(tool: Tool) -> dict[str, object]:
    function = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
    return {"type": "function", "function": function}


def _call_body(call: ToolCall) -> dict[str, object]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _choice_body(choice: str) -> object:
    return choice if choice in {"auto", "none", "required"} else {"type": "function", "function": {"name": choice}}
