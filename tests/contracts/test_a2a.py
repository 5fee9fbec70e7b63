"""Our agent as the official A2A client sees it: card, tasks, streams, artifacts."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from a2a.client import ClientConfig, create_client
from a2a.client.client import Client
from a2a.types import (
    CancelTaskRequest,
    GetTaskRequest,
    ListTasksRequest,
    Message,
    Part,
    Role,
    SendMessageConfiguration,
    SendMessageRequest,
    Task,
    TaskState,
)
from a2a.utils.errors import A2AError
from google.protobuf.json_format import MessageToJson, ParseDict
from google.protobuf.struct_pb2 import Value
from left_behind import TOKENS, left, repairs, traced
from serving import served
from waiting import Waiting

from agentkit.adapters.a2a import CARD_PATH
from agentkit.adapters.serving import Admission
from agentkit.app import AgentKit
from agentkit.config import Config
from agentkit.service.endpoint import Offered, endpoint_app
from agentkit.service.runs import Runs
from agentkit.testing.fakes import ScriptedBackend, WordRails
from agentkit.testing.server import ModelServer

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
NAME = "Quxzovia Brandt"
LEASE = f"""LEASE AGREEMENT

1. Rent. The Tenant, Ms. {NAME}, shall pay EUR 1,250 on the first day of each month.

