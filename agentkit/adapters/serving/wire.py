"""A request of OpenAI's chat protocol → what is asked, in our words. Pure."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard

from agentkit.calls import CallOptions, Message, MessageRole, Tool, ToolCall
from agentkit.errors import UsageError

_ROLES: Mapping[str, MessageRole] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}
_READ = frozenset(
    "model messages tools tool_choice response_format stream stream_options temperature max_tokens "
    "max_completion_tokens stop".split()
)
_IDLE = frozenset("user metadata safety_identifier prompt_cache_key service_tier store".split())
"""Options that say nothing about the answer."""
_ONLY: Mapping[str, object] = {
    "n": 1,
    "top_p": 1,
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "logprobs": False,
    "top_logprobs": 0,
    "logit_bias": {},
    "parallel_tool_calls": True,
}
"""Options that are taken with this value alone: any other would be passed over in silence."""
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_MAX_STOPS = 4
_MAX_TURNS = 2_000
_MAX_TOOLS = 128


class RequestError(UsageError):
    """A request that cannot be read; `param` names the part at fault, where there is one."""

    def __init__(self, message: str, *, param: str | None = None) -> None:
        self.param = param
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class File:
    """A document that came with a message: the base name of its file, and its bytes."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asks: a conversation with a model, and how it wants the answer."""

    model: str
    messages: list[Message]
    files: list[File] = field(default_factory=list[File])
    tools: list[Tool] = field(default_factory=list[Tool])
    options: CallOptions = field(default_factory=CallOptions)
    schema: Mapping[str, object] | None = None
    stream: bool = False
    include_usage: bool = False


def read_request(body: object, /) -> Asked:
    """Read the decoded body of a request.

    Raises:
        RequestError: something in it is missing, of the wrong kind, or has no counterpart here; says what.
    """
    if not _is_object(body):
        raise RequestError("The body is not a JSON object.")
    _check_options(body)
    files: list[File] = []
    messages = _messages(body.get("messages"), files)
    tools = _tools(body.get("tools"))
    streaming = _flag(body.get("stream"), "stream")
    told = body.get("stream_options")
    if told is not None and not _is_object(told):
        raise RequestError("stream_options is not an object.", param="stream_options")
    return Asked(
        model=_text(body.get("model"), "model"),
        messages=messages,
        files=files,
        tools=tools,
        options=_options(body, tools),
        schema=_schema(body.get("response_format")),
        stream=streaming,
        include_usage=_flag((told or {}).get("include_usage"), "stream_options.include_usage"),
    )


def _check_options(body: Mapping[str, object]) -> None:
    for name in sorted(set(body) - _READ - _IDLE):
        value = body[name]
        if value is None or (name in _ONLY and value == _ONLY[name]):
            continue
        only = f" other than {_ONLY[name]!r}" if name in _ONLY else ""
        raise RequestError(f"{name[:60]} is not supported here{only}: leave it out.", param=name[:60])


def _messages(given: object, files: list[File]) -> list[Message]:
    if not _is_list(given) or not 0 < len(given) <= _MAX_TURNS:
        raise RequestError(f"messages is not a list of 1 to {_MAX_TURNS} messages.", param="messages")
    return [_message(item, f"messages[{number}]", files) for number, item in enumerate(given)]


def _message(given: object, where: str, files: list[File]) -> Message:
    if not _is_object(given):
        raise RequestError(f"{where} is not an object.", param=where)
    role = _ROLES.get(str(given.get("role")))
    if role is None:
        raise RequestError(f"{where}.role is none of {', '.join(_ROLES)}.", param=f"{where}.role")
    calls = _calls(given.get("tool_calls"), f"{where}.tool_calls")
    content = _content(given.get("content"), f"{where}.content", files)
    if role != "assistant" and given.get("content") is None:
        raise RequestError(f"{where}.content is missing.", param=f"{where}.content")
    answers = _text(given.get("tool_call_id"), f"{where}.tool_call_id") if role == "tool" else ""
    return Message(role, content, calls if role == "assistant" else [], answers)


def _content(given: object, where: str, files: list[File]) -> str:
    if given is None or isinstance(given, str):
        return _unicode(given or "", where)
    if not _is_list(given):
        raise RequestError(f"{where} is neither a text nor a list of parts.", param=where)
    texts: list[str] = []
    for number, part in enumerate(given):
        place = f"{where}[{number}]"
        kind = part.get("type") if _is_object(part) else None
        if _is_object(part) and kind in {"text", "refusal"}:
            texts.append(_unicode(_string(part.get(str(kind)), f"{place}.{kind}"), place))
        elif _is_object(part) and kind == "file":
            files.append(_file(part.get("file"), f"{place}.file"))
        else:
            raise RequestError(f"{place} is of type {str(kind)[:40]!r}: send text or file parts.", param=place)
    return "\n".join(texts)


