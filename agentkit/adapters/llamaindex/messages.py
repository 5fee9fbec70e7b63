# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# LlamaIndex's messages carry untyped dictionaries.
"""LlamaIndex's messages and tools ↔ ours."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from llama_index.core.base.llms.types import ChatMessage, ChatResponse, ContentBlock, TextBlock, ToolCallBlock
from llama_index.core.base.llms.types import MessageRole as TheirRole

from agentkit.calls import Completion, Message, MessageRole, Tool, ToolCall
from agentkit.errors import UsageError
from agentkit.prompts.parse import object_of

_ROLES: dict[TheirRole, MessageRole] = {
    TheirRole.SYSTEM: "system",
    TheirRole.DEVELOPER: "system",
    TheirRole.USER: "user",
    TheirRole.ASSISTANT: "assistant",
    TheirRole.CHATBOT: "assistant",
    TheirRole.MODEL: "assistant",
    TheirRole.TOOL: "tool",
    TheirRole.FUNCTION: "tool",
}
_UNSENT = {"thinking", "cache", "tool_call"}  # a thought is not sent back, and a call is not text


def to_messages(messages: Sequence[ChatMessage]) -> list[Message]:
    """Return a conversation in our words.

    Raises:
        UsageError: it holds a picture, a sound or a file.
    """
    return [_message(message) for message in messages]


def to_tool(described: Mapping[str, Any]) -> Tool:
    """Return a tool from the way OpenAI's protocol describes it."""
    function = cast(Mapping[str, Any], described["function"])
    schema = cast(Mapping[str, object], function.get("parameters") or {"type": "object", "properties": {}})
    return Tool(str(function["name"]), str(function.get("description") or ""), schema)


def to_chat_response(completion: Completion, *, delta: str | None = None) -> ChatResponse:
    """Return a reply in LlamaIndex's words; arguments that are no JSON object stay the text the model wrote."""
    blocks: list[ContentBlock] = [TextBlock(text=completion.text)] if completion.text else []
    for call in completion.tool_calls:
        given = object_of(call.arguments)
        arguments = call.arguments if given is None else given
        blocks.append(ToolCallBlock(tool_call_id=call.id, tool_name=call.name, tool_kwargs=arguments))
    message = ChatMessage(role=TheirRole.ASSISTANT, blocks=blocks)
    return ChatResponse(message=message, delta=delta, raw=raw_of(completion), additional_kwargs=tokens_of(completion))


def raw_of(completion: Completion) -> dict[str, Any]:
    """Return what else is known of a reply, with the tokens under the names LlamaIndex's counters look for."""
    return {
        "model": completion.model,
        "finish_reason": completion.finish_reason,
        "usage": tokens_of(completion),
        "cost_usd": completion.usage.cost_usd,
        "cache_hit": completion.cache_hit,
    }


def tokens_of(completion: Completion) -> dict[str, int]:
    """Return the tokens taken."""
    taken = completion.usage
    return {
        "prompt_tokens": taken.input_tokens,
        "completion_tokens": taken.output_tokens,
        "total_tokens": taken.input_tokens + taken.output_tokens,
    }


def _message(message: ChatMessage) -> Message:
    called = str(message.additional_kwargs.get("tool_call_id") or "")
    calls = [_call(block) for block in message.blocks if isinstance(block, ToolCallBlock)]
    return Message(_ROLES[message.role], _text(message), calls, tool_call_id=called)


def _call(block: ToolCallBlock) -> ToolCall:
    given = block.tool_kwargs
    text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
    return ToolCall(block.tool_call_id or "", block.tool_name, text)


def _text(message: ChatMessage) -> str:
    parts: list[str] = []
    for block in message.blocks:
        if isinstance(block, TextBlock):
            parts.append(block.text)
        elif (kind := str(getattr(block, "block_type", "cache"))) not in _UNSENT:
            raise UsageError(f"A message holds content of type {kind!r}, and only text can be sent.")
    return "\n".join(parts)
