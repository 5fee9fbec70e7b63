"""Every way we know in which a model server fails, as data: what it does, and what a caller must be told.

Serve one with `ModelServer([fault.reply])`, or bring it about as `fault.place` says; `meet` does both and reports.
Provider's messages echo the key they are given, as some providers do: no error may show it.
"""

import json
import socket
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Literal

from agentkit.errors import (
    AuthenticationError,
    BackendError,
    BackendTimeoutError,
    ContentFilterError,
    ContextWindowError,
    InvalidResponseError,
    RateLimitError,
)
from agentkit.ports import ModelBackend, StreamingBackend
from agentkit.testing.certificates import self_signed
from agentkit.testing.contracts import PROMPT
from agentkit.testing.server import EVENTS, JSON, ModelServer, Reply, chat_reply, json_reply, stream_event, stream_reply

Place = Literal["server", "refused", "tls", "unknown name", "no name server"]
GROUPS = ("The provider refuses", "The connection fails", "The answer is slow", "The answer cannot be used")
_ANSWER = '{"answered": true, "claims": []}'
_NOT_UTF8 = chat_reply("na?ve").body.replace(b"na?ve", b"na\xefve")
_HTML = {"content-type": "text/html; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Told:
    """What a caller must be told: the class of the error, whether it may pass, and what was billed."""

    error: type[BackendError]
    passing: bool
    billed: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail.

    Args:
        name: what happens.
        group: one of `GROUPS`.
        reply: what the server sends to a whole call; None where the fault is only in streams.
        told: what the caller of a whole call must be told.
        streamed: what the server sends to a stream; by default the same.
        stream_told: what the caller of a stream must be told; by default the same.
        place: where it fails, if not at the server.
    """

    name: str
    group: str
    reply: Reply | None
    told: Told
    streamed: Reply | None = None
    stream_told: Told | None = None
    place: Place = "server"


@dataclass(frozen=True, slots=True)
class Met:
    """What a caller was told in fact."""

    told: Told
    sentence: str
    error: BackendError
    requests: int


def faults(key: str) -> list[Fault]:
    """Return all of them.

    Args:
        key: what the server echoes wherever a provider may: in messages, pages and headers.
    """
    return [*_refusals(key), *_connections(key), *_slowness(), *_answers(key), *_streams(key)]


async def meet(fault: Fault, make: Callable[[str], ModelBackend], *, stream: bool) -> Met | None:
    """Make one call and return what came of it; None where the fault is only in streams and none was asked for.

    Args:
        fault: what shall happen.
        make: makes the backend for an `api_base`; it is closed afterwards.
        stream: whether the answer is asked for in pieces.

    Raises:
        AssertionError: the call succeeded, or raised something else than a `BackendError`.
    """
    reply = fault.streamed or fault.reply if stream else fault.reply
    if reply is None:
        return None
    async with _served(fault, reply) as (url, server):
        backend = make(url)
        try:
            error = await _error_of(backend, stream=stream)
        finally:
            await backend.aclose()
        told = Told(type(error), passing=error.passing, billed=error.billed)
        return Met(told, str(error), error, len(server.received))


async def _error_of(backend: ModelBackend, *, stream: bool) -> BackendError:
    try:
        if stream:
            assert isinstance(backend, StreamingBackend)
            said = "".join([chunk.text async for chunk in backend.stream(PROMPT)])
        else:
            said = (await backend.complete(PROMPT)).text
    except BackendError as error:
        return error
    raise AssertionError(f"the call succeeded: {said}")


@asynccontextmanager
async def _served(fault: Fault, reply: Reply) -> AsyncGenerator[tuple[str, ModelServer]]:
    tls = self_signed() if fault.place == "tls" else None
    with _names(fault.place):
        async with ModelServer([reply], tls=tls) as server:
            url = {"server": server.url, "tls": server.url, "refused": f"http://127.0.0.1:{_unused_port()}/v1"}
            yield url.get(fault.place, "http://models.invalid/v1"), server


@contextmanager
def _names(place: Place) -> Generator[None]:
    """Let name look-ups fail, in one of two ways; what the machine's own resolver would say differs by machine."""
    codes = {"unknown name": socket.EAI_NONAME, "no name server": socket.EAI_AGAIN}
    code, real = codes.get(place), socket.getaddrinfo
    if code is None:
        yield
        return

    def fails(*_: object, **__: object) -> list[tuple[object, ...]]:
        raise socket.gaierror(code, "scripted")

    socket.getaddrinfo = fails
    try:
        yield
    finally:
        socket.getaddrinfo = real


def _unused_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


def _refusals(key: str) -> list[Fault]:
    def fault(name: str, status: int, told: Told, *, message: str = "", after: str | None = None) -> Fault:
        error = {"message": f"{message or name}: {key}", "type": "error", "param": None, "code": None}
        headers = {"x-echo": key} | ({} if after is None else {"retry-after": after})
        return Fault(name, GROUPS[0], json_reply({"error": error}, status=status, headers=headers), told)

    refused, busy = (
        Told(AuthenticationError, passing=False, billed="no"),
        Told(RateLimitError, passing=True, billed="no"),
    )
    lasting, passing = Told(BackendError, passing=False, billed="no"), Told(BackendError, passing=True, billed="no")
    page = f"<html><body><h1>502 Bad Gateway</h1> {key}</body></html>".encode()
    away = Reply(status=307, headers={"location": f"http://models.example/v1?key={key}"})
    context = Told(ContextWindowError, passing=False, billed="no")
    lost = Told(BackendError, passing=True, billed="unknown")
    return [
        fault("401", 401, refused, message="Incorrect API key provided"),
        fault("403", 403, refused),
        fault("404", 404, lasting),
        fault("408", 408, Told(BackendTimeoutError, passing=True, billed="unknown")),
        fault("409", 409, passing),
        fault("413", 413, lasting),
        fault("429 without Retry-After", 429, busy),
        fault("429 with Retry-After", 429, busy, after="2"),
        fault("429, the quota is used up", 429, replace(busy, passing=False), message="exceeded your current quota"),
        fault("500", 500, lost),
        Fault("502 with an HTML page", GROUPS[0], Reply(status=502, body=page, headers=_HTML), lost),
        fault("503", 503, passing),
        fault("504", 504, Told(BackendTimeoutError, passing=True, billed="unknown")),
        fault("529", 529, passing),
        fault("the prompt exceeds the context", 400, context, message="maximum context length is 4096 tokens"),
        fault("the prompt is filtered", 400, Told(ContentFilterError, passing=False, billed="no"),
              message="flagged by our content_filter"),
        Fault("a redirect", GROUPS[0], away, lasting),
    ]  # fmt: skip


def _connections(key: str) -> list[Fault]:
    whole = chat_reply(_ANSWER)
    begun = [stream_event({"content": "The rent"}), stream_event({"content": " is"})]
    lost, lost_begun = (
        Told(BackendError, passing=True, billed="unknown"),
        Told(BackendError, passing=True, billed="yes"),
    )
    cut = Reply(headers={**JSON, "x-echo": key}, pieces=[whole.body[:40]], end="reset")
    stream_cut = Reply(headers=EVENTS, pieces=begun, end="reset")
    closed = Reply(body=whole.body, headers=JSON, cut=True)
    stream_closed = Reply(headers=EVENTS, pieces=begun, end="closed")
    unmade, mistaken = (Told(BackendError, passing=passing, billed="no") for passing in (True, False))
    return [
        Fault("connection refused", GROUPS[1], whole, unmade, place="refused"),
        Fault("reset in mid-body", GROUPS[1], cut, lost, stream_cut, lost_begun),
        Fault("closed in mid-body", GROUPS[1], closed, lost, stream_closed, lost_begun),
        Fault("TLS: a certificate nobody vouches for", GROUPS[1], whole, mistaken, place="tls"),
        Fault("DNS: no such name", GROUPS[1], whole, mistaken, place="unknown name"),
        Fault("DNS: no name server answers", GROUPS[1], whole, unmade, place="no name server"),
    ]


def _slowness() -> list[Fault]:
    late = Told(BackendTimeoutError, passing=True, billed="unknown")
    stalled = replace(late, billed="yes")
    drip = Reply(headers=EVENTS, pieces=[stream_event({"content": "word "})] * 40, piece_s=0.05)
    still = Reply(headers=EVENTS, pieces=[stream_event({"content": "The rent"})], end="open")
    return [
        Fault("slow headers", GROUPS[2], replace(chat_reply(_ANSWER), wait_s=30), late),
        Fault("a body in a slow drip", GROUPS[2], replace(chat_reply(_ANSWER), drip_s=0.05), late, drip, stalled),
        Fault("a stream that stands still", GROUPS[2], None, stalled, still),
    ]


def _answers(key: str) -> list[Fault]:
    broken = Told(InvalidResponseError, passing=True, billed="unknown")
    empty = Told(InvalidResponseError, passing=False, billed="yes")
    filtered = Told(ContentFilterError, passing=False, billed="yes")
    call = {"id": "call_1", "type": "function", "function": {"name": "send", "arguments": "{}"}}
    page = Reply(body=f"<html>Please sign in, {key}</html>".encode(), headers=_HTML)
    half = '{"claims": [{"text": "A cu'
    no_choice: dict[str, object] = {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [],
        "usage": {},
    }
    called = stream_event({"tool_calls": [{"index": 0, **call}]}, finish_reason="tool_calls")
    nothing = Reply(headers=EVENTS, pieces=[b"data: [DONE]\n\n"])
    return [
        Fault("malformed JSON", GROUPS[3], _json(f"{{oops {key}".encode()), broken, _events(b"{oops")),
        Fault("truncated JSON", GROUPS[3], _json(b'{"id": "1", "choices": ['), broken, _events(b'{"id": "1",')),
        Fault("invalid UTF-8", GROUPS[3], _json(_NOT_UTF8), broken, _events(b'{"choices": "\xff\xfe"}')),
        Fault("an HTML page in place of JSON", GROUPS[3], page, replace(broken, passing=False)),
        Fault("empty choices", GROUPS[3], json_reply(no_choice), replace(empty, passing=True),
              nothing, broken),
        Fault("null content", GROUPS[3], chat_reply(None), empty, stream_reply()),
        Fault("finish_reason length before the first item ended", GROUPS[3], chat_reply(half, finish_reason="length"),
              empty, stream_reply(half, finish_reason="length")),
        Fault("finish_reason content_filter", GROUPS[3], chat_reply("x", finish_reason="content_filter"), filtered,
              stream_reply("x", finish_reason="content_filter")),
        Fault("a tool call where none was offered", GROUPS[3],
              chat_reply(None, finish_reason="tool_calls", tool_calls=[call]), empty,
              Reply(headers=EVENTS, pieces=[called, b"data: [DONE]\n\n"])),
    ]  # fmt: skip


def _streams(key: str) -> list[Fault]:
    told = Told(InvalidResponseError, passing=True, billed="yes")
    begun = [stream_event({"content": text}) for text in ("The ", "rent ", "is")]
    said = b"data: " + json.dumps({"error": {"message": f"engine died {key}", "code": 500}}).encode() + b"\n\n"
    twice = stream_reply("The ", "The ", "rent ", "rent ", output_tokens=2)
    return [
        Fault("a stream that ends before its end is announced", GROUPS[3], None, told,
              Reply(headers=EVENTS, pieces=begun)),
        Fault("a stream whose pieces come twice", GROUPS[3], None, told, twice),
        Fault("a malformed event within a stream", GROUPS[3], None, told,
              Reply(headers=EVENTS, pieces=[*begun, b"data: {oops\n\n", b"data: [DONE]\n\n"])),
        Fault("an error within a stream", GROUPS[3], None, Told(BackendError, passing=True, billed="yes"),
              Reply(headers=EVENTS, pieces=[*begun, said])),
    ]  # fmt: skip


def _events(data: bytes) -> Reply:
    return Reply(headers=EVENTS, pieces=[b"data: " + data + b"\n\n", b"data: [DONE]\n\n"])


def _json(body: bytes) -> Reply:
    return Reply(body=body, headers=JSON)
