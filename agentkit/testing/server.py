"""A loopback server that speaks OpenAI's chat protocol and misbehaves as told."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

_CUT_AT = 40


@dataclass(frozen=True, slots=True)
class Reply:
    """One scripted answer. `cut` closes the connection in mid-body; `drip_s` pauses before each byte."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    cut: bool = False
    drip_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Received:
    """One request that arrived: header names are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, object]


def chat_reply(
    content: str | None, *, finish_reason: str = "stop", input_tokens: int = 10, output_tokens: int = 5
) -> Reply:
    """Return a well-formed completion."""
    message = {"role": "assistant", "content": content}
    data = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "served",
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
        "usage": {
            "prompt_tokens": input_tokens,
            "completion_tokens": output_tokens,
            "total_tokens": input_tokens + output_tokens,
        },
    }
    return json_reply(data)


def json_reply(data: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Return any JSON body."""
    return Reply(
        status=status, body=json.dumps(data).encode(), headers={"content-type": "application/json", **(headers or {})}
    )


class ModelServer:
    """Answers requests with the scripted replies, in order; the last one repeats.

    Use as `async with ModelServer([...]) as server`, then `server.url` is the `api_base`. `arrived` is set
    when a request came in, `hung_up` when a client left before its answer was complete.
    """

    def __init__(self, replies: Sequence[Reply]) -> None:
        self._replies = list(replies)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.received: list[Received] = []
        self.arrived = asyncio.Event()
        self.hung_up = asyncio.Event()
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._open:
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            self.received.append(await _read(reader))
            self.arrived.set()
            reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
            await _write(writer, reply)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.hung_up.set()  # the client went away, which is its right
        finally:
            self._open.discard(writer)
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    raw = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(path=head[0].split()[1], headers=headers, body=json.loads(raw or b"{}"))


async def _write(writer: asyncio.StreamWriter, reply: Reply) -> None:
    headers = {**reply.headers, "content-length": str(len(reply.body)), "connection": "close"}
    lines = [f"HTTP/1.1 {reply.status} Scripted", *(f"{name}: {value}" for name, value in headers.items())]
    writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n")
    if reply.cut:
        writer.write(reply.body[:_CUT_AT])
    elif reply.drip_s:
        for byte in reply.body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(reply.drip_s)
    else:
        writer.write(reply.body)
    await writer.drain()
