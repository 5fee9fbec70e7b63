"""A model server that does what it is asked: calls the tool, fills the schema, says something otherwise."""

import json
import re
from collections.abc import Mapping

from agentkit.testing.server import Received, Reply, chat_reply, stream_event, stream_reply


def oblige(request: Received) -> Reply:
    """Answer one request of OpenAI's chat protocol, streamed where that is asked for."""
    body = request.body
    messages = body["messages"]
    call = _call(body, str(messages[-1].get("content"))) if messages[-1]["role"] == "user" else None
    text = json.dumps(_filled(_schema(body))) if _schema(body) else "It is sunny, and seven."
    if not body.get("stream"):
        if call:
            return chat_reply(None, finish_reason="tool_calls", tool_calls=[call])
        return chat_reply(text)
    if not call:
        return stream_reply(*[text[at : at + 5] for at in range(0, len(text), 5)])
    name, arguments = call["function"]["name"], call["function"]["arguments"]
    plain = stream_reply("", finish_reason="tool_calls")
    parts = [
        {"index": 0, "id": call["id"], "type": "function", "function": {"name": name, "arguments": ""}},
        *({"index": 0, "function": {"arguments": arguments[at : at + 4]}} for at in range(0, len(arguments), 4)),
    ]
    events = [stream_event({"tool_calls": [part]}) for part in parts]
    return Reply(headers=plain.headers, pieces=[*events, *plain.pieces[1:]])


def _call(body: Mapping[str, object], question: str) -> dict[str, object] | None:
    tools = body.get("tools") or []
    if not tools or body.get("tool_choice") == "none":
        return None
    choice = body.get("tool_choice")
    wanted = choice["function"]["name"] if isinstance(choice, dict) else None
    named = [tool["function"] for tool in tools if tool["function"]["name"] in {wanted, *re.findall(r"\w+", question)}]
    function = named[-1] if named else tools[0]["function"]
    number = re.search(r"\((\d+)\)", question)
    properties = function.get("parameters", {}).get("properties", {})
    arguments = {
        name: int(number[1]) if number and kind.get("type") == "integer" else _filled(kind, words=question)
        for name, kind in properties.items()
    }
    return {
        "id": "call_1",
        "type": "function",
        "function": {"name": function["name"], "arguments": json.dumps(arguments)},
    }


def _schema(body: Mapping[str, object]) -> Mapping[str, object] | None:
    wanted = body.get("response_format") or {}
    return wanted.get("json_schema", {}).get("schema")


def _filled(schema: Mapping[str, object], *, words: str = "a word") -> object:
    if "anyOf" in schema:
        return _filled(schema["anyOf"][0], words=words)
    if schema.get("type") == "object":
        return {name: _filled(kind) for name, kind in schema.get("properties", {}).items()}
    values = {"integer": 7, "number": 7.0, "boolean": True, "array": [], "null": None}
    return values.get(str(schema.get("type")), words)
