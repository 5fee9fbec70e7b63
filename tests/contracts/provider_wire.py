"""What providers answer, in their own words: example bodies after their documentation, and how each is reached."""

import json
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from agentkit.adapters.litellm.models import NO_OPTIONS, ProviderOptions
from agentkit.testing.server import EVENTS, Reply, json_reply, stream_event

ANSWER = '{"answered": false, "claims": []}'
WORDS = ("The rent ", "is EUR 1,250.")
CALL = ("find_clause", {"number": "8.2"})
KEY = "test-key-0123456789abcdefghij"
AWS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE00", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
Body = dict[str, object]


@dataclass(frozen=True)
class Protocol:
    """One way to speak. Every whole answer counts 31 tokens in, 12 of them cached if `caches`, and 7 out."""

    whole: Callable[[str, str], Reply]
    called: Reply
    streamed: Reply
    reasons: Mapping[str, str]
    schema: Callable[[Body], object]
    tool: Callable[[Body], object]
    longest: Callable[[Body], object]
    caches: bool = True
    cut_stream: Reply | None = None


@dataclass(frozen=True)
class Provider:
    """A deployment as a firm would write it; `base` is the part of `api_base` behind the host."""

    name: str
    model: str
    protocol: Protocol
    path: str
    sent: str
    base: str = ""
    thin: bool = False
    header: str = "authorization"
    has_key: bool = True
    options: ProviderOptions = NO_OPTIONS
    stream_path: str = ""
    absent: Sequence[str] = ()
    present: Mapping[str, object] = field(default_factory=dict[str, object])


def _at(*path: str | int) -> Callable[[Body], object]:
    def find(body: Body) -> object:
        value: object = body
        for step in path:
            value = value[step]  # type: ignore[index]
        return value

    return find


# OpenAI's protocol, which most servers speak.
_USAGE = {
    "prompt_tokens": 31,
    "completion_tokens": 7,
    "total_tokens": 38,
    "prompt_tokens_details": {"cached_tokens": 12, "audio_tokens": 0},
}


def _chat(message: Mapping[str, object], reason: str, *, usage: object = _USAGE) -> Reply:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": reason, "logprobs": None}
    return json_reply(
        {"id": "c-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}
    )


def _chat_stream(reason: str = "stop") -> Reply:
    events = [stream_event({"role": "assistant", "content": ""}), *(stream_event({"content": word}) for word in WORDS)]
    counted = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": []}
    last = b"data: " + json.dumps({**counted, "usage": _USAGE}).encode() + b"\n\n"
    return Reply(headers=EVENTS, pieces=[*events, stream_event({}, finish_reason=reason), last, b"data: [DONE]\n\n"])


def _chat_call(arguments: object) -> Reply:
    call = {"id": "call_1", "type": "function", "function": {"name": CALL[0], "arguments": arguments}}
    return _chat({"content": None, "tool_calls": [call]}, "tool_calls")


_OPENAI_REASONS = {"length": "length", "content_filter": "filtered"}
OPENAI = Protocol(
    whole=lambda text, reason: _chat({"content": text}, reason or "stop"),
    called=_chat_call(json.dumps(CALL[1])),
    streamed=_chat_stream(),
    cut_stream=Reply(headers=EVENTS, pieces=[stream_event({"content": WORDS[0]})]),
    reasons=_OPENAI_REASONS,
    schema=_at("response_format", "json_schema", "schema"),
    tool=_at("tools", 0, "function", "name"),
    longest=_at("max_tokens"),
)
NEWER_OPENAI = Protocol(**{**vars(OPENAI), "longest": _at("max_completion_tokens")})
MISTRAL = Protocol(**{**vars(OPENAI), "reasons": {"model_length": "length", "error": "broken"}})
VLLM = Protocol(**{**vars(OPENAI), "reasons": {"length": "length", "abort": "broken"}})
TGI = Protocol(**{**vars(OPENAI), "reasons": {"length": "length", "eos_token": "stop"}})
# Before its version 3 it sent a tool's arguments as an object.
OLDER_TGI = Protocol(**{**vars(TGI), "called": _chat_call(CALL[1])})


# Anthropic's messages.
def _claude(content: Sequence[object], reason: str, *, written: int = 0) -> Reply:
    usage = {"input_tokens": 19 - written, "output_tokens": 7, "cache_read_input_tokens": 12}
    usage["cache_creation_input_tokens"] = written
    data = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": content}
    return json_reply({**data, "stop_reason": reason, "stop_sequence": None, "usage": usage})


def _claude_event(name: str, data: Mapping[str, object]) -> bytes:
    return f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n".encode()


_BEGUN = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude",
    "content": [],
    "stop_reason": None,
    "usage": {"input_tokens": 19, "cache_read_input_tokens": 12, "cache_creation_input_tokens": 0, "output_tokens": 1},
}
_CLAUDE_EVENTS = [
    _claude_event("message_start", {"message": _BEGUN}),
    _claude_event("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
    _claude_event("ping", {}),
    *(_claude_event("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": w}}) for w in WORDS),
    _claude_event("content_block_stop", {"index": 0}),
    _claude_event(
        "message_delta", {"delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": {"output_tokens": 7}}
    ),
    _claude_event("message_stop", {}),
]
OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
CLAUDE_OVERLOADED = Reply(headers=EVENTS, pieces=[*_CLAUDE_EVENTS[:4], _claude_event("error", OVERLOADED)])
ANTHROPIC = Protocol(
    whole=lambda text, reason: _claude([{"type": "text", "text": text}], reason or "end_turn"),
    called=_claude([{"type": "tool_use", "id": "toolu_1", "name": CALL[0], "input": CALL[1]}], "tool_use"),
    streamed=Reply(headers=EVENTS, pieces=_CLAUDE_EVENTS),
    cut_stream=Reply(headers=EVENTS, pieces=_CLAUDE_EVENTS[:4]),
    reasons={"max_tokens": "length", "model_context_window_exceeded": "length", "refusal": "filtered"},
    schema=_at("output_format", "schema"),
    tool=_at("tools", 0, "name"),
    longest=_at("max_tokens"),
)
# An older Claude has no schema of its own for answers: it is made to call a tool whose arguments are the answer.
OLDER_CLAUDE = Protocol(
    **{
        **vars(ANTHROPIC),
        "whole": lambda text, reason: _claude(
            [{"type": "tool_use", "id": "toolu_2", "name": "json_tool_call", "input": json.loads(text)}],
            reason or "tool_use",
        ),
        "reasons": {},
        "schema": _at("tools", 0, "input_schema"),
    }
)

