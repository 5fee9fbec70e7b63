"""The endpoint as the clients of OpenAI and LiteLLM see it: a real server before a governed door and a model server."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import openai
import pytest
from obliging import oblige
from pydantic import BaseModel
from serving import served

from agentkit.adapters.litellm.vendor import litellm
from agentkit.adapters.serving import Admission, chat_app
from agentkit.app import AgentKit
from agentkit.calls import LedgerQuery
from agentkit.composition import make_ledger
from agentkit.config import Config
from agentkit.records.run_record import list_runs
from agentkit.service.doors import Doors
from agentkit.service.runs import Runs
from agentkit.testing.fakes import WordRails
from agentkit.testing.server import ModelServer, Received, Reply, chat_reply, stream_reply

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the clients' own
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
NAME = "Quxzovia Brandt"
KEY = "a-key-of-the-firm"
LEASE = f"""LEASE

1. Rent. The Tenant, Ms. {NAME}, shall pay EUR 1,250 on the first day of each month.

2. Repairs. The Landlord shall pay for all repairs of the roof.
"""
Scripted = Reply | Callable[[Received], Reply]


@dataclass
class Here:
    """A running endpoint, its model server and its home."""

    url: str
    model: ModelServer
    home: Path
    config: Config

    def client(self, key: str = KEY) -> openai.AsyncOpenAI:
        return openai.AsyncOpenAI(base_url=f"{self.url}/v1", api_key=key, max_retries=0)

    def sent(self) -> str:
        return json.dumps([request.body for request in self.model.received], ensure_ascii=False)


@asynccontextmanager
async def endpoint(
    home: Path, replies: Sequence[Scripted], *, keys=None, folder=None, keep_alive_s=15.0, **given
) -> AsyncIterator[Here]:
    async with ModelServer(list(replies)) as model:
        params = {"model": "openai/served", "api_base": model.url}
        config = Config.model_validate(
            {
                "models": [{"model_name": "served", "litellm_params": params, "client": "openai"}],
                "roles": {"writer": "served"},
                "cache": {"adapter": "none"},
                **given,
            }
        )
        async with AgentKit(config, rails=WordRails(), home=home, model="embedded/extractive") as kit:
            documents = (lambda: [folder]) if folder else None
            runs = Runs(kit)
            doors = Doors(kit, runs, documents=documents)
            app = chat_app(doors, keep_alive_s=keep_alive_s)
            tenants = {KEY: "default"} if keys is None else keys
            async with served(Admission(app, keys=tenants, max_body_bytes=200_000)) as url:
                yield Here(url, model, home, config)
            await runs.aclose()
            await doors.aclose()


HELLO = [{"role": "user", "content": f"Write to Ms. {NAME}."}]


async def test_a_client_sees_names_and_the_model_placeholders(tmp_path: Path) -> None:
    async with endpoint(tmp_path, [chat_reply("Dear <PERSON_1>, it is due.")]) as here, here.client() as client:
        said = await client.chat.completions.create(model="served", messages=HELLO)
    assert said.choices[0].message.content == f"Dear {NAME}, it is due."
    assert (said.choices[0].finish_reason, said.usage.total_tokens) == ("stop", 15)
    assert "Quxzovia" not in here.sent()


async def test_ledger_and_record_show_the_call_under_the_id_of_the_answer(tmp_path: Path) -> None:
    keys = {KEY: "firm"}
    async with endpoint(tmp_path, [chat_reply("Yes.")], keys=keys) as here, here.client() as client:
        said = await client.chat.completions.create(model="writer", messages=HELLO)
    run_id = said.id.removeprefix("chatcmpl-")
    assert run_id in {run["run_id"] if isinstance(run, dict) else run.run_id for run in list_runs(tmp_path)}
    ledger = make_ledger(here.config, tmp_path)
    rows = await ledger.rows(LedgerQuery(run=run_id))
    await ledger.aclose()
    assert [(row.tenant, row.role, row.model, row.input_tokens) for row in rows] == [("firm", "writer", "served", 10)]


async def test_the_trace_shows_the_call_and_no_text(tmp_path: Path) -> None:
    spans = tmp_path / "spans.jsonl"
    tracing = {"adapter": "file", "path": str(spans)}
    async with endpoint(tmp_path / "home", [chat_reply("Yes.")], tracing=tracing) as here, here.client() as client:
        await client.chat.completions.create(model="served", messages=HELLO)
    told = spans.read_text(encoding="utf-8")
    assert "chat served" in told
    assert "Quxzovia" not in told
    assert "Write to" not in told


async def test_a_stream_ends_with_its_real_reason_and_its_usage(tmp_path: Path) -> None:
    cut = stream_reply("Dear <PER", "SON_1>, it", finish_reason="length", input_tokens=7, output_tokens=3)
    async with endpoint(tmp_path, [cut]) as here, here.client() as client:
        stream = await client.chat.completions.create(
            model="served", messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == f"Dear {NAME}, it"
    reasons = [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices]
    assert [reason for reason in reasons if reason] == ["length"]
    assert (chunks[-1].choices, chunks[-1].usage.prompt_tokens, chunks[-1].usage.completion_tokens) == ([], 7, 3)


async def test_a_stream_that_is_long_in_coming_is_kept_open_and_says_what_went_wrong(tmp_path: Path) -> None:
    good = stream_reply("It is due.")
    late = [Reply(headers=good.headers, pieces=good.pieces, wait_s=0.5), chat_reply("output:bad")]
    late[1] = Reply(headers=late[1].headers, body=late[1].body, wait_s=0.5)
    headers = {"authorization": f"Bearer {KEY}"}
    async with endpoint(tmp_path, late, keep_alive_s=0.05) as here, httpx.AsyncClient() as http:
        url, asked = f"{here.url}/v1/chat/completions", {"model": "served", "messages": HELLO, "stream": True}
        said = (await http.post(url, json=asked, headers=headers)).text
        assert said.startswith(": ")
        assert said.endswith("data: [DONE]\n\n")
        assert "It is due." in said
        refused = await http.post(url, json=asked, headers=headers)
        assert refused.status_code == 200
        assert json.loads(refused.text.rpartition("data: ")[2])["error"]["code"] == "content_filter"
    async with endpoint(tmp_path, [late[0]], keep_alive_s=0.05) as here, here.client() as client:
        stream = await client.chat.completions.create(model="served", messages=HELLO, stream=True)
        assert (
            "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]) == "It is due."
        )


class Joke(BaseModel):
    setup: str
    laughs: int


WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "strict": True,
        "description": "The weather of a town.",
        "parameters": {
            "type": "object",
            "properties": {"town": {"type": "string"}},
            "required": ["town"],
            "additionalProperties": False,
        },
    },
}


@pytest.mark.parametrize("stream", [False, True])
async def test_tools_are_called_and_their_results_heard(stream, tmp_path: Path) -> None:
    async with endpoint(tmp_path, [oblige]) as here, here.client() as client:
        asked = {"model": "served", "messages": [{"role": "user", "content": "The weather?"}], "tools": [WEATHER]}
        if stream:
            async with client.chat.completions.stream(**asked) as events:
                first = (await events.get_final_completion()).choices[0]
        else:
            first = (await client.chat.completions.create(**asked)).choices[0]
        assert first.finish_reason == "tool_calls"
        call = first.message.tool_calls[0]
        assert (call.function.name, set(json.loads(call.function.arguments))) == ("weather", {"town"})
        turns = [*asked["messages"], first.message, {"role": "tool", "tool_call_id": call.id, "content": "Sunny."}]
        second = await client.chat.completions.create(model="served", messages=turns, tools=[WEATHER])
    assert second.choices[0].message.content == "It is sunny, and seven."


async def test_an_object_fits_its_schema_or_is_an_error(tmp_path: Path) -> None:
    replies = [oblige, chat_reply("```json\n{'setup': 'A cat', 'laughs': 3}\n```"), chat_reply('{"setup": 1}')]
    async with endpoint(tmp_path, replies) as here, here.client() as client:
        for wanted in ("a word", "A cat"):
            said = await client.chat.completions.parse(model="served", messages=HELLO, response_format=Joke)
            assert said.choices[0].message.parsed.setup == wanted
        with pytest.raises(openai.InternalServerError, match="gave no answer that fits"):
            await client.chat.completions.parse(model="served", messages=HELLO, response_format=Joke)


LAUGHS = {f"l{n}": {"allOf": [{"$ref": f"#/$defs/l{n + 1}"}] * 2} for n in range(40)} | {"l40": {"type": "object"}}


@pytest.mark.parametrize(
    ("schema", "status"),
    [
        ({"$ref": "#/$defs/l0", "$defs": LAUGHS}, 400),
        ({"type": "object", "patternProperties": {"^(a+)+$": {}}, "additionalProperties": False}, 400),
        ({"type": "object", "propertyNames": {"pattern": "^(a+)+$"}}, 200),
        ({"$ref": "#"}, 502),
        ({"$ref": "http://127.0.0.1:1/schema.json"}, 400),
        ({"$ref": "#here", "$defs": {"x": {"$anchor": "here"}}}, 400),
        ({"$dynamicRef": "#here"}, 400),
        ({"type": "object", "properties": {"next": {"$ref": "#"}}}, 200),
    ],
)
async def test_a_schema_that_means_harm_holds_nobody_up(schema: object, status: int, tmp_path: Path) -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "harm", "schema": schema}}
    asked = {"model": "served", "messages": HELLO, "response_format": wanted}
    answer = chat_reply(json.dumps({"a" * 60 + "!": 1}))
    async with endpoint(tmp_path, [answer]) as here, httpx.AsyncClient() as http:
        headers = {"authorization": f"Bearer {KEY}"}
        said = await http.post(f"{here.url}/v1/chat/completions", json=asked, headers=headers)
    assert said.status_code == status


async def test_litellm_and_a_client_without_a_loop_get_the_same(tmp_path: Path) -> None:
    async with endpoint(tmp_path, [chat_reply("Dear <PERSON_1>.")]) as here:
        whole = await litellm.acompletion(
            model="openai/served", api_base=f"{here.url}/v1", api_key=KEY, messages=HELLO, num_retries=0
        )
        with openai.OpenAI(base_url=f"{here.url}/v1", api_key=KEY) as client:
            make = client.chat.completions.create
            other = await asyncio.to_thread(make, model="served", messages=HELLO)
    assert whole.choices[0].message.content == other.choices[0].message.content == f"Dear {NAME}."


async def test_models_are_those_of_the_configuration_and_our_runs(tmp_path: Path) -> None:
    async with endpoint(tmp_path, [chat_reply("x")]) as here, here.client() as client:
        names = [model.id async for model in client.models.list()]
        assert names == ["served", "writer", "agentkit/ask", "agentkit/summarize"]
        assert (await client.models.retrieve("agentkit/ask")).id == "agentkit/ask"
        for wrong in ("gpt-5", "judge", "embedded/extractive"):
            with pytest.raises(openai.NotFoundError, match="no model"):
                await client.chat.completions.create(model=wrong, messages=HELLO)
        with pytest.raises(openai.NotFoundError):
            await client.models.retrieve("gpt-5")
    assert here.model.received == []


async def test_what_holds_no_conversation_is_no_model(tmp_path: Path) -> None:
    roles = {"writer": "embedded/extractive", "reviewer": "served"}
    async with endpoint(tmp_path, [chat_reply("x")], roles=roles) as here, here.client() as client:
        names = [model.id async for model in client.models.list()]
        assert names == ["served", "reviewer", "agentkit/ask", "agentkit/summarize"]
        for name in names[:2]:
            assert (await client.chat.completions.create(model=name, messages=HELLO)).choices
        with pytest.raises(openai.NotFoundError, match="no model"):
            await client.chat.completions.create(model="writer", messages=HELLO)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_rail_blocks_what_is_asked_and_what_is_answered(stream, tmp_path: Path) -> None:
    replies = [stream_reply("output:bad")] if stream else [chat_reply("output:bad")]
    async with endpoint(tmp_path, replies) as here, here.client() as client:
        for text, calls in (("input:bad", 0), ("fine", 1)):
            turns = [{"role": "user", "content": text}]
            with pytest.raises(openai.BadRequestError, match="rail") as caught:
                await client.chat.completions.create(model="served", messages=turns, stream=stream)
            assert caught.value.code == "content_filter"
            assert len(here.model.received) == calls


async def test_the_budget_stops_a_call_before_it_is_made(tmp_path: Path) -> None:
    async with endpoint(tmp_path, [chat_reply("x")], budget={"tokens": 50}) as here, here.client() as client:
        with pytest.raises(openai.RateLimitError) as caught:
            await client.chat.completions.create(model="served", messages=HELLO)
    assert (caught.value.code, here.model.received) == ("insufficient_quota", [])
    assert caught.value.response.headers["x-should-retry"] == "false"


@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_that_goes_away_ends_the_call(stream, tmp_path: Path) -> None:
    silent = Reply(end="open", pieces=[b"{"], headers={"content-type": "application/json"})
    async with endpoint(tmp_path, [silent]) as here, here.client() as client:
        work = asyncio.create_task(client.chat.completions.create(model="served", messages=HELLO, stream=stream))
        await here.model.arrived.wait()
        work.cancel()
        await asyncio.wait([work])
        await client.close()
        await asyncio.wait_for(here.model.hung_up.wait(), 120)


async def test_a_stream_that_breaks_off_is_an_error_and_no_short_answer(tmp_path: Path) -> None:
    broken = Reply(end="closed", pieces=stream_reply("It is").pieces[:1], headers=stream_reply().headers)
    gateway = {"retry": {"attempts": 1}} if "retry" in str(Config().gateway) else {}
    async with endpoint(tmp_path, [broken], gateway=gateway) as here, here.client() as client:
        with pytest.raises(openai.APIStatusError):
            async for _ in await client.chat.completions.create(model="served", messages=HELLO, stream=True):
                pass


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[" * 100_000, 400),
        (b"\xff\xfe", 400),
        (b"[]", 400),
        (b'{"model": "served"}', 400),
        (b'{"model": "served", "messages": [{"role": "user", "content": "\\ud800"}]}', 400),
        (b" " * 300_000, 413),
    ],
)
async def test_a_bad_body_is_an_error_of_the_client_and_the_server_goes_on(body, status, tmp_path: Path) -> None:
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    async with endpoint(tmp_path, [chat_reply("Yes.")]) as here, httpx.AsyncClient() as http:
        answer = await http.post(f"{here.url}/v1/chat/completions", content=body, headers=headers)
        assert (answer.status_code, set(answer.json())) == (status, {"error"})
        assert "Traceback" not in answer.text

        async def slowly() -> AsyncIterator[bytes]:
            for _ in range(10):
                yield body[:50_000] or b" "

        longer = await http.post(f"{here.url}/v1/chat/completions", content=slowly(), headers=headers)
        assert longer.status_code in {400, 413}
        async with here.client() as client:
            assert (await client.chat.completions.create(model="served", messages=HELLO)).choices


async def test_who_has_no_key_comes_from_another_page_or_asks_for_another_host_is_turned_away(tmp_path: Path) -> None:
    async with endpoint(tmp_path, [chat_reply("x")]) as here, httpx.AsyncClient() as http:
        url, good = f"{here.url}/v1/models", {"authorization": f"Bearer {KEY}"}
        for headers, status in (
            ({}, 401),
            ({"authorization": "Bearer wrong"}, 401),
            ({"authorization": f"Basic {KEY}"}, 401),
            ({**good, "host": "rebound.example"}, 421),
            ({**good, "origin": "https://rebound.example"}, 403),
            ({**good, "origin": "null"}, 403),
            ({**good, "origin": here.url}, 200),
            ({**good, "origin": "vscode-webview://panel"}, 200),
            (good, 200),
        ):
            assert (await http.get(url, headers=headers)).status_code == status
        form = {**good, "content-type": "text/plain"}
        posted = await http.post(f"{here.url}/v1/chat/completions", content=b"{}", headers=form)
        assert posted.status_code == 415
        assert (await http.get(f"{here.url}/v2", headers=good)).status_code == 404
        assert (await http.get(f"{here.url}/v1/chat/completions", headers=good)).status_code == 405
    assert here.model.received == []


async def test_a_document_sent_along_is_answered_with_citations_and_nothing_of_it_stays(tmp_path: Path) -> None:
    data = base64.b64encode(LEASE.encode()).decode()
    file = {"type": "file", "file": {"filename": "lease.txt", "file_data": f"data:text/plain;base64,{data}"}}
    turns = [{"role": "user", "content": [{"type": "text", "text": "Who pays for repairs of the roof?"}, file]}]
    async with endpoint(tmp_path, [chat_reply("x")]) as here, here.client() as client:
        said = await client.chat.completions.create(model="agentkit/ask", messages=turns)
        short = await client.chat.completions.create(model="agentkit/summarize", messages=turns[:1])
        with pytest.raises(openai.BadRequestError, match="reads no files"):
            await client.chat.completions.create(model="served", messages=turns)
    assert "Landlord" in said.choices[0].message.content
    report = said.model_extra["agentkit"]["report"]
    assert report["claims"][0]["citations"][0]["quote"] in LEASE
    assert "Quxzovia" not in short.model_dump_json()
    assert not list((tmp_path / "runs").glob("*.run"))


@pytest.mark.parametrize("name", ["契約" * 60 + ".txt", "../../etc/passwd.txt", "..\\..\\..", "a\0b.txt", "\n.txt"])
async def test_a_files_name_leads_nowhere_and_is_never_too_long(name: str, tmp_path: Path) -> None:
    file = {"type": "file", "file": {"filename": name, "file_data": base64.b64encode(LEASE.encode()).decode()}}
    turns = [{"role": "user", "content": [{"type": "text", "text": "Who pays for repairs of the roof?"}, file]}]
    async with endpoint(tmp_path, [chat_reply("x")]) as here, here.client() as client:
        said = await client.chat.completions.create(model="agentkit/ask", messages=turns)
    (source,) = said.model_extra["agentkit"]["report"]["sources"]
    assert "/" not in source["path"]
    assert "Landlord" in said.choices[0].message.content


async def test_a_question_is_answered_over_the_folder_that_was_opened(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "lease.txt").write_text(LEASE, encoding="utf-8")
    turns = [{"role": "user", "content": "Who pays for repairs of the roof?"}]
    async with endpoint(tmp_path / "home", [chat_reply("x")], folder=folder) as here, here.client() as client:
        stream = await client.chat.completions.create(model="agentkit/ask", messages=turns, stream=True)
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
        bad = [{"role": "user", "content": "input:bad"}]
        with pytest.raises(openai.BadRequestError, match="rail"):
            await client.chat.completions.create(model="agentkit/ask", messages=bad)
    assert "Landlord" in text


async def test_requests_at_once_do_not_mix(tmp_path: Path) -> None:
    def echo(request: Received) -> Reply:
        return chat_reply(str(request.body["messages"][-1]["content"]))

    async with endpoint(tmp_path, [echo], budget={"calls": 1}) as here, here.client() as client:
        names = ["Mary Whitfield", "Jonas Keller", "Ada Marlow", "Peter Novak"]
        asked = [[{"role": "user", "content": f"Dear {name},"}] for name in names]
        said = await asyncio.gather(
            *(client.chat.completions.create(model="served", messages=turns) for turns in asked)
        )
    assert [one.choices[0].message.content for one in said] == [f"Dear {name}," for name in names]
    assert len({one.id for one in said}) == 4
