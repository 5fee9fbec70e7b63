"""A loopback server that speaks OpenAI's chat protocol and misbehaves as told."""

import asyncio
import json
import ssl
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET
from types import TracebackType
from typing import Literal, Self

_CUT_AT = 40
JSON = {"content-type": "application/json"}
EVENTS = {"content-type": "text/event-stream"}


@dataclass(frozen=True, slots=True)
class Reply:
    """One scripted answer.

    Args:
        status: the HTTP status.
        body: the whole body.
        headers: beside those of the transfer.
        cut: closes the connection in mid-body, having promised more.
        drip_s: a pause before each byte.
        wait_s: a pause before the headers.
        end: how a body in `pieces` ends: properly, with the connection closed or reset in mid-body, or never.
        pieces: the body in parts sent one by one, chunked; in place of `body`.
        piece_s: a pause before each piece but the first.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    cut: bool = False
    drip_s: float = 0.0
    wait_s: float = 0.0
    end: Literal["whole", "closed", "reset", "open"] = "whole"
    pieces: Sequence[bytes] = ()
    piece_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Received:
    """One request that arrived: header names are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, object]


def chat_reply(
    content: str | None,
    *,
    finish_reason: str | None = "stop",
    input_tokens: int = 10,
    output_tokens: int = 5,
    tool_calls: Sequence[object] = (),
) -> Reply:
    """Return a well-formed completion; `tool_calls` are as the protocol writes them."""
    message: dict[str, object] = {"role": "assistant", "content": content}
    if tool_calls:
        message["tool_calls"] = list(tool_calls)
    data = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "served",
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
        "usage": _usage(input_tokens, output_tokens),
    }
    return json_reply(data)


def json_reply(data: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Return any JSON body."""
    return Reply(status=status, body=json.dumps(data).encode(), headers={**JSON, **(headers or {})})


def stream_reply(
    *contents: str, finish_reason: str | None = "stop", input_tokens: int = 10, output_tokens: int | None = None
) -> Reply:
    """Return a well-formed stream: a piece per text, the reason of the end, the usage, and the end."""
    events = [stream_event({"content": content}) for content in contents]
    if finish_reason is not None:
        events.append(stream_event({}, finish_reason=finish_reason))
    counted = len(contents) if output_tokens is None else output_tokens
    events.append(_event(_chunk([], usage=_usage(input_tokens, counted))))
    return Reply(headers=EVENTS, pieces=[*events, b"data: [DONE]\n\n"])


def stream_event(delta: Mapping[str, object], *, finish_reason: str | None = None) -> bytes:
    """Return one event of a stream."""
    return _event(_chunk([{"index": 0, "delta": dict(delta), "finish_reason": finish_reason}]))


class ModelServer:
    """Answers requests with the scripted replies, in order; the last one repeats.

    Use as `async with ModelServer([...]) as server`, then `server.url` is the `api_base`. `arrived` is set
    when a request came in, `hung_up` when a client left before its answer was complete.

    Args:
        replies: at least one; a function makes its reply of the request.
        tls: makes it speak HTTPS.
    """

    def __init__(
        self, replies: Sequence[Reply | Callable[[Received], Reply]], *, tls: ssl.SSLContext | None = None
    ) -> None:
        self._replies = list(replies)
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.received: list[Received] = []
        self.arrived = asyncio.Event()
        self.hung_up = asyncio.Event()
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        scheme = "https" if self._tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.received.append(await _read(reader))
            self.arrived.set()
            scripted = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
            reply = scripted if isinstance(scripted, Reply) else scripted(self.received[-1])
            watch = asyncio.create_task(self._watch(reader))
            try:
                await _write(writer, reply)
            finally:
                watch.cancel()
                await asyncio.gather(watch, return_exceptions=True)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.hung_up.set()  # the client went away, which is its right
        finally:
            writer.close()

    async def _watch(self, reader: asyncio.StreamReader) -> None:
        """Notice the client's leaving while nothing is being written."""
        try:
            gone = not await reader.read(1)
        except ConnectionError:
            gone = True
        if gone:
            self.hung_up.set()


def _usage(input_tokens: int, output_tokens: int) -> dict[str, int]:
    return {
        "prompt_tokens": input_tokens,
        "completion_tokens": output_tokens,
        "total_tokens": input_tokens + output_tokens,
    }


def _chunk(choices: Sequence[object], *, usage: Mapping[str, int] | None = None) -> dict[str, object]:
    kind = "chat.completion.chunk"
    return {"id": "c-1", "object": kind, "created": 1, "model": "served", "choices": choices, "usage": usage}


def _event(data: object) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    raw = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(path=head[0].split()[1], headers=headers, body=json.loads(raw or b"{}"))


async def _write(writer: asyncio.StreamWriter, reply: Reply) -> None:
    await asyncio.sleep(reply.wait_s)
    length = {"transfer-encoding": "chunked"} if reply.pieces else {"content-length": str(len(reply.body))}
    headers = {**reply.headers, **length, "connection": "close"}
    lines = [f"HTTP/1.1 {reply.status} Scripted", *(f"{name}: {value}" for name, value in headers.items())]
    writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n")
    if reply.pieces:
        await _write_pieces(writer, reply)
    elif reply.cut:
        writer.write(reply.body[:_CUT_AT])
    elif reply.drip_s:
        for byte in reply.body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(reply.drip_s)
    else:
        writer.write(reply.body)
    await writer.drain()
    await _end(writer, reply)


async def _write_pieces(writer: asyncio.StreamWriter, reply: Reply) -> None:
    for number, piece in enumerate(reply.pieces):
        await asyncio.sleep(reply.piece_s if number else 0)
        writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        await writer.drain()
    if reply.end == "whole":
        writer.write(b"0\r\n\r\n")


async def _end(writer: asyncio.StreamWriter, reply: Reply) -> None:
    if reply.end == "open":
        await asyncio.Event().wait()
    if reply.end == "reset":
        await asyncio.sleep(0.02)  # what was written arrives first
        writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
