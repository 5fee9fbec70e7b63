"""CrewAI's messages and tools ↔ ours."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from agentkit.calls import Completion, Message, MessageRole, Tool, ToolCall
from agentkit.errors import UsageError

_ROLES: dict[str, MessageRole] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}


def to_messages(messages: str | Sequence[Mapping[str, Any]]) -> list[Message]:
    """Return a conversation in our words.

    Raises:
        UsageError: it holds a picture, a file or a role that has no counterpart.
    """
    if isinstance(messages, str):
        return [Message("user", messages)]
    return [_message(message) for message in messages]


def to_tool(described: Mapping[str, Any]) -> Tool:
    """Return a tool from the way OpenAI's protocol describes it."""
    function = cast(Mapping[str, Any], described.get("function") or described)
    schema = cast(Mapping[str, object], function.get("parameters") or {"type": "object", "properties": {}})
    return Tool(str(function["name"]), str(function.get("description") or ""), schema)


def tool_calls(completion: Completion) -> list[dict[str, Any]]:
    """Return the calls a model wishes for as CrewAI reads them."""
    return [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in completion.tool_calls
    ]


def _message(message: Mapping[str, Any]) -> Message:
    role = _ROLES.get(str(message.get("role")))
    if role is None:
        raise UsageError(f"A message of role {message.get('role')!r} cannot be sent.")
    if message.get("files"):
        raise UsageError("Files cannot be sent to a governed model: give the crew their text.")
    calls = [_call(call) for call in cast(Sequence[Mapping[str, Any]], message.get("tool_calls") or [])]
    return Message(role, _text(message.get("content")), calls, tool_call_id=str(message.get("tool_call_id") or ""))


def _call(call: Mapping[str, Any]) -> ToolCall:
    function = cast(Mapping[str, Any], call.get("function") or call)
    arguments = function.get("arguments") or "{}"
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return ToolCall(str(call.get("id") or ""), str(function["name"]), text)


def _text(content: object) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    parts: list[str] = []
    for block in cast(Sequence[object], content):
        kind = cast(Mapping[str, object], block).get("type") if isinstance(block, Mapping) else "text"
        if kind != "text":
            raise UsageError(f"A message holds content of type {kind!r}, and only text can be sent.")
        parts.append(block if isinstance(block, str) else str(cast(Mapping[str, object], block).get("text", "")))
    return "".join(parts)
