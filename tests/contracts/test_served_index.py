"""An index that is served: over MCP and the chat protocol, as the server's principal sees it and nobody else."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from mcp.shared.memory import create_connected_server_and_client_session
from serving import served

from agentkit.adapters.mcp import make_server
from agentkit.adapters.memory.indexing import Cut, Source, update
from agentkit.adapters.memory.parsing import passages_of
from agentkit.adapters.serving import Admission, chat_app
from agentkit.app import AgentKit
from agentkit.cli.main import main
from agentkit.config import Config
from agentkit.indexed import Principal
from agentkit.reading.allowed import Folders
from agentkit.service.doors import Doors
from agentkit.service.mcp import Opened, services_of
from agentkit.service.runs import Runs
from agentkit.testing.fakes import WordRails

NAME = "Quxzovia Brandt"
MEMO = f"Settlement memo\n\nThe claimant, Ms. {NAME}, accepts a settlement of $77,000.\n"
NOTE = "Facilities note\n\nThe boiler of the building is serviced every March by Calder Heating.\n"
LAWYER = Principal("lawyer", frozenset({"M-1"}))
SETTLED = "What settlement does the claimant accept?"
KEY = "a-key-of-sixteen-and-more"


@pytest.fixture
def index(tmp_path: Path) -> Path:
    def source(name: str, text: str, matter: str) -> Source:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")

        def read(named: str) -> Cut:
            return passages_of(path, named, password=None, max_chars=1200)

        return Source(str(path), name, name, read, matter)

    update(tmp_path / "index", [source("memo.txt", MEMO, "M-1"), source("note.txt", NOTE, "")], covered=lambda _: True)
    return tmp_path / "index"


@asynccontextmanager
async def connected(index: Path, principal: Principal | None, folder: Path | None = None) -> AsyncIterator:
    async with AgentKit(Config(), rails=WordRails(), home=index.parent / "home") as kit:
        opened = Opened(kit, Folders([folder]) if folder else None, index=str(index), principal=principal)
        runs = opened.runs()
        server = make_server(services_of(opened, runs, heed_roots=True))
        async with create_connected_server_and_client_session(server) as client:
            yield client
        await runs.aclose()


async def test_a_client_asks_and_searches_the_index_in_placeholders(index: Path) -> None:
    async with connected(index, LAWYER) as client:
        asked = await client.call_tool("ask", {"question": SETTLED})
        found = await client.call_tool("search", {"query": "settlement claimant"})
    for result in (asked, found):
        assert not result.isError
        assert "$77,000" in result.content[0].text
        assert NAME not in result.model_dump_json()
    assert found.structuredContent["hits"][0]["document"] == "memo.txt"


@pytest.mark.parametrize("principal", [None, Principal("other", frozenset({"M-2"}))])
async def test_a_server_without_the_matter_tells_nothing_of_it(index: Path, principal: Principal | None) -> None:
    async with connected(index, principal) as client:
        asked = await client.call_tool("ask", {"question": SETTLED})
        found = await client.call_tool("search", {"query": "settlement claimant"})
        guessed = await client.call_tool("search", {"query": "settlement", "paths": ["memo.txt"]})
    assert asked.structuredContent["status"] == "unanswered"
    assert found.structuredContent["hits"] == []
    assert guessed.isError
    for result in (asked, found, guessed):
        assert "memo.txt" not in result.model_dump_json().replace("'memo.txt'", "")
        assert "77,000" not in result.model_dump_json()


async def test_an_index_is_no_document_to_summarize_and_folders_stay_open_beside_it(
    index: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    (folder / "lease.txt").write_text("LEASE\n\nThe Tenant shall pay a rent of EUR 1,250.\n", encoding="utf-8")
    async with connected(index, LAWYER) as client:
        assert (await client.call_tool("summarize", {})).isError
    async with connected(index, LAWYER, folder) as client:
        read = await client.call_tool("ask", {"question": "What is the rent?", "paths": ["lease.txt"]})
        assert "1,250" in read.content[0].text
        assert not (await client.call_tool("summarize", {})).isError


@asynccontextmanager
async def endpoint(offered: str, principal: Principal | None, home: Path, **given: object) -> AsyncIterator[str]:
    async with AgentKit(Config.model_validate(given), rails=WordRails(), home=home) as kit:
        runs = Runs(kit, index=offered, principal=principal)
        doors = Doors(kit, runs)
        async with served(Admission(chat_app(doors), keys={KEY: "default"}, max_body_bytes=200_000)) as url:
            yield url
        await runs.aclose()
        await doors.aclose()


async def said(url: str, question: str) -> httpx.Response:
    body = {"model": "agentkit/ask", "messages": [{"role": "user", "content": question}]}
    async with httpx.AsyncClient(timeout=60) as client:
        headers = {"Authorization": f"Bearer {KEY}"}
        return await client.post(f"{url}/v1/chat/completions", json=body, headers=headers)


async def test_the_endpoint_answers_from_the_index_for_its_principal(index: Path, tmp_path: Path) -> None:
    async with endpoint(str(index), LAWYER, tmp_path / "home") as url:
        assert "$77,000" in (await said(url, SETTLED)).text
    async with endpoint(str(index), None, tmp_path / "home") as url:
        answer = await said(url, SETTLED)
    assert answer.status_code == 200
    assert "77,000" not in answer.text


async def test_a_configured_index_is_open_to_clients_only_where_the_command_says_so(
    index: Path, tmp_path: Path
) -> None:
    async with endpoint("", LAWYER, tmp_path / "home", index={"url": str(index)}) as url:
        answer = await said(url, SETTLED)
    assert answer.status_code == 400
    assert "77,000" not in answer.text


PARTIES = "Beta LLC (Tenant) and Alpha Realty, Inc. (Landlord)"
LEASE = f"""LEASE AGREEMENT

