"""LangChain's messages and tools ↔ ours."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# LangChain's message contents are untyped dictionaries.

import json
from collections.abc import Mapping, Sequence
from typing import cast

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    InvalidToolCall,
    SystemMessage,
    ToolMessage,
    UsageMetadata,
)
from langchain_core.messages import ToolCall as LangChainToolCall

from agentkit.calls import Completion, Message, MessageRole, Tool, ToolCall
from agentkit.errors import UsageError
from agentkit.prompts.parse import object_of

_ROLES: dict[type[BaseMessage], MessageRole] = {
    SystemMessage: "system",
    HumanMessage: "user",
    AIMessage: "assistant",
    ToolMessage: "tool",
}


def to_messages(messages: Sequence[BaseMessage]) -> list[Message]:
    """Return a conversation in our words.

    Raises:
        UsageError: it holds a picture, a sound, a file or a kind of message that has no counterpart.
    """
    return [_message(message) for message in messages]


def to_tool(described: Mapping[str, object]) -> Tool:
    """Return a tool from the way OpenAI's protocol describes it."""
    function = cast(Mapping[str, object], described["function"])
    schema = function.get("parameters") or {"type": "object", "properties": {}}
    return Tool(str(function["name"]), str(function.get("description") or ""), cast(Mapping[str, object], schema))


def to_ai_message(completion: Completion) -> AIMessage:
    """Return a reply in LangChain's words; a call whose arguments are no JSON object is an invalid one."""
    good, bad = split_calls(completion.tool_calls)
    return AIMessage(
        content=completion.text,
        tool_calls=good,
        invalid_tool_calls=bad,
        usage_metadata=usage_of(completion),
        response_metadata=metadata_of(completion),
    )


def split_calls(calls: Sequence[ToolCall]) -> tuple[list[LangChainToolCall], list[InvalidToolCall]]:
    """Return the calls that can be made, and those that cannot."""
    good: list[LangChainToolCall] = []
    bad: list[InvalidToolCall] = []
    for call in calls:
        arguments = object_of(call.arguments)
        if arguments is None:
            bad.append(
                InvalidToolCall(
                    type="invalid_tool_call",
                    id=call.id,
                    name=call.name,
                    args=call.arguments,
                    error="The arguments are no JSON object.",
                )
            )
        else:
            good.append(LangChainToolCall(type="tool_call", id=call.id, name=call.name, args=arguments))
    return good, bad


def usage_of(completion: Completion) -> UsageMetadata:
    """Return the tokens taken."""
    taken = completion.usage
    return UsageMetadata(
        input_tokens=taken.input_tokens,
        output_tokens=taken.output_tokens,
        total_tokens=taken.input_tokens + taken.output_tokens,
        input_token_details={"cache_read": taken.cached_tokens},
    )


def metadata_of(completion: Completion) -> dict[str, object]:
    """Return what else is known of a reply."""
    return {
        "model_name": completion.model,
        "model_provider": "agentkit",
        "finish_reason": completion.finish_reason,
        "cost_usd": completion.usage.cost_usd,
        "cache_hit": completion.cache_hit,
    }


def _message(message: BaseMessage) -> Message:
    role: MessageRole | None = next((ours for kind, ours in _ROLES.items() if isinstance(message, kind)), None)
    if role is None or isinstance(message, (ChatMessage, FunctionMessage)):
        raise UsageError(f"A {type(message).__name__} cannot be sent: use system, human, AI or tool messages.")
    content = _text(message)
    if isinstance(message, AIMessage):
        calls = [
            ToolCall(call.get("id") or "", call["name"], json.dumps(call["args"], ensure_ascii=False))
            for call in message.tool_calls
        ]
        return Message(role, content, calls)
    if isinstance(message, ToolMessage):
        return Message(role, content, tool_call_id=message.tool_call_id)
    return Message(role, content)


def _text(message: BaseMessage) -> str:
    if isinstance(message.content, str):
        return message.content
    parts: list[str] = []
    for block in message.content:
        kind = "text" if isinstance(block, str) else str(block.get("type"))
        if isinstance(block, str):
            parts.append(block)
        elif kind == "text":
            parts.append(str(block.get("text", "")))
        elif kind in {"tool_use", "tool_call", "reasoning", "thinking", "invalid_tool_call"}:
            continue  # a tool's call is among the message's tool_calls, and a thought is not sent back
        else:
            raise UsageError(f"A message holds content of type {kind!r}, and only text can be sent.")
    return "".join(parts)
