"""Our MCP server as the official client sees it: over stdio (the real command) and over HTTP."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from left_behind import TOKENS, left, repairs, traced
from mcp import ClientSession, StdioServerParameters, types
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import McpError
from mcp.shared.memory import create_connected_server_and_client_session
from serving import served
from waiting import Waiting

from agentkit.adapters.mcp import http_app, make_server
from agentkit.adapters.serving import Admission
from agentkit.app import AgentKit
from agentkit.config import Config
from agentkit.reading.allowed import Folders
from agentkit.service.mcp import MAX_CALL_BYTES, Opened, services_of
from agentkit.service.runs import Runs
from agentkit.testing.fakes import ScriptedBackend, WordRails
from agentkit.testing.server import ModelServer

NAME = "Quxzovia Brandt"
LEASE = f"""LEASE AGREEMENT

1. Rent. The Tenant, Ms. {NAME}, shall pay EUR 1,250 on the first day of each month.

2. Repairs. The Landlord shall pay for all repairs of the roof.
"""


@pytest.fixture
def firm(tmp_path: Path) -> Path:
    folder = tmp_path / "firm"
    folder.mkdir()
    (folder / "lease.txt").write_text(LEASE, encoding="utf-8")
    (tmp_path / "secret.txt").write_text("The secret of the other client.", encoding="utf-8")
    (folder / "leads_out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "folder_out").symlink_to(tmp_path)
    return folder


@asynccontextmanager
async def connected(firm: Path, *, restore=False, roots=None, model=None, rails=None, **given) -> AsyncIterator:
    home = firm.parent / "home"
    config = Config.model_validate(given)
    async with AgentKit(config, model=model, rails=rails or WordRails(), home=home) as kit:
        runs = Runs(kit, restore=restore)
        server = make_server(services_of(Opened(kit, Folders([firm]), restore=restore), runs, heed_roots=True))
        async with create_connected_server_and_client_session(server, list_roots_callback=roots) as client:
            yield client
        await runs.aclose()


def text_of(result: types.CallToolResult) -> str:
    return result.content[0].text


def everything(result: types.CallToolResult) -> str:
    return result.model_dump_json()


async def test_the_command_serves_a_client_over_stdio(firm: Path, tmp_path: Path) -> None:
    arguments = ["-m", "agentkit", "mcp", "--documents", str(firm)]
    env = {**os.environ, "AGENTKIT_HOME": str(tmp_path / "home")}
    told: list[str] = []

    async def progress(done: float, total: float | None, message: str | None) -> None:
        told.append(str(message))

    server = StdioServerParameters(command=sys.executable, args=arguments, env=env)
    async with stdio_client(server) as streams, ClientSession(*streams) as client:
        hello = await client.initialize()
        assert hello.serverInfo.name == "agentkit"
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"summarize", "ask", "search", "check"}
        assert all(tool.annotations.readOnlyHint and tool.outputSchema for tool in tools.values())
        asked = {"paths": ["lease.txt"], "question": "What does the Tenant pay?"}
        result = await client.call_tool("ask", asked, progress_callback=progress)
        assert not result.isError
        claim = result.structuredContent["claims"][0]
        assert "EUR 1,250" in claim["text"]
        assert claim["citations"][0]["quote"]
        assert "Quxzovia" not in everything(result)
        listed = await client.list_resources()
        report = await client.read_resource(listed.resources[0].uri)
        assert json.loads(report.contents[0].text)["schema"] == "agentkit.report/1"
        assert "Quxzovia" not in report.contents[0].text
    assert told[:2] == ["screen request", "read"]


async def test_originals_are_shown_to_a_client_that_may_see_them(firm: Path) -> None:
    async with connected(firm, restore=True) as client:
        result = await client.call_tool("ask", {"paths": ["lease.txt"], "question": "What does the Tenant pay?"})
        found = await client.call_tool("search", {"query": "rent", "paths": ["lease.txt"]})
    assert NAME in everything(result)
    assert NAME in everything(found)


async def test_a_search_returns_redacted_passages_with_spans(firm: Path) -> None:
    async with connected(firm) as client:
        found = await client.call_tool("search", {"query": "Who pays for repairs of the roof?", "top_k": 1})
    hits = found.structuredContent["hits"]
    assert hits[0]["document"] == "lease.txt"
    assert "Quxzovia" not in everything(found)
    assert hits[0]["end"] > hits[0]["start"] >= 0


async def test_a_passage_that_a_rail_objects_to_is_not_returned(firm: Path) -> None:
    (firm / "bad.txt").write_text("The roof: retrieval:bad and more.", encoding="utf-8")
    async with connected(firm) as client:
        found = await client.call_tool("search", {"query": "roof", "paths": ["bad.txt"]})
        refused = await client.call_tool("search", {"query": "input:bad"})
        blocked = await client.call_tool("ask", {"question": "input:bad"})
    assert "and more" not in everything(found)
    assert refused.isError
    assert "A rail held back the query" in text_of(refused)
    assert blocked.structuredContent["status"] == "refused"
    assert blocked.structuredContent["rails"]


async def test_claims_are_checked_against_the_texts_beside_them(firm: Path) -> None:
    pairs = [
        {"claim": "The rent is EUR 1,250 a month.", "source": "The rent is EUR 1,250 a month."},
        {"claim": "The rent is EUR 2,250 a month.", "source": "The rent is EUR 1,250 a month."},
    ]
    async with connected(firm) as client:
        result = await client.call_tool("check", {"claims": pairs})
    assert [row["label"] for row in result.structuredContent["verdicts"]] == ["supported", "contradicted"]


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "folder_out/secret.txt",
        "leads_out.txt",
        "/etc/passwd",
        "missing.txt",
        "lease.txt\0",
        "~/x",
        "..",
        "a" * 4000,
        "\ud800",
    ],
)
@pytest.mark.parametrize("tool", ["summarize", "search"])
async def test_a_path_outside_of_the_folders_is_refused_like_one_that_is_not_there(tool, path, firm: Path) -> None:
    async with connected(firm) as client:
        if path == "\ud800":  # the client's own encoder lets nothing like that out
            return
        result = await client.call_tool(tool, {"paths": [path]} | ({"query": "x"} if tool == "search" else {}))
    assert result.isError
    assert text_of(result).endswith("is not among the documents that may be read here.")
    assert "secret of the other" not in everything(result)


async def test_links_in_a_folder_lead_nowhere_and_absolute_paths_within_are_fine(firm: Path) -> None:
    async with connected(firm) as client:
        whole = await client.call_tool("search", {"query": "secret client roof", "top_k": 50})
        named = await client.call_tool("search", {"query": "roof", "paths": [str(firm / "lease.txt")]})
    assert {hit["document"] for hit in whole.structuredContent["hits"]} == {"lease.txt"}
    assert named.structuredContent["hits"]


async def test_the_roots_of_a_client_narrow_what_it_may_name(firm: Path) -> None:
    inner = firm / "inner"
    inner.mkdir()
    (inner / "note.txt").write_text("A note about the roof.", encoding="utf-8")

    async def roots(_: object) -> types.ListRootsResult:
        return types.ListRootsResult(roots=[types.Root(uri=inner.as_uri())])

    async with connected(firm, roots=roots) as client:
        assert (await client.call_tool("search", {"query": "roof", "paths": ["lease.txt"]})).isError
        inside = await client.call_tool("search", {"query": "roof", "paths": ["inner/note.txt"]})
    assert inside.structuredContent["hits"]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("ask", {}),
        ("ask", {"question": 7}),
        ("ask", {"question": ""}),
        ("ask", {"question": "x", "path": "lease.txt"}),
        ("search", {"query": "x", "top_k": 0}),
        ("search", {"query": "x", "paths": "lease.txt"}),
        ("summarize", {"max_words": "many"}),
        ("check", {"claims": []}),
        ("check", {"claims": [{"claim": "x"}]}),
    ],
)
async def test_wrong_arguments_are_the_tools_error_in_one_sentence(tool, arguments, firm: Path) -> None:
    async with connected(firm) as client:
        result = await client.call_tool(tool, arguments)
        assert result.isError
        assert text_of(result).endswith(".")
        assert "\n" not in text_of(result)
        assert not (await client.call_tool("search", {"query": "roof"})).isError


async def test_unknown_tools_and_resources_are_errors_of_the_protocol(firm: Path) -> None:
    async with connected(firm) as client:
        with pytest.raises(McpError, match="no such tool"):
            await client.call_tool("delete", {})
        with pytest.raises(McpError, match="no such report"):
            await client.read_resource("agentkit://reports/20260101-000000-abcdef")


async def test_the_budget_stops_a_run_and_says_so(firm: Path) -> None:
    model = ScriptedBackend("x")
    async with connected(firm, model=model, budget={"tokens": 10}) as client:
        result = await client.call_tool("summarize", {"paths": ["lease.txt"]})
    assert result.isError
    assert "10 of 10 are left" in text_of(result)
    assert model.prompts == []
    assert not list((firm.parent / "home" / "runs").glob("*.run"))


async def test_a_cancelled_call_ends_its_run_and_leaves_nothing(firm: Path) -> None:
    model = Waiting()
    async with connected(firm, model=model) as client:
        call = asyncio.create_task(client.call_tool("summarize", {"paths": ["lease.txt"]}))
        await model.asked.wait()
        number = 1  # the request after *initialize*, which was 0
        cancelled = types.CancelledNotification(params=types.CancelledNotificationParams(requestId=number))
        await client.send_notification(types.ClientNotification(cancelled))
        with pytest.raises(McpError, match="cancelled"):
            await call
        await asyncio.wait_for(model.left.wait(), 120)
        assert not (await client.call_tool("search", {"query": "roof"})).isError
    assert not list((firm.parent / "home" / "runs").glob("*.run"))


@asynccontextmanager
async def over_http(firm: Path, keys: Mapping[str, str], **given) -> AsyncIterator[str]:
    async with AgentKit(Config.model_validate(given), rails=WordRails(), home=firm.parent / "home") as kit:
        runs = Runs(kit)
        server = make_server(services_of(Opened(kit, Folders([firm])), runs, heed_roots=False))
        async with served(Admission(http_app(server), keys=keys, max_body_bytes=MAX_CALL_BYTES)) as url:
            yield url
        await runs.aclose()


@asynccontextmanager
async def http_client(url: str, key: str) -> AsyncIterator[ClientSession]:
    headers = {"authorization": f"Bearer {key}"}
    async with (
        httpx.AsyncClient(headers=headers, timeout=30) as http,
        streamable_http_client(f"{url}/mcp", http_client=http) as (received, sent, _),
        ClientSession(received, sent, read_timeout_seconds=timedelta(seconds=60)) as client,
    ):
        await client.initialize()
        yield client


async def test_clients_over_http_need_a_key_and_do_not_see_each_others_reports(firm: Path) -> None:
    keys = {"key-of-the-first-firm": "first", "key-of-the-second-firm": "second"}
    one, two = keys
    async with over_http(firm, keys) as url:
        async with http_client(url, one) as first, http_client(url, two) as second:
            result = await first.call_tool("ask", {"question": "What does the Tenant pay?"})
            uri = result.structuredContent["report"]
            assert "Quxzovia" not in everything(result)
            assert len((await first.list_resources()).resources) == 1
            assert (await second.list_resources()).resources == []
            with pytest.raises(McpError, match="no such report"):
                await second.read_resource(uri)
        async with httpx.AsyncClient() as http:
            headers = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
            assert (await http.post(f"{url}/mcp", content=b"{}", headers=headers)).status_code == 401
            good = {**headers, "authorization": f"Bearer {one}"}
            assert (await http.post(f"{url}/mcp", content=b"{", headers=good)).status_code == 400
            huge = await http.post(f"{url}/mcp", content=b" " * 5_000_000, headers=good)
            assert huge.status_code == 413
        async with http_client(url, one) as again:
            assert not (await again.call_tool("search", {"query": "roof"})).isError


async def test_ledger_record_and_trace_show_the_calls_of_a_client_s_run(firm: Path, tmp_path: Path) -> None:
    spans = tmp_path / "spans.jsonl"
    async with ModelServer([repairs()]) as server:
        async with (
            over_http(firm, {"key-of-the-first-firm": "first"}, **traced(server.url, spans)) as url,
            http_client(url, "key-of-the-first-firm") as client,
        ):
            result = await client.call_tool("summarize", {"paths": ["lease.txt"]})
        assert not result.isError
        asked = str([request.body for request in server.received])
        assert ("<PERSON_" in asked, "Quxzovia" in asked) == (True, False)
    calls, found = len(server.received), await left(tmp_path / "home", spans)
    assert calls
    assert found.booked == [(found.run_id, "first", "ok", *TOKENS)] * calls
    assert found.recorded == found.spanned == [TOKENS] * calls
    assert b"Quxzovia" not in found.kept


async def test_without_the_extra_the_message_names_it() -> None:
    program = "import sys; sys.modules['mcp'] = None; import agentkit.adapters.mcp"
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=pipe, stderr=pipe)
    _, err = await child.communicate()
    assert b"MCP needs an optional part: pip install 'governed-agentkit[mcp]'." in err
