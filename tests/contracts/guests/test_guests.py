"""Real agents of every framework under our governance: what holds for one holds for all."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from parties import GUESTS, SYSTEM, Guest, clerk, looper

from agentkit.calls import LedgerQuery
from agentkit.composition import make_ledger
from agentkit.config import Config
from agentkit.errors import BudgetExceededError, RefusedError
from agentkit.gateway import Gateway
from agentkit.testing.fakes import WordRails
from agentkit.testing.server import ModelServer, Received, Reply, chat_reply

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.parametrize("guest", GUESTS, ids=lambda guest: guest.name),
]
NAME = "Mary Quxzovbadeko"
IBAN = "DE89 3704 0044 0532 0130 00"


def finding(words: str) -> Callable[[str], str]:
    """Return a tool that always finds the same."""

    def look(query: str) -> str:
        return words

    return look


class Host:
    """A gateway to a scripted server, with rails that obey words."""

    def __init__(self, server: ModelServer, home: Path, **more: object) -> None:
        params = {"model": "openai/served", "api_base": server.url}
        served = {"model_name": "served", "litellm_params": params, "client": "openai"}
        config = {"models": [served], "roles": {"writer": "served"}, **more}
        self.server, self.home = server, home
        self.gateway = Gateway(Config.model_validate(config), rails=WordRails(), home=home)

    def sent(self) -> str:
        return json.dumps([request.body for request in self.server.received])


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Callable[..., Host]]:
    opened: list[tuple[ModelServer, Host]] = []

    async def make(reply: Reply | Callable[[Received], Reply] = clerk, **more: object) -> Host:
        server = await ModelServer([reply]).__aenter__()
        opened.append((server, Host(server, tmp_path / f"home{len(opened)}", **more)))
        return opened[-1][1]

    yield make
    for server, one in opened:
        await one.gateway.aclose()
        await server.__aexit__(None, None, None)


async def test_what_is_personal_never_reaches_the_model_and_comes_back_to_the_guest(guest: Guest, host) -> None:
    here = await host()
    asked: list[str] = []

    def look(query: str) -> str:
        asked.append(query)
        return f"Ms. {NAME} pays to {IBAN}."

    said = await guest.answer(here.gateway, f"Where does Ms. {NAME} pay?", look)
    assert len(here.server.received) == 2
    assert "Quxzov" not in here.sent()
    assert IBAN not in here.sent()
    assert "<PERSON_" in here.sent()
    assert SYSTEM in here.sent()
    assert NAME in asked[0]  # the guest's own tool is called with what the guest knows
    assert NAME in said
    assert IBAN in said


async def test_a_rail_keeps_what_a_user_says_from_the_model(guest: Guest, host) -> None:
    here = await host()
    with pytest.raises(RefusedError):
        await guest.answer(here.gateway, "input:bad", finding("x"))
    assert here.server.received == []


async def test_a_rail_keeps_what_a_tool_finds_from_the_model(guest: Guest, host) -> None:
    here = await host()
    said = await guest.answer(here.gateway, "What is due?", finding("retrieval:bad"))
    assert "retrieval:bad" not in here.sent()
    assert "withheld" in said


async def test_a_rail_keeps_what_the_model_says_from_the_guest(guest: Guest, host) -> None:
    here = await host(chat_reply("output:bad"))
    with pytest.raises(RefusedError):
        await guest.answer(here.gateway, "What is due?", finding("x"))


async def test_a_guest_that_loops_is_stopped_by_the_budget(guest: Guest, host) -> None:
    here = await host(looper, budget={"calls": 3})
    with pytest.raises(BudgetExceededError):
        await guest.answer(here.gateway, "What is due?", finding("nothing"))
    assert len(here.server.received) == 3


async def test_the_trace_and_the_ledger_show_its_calls(guest: Guest, host, tmp_path: Path) -> None:
    traced = tmp_path / "spans.jsonl"
    here = await host(tracing={"adapter": "file", "path": str(traced)})
    await guest.answer(here.gateway, f"Where does Ms. {NAME} pay?", finding("Here."))
    assert here.gateway.usage().model_calls == 2
    await here.gateway.aclose()
    events = [json.loads(line) for path in here.home.rglob("*.jsonl") for line in path.read_text().splitlines()]
    assert [event["task"] for event in events if event.get("event") == "call"] == ["chat", "chat"]
    ledger = make_ledger(here.gateway.config, here.home)
    rows = await ledger.rows(LedgerQuery(run=here.gateway.run_id))
    await ledger.aclose()
    assert [(row.task, row.outcome) for row in rows] == [("chat", "ok"), ("chat", "ok")]
    spans = [json.loads(line) for line in traced.read_text(encoding="utf-8").splitlines()]
    assert [(span["name"], span["status"]) for span in spans] == [("chat served", "UNSET")] * 2
    counted = ("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens")
    used = [tuple(span["attributes"][name] for name in counted) for span in spans]
    assert used == [(row.input_tokens, row.output_tokens) for row in rows]
    kept = b"".join(path.read_bytes() for path in [traced, *here.home.rglob("*")] if path.is_file())
    assert b"Quxzov" not in kept


async def test_cancelling_the_guest_hangs_up_on_the_model(guest: Guest, host) -> None:
    here = await host(Reply(end="open", pieces=[b"{"], headers={"content-type": "application/json"}))
    work = asyncio.create_task(guest.answer(here.gateway, "What is due?", finding("x")))
    await asyncio.wait_for(here.server.arrived.wait(), 120)
    work.cancel()
    await asyncio.wait([work], timeout=120)
    assert work.done()
    await asyncio.wait_for(here.server.hung_up.wait(), 120)
    assert len(here.server.received) == 1


async def test_guests_at_once_do_not_mix(guest: Guest, host) -> None:
    hosts = [await host(budget={"calls": 2}) for _ in range(4)]
    names = [f"Ms. Anna Quxzov{part}" for part in ("alpha", "beta", "gamma", "delta")]
    work = [guest.answer(one.gateway, name, lambda query: query) for one, name in zip(hosts, names, strict=True)]
    said = await asyncio.gather(*work)
    for name, words in zip(names, said, strict=True):
        assert name in words
        assert [other for other in names if other != name and other in words] == []
    assert [one.gateway.usage().model_calls for one in hosts] == [2, 2, 2, 2]