This Lease Agreement is made as of January 5, 2019, by and between {PARTIES}.

4.1 Deposit. The deposit for the Premises is $9,000.
"""
AMENDMENT = f"""SECOND AMENDMENT TO LEASE AGREEMENT

This Second Amendment to Lease Agreement is made as of May 1, 2022, by and between {PARTIES} and amends the Lease
Agreement dated January 5, 2019.

1. Section 4.1 of the Lease is hereby deleted and replaced with: "The deposit for the Premises is $12,000."
"""
LATER = {"document": "amendment.txt", "relation": "amends", "sections": ["4.1"]}
WORDS = "replaced by amendment.txt, § 4.1"


@pytest.fixture
def leases(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Path:
    folder = tmp_path / "leases"
    folder.mkdir()
    (folder / "lease.txt").write_text(LEASE, encoding="utf-8")
    (folder / "amendment.txt").write_text(AMENDMENT, encoding="utf-8")
    assert main(["index", str(folder), "--index", str(tmp_path / "index"), "--everyone"]) == 0
    capfd.readouterr()
    return folder


@pytest.mark.parametrize("paths", [{}, {"paths": ["lease.txt", "amendment.txt"]}], ids=["index", "files"])
async def test_a_hit_that_was_replaced_is_marked_in_the_words_of_the_command_and_comes_after_what_replaced_it(
    leases: Path, tmp_path: Path, paths: dict[str, object], capfd: pytest.CaptureFixture[str]
) -> None:
    question = "What is the deposit for the Premises?"
    async with connected(tmp_path / "index", None, leases) as client:
        await client.list_tools()  # the client checks results against their schemas
        found = await client.call_tool("search", {"query": question, **paths})
        asked = await client.call_tool("ask", {"question": question, **paths})
    assert not found.isError
    hits = {hit["text"].strip(): hit["superseded_by"] for hit in found.structuredContent["hits"]}
    (old,) = [text for text in hits if "$9,000" in text]
    (new,) = [text for text in hits if "$12,000" in text]
    assert (hits[old], hits[new]) == ([LATER], [])
    documents = [hit["document"] for hit in found.structuredContent["hits"]]
    assert documents.index("amendment.txt") < list(hits).index(old)
    assert f"{old}\n{WORDS}" in found.content[0].text
    assert found.content[0].text.count("replaced by") == 1
    (claim,) = [claim for claim in asked.structuredContent["claims"] if "$9,000" in claim["text"]]
    assert claim["superseded_by"] == [LATER]
    assert f"({WORDS})" in asked.content[0].text
    at = ["--index", str(tmp_path / "index")] if not paths else [str(leases)]
    assert main(["search", *at, "--query", question, "--format", "json"]) == 0
    rows = json.loads(capfd.readouterr().out)["hits"]
    assert [row["superseded_by"] for row in rows if "superseded_by" in row] == [[LATER]]


async def test_the_endpoint_says_what_replaced_the_words_of_an_answer(leases: Path, tmp_path: Path) -> None:
    assert leases.is_dir()
    async with endpoint(str(tmp_path / "index"), None, tmp_path / "home") as url:
        answer = await said(url, "What is the deposit for the Premises?")
    (line,) = [row for row in answer.json()["choices"][0]["message"]["content"].splitlines() if "$9,000" in row]
    assert line.endswith(f"({WORDS})")
