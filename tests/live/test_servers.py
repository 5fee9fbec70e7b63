"""The commands that serve others, as processes of their own, with the clients of their protocols."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import openai
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

KEY = "a-key-of-the-firm-and-nobody-else"
LEASE = """LEASE

1. Rent. The Tenant, Ms. Quxzovia Brandt, shall pay EUR 1,250 on the first day of each month.

2. Repairs. The Landlord shall pay for all repairs of the roof.
"""


@pytest.fixture
def firm(tmp_path: Path) -> Path:
    folder = tmp_path / "firm"
    folder.mkdir()
    (folder / "lease.txt").write_text(LEASE, encoding="utf-8")
    return folder


@asynccontextmanager
async def running(
    home: Path, *arguments: str, end: signal.Signals = signal.SIGINT, code: int = 130
) -> AsyncIterator[str]:
    """Start a command; the value is the address it says on standard error. It ends by a signal, with an exit code."""
    env = {**os.environ, "AGENTKIT_HOME": str(home), "FIRM_KEY": KEY, "SHORT_KEY": "abc"}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agentkit", *arguments, stderr=asyncio.subprocess.PIPE, env=env
    )
    try:
        line = (await asyncio.wait_for(child.stderr.readline(), 170)).decode()
        assert "listens at" in line, line + (await child.stderr.read()).decode()
        yield line.split()[-1]
    finally:
        child.send_signal(end)
        rest = (await asyncio.wait_for(child.stderr.read(), 170)).decode()
        assert "Traceback" not in rest
        assert await asyncio.wait_for(child.wait(), 170) == code


async def test_serve_answers_openais_client_and_ends_on_an_interrupt(firm: Path, tmp_path: Path) -> None:
    given = ("--documents", str(firm), "--port", "0", "--key", "firm=os.environ/FIRM_KEY", "--a2a")
    async with running(tmp_path / "home", "serve", *given) as url, openai.AsyncOpenAI(base_url=url, api_key=KEY) as one:
        turns = [{"role": "user", "content": "What does the Tenant pay?"}]
        said = await one.chat.completions.create(model="agentkit/ask", messages=turns)
        assert "EUR 1,250" in said.choices[0].message.content
        assert "Quxzovia" not in said.model_dump_json()
        async with httpx.AsyncClient() as http:
            root = url.removesuffix("/v1")
            card = (await http.get(f"{root}/.well-known/agent-card.json")).json()
            assert card["supportedInterfaces"][0]["url"] == f"{root}/a2a"


async def test_mcp_answers_the_official_client_over_http(firm: Path, tmp_path: Path) -> None:
    given = ("--documents", str(firm), "--http", "--port", "0", "--restore")
    async with (
        running(tmp_path / "home", "mcp", *given, end=signal.SIGTERM, code=0) as url,
        httpx.AsyncClient(timeout=60) as http,
        streamable_http_client(url, http_client=http) as (received, sent, _),
        ClientSession(received, sent) as client,
    ):
        await client.initialize()
        result = await client.call_tool("ask", {"question": "What does the Tenant pay?"})
        assert "Quxzovia Brandt" in result.model_dump_json()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("mcp",), "Say which documents clients may name: --documents DIR, or an index: --index DIR."),
        (("mcp", "--documents", "/no/such/folder"), "There is no folder /no/such/folder."),
        (("serve", "--host", "0.0.0.0"), "Others can reach 0.0.0.0: name the key that they need"),  # noqa: S104
        (("serve", "--key", "secret"), "Write the key as os.environ/NAME"),
        (("serve", "--key", "os.environ/NOT_SET"), "Set the environment variable NOT_SET"),
        (("serve", "--key", "os.environ/SHORT_KEY"), "a key of 16 characters or more"),
        (("serve", "--host", "192.0.2.1", "--key", "os.environ/FIRM_KEY"), "Cannot listen at 192.0.2.1"),
    ],
)
async def test_what_is_wrong_with_a_command_is_said_in_one_sentence(arguments, said, tmp_path: Path) -> None:
    env = {**os.environ, "AGENTKIT_HOME": str(tmp_path), "FIRM_KEY": KEY, "SHORT_KEY": "abc"}
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agentkit", *arguments, stdout=pipe, stderr=pipe, env=env
    )
    out, err = await asyncio.wait_for(child.communicate(), 170)
    assert (child.returncode, out) == (2, b"")
    assert said in err.decode()
    assert err.decode().count("\n") == 1
