# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Haystack's messages carry untyped dictionaries.
"""Haystack's messages and tools ↔ ours."""

import json
from collections.abc import Sequence
from typing import Any, cast

from haystack.dataclasses import ChatMessage
from haystack.dataclasses import ToolCall as TheirCall
from haystack.tools.tool import Tool as TheirTool

from agentkit.calls import Completion, Message, Tool, ToolCall
from agentkit.errors import UsageError
from agentkit.prompts.parse import read_json


def to_messages(messages: str | Sequence[ChatMessage]) -> list[Message]:
    """Return a conversation in our words.

    Raises:
        UsageError: it holds a picture or a file.
    """
    if isinstance(messages, str):
        return [Message("user", messages)]
    return [turn for message in messages for turn in _turns(message)]


def to_tool(tool: TheirTool) -> Tool:
    """Return a tool in our words."""
    return Tool(tool.name, tool.description, tool.parameters)


def to_chat_message(completion: Completion) -> ChatMessage:
    """Return a reply in Haystack's words; arguments that are no JSON are repaired, for it takes objects only."""
    calls = [
        TheirCall(tool_name=call.name, arguments=dict(read_json(call.arguments or "{}")), id=call.id or None)
        for call in completion.tool_calls
    ]
    return ChatMessage.from_assistant(completion.text or None, meta=meta_of(completion), tool_calls=calls or None)


def meta_of(completion: Completion) -> dict[str, Any]:
    """Return what else is known of a reply."""
    taken = completion.usage
    return {
        "model": completion.model,
        "index": 0,
        "finish_reason": completion.finish_reason,
        "usage": {
            "prompt_tokens": taken.input_tokens,
            "completion_tokens": taken.output_tokens,
            "total_tokens": taken.input_tokens + taken.output_tokens,
        },
        "cost_usd": taken.cost_usd,
        "cache_hit": completion.cache_hit,
    }


def _turns(message: ChatMessage) -> list[Message]:
    if message.images or getattr(message, "files", None):
        raise UsageError("A message holds a picture or a file, and only text can be sent.")
    if message.tool_call_results:
        return [
            Message("tool", _result(found.result), tool_call_id=found.origin.id or "")
            for found in message.tool_call_results
        ]
    calls = [
        ToolCall(call.id or "", call.tool_name, json.dumps(call.arguments, ensure_ascii=False))
        for call in message.tool_calls
    ]
    return [Message(message.role.value, "\n".join(message.texts), calls)]


def _result(result: object) -> str:
    if isinstance(result, str):
        return result
    parts = [getattr(part, "text", None) for part in cast(Sequence[object], result)]
    if not all(isinstance(part, str) for part in parts):
        raise UsageError("A tool returned a picture or a file, and only text can be sent.")
    return "\n".join(str(part) for part in parts)
