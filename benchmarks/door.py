"""What one model call costs in CPU time, through each door, beside the bare clients; a canned server on loopback.

    python benchmarks/door.py [--rounds 7] [--calls 256] [--concurrent 64] [--profile direct|LiteLLM]

The server runs in a process of its own and answers at once, so that neither a model nor a network is in the figures.
CPU time is user and system time of this process per call, the least of several rounds in which the sides take turns;
all are warm. *bare* sides send the very request that our door sends and parse the answer's JSON, and do nothing else.
The streams bring 50 pieces each.
"""

import argparse
import asyncio
import cProfile
import json
import os
import pstats
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aiohttp

    from agentkit.ports import StreamingBackend
    from agentkit.types import Prompt

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
PIECES = 50
ANSWER = '{"answered": true, "claims": [{"text": "Rent is EUR 1,250.", "citations": [], "topic": "rent"}]}'
Call = Callable[[], Awaitable[object]]


class Canned(asyncio.Protocol):
    """Answers every request on a connection with the same bytes; a request that asks for a stream, with a stream."""

    def __init__(self, whole: bytes, stream: bytes) -> None:
        self._whole, self._stream, self._rest = whole, stream, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while (end := self._rest.find(b"\r\n\r\n")) >= 0:
            head = self._rest[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._rest) < end + 4 + length:
                return
            body, self._rest = self._rest[end + 4 : end + 4 + length], self._rest[end + 4 + length :]
            asked = b'"stream": true' in body or b'"stream":true' in body
            self._transport.write(self._stream if asked else self._whole)  # type: ignore[attr-defined]


async def serve() -> None:
    from agentkit.testing.server import chat_reply, stream_reply

    whole = chat_reply(ANSWER).body
    pieces = stream_reply(*[f"word{number} " for number in range(PIECES)]).pieces
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(whole)
    events = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    stream = events + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Canned(head + whole, stream), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def many(call: Call, *, calls: int, concurrent: int) -> None:
    async def worker() -> None:
        for _ in range(calls // concurrent):
            await call()

    await asyncio.gather(*(worker() for _ in range(concurrent)))


async def cpu_ms(call: Call, *, calls: int, concurrent: int) -> float:
    begun = time.process_time()
    await many(call, calls=calls, concurrent=concurrent)
    return (time.process_time() - begun) * 1000 / calls


def bare_aiohttp(session: "aiohttp.ClientSession", url: str, body: bytes) -> Call:
    async def call() -> object:
        headers = {"content-type": "application/json"}
        async with session.post(f"{url}/chat/completions", data=body, headers=headers) as response:
            return json.loads(await response.read())

    return call


def bare_litellm(url: str, request: dict[str, object]) -> Call:
    from agentkit.adapters.litellm.vendor import litellm

    async def call() -> object:
        answer = await litellm.acompletion(model="openai/served", api_base=url, api_key="none", **request)
        return [chunk async for chunk in answer] if "stream" in request else answer

    return call


def streamed(backend: "StreamingBackend", prompt: "Prompt") -> Call:
    async def call() -> None:
        async for _ in backend.stream(prompt):
            pass

    return call


async def measure(url: str, options: argparse.Namespace) -> None:
    import aiohttp

    from agentkit.adapters.litellm import LiteLLMBackend
    from agentkit.adapters.openai import OpenAIBackend
    from agentkit.prompts.wire import Sampling, chat_request
    from agentkit.testing.contracts import PROMPT

    request = chat_request(PROMPT, sampling=Sampling(1024, 0.0, 0))
    body = json.dumps({**request, "model": "served"}).encode()
    direct = OpenAIBackend(name="direct", model="openai/served", api_base=url)
    through = LiteLLMBackend(name="litellm", model="openai/served", api_base=url)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        sides: dict[str, Call] = {
            "aiohttp, bare": bare_aiohttp(session, url, body),
            "direct door": lambda: direct.complete(PROMPT),
            "litellm.acompletion, bare": bare_litellm(url, request),
            "LiteLLM door": lambda: through.complete(PROMPT),
        }
        streams: dict[str, Call] = {
            "direct door": streamed(direct, PROMPT),
            "litellm.acompletion, bare": bare_litellm(
                url, {**request, "stream": True, "stream_options": {"include_usage": True}}
            ),
            "LiteLLM door": streamed(through, PROMPT),
        }
        if options.profile:
            await profile(sides[f"{options.profile} door"], options)
        else:
            await table("one call", sides, options)
            await table(f"one stream of {PIECES} pieces", streams, options)
    await direct.aclose()
    await through.aclose()


async def table(title: str, sides: dict[str, Call], options: argparse.Namespace) -> None:
    taken: dict[str, dict[int, list[float]]] = {name: {} for name in sides}
    calls = options.calls if title == "one call" else options.calls // 4
    for concurrent in (1, options.concurrent):
        for call in sides.values():
            await many(call, calls=concurrent, concurrent=concurrent)
        for _ in range(options.rounds):
            for name, call in sides.items():
                number = max(concurrent, calls if concurrent > 1 else calls // 4)
                figure = await cpu_ms(call, calls=number, concurrent=concurrent)
                taken[name].setdefault(concurrent, []).append(figure)
    bare = taken["litellm.acompletion, bare"]
    print(f"{title:28}{'CPU ms, alone':>15}{f'{options.concurrent} at once':>14}{'of bare LiteLLM':>17}")
    for name, figures in taken.items():
        alone, together = min(figures[1]), min(figures[options.concurrent])
        ratio = together / min(bare[options.concurrent])
        print(f"{name:28}{alone:15.2f}{together:14.2f}{ratio:17.2f}")
    print()


async def profile(call: Call, options: argparse.Namespace) -> None:
    await many(call, calls=options.concurrent, concurrent=options.concurrent)
    profiler = cProfile.Profile()
    profiler.enable()
    await many(call, calls=options.calls, concurrent=options.concurrent)
    profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(40)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="not needed here; the other scripts take it")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--calls", type=int, default=256)
    parser.add_argument("--concurrent", type=int, default=64)
    parser.add_argument("--profile", choices=["direct", "LiteLLM"])
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve())
        return
    server = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True, env=os.environ)
    try:
        assert server.stdout is not None
        asyncio.run(measure(f"http://127.0.0.1:{int(server.stdout.readline())}/v1", options))
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