def _file(given: object, where: str) -> File:
    if not _is_object(given):
        raise RequestError(f"{where} is not an object.", param=where)
    if "file_id" in given:
        raise RequestError(f"{where}.file_id is not supported: send file_data.", param=f"{where}.file_id")
    data = _text(given.get("file_data"), f"{where}.file_data")
    name = re.split(r"[/\\]", _text(given.get("filename"), f"{where}.filename"))[-1]
    encoded = data.partition("base64,")[2] if data.startswith("data:") else data
    try:
        return File(name, base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError):
        raise RequestError(f"{where}.file_data is not Base64.", param=f"{where}.file_data") from None


def _calls(given: object, where: str) -> list[ToolCall]:
    if given is None:
        return []
    if not _is_list(given):
        raise RequestError(f"{where} is not a list.", param=where)
    return [_call(item, f"{where}[{number}]") for number, item in enumerate(given)]


def _call(given: object, where: str) -> ToolCall:
    function = given.get("function") if _is_object(given) else None
    if not _is_object(given) or not _is_object(function):
        raise RequestError(f"{where} is no call of a function.", param=where)
    return ToolCall(
        id=_text(given.get("id"), f"{where}.id"),
        name=_name(function.get("name"), f"{where}.function.name"),
        arguments=_unicode(_string(function.get("arguments"), f"{where}.function.arguments"), where),
    )


def _tools(given: object) -> list[Tool]:
    if given is None:
        return []
    if not _is_list(given) or len(given) > _MAX_TOOLS:
        raise RequestError(f"tools is not a list of at most {_MAX_TOOLS} tools.", param="tools")
    return [_tool(item, f"tools[{number}]") for number, item in enumerate(given)]


def _tool(given: object, where: str) -> Tool:
    function = given.get("function") if _is_object(given) and given.get("type") == "function" else None
    if not _is_object(function):
        raise RequestError(f"{where} is no function: other tools are not supported.", param=where)
    parameters = function.get("parameters")
    if parameters is not None and not _is_object(parameters):
        raise RequestError(f"{where}.function.parameters is not a JSON schema.", param=where)
    described = function.get("description")
    return Tool(
        name=_name(function.get("name"), f"{where}.function.name"),
        description="" if described is None else _string(described, f"{where}.function.description"),
        parameters=parameters or {"type": "object", "properties": {}},
    )


def _options(body: Mapping[str, object], tools: Sequence[Tool]) -> CallOptions:
    longest = body.get("max_completion_tokens", body.get("max_tokens"))
    if longest is not None and (not _is_whole(longest) or longest < 1):
        raise RequestError("max_completion_tokens is not a whole number from 1 on.", param="max_completion_tokens")
    heat = body.get("temperature")
    if heat is not None and (isinstance(heat, bool) or not isinstance(heat, (int, float)) or not 0 <= heat <= 2):
        raise RequestError("temperature is not a number from 0 to 2.", param="temperature")
    return CallOptions(
        max_output_tokens=longest,
        temperature=None if heat is None else float(heat),
        stop=_stops(body.get("stop")),
        tool_choice=_choice(body.get("tool_choice"), tools),
    )


def _stops(given: object) -> tuple[str, ...]:
    stops = [given] if isinstance(given, str) else [] if given is None else given
    if not _is_list(stops) or len(stops) > _MAX_STOPS or not all(isinstance(item, str) and item for item in stops):
        raise RequestError(f"stop is neither a text nor a list of at most {_MAX_STOPS} texts.", param="stop")
    return tuple(str(item) for item in stops)


def _choice(given: object, tools: Sequence[Tool]) -> str | None:
    if given is None:
        return None
    if isinstance(given, str) and given in {"auto", "none", "required"}:
        return given
    function = given.get("function") if _is_object(given) else None
    name = function.get("name") if _is_object(function) else None
    if name not in {tool.name for tool in tools}:
        raise RequestError("tool_choice names none of the tools.", param="tool_choice")
    return str(name)


def _schema(given: object) -> Mapping[str, object] | None:
    kind = given.get("type") if _is_object(given) else None
    if given is None or kind == "text":
        return None
    if kind == "json_object":
        return {"type": "object"}
    told = given.get("json_schema") if _is_object(given) and kind == "json_schema" else None
    schema = told.get("schema") if _is_object(told) else None
    if not _is_object(schema):
        raise RequestError("response_format is none of text, json_object, json_schema.", param="response_format")
    return schema


def _name(given: object, where: str) -> str:
    if not isinstance(given, str) or not _NAME.fullmatch(given):
        raise RequestError(f"{where} is no name of letters, digits, _, . and -.", param=where)
    return given


def _text(given: object, where: str) -> str:
    if not isinstance(given, str) or not given.strip():
        raise RequestError(f"{where} is missing.", param=where)
    return _unicode(given, where)


def _string(given: object, where: str) -> str:
    if not isinstance(given, str):
        raise RequestError(f"{where} is not a text.", param=where)
    return given


def _unicode(text: str, where: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise RequestError(f"{where} is not valid Unicode.", param=where) from None
    return text


def _flag(given: object, where: str) -> bool:
    if given is None or isinstance(given, bool):
        return bool(given)
    raise RequestError(f"{where} is neither true nor false.", param=where)


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, list)
