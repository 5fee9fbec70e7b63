"""Redirects and proxies, with real servers on two loopback addresses, through every HTTP client that we use."""

import asyncio
import json
import threading
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import aiohttp
import httpx
import pytest
import requests
from pytest_socket import socket_allow_hosts

from agentkit.adapters.litellm import LiteLLMBackend
from agentkit.adapters.otel.tracer import configure
from agentkit.app import AgentKit
from agentkit.config import Config
from agentkit.egress import EgressPolicy, enforced, record_hosts
from agentkit.errors import AgentKitError, BackendError, EgressDeniedError
from agentkit.prompts import ask_prompt
from agentkit.testing.server import chat_reply
from agentkit.types import Limits, Passage, SafePassage

PROMPT = ask_prompt("Who pays?", [SafePassage("d0p0", 0, 0, 16, "The tenant pays.")], terms=[], limits=Limits())
ANSWER = chat_reply(json.dumps({"answered": False, "claims": []})).body
ONE = EgressPolicy.parse(["127.0.0.1"])
BOTH = EgressPolicy.parse(["127.0.0.1", "127.0.0.2"])


class Server(ThreadingHTTPServer):
    """Answers every request with an answer of a model, with a redirect, or as a proxy would."""

    def __init__(self, address: str, *, location: str = "", forward: bool = False) -> None:
        super().__init__((address, 0), Handler)
        self.location, self.forward = location, forward
        self.seen: list[str] = []
        self.url = f"http://{address}:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        self.server.seen.append(self.path)
        if self.server.location:
            self.send_response(307)
            self.send_header("location", self.server.location)
            self.send_header("content-length", "0")
            self.end_headers()
            return
        answer = ANSWER
        if self.server.forward:
            with httpx.Client(trust_env=False) as client:
                answer = client.post(self.path, content=body).content
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *_: object) -> None: ...


Serve = Callable[..., Server]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    socket_allow_hosts(["127.0.0.1", "127.0.0.2", "::1"], allow_unix_socket=True)
    for scheme in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme}_PROXY".upper(), raising=False)
    with ExitStack() as stack:

        def start(address: str, *, location: str = "", forward: bool = False) -> Server:
            server = stack.enter_context(Server(address, location=location, forward=forward))
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return server

        yield start


async def by_litellm(url: str, policy: EgressPolicy, *, provider: str) -> None:
    backend = LiteLLMBackend(name="m", model=f"{provider}/served", api_base=url, timeout_s=20, egress=policy)
    try:
        await backend.complete(PROMPT)
    finally:
        await backend.aclose()


async def by_httpx(url: str, policy: EgressPolicy) -> None:
    with enforced(policy):
        async with httpx.AsyncClient(follow_redirects=True) as client:
            (await client.get(url)).raise_for_status()


async def by_aiohttp(url: str, policy: EgressPolicy) -> None:
    with enforced(policy):
        async with aiohttp.ClientSession(trust_env=True) as session, session.get(url) as response:
            response.raise_for_status()


async def by_requests(url: str, policy: EgressPolicy) -> None:
    with enforced(policy):
        (await asyncio.to_thread(requests.get, url, timeout=20)).raise_for_status()


async def by_urllib(url: str, policy: EgressPolicy) -> None:
    with enforced(policy):
        await asyncio.to_thread(urllib.request.build_opener().open, url, timeout=20)


async def by_otlp(url: str, policy: EgressPolicy) -> None:
    tracer = configure("otlp", endpoint=url, egress=policy)
    with tracer.span("chat", attributes={}):
        pass
    await asyncio.to_thread(tracer.close)


Client = Callable[[str, EgressPolicy], Awaitable[None]]
CLIENTS: dict[str, Client] = {
    "openai": lambda url, policy: by_litellm(url, policy, provider="openai"),
    "vllm": lambda url, policy: by_litellm(url, policy, provider="hosted_vllm"),
    "httpx": by_httpx,
    "aiohttp": by_aiohttp,
    "requests": by_requests,
    "urllib": by_urllib,
    "otlp": by_otlp,
}
# What a refused connection looks like to their callers: OpenTelemetry only logs it.
REFUSALS = (AgentKitError, httpx.HTTPError, aiohttp.ClientError, OSError)


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_redirect_to_a_host_that_is_not_allowed_is_refused_before_contact(client: str, serve: Serve) -> None:
    away = serve("127.0.0.2")
    door = serve("127.0.0.1", location=f"{away.url}/chat/completions")
    with record_hosts() as hosts:
        try:
            await CLIENTS[client](door.url, ONE)
            refused = client == "otlp"  # which logs it
        except REFUSALS:
            refused = True
    assert refused
    assert (len(door.seen) >= 1, away.seen) == (True, [])
    assert hosts == {"127.0.0.1"}