CLAUDE_WROTE = _claude([{"type": "text", "text": "Well."}], "end_turn", written=9)


# Amazon Bedrock's Converse.
def _converse(content: Sequence[object], reason: str, *, written: int = 0) -> Reply:
    usage = {"inputTokens": 19 - written, "outputTokens": 7, "totalTokens": 38, "cacheReadInputTokens": 12}
    usage["cacheWriteInputTokens"] = written
    output = {"message": {"role": "assistant", "content": content}}
    return json_reply({"output": output, "stopReason": reason, "usage": usage, "metrics": {"latencyMs": 5}})


CONVERSE_WROTE = _converse([{"text": "Well."}], "end_turn", written=9)


def aws_event(kind: str, data: Mapping[str, object], *, message: str = "event") -> bytes:
    """Return one message of an AWS event stream: its lengths, headers and payload with their checksums."""
    names = {":event-type" if message == "event" else ":exception-type": kind, ":message-type": message}
    headers = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
        for name, value in {**names, ":content-type": "application/json"}.items()
    )
    payload = json.dumps(data).encode()
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    body = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return body + struct.pack(">I", zlib.crc32(body))


AWS_EVENTS = {"content-type": "application/vnd.amazon.eventstream"}
_CONVERSE_EVENTS = [
    aws_event("messageStart", {"role": "assistant"}),
    *(aws_event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": word}}) for word in WORDS),
    aws_event("contentBlockStop", {"contentBlockIndex": 0}),
    aws_event("messageStop", {"stopReason": "end_turn"}),
    aws_event(
        "metadata",
        {"usage": {"inputTokens": 19, "outputTokens": 7, "totalTokens": 38, "cacheReadInputTokens": 12}, "metrics": {}},
    ),
]
_THROTTLED = aws_event("throttlingException", {"message": "Too many requests"}, message="exception")
CONVERSE_THROTTLED = Reply(headers=AWS_EVENTS, pieces=[*_CONVERSE_EVENTS[:2], _THROTTLED])
CONVERSE = Protocol(
    whole=lambda text, reason: _converse([{"text": text}], reason or "end_turn"),
    called=_converse([{"toolUse": {"toolUseId": "tooluse_1", "name": CALL[0], "input": CALL[1]}}], "tool_use"),
    streamed=Reply(headers=AWS_EVENTS, pieces=_CONVERSE_EVENTS),
    cut_stream=Reply(headers=AWS_EVENTS, pieces=_CONVERSE_EVENTS[:3]),
    reasons={"max_tokens": "length", "guardrail_intervened": "filtered", "content_filtered": "filtered"},
    schema=lambda body: json.loads(str(_at("outputConfig", "textFormat", "structure", "jsonSchema", "schema")(body))),
    tool=_at("toolConfig", "tools", 0, "toolSpec", "name"),
    longest=_at("inferenceConfig", "maxTokens"),
)
NOVA = Protocol(**{**vars(CONVERSE), "schema": _at("toolConfig", "tools", 0, "toolSpec", "inputSchema", "json")})


# Ollama's own.
def _ollama(message: Mapping[str, object], *, reason: str = "", done: bool = True) -> Body:
    data: Body = {"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": {"role": "assistant", **message}}
    counts = {"total_duration": 9, "prompt_eval_count": 31, "eval_count": 7}
    return {**data, "done": done, **({"done_reason": reason or "stop", **counts} if done else {})}


def _lines(items: Sequence[Body]) -> Reply:
    pieces = [json.dumps(item).encode() + b"\n" for item in items]
    return Reply(headers={"content-type": "application/x-ndjson"}, pieces=pieces)


_SPOKEN = [_ollama({"content": word}, done=False) for word in WORDS]
OLLAMA = Protocol(
    whole=lambda text, reason: json_reply(_ollama({"content": text}, reason=reason)),
    called=json_reply(_ollama({"content": "", "tool_calls": [{"function": {"name": CALL[0], "arguments": CALL[1]}}]})),
    streamed=_lines([*_SPOKEN, _ollama({"content": ""})]),
    cut_stream=_lines(_SPOKEN),
    reasons={"length": "length"},
    schema=_at("format"),
    tool=_at("tools", 0, "function", "name"),
    longest=_at("options", "num_predict"),
    caches=False,
)

_EU = ProviderOptions(aws_region_name="eu-central-1")
_CHAT = "/v1/chat/completions"
_SONNET = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"
_LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
PROVIDERS = [
    Provider("llama.cpp", "openai/smollm2", OPENAI, _CHAT, "smollm2", base="/v1", has_key=False),
    Provider("ollama", "ollama/llama3.1", OLLAMA, "/api/chat", "llama3.1", has_key=False),
    Provider("ollama_chat", "ollama_chat/llama3.1", OLLAMA, "/api/chat", "llama3.1", has_key=False),
    Provider("ollama front", "openai/llama3.1", OPENAI, _CHAT, "llama3.1", base="/v1", has_key=False),
    Provider("vllm", "hosted_vllm/qwen", VLLM, _CHAT, "qwen", base="/v1", has_key=False),
    Provider("tgi", "huggingface/tgi/llama", TGI, _CHAT, "tgi/llama", absent=("max_retries",)),
    Provider("triton", "openai/ensemble", OPENAI, _CHAT, "ensemble", base="/v1", has_key=False),
    Provider("openai", "openai/gpt-4o", OPENAI, _CHAT, "gpt-4o", base="/v1", present={"seed": 0}),
    Provider(
        "openai reasoning",
        "openai/gpt-5-mini",
        NEWER_OPENAI,
        _CHAT,
        "gpt-5-mini",
        base="/v1",
        absent=("max_tokens", "temperature"),
    ),
    Provider(
        "azure",
        "azure/summaries",
        OPENAI,
        "/openai/deployments/summaries/chat/completions?api-version=2024-10-21",
        "summaries",
        header="api-key",
        options=ProviderOptions(api_version="2024-10-21"),
    ),
    Provider(
        "azure v1",
        "azure/summaries",
        NEWER_OPENAI,
        "/openai/v1/chat/completions",
        "summaries",
        options=ProviderOptions(api_version="v1", base_model="azure/gpt-5-mini"),
        absent=("temperature",),
    ),
    Provider(
        "bedrock",
        f"bedrock/{_SONNET}",
        CONVERSE,
        f"/model/{_SONNET.replace(':', '%3A')}/converse",
        "",
        options=_EU,
        has_key=False,
        stream_path=f"/model/{_SONNET.replace(':', '%3A')}/converse-stream",
        absent=("seed", "stream"),
    ),
    Provider(
        "bedrock nova",
        "bedrock/amazon.nova-lite-v1:0",
        NOVA,
        "/model/amazon.nova-lite-v1%3A0/converse",
        "",
        options=_EU,
        stream_path="/model/amazon.nova-lite-v1%3A0/converse-stream",
    ),
    Provider(
        "anthropic",
        "anthropic/claude-sonnet-4-5",
        ANTHROPIC,
        "/v1/messages",
        "claude-sonnet-4-5",
        header="x-api-key",
        absent=("seed", "response_format", "stream_options"),
    ),
    Provider(
        "older claude",
        "anthropic/claude-3-5-haiku-20241022",
        OLDER_CLAUDE,
        "/v1/messages",
        "claude-3-5-haiku-20241022",
        header="x-api-key",
        absent=("seed", "response_format"),
        present={"tool_choice": {"type": "tool", "name": "json_tool_call"}},
    ),
    Provider(
        "mistral",
        "mistral/mistral-small-latest",
        MISTRAL,
        _CHAT,
        "mistral-small-latest",
        base="/v1",
        absent=("seed",),
        present={"random_seed": 0},
    ),
    Provider(
        "hugging face", f"huggingface/{_LLAMA}:novita", OPENAI, _CHAT, f"{_LLAMA}:novita", absent=("max_retries",)
    ),
    Provider("thin: llama.cpp", "smollm2", OPENAI, _CHAT, "smollm2", base="/v1", thin=True, has_key=False),
    Provider("thin: ollama front", "llama3.1", OPENAI, _CHAT, "llama3.1", base="/v1", thin=True, has_key=False),
    Provider("thin: vllm", "hosted_vllm/qwen", VLLM, _CHAT, "qwen", base="/v1", thin=True),
    Provider("thin: tgi", "tgi", OLDER_TGI, _CHAT, "tgi", base="/v1", thin=True, has_key=False),
    Provider("thin: triton", "ensemble", OPENAI, _CHAT, "ensemble", base="/v1", thin=True, has_key=False),
]
