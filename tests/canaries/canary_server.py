"""A loopback server that keeps every byte it receives: a model that repeats what it read, and a collector of spans."""

import asyncio
import json
import re
from collections.abc import Callable
from types import TracebackType
from typing import Self

_PASSAGE = re.compile(r"<passage id='([^']+)'[^\n]*>\n(.*?)\n</passage>", re.DOTALL)
_SENTENCE = re.compile(r"[^.\n]*<[A-Z_]+_\d+>[^.\n]*\.")
_PLACEHOLDER = re.compile(r"<[A-Z_]+_\d+>")
_PIECE = 5


class RecordingServer:
    """Answers as the model's name in the request says, and keeps what arrived.

    Models: `served` answers from the passages or repeats the user's words; `flaky` refuses every prompt the first time,
    repeating the whole request in its error; `broken` always; `babbling` sends what is no answer; `yes` and `no` are
    judges; `deadly` calls `strike` and never answers.
    """

    def __init__(self, *, strike: Callable[[], None] = lambda: None) -> None:
        self.received: list[bytes] = []
        self.paths: list[str] = []
        self._strike = strike
        self._seen: set[bytes] = set()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=2**24)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
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
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
            body = await reader.readexactly(int(length[1]) if length else 0)
            self.received += [head, body]
            self.paths.append(head.split(b" ")[1].decode())
            if self.paths[-1].endswith("/traces"):
                writer.write(_response(200, b"{}"))
            else:
                await self._answer(json.loads(body), writer, again=body in self._seen)
                self._seen.add(body)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client was killed
        finally:
            writer.close()

    async def _answer(self, asked: dict, writer: asyncio.StreamWriter, *, again: bool) -> None:
        model, told = asked["model"], json.dumps(asked)
        if model == "deadly":
            self._strike()
            await asyncio.Event().wait()
        if model == "broken" or (model == "flaky" and not again):
            status = 400 if model == "broken" else 503
            writer.write(_response(status, json.dumps({"error": {"message": f"cannot do this: {told}"}}).encode()))
        elif asked.get("stream"):
            writer.write(_stream(said(asked)))
        else:
            message = {"role": "assistant", "content": said(asked)}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
            data = {"id": "c", "object": "chat.completion", "created": 1, "model": model, "choices": [choice]}
            writer.write(_response(200, json.dumps({**data, "usage": usage}).encode()))


def said(asked: dict) -> str:
    """Return the answer: a verdict, an object, claims from the passages, or the user's own words."""
    model, words = asked["model"], str(asked["messages"][-1]["content"])
    if model in ("yes", "no"):
        return {"yes": "Yes", "no": "No"}[model]
    if model == "babbling":
        return f"I would rather say: {words}"
    if "'verdict'" in str(asked["messages"][0]["content"]) or "supported (they say it)" in str(asked["messages"][0]):
        return json.dumps({"label": "supported", "score": 0.9, "reason": f"the passage says it: {words[:80]}"})
    if '{"keep"' in str(asked["messages"][0]["content"]):
        return json.dumps({"keep": re.findall(r"<claim id='([^']+)'", words)})
    if found := _PASSAGE.findall(words):
        return json.dumps(
            {"answered": True, "claims": [_claim(*item) for item in found[:6] if _SENTENCE.search(item[1])]}
        )
    if "response_format" in asked or "schema" in words:
        people = _PLACEHOLDER.findall(words)
        return json.dumps({"who": people[0] if people else "", "note": words[:200]})
    if "Current Task: " in words:  # of a crew's prompt, what the user wrote
        words = words.partition("Current Task: ")[2].splitlines()[0]
    return f"You said: {words}"


def _claim(passage: str, text: str) -> dict[str, object]:
    quote = _SENTENCE.search(text)
    words = quote[0].strip() if quote else ""
    return {"text": words, "citations": [{"passage": passage, "quote": words}], "topic": "notices"}


def _response(status: int, body: bytes, kind: str = "application/json") -> bytes:
    headers = {"content-type": kind, "content-length": len(body), "connection": "close"}
    lines = [f"HTTP/1.1 {status} Scripted", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _stream(text: str) -> bytes:
    def event(delta: dict[str, str], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        data = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        return b"data: " + json.dumps(data).encode() + b"\n\n"

    pieces = [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]
    events = [event({"content": piece}) for piece in pieces]
    return _response(200, b"".join([*events, event({}, "stop"), b"data: [DONE]\n\n"]), "text/event-stream")
