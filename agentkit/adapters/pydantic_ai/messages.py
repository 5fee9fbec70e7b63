"""Pydantic AI's messages and tools ↔ ours."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from pydantic_ai.messages import (
    FinishReason,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ModelResponsePart,
    SystemPromptPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.tools import ToolDefinition
from pydantic_ai.usage import RequestUsage

from agentkit.calls import Completion, Message, Tool, ToolCall
from agentkit.errors import UsageError

_REASONS: dict[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_call",
    "content_filter": "content_filter",
}


def to_messages(messages: Sequence[ModelMessage], parameters: ModelRequestParameters) -> list[Message]:
    """Return a conversation in our words, the agent's instructions first.

    Raises:
        UsageError: it holds a picture, a file or a kind of part that has no counterpart.
    """
    said = [message for turn in messages for message in _turn(turn)]
    instructions = _instructions(messages, parameters)
    return [Message("system", instructions), *said] if instructions else said


def to_tool(described: ToolDefinition) -> Tool:
    """Return a tool in our words."""
    return Tool(described.name, described.description or "", described.parameters_json_schema)


def to_parts(completion: Completion) -> list[ModelResponsePart]:
    """Return the parts of a reply; arguments that are no JSON go to Pydantic AI, which asks for them again."""
    text = [TextPart(completion.text)] if completion.text else []
    return [*text, *(to_call(call) for call in completion.tool_calls)]


def to_call(call: ToolCall) -> ToolCallPart:
    """Return a wish for a tool."""
    return ToolCallPart(call.name, call.arguments, call.id) if call.id else ToolCallPart(call.name, call.arguments)


def usage_of(completion: Completion) -> RequestUsage:
    """Return the tokens taken."""
    taken = completion.usage
    return RequestUsage(
        input_tokens=taken.input_tokens,
        output_tokens=taken.output_tokens,
        cache_read_tokens=taken.cached_tokens,
        cache_write_tokens=taken.written_tokens,
    )


def reason_of(completion: Completion) -> FinishReason | None:
    """Return why an answer ended, where Pydantic AI has a word for it."""
    return _REASONS.get(completion.finish_reason)


def details_of(completion: Completion) -> dict[str, object]:
    """Return what else is known of a reply."""
    return {"cost_usd": completion.usage.cost_usd, "cache_hit": completion.cache_hit}


def _instructions(messages: Sequence[ModelMessage], parameters: ModelRequestParameters) -> str:
    if parameters.instruction_parts is not None:
        return "\n\n".join(part.content for part in parameters.instruction_parts)
    requests = [turn for turn in messages if isinstance(turn, ModelRequest)]
    return (requests[-1].instructions or "") if requests else ""


def _turn(turn: ModelMessage) -> Iterator[Message]:
    if isinstance(turn, ModelResponse):
        yield _answer(turn)
        return
    for part in turn.parts:
        yield _asked(part)


def _answer(turn: ModelResponse) -> Message:
    words: list[str] = []
    calls: list[ToolCall] = []
    for part in turn.parts:
        if isinstance(part, TextPart):
            words.append(part.content)
        elif isinstance(part, ToolCallPart):
            calls.append(ToolCall(part.tool_call_id, part.tool_name, part.args_as_json_str()))
        elif not isinstance(part, ThinkingPart):  # a thought is not sent back
            raise _unsendable(part)
    return Message("assistant", "\n\n".join(words), calls)


def _asked(part: object) -> Message:
    match part:
        case SystemPromptPart():
            return Message("system", part.content)
        case UserPromptPart():
            return Message("user", _user_text(part))
        case ToolReturnPart():
            return _returned(cast(Any, part))
        case _ if getattr(part, "part_kind", "") == "retry-prompt":  # newer versions write it as one of the others
            return _again(cast(Any, part))
        case _:
            raise _unsendable(part)


def _returned(part: Any) -> Message:
    if getattr(part, "files", None):
        raise UsageError(f"The tool {part.tool_name} returned a file, and only text can be sent.")
    return Message("tool", part.model_response_str(), tool_call_id=part.tool_call_id)


def _again(part: Any) -> Message:
    if part.tool_name is None:
        return Message("user", part.model_response())
    return Message("tool", part.model_response(), tool_call_id=part.tool_call_id)


def _user_text(part: UserPromptPart) -> str:
    if isinstance(part.content, str):
        return part.content
    texts: list[str] = []
    for item in part.content:
        kind = getattr(item, "kind", None)
        if isinstance(item, str):
            texts.append(item)
        elif kind == "text-content":
            texts.append(str(getattr(item, "content", "")))
        elif kind != "cache-point":
            raise _unsendable(item)
    return "\n\n".join(texts)


def _unsendable(part: object) -> UsageError:
    return UsageError(f"A message holds a {type(part).__name__}, and only text can be sent.")