2. Repairs. The Landlord shall pay for all repairs of the roof.
"""
KEYS = {"key-of-the-first-firm": "first", "key-of-the-second-firm": "second"}
ONE, TWO = KEYS


def text_part(text: str) -> Part:
    return Part(text=text)


def data_part(data: object) -> Part:
    return Part(data=ParseDict(data, Value()))


def raw_part(data: bytes, *, media_type: str, filename: str) -> Part:
    return Part(raw=data, media_type=media_type, filename=filename)


@asynccontextmanager
async def agent(home: Path, *, model=None, restore=False, **given) -> AsyncIterator[str]:
    async with AgentKit(Config.model_validate(given), model=model, rails=WordRails(), home=home) as kit:
        runs = Runs(kit, restore=restore)
        make = endpoint_app(Offered(kit, a2a=True), runs, needs_key=True)

        def app(url: str) -> Admission:
            return Admission(make(url), keys=KEYS, open_paths=[CARD_PATH], max_body_bytes=300_000)

        async with served(at=app) as url:
            yield url
        await runs.aclose()


@asynccontextmanager
async def client_of(url: str, key: str = ONE, *, streaming: bool = False) -> AsyncIterator[Client]:
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {key}"}, timeout=60) as http:
        client = await create_client(url, ClientConfig(streaming=streaming, httpx_client=http))
        try:
            yield client
        finally:
            await client.close()


def request(*parts: object, now: bool = False) -> SendMessageRequest:
    message = Message(message_id="m1", role=Role.ROLE_USER, parts=list(parts))
    return SendMessageRequest(message=message, configuration=SendMessageConfiguration(return_immediately=now))


def lease(name: str = "lease.txt") -> object:
    return raw_part(LEASE.encode(), media_type="text/plain", filename=name)


async def sent(client: Client, *parts: object, now: bool = False) -> Task:
    last = None
    async for answer in client.send_message(request(*parts, now=now)):
        last = answer
    return last.task


def said(task: Task) -> str:
    return task.status.message.parts[0].text


async def test_the_card_is_read_without_a_key_and_says_that_one_is_needed(tmp_path: Path) -> None:
    async with agent(tmp_path) as url, httpx.AsyncClient() as http:
        card = (await http.get(f"{url}{CARD_PATH}")).json()
        assert [skill["id"] for skill in card["skills"]] == ["summarize", "ask"]
        assert card["supportedInterfaces"][0]["url"] == f"{url}/a2a"
        assert card["securitySchemes"]["bearer"]["httpAuthSecurityScheme"]["scheme"] == "Bearer"
        assert (await http.post(f"{url}/a2a", json={})).status_code == 401


async def test_a_question_about_a_document_is_answered_by_an_artifact_in_placeholders(tmp_path: Path) -> None:
    async with agent(tmp_path) as url, client_of(url) as client:
        task = await sent(client, text_part("What does the Tenant pay?"), lease())
        again = await client.get_task(GetTaskRequest(id=task.id))
    assert task.status.state == TaskState.TASK_STATE_COMPLETED
    text, data = task.artifacts[0].parts
    assert "EUR 1,250" in text.text
    report = json.loads(MessageToJson(data.data))
    assert report["schema"] == "agentkit.report/1"
    assert report["claims"][0]["citations"][0]["quote"]
    assert "Quxzovia" not in MessageToJson(again)
    assert "raw" not in MessageToJson(again)
    assert not list((tmp_path / "runs").glob("*.run"))


async def test_originals_are_in_the_report_of_an_agent_that_may_show_them(tmp_path: Path) -> None:
    async with agent(tmp_path, restore=True) as url, client_of(url) as client:
        task = await sent(client, data_part({"skill": "ask", "question": "What does the Tenant pay?"}), lease())
    assert NAME in MessageToJson(task)


async def test_a_stream_tells_each_step_and_ends_with_the_report(tmp_path: Path) -> None:
    async with agent(tmp_path) as url, client_of(url, streaming=True) as client:
        answers = [answer async for answer in client.send_message(request(lease(), data_part({"max_words": 30})))]
    kinds = [answer.WhichOneof("payload") for answer in answers]
    assert (kinds[0], kinds[-2:]) == ("task", ["artifact_update", "status_update"])
    steps = [answer.status_update.status for answer in answers if answer.WhichOneof("payload") == "status_update"]
    assert {"read", "redact", "review"} <= {status.message.parts[0].text for status in steps if status.message.parts}
    assert steps[-1].state == TaskState.TASK_STATE_COMPLETED


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ([text_part("Who pays?")], "Send 1 to 100 documents"),
        ([Part(url="http://127.0.0.1/lease.pdf")], "nothing is fetched"),
        ([lease(), data_part({"skill": "delete"})], "There is no skill 'delete'"),
        ([lease(), data_part({"skill": "ask"})], "Send the question"),
        ([lease(), data_part({"max_words": "many"})], "max_words is not a whole number"),
        ([lease(), data_part([1])], "A data part is no object"),
        ([raw_part(b"\0\1\2\3", media_type="application/pdf", filename="../../x.pdf")], "x.pdf"),
        ([text_part("input:bad"), lease()], "A rail held back what was asked"),
    ],
)
async def test_what_cannot_be_carried_out_is_rejected_in_one_sentence(parts, why, tmp_path: Path) -> None:
    async with agent(tmp_path) as url, client_of(url) as client:
        task = await sent(client, *parts)
        assert (task.status.state, why in said(task)) == (TaskState.TASK_STATE_REJECTED, True), said(task)
        assert "\n" not in said(task)
        good = await sent(client, lease())
    assert good.status.state == TaskState.TASK_STATE_COMPLETED


async def test_the_budget_stops_a_task(tmp_path: Path) -> None:
    model = ScriptedBackend("x")
    async with agent(tmp_path, model=model, budget={"tokens": 10}) as url, client_of(url) as client:
        task = await sent(client, lease())
    assert task.status.state == TaskState.TASK_STATE_FAILED
    assert "10 of 10 are left" in said(task)
    assert model.prompts == []
    assert not list((tmp_path / "runs").glob("*.run"))


async def test_a_long_task_goes_on_is_asked_about_and_cancelled(tmp_path: Path) -> None:
    model = Waiting()
    async with agent(tmp_path, model=model) as url, client_of(url) as client:
        task = await sent(client, lease(), now=True)
        await model.asked.wait()
        assert (await client.get_task(GetTaskRequest(id=task.id))).status.state == TaskState.TASK_STATE_WORKING
        cancelled = await client.cancel_task(CancelTaskRequest(id=task.id))
        assert cancelled.status.state == TaskState.TASK_STATE_CANCELED
        await asyncio.wait_for(model.left.wait(), 120)
    assert not list((tmp_path / "runs").glob("*.run"))


async def test_another_key_does_not_see_a_task(tmp_path: Path) -> None:
    async with agent(tmp_path) as url, client_of(url, ONE) as first, client_of(url, TWO) as second:
        task = await sent(first, lease())
        with pytest.raises(A2AError):
            await second.get_task(GetTaskRequest(id=task.id))
        with pytest.raises(A2AError):
            await second.cancel_task(CancelTaskRequest(id=task.id))
        assert [len((await one.list_tasks(ListTasksRequest())).tasks) for one in (first, second)] == [1, 0]


async def test_malformed_requests_are_errors_of_the_protocol_and_the_server_goes_on(tmp_path: Path) -> None:
    async with agent(tmp_path) as url, httpx.AsyncClient(headers={"authorization": f"Bearer {ONE}"}) as http:
        headers = {"content-type": "application/json"}
        bodies = [b"{", b"[]", b'{"jsonrpc": "2.0", "id": 1, "method": "tasks/delete"}', b"[" * 50_000, b"\xff"]
        bodies.append(b'{"jsonrpc": "2.0", "id": 1, "method": "SendMessage", "params": {"message": 7}}')
        for body in bodies:
            answer = await http.post(f"{url}/a2a", content=body, headers=headers)
            assert "error" in answer.json(), body[:40]
            assert "Traceback" not in answer.text
        assert (await http.post(f"{url}/a2a", content=b" " * 400_000, headers=headers)).status_code == 413
        async with client_of(url) as client:
            assert (await sent(client, lease())).status.state == TaskState.TASK_STATE_COMPLETED


async def test_ledger_record_and_trace_show_the_calls_of_a_task(tmp_path: Path) -> None:
    home, spans = tmp_path / "home", tmp_path / "spans.jsonl"
    async with ModelServer([repairs()]) as server:
        async with agent(home, **traced(server.url, spans)) as url, client_of(url, TWO) as client:
            task = await sent(client, lease())
        assert task.status.state == TaskState.TASK_STATE_COMPLETED
        asked = str([request.body for request in server.received])
        assert ("<PERSON_" in asked, "Quxzovia" in asked) == (True, False)
    calls, found = len(server.received), await left(home, spans)
    assert calls
    assert found.booked == [(found.run_id, "second", "ok", *TOKENS)] * calls
    assert found.recorded == found.spanned == [TOKENS] * calls
    assert b"Quxzovia" not in found.kept


async def test_without_the_extra_the_message_names_it() -> None:
    program = "import sys; sys.modules['a2a'] = None; import agentkit.adapters.a2a"
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=pipe, stderr=pipe)
    _, err = await child.communicate()
    assert b"A2A needs an optional part: pip install 'governed-agentkit[a2a]'." in err
