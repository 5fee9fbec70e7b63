"""What one chat request costs in CPU time at `agentkit serve`, beside proxies that govern nothing.

    python benchmarks/serving.py [--rounds 5] [--calls 192] [--concurrent 16] [--profile]

Each side is a server in a process of its own before the same canned model server, which answers at once; its CPU
time is user and system time per request, the least of several rounds in which the sides take turns; all are warm.
*Starlette + httpx* passes the body on and the answer back. *Starlette + LiteLLM* has LiteLLM's SDK make the call, as
its own proxy does, whose keys, budgets and database are not in it. Ours is the command itself: keys, rails of the
shipped folder in and out, redaction, budget, ledger, cache and a record of each request.
"""

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
KEY = "a-key-for-the-benchmark"
OURS = "agentkit serve"
BARE = "Starlette + httpx"
LITELLM = "Starlette + LiteLLM"
WORDS = "We confirm the lease of the shop. The rent is EUR 2,450 a month. Ask Ms. Helen Carter who pays for repairs."
_TICKS = os.sysconf("SC_CLK_TCK")


def httpx_proxy(model_url: str) -> object:
    import httpx
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    client = httpx.AsyncClient(trust_env=False, timeout=60)

    async def chat(request: Request) -> Response:
        headers = {"content-type": "application/json"}
        answer = await client.post(f"{model_url}/chat/completions", content=await request.body(), headers=headers)
        return Response(answer.content, answer.status_code, media_type="application/json")

    return Starlette(routes=[Route("/v1/chat/completions", chat, methods=["POST"])])


def litellm_proxy(model_url: str) -> object:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    from agentkit.adapters.litellm.vendor import litellm

    async def chat(request: Request) -> JSONResponse:
        asked = await request.json()
        answer = await litellm.acompletion(**{**asked, "model": "openai/served"}, api_base=model_url, api_key="none")
        return JSONResponse(answer.model_dump())

    return Starlette(routes=[Route("/v1/chat/completions", chat, methods=["POST"])])


PROXIES: dict[str, Callable[[str], object]] = {BARE: httpx_proxy, LITELLM: litellm_proxy}


def proxy(side: str, model_url: str) -> None:
    import socket

    import uvicorn

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    print(f"listens at http://127.0.0.1:{listener.getsockname()[1]}/v1", flush=True)
    config = uvicorn.Config(PROXIES[side](model_url), log_config=None, access_log=False)  # type: ignore[arg-type]
    uvicorn.Server(config).run([listener])


@contextmanager
def running(command: Sequence[str], *, home: Path | None = None) -> Iterator[tuple[int, str]]:
    """Start a server; the value is its process and its address."""
    env = {**os.environ, "BENCH_KEY": KEY, **({"AGENTKIT_HOME": str(home)} if home else {})}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=subprocess.STDOUT, text=True, env=env, cwd=ROOT) as child:
        try:
            assert child.stdout is not None
            url = next(found[1] for line in child.stdout if (found := re.search(r"listens at (\S+)", line)))
            yield child.pid, url
        finally:
            child.terminate()


def sides(stack: ExitStack, home: Path, options: argparse.Namespace) -> dict[str, tuple[int, str]]:
    me = [sys.executable, __file__]
    _, model = stack.enter_context(running([*me, "--serve"]))
    params = {"model": "openai/served", "api_base": model}
    served = {"model_name": "served", "litellm_params": params, "client": "openai", "max_concurrency": 64}
    config = home / "agentkit.yaml"
    config.write_text(json.dumps({"models": [served], "roles": {"writer": "served"}}), encoding="utf-8")
    command = ["serve", "--port", "0", "--key", "os.environ/BENCH_KEY", "--config", str(config)]
    start = [sys.executable, "-m", "agentkit"]
    if options.profile:
        start = [sys.executable, "-m", "cProfile", "-o", str(options.profile), "-m", "agentkit"]
    found = {OURS: stack.enter_context(running([*start, *command], home=home))}
    for name in PROXIES:
        found[name] = stack.enter_context(running([*me, "--side", name, "--model", model]))
    return found


def cpu_s(pid: int) -> float:
    """Return user and system time of a process, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


async def ask(url: str, *, calls: int, concurrent: int) -> None:
    import aiohttp

    headers = {"authorization": f"Bearer {KEY}"}
    numbers = iter(range(calls))

    async def worker(session: aiohttp.ClientSession) -> None:
        for number in numbers:
            turns = [{"role": "user", "content": f"{WORDS} ({number})"}]
            body = {"model": "served", "messages": turns}
            async with session.post(f"{url}/chat/completions", json=body, headers=headers) as response:
                answer = await response.json()
                if response.status != 200 or not answer["choices"]:
                    raise SystemExit(f"{url} answered {response.status}: {answer}")

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(worker(session) for _ in range(concurrent)))


async def measure(found: dict[str, tuple[int, str]], options: argparse.Namespace) -> None:
    taken: dict[str, list[float]] = {name: [] for name in found}
    for _, url in found.values():
        await ask(url, calls=options.concurrent * 2, concurrent=options.concurrent)
    for _ in range(options.rounds):
        for name, (pid, url) in found.items():
            begun = cpu_s(pid)
            await ask(url, calls=options.calls, concurrent=options.concurrent)
            taken[name].append((cpu_s(pid) - begun) * 1000 / options.calls)
    bare = min(taken[LITELLM])
    print(f"{'one chat request':24}{f'CPU ms, {options.concurrent} at once':>22}{f'of {LITELLM}':>26}")
    for name, figures in taken.items():
        print(f"{name:24}{min(figures):22.2f}{min(figures) / bare:26.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="not needed here; the other scripts take it")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=192)
    parser.add_argument("--concurrent", type=int, default=16)
    parser.add_argument("--profile", type=Path, metavar="FILE", help="profile our server into FILE")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--side", choices=list(PROXIES), help=argparse.SUPPRESS)
    parser.add_argument("--model", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(canned())
    elif options.side:
        proxy(options.side, options.model)
    else:
        with tempfile.TemporaryDirectory() as home, ExitStack() as stack:
            asyncio.run(measure(sides(stack, Path(home), options), options))


async def canned() -> None:
    from agentkit.testing.server import chat_reply
    from benchmarks.door import Canned

    whole = chat_reply("The documents do not say who pays for repairs. The rent is due each month.").body
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(whole)
    server = await asyncio.get_running_loop().create_server(lambda: Canned(head + whole, b""), "127.0.0.1", 0)
    print(f"listens at http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    main()