@pytest.mark.parametrize("client", ["httpx", "aiohttp", "requests"])
async def test_the_same_redirect_is_followed_where_it_is_allowed(client: str, serve: Serve) -> None:
    """Without this, the test above could be green because nobody follows anything."""
    away = serve("127.0.0.2")
    door = serve("127.0.0.1", location=f"{away.url}/x")
    with record_hosts() as hosts:
        await CLIENTS[client](door.url, BOTH)
    assert (len(door.seen), away.seen, hosts) == (1, ["/v1/x"], {"127.0.0.1", "127.0.0.2"})


async def test_runs_at_the_same_time_report_each_its_own_hosts(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "lease.txt").write_text("The tenant shall pay rent of EUR 900 each month.", encoding="utf-8")

    async def contacted(server: Server | None) -> list[str]:
        config = {"checkpoint": {"adapter": "memory"}, "privacy": {"egress": ["127.0.0.1", "127.0.0.2"]}}
        if server is not None:
            params = {"model": "hosted_vllm/served", "api_base": server.url, "timeout": 20}
            config |= {"models": [{"model_name": "firm", "litellm_params": params}], "roles": {"writer": "firm"}}
        async with AgentKit(Config.model_validate(config)) as kit:
            return (await kit.summarize([tmp_path / "lease.txt"])).privacy.hosts_contacted

    servers = [serve("127.0.0.1"), serve("127.0.0.2"), None]
    assert await asyncio.gather(*map(contacted, servers)) == [["127.0.0.1"], ["127.0.0.2"], []]


async def test_a_run_holds_what_the_user_brought_along(serve: Serve, tmp_path: Path) -> None:
    """A retriever of the user's works inside our run, so it contacts nobody whom the policy does not allow."""
    (tmp_path / "lease.txt").write_text("The tenant shall pay rent of EUR 900 each month.", encoding="utf-8")
    away, outcome = serve("127.0.0.2"), []

    class Remote:
        async def retrieve(self, query: str, /, *, top_k: int) -> list[Passage]:
            try:
                await by_requests(away.url, BOTH)
                outcome.append("reached")
            except requests.ConnectionError as error:
                outcome.append(str(error))
            return []

    config = Config.model_validate({"checkpoint": {"adapter": "memory"}, "privacy": {"egress": ["127.0.0.1"]}})
    async with AgentKit(config, retriever=Remote()) as kit:
        report = await kit.ask([tmp_path / "lease.txt"], "What is the rent?")
    assert (away.seen, report.privacy.hosts_contacted) == ([], [])
    assert "127.0.0.2 is not allowed" in outcome[0]
    await by_requests(away.url, BOTH)  # after the run, the same call is the user's own affair
    assert away.seen == ["/v1"]


@pytest.mark.parametrize("provider", ["openai", "hosted_vllm"])
async def test_a_proxy_that_is_not_allowed_gets_nothing_and_its_variable_is_named(
    provider: str, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, proxy = serve("127.0.0.1"), serve("127.0.0.2", forward=True)
    monkeypatch.setenv("HTTP_PROXY", f"http://user:secret@127.0.0.2:{proxy.server_port}")
    with record_hosts() as hosts, pytest.raises((EgressDeniedError, BackendError), match="HTTP_PROXY") as caught:
        await by_litellm(target.url, ONE, provider=provider)
    assert "secret" not in str(caught.value)
    assert (target.seen, proxy.seen, hosts) == ([], [], set())
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    await by_litellm(target.url, ONE, provider=provider)
    assert (len(target.seen), proxy.seen) == (1, [])


@pytest.mark.parametrize("provider", ["openai", "hosted_vllm"])
async def test_a_proxy_that_is_allowed_is_used_and_recorded(
    provider: str, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, proxy = serve("127.0.0.1"), serve("127.0.0.2", forward=True)
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.2:{proxy.server_port}")
    with record_hosts() as hosts:
        await by_litellm(target.url, BOTH, provider=provider)
    assert proxy.seen == [f"{target.url}/chat/completions"]
    assert hosts == {"127.0.0.1", "127.0.0.2"}


@pytest.mark.parametrize("client", ["httpx", "aiohttp", "requests", "urllib", "otlp"])
async def test_clients_that_nobody_asked_about_cannot_reach_a_proxy_either(
    client: str, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, proxy = serve("127.0.0.1"), serve("127.0.0.2", forward=True)
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.2:{proxy.server_port}")
    with pytest.raises(REFUSALS):
        await CLIENTS[client](target.url, ONE)
    assert (target.seen, proxy.seen) == ([], [])
