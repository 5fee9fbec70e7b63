"""The tools of real MCP servers for our agents: what may be called, what is sent, what comes back."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from mcp_stub import server as stub
from serving import served

from agentkit.adapters.mcp import McpTools, Proposal
from agentkit.calls import Completion, Message, ToolCall
from agentkit.composition import make_rails
from agentkit.config import Config
from agentkit.egress import EgressPolicy
from agentkit.errors import BudgetExceededError, EgressDeniedError, RefusedError, UnavailableError, UsageError
from agentkit.gateway import Gateway
from agentkit.policy import EdgeGuards
from agentkit.testing.fakes import MemoryRecord, ScriptedBackend, WordRails
from agentkit.types import Prompt

STUB = [sys.executable, str(Path(__file__).with_name("mcp_stub.py"))]
NAME = "Mary Whitfield"


@asynccontextmanager
async def opened(*allow: str, fault: str = "", **given) -> AsyncIterator[McpTools]:
    settings = {"guards": EdgeGuards(WordRails()), "safe": lambda text: text.replace(NAME, "<PERSON_1>"), **given}
    async with McpTools([*STUB, fault], allow=allow, **settings) as tools:
        yield tools


def wish(name: str, arguments: str = "{}") -> ToolCall:
    return ToolCall("7", name, arguments)


async def test_only_the_tools_that_are_allowed_are_there() -> None:
    async with opened("find_law") as tools:
        assert [(tool.name, tool.description) for tool in tools.tools] == [("find_law", "Finds a law.")]
        assert "query" in tools.tools[0].parameters["properties"]
        assert (await tools.call(wish("bad"))).content == "There is no such tool."
    with pytest.raises(UsageError, match="no tool find_fact"):
        async with opened("find_fact"):
            pass


async def test_what_is_sent_holds_placeholders_and_the_answer_too() -> None:
    async with opened("find_law") as tools:
        answer = await tools.call(wish("find_law", f'{{"query": "the will of {NAME}"}}'))
    assert (answer.role, answer.tool_call_id) == ("tool", "7")
    assert answer.content == "You asked: the will of <PERSON_1>"


async def test_a_tool_that_may_do_harm_is_denied_unless_somebody_approves_what_would_be_sent() -> None:
    shown: list[Proposal] = []

    async def approve(proposal: Proposal) -> bool:
        shown.append(proposal)
        return proposal.arguments["to"] == "<PERSON_1>"

    given = f'{{"to": "{NAME}"}}'
    async with opened("send_mail", "confused") as tools:
        assert (await tools.call(wish("send_mail", given))).content == "The call was not approved."
        assert (await tools.call(wish("confused"))).content == "The call was not approved."
    async with opened("send_mail", approve=approve) as tools:
        assert (await tools.call(wish("send_mail", given))).content == "Sent to <PERSON_1> (0)."
        assert (await tools.call(wish("send_mail", '{"to": "x"}'))).content == "The call was not approved."
    assert [(item.tool, item.is_read_only, item.is_destructive) for item in shown] == [("send_mail", False, True)] * 2


async def test_a_tool_that_changes_what_it_says_of_itself_is_not_called_again() -> None:
    async with opened("find_law", fault="rug") as tools:
        first = await tools.call(wish("find_law", '{"query": "a"}'))
        second = await tools.call(wish("find_law", '{"query": "b"}'))
    assert first.content == "You asked: a"
    assert "not what it was" in second.content


async def test_a_tool_that_is_not_what_was_approved_before_is_refused() -> None:
    async with opened("find_law") as tools:
        pins = tools.fingerprints
    async with opened("find_law", pins=pins) as tools:
        assert tools.fingerprints == pins
    with pytest.raises(RefusedError, match="not what was approved"):
        async with opened("find_law", fault="poisoned", pins=pins):
            pass


async def test_a_description_that_gives_orders_is_refused_by_the_shipped_rails() -> None:
    guards = EdgeGuards(make_rails("legal"))
    for fault in ("poisoned", "poisoned-nbsp", "poisoned-tab", "poisoned-snake"):
        with pytest.raises(RefusedError, match="what the tool find_law says of itself"):
            async with opened("find_law", fault=fault, guards=guards):
                pass
    everything = ("find_law", "bad", "long", "picture", "slow", "broken", "send_mail", "confused")
    async with opened(*everything, guards=guards) as tools:
        assert len(tools.tools) == len(everything)


@pytest.mark.parametrize(
    ("name", "arguments", "said", "outcome"),
    [
        ("find_law", "{", "The arguments are not a JSON object.", "bad_arguments"),
        ("find_law", "[1]", "The arguments are not a JSON object.", "bad_arguments"),
        ("bad", "{}", "What the tool returned was withheld (word rail", "withheld"),
        ("long", "{}", "x" * 500 + "\n[cut after 500 characters]", "ok"),
        ("picture", "{}", "[withheld: image]", "ok"),
        ("broken", "{}", "broken inside", "error"),
        ("find_law", "{}", "query", "error"),
    ],
)
async def test_every_outcome_is_a_message_and_a_line_of_the_record(name, arguments, said, outcome) -> None:
    record = MemoryRecord()
    async with opened(name, record=record, max_chars=500) as tools:
        assert said in (await tools.call(wish(name, arguments))).content
    fields = record.events[-1][1]
    assert fields["outcome"] == outcome
    assert said[:20] not in str(fields)


async def test_a_tool_that_is_late_or_dies_does_not_hold_anybody_up() -> None:
    async with opened("slow", "find_law", timeout_s=5) as tools:
        assert "within 5 seconds" in (await tools.call(wish("slow"))).content
        assert (await tools.call(wish("find_law", '{"query": "a"}'))).content == "You asked: a"
    async with opened("die", "find_law", timeout_s=5) as tools:
        first = (await tools.call(wish("die"))).content
        assert "server" in first or "within" in first
        assert (await tools.call(wish("find_law", '{"query": "a"}'))).content != "You asked: a"


async def test_a_server_is_told_that_nobody_waits_for_a_call_any_more() -> None:
    async with opened("slow", "told", timeout_s=2) as tools:
        assert (await tools.call(wish("told"))).content == "0"
        await tools.call(wish("slow"))
        assert (await tools.call(wish("told"))).content == "1"
        work = asyncio.create_task(tools.call(wish("slow")))
        done, _ = await asyncio.wait([work], timeout=0.5)
        assert not done
        work.cancel()
        await asyncio.wait([work])
        assert (await tools.call(wish("told"))).content == "2"


@pytest.mark.parametrize("command", [["/no/such/program"], [sys.executable, "-c", "print(1)"], [*STUB, "garbage"]])
async def test_a_server_that_is_none_is_unavailable(command: list[str]) -> None:
    tools = McpTools(command, allow=["x"], guards=EdgeGuards(WordRails()), safe=str, timeout_s=10)
    with pytest.raises(UnavailableError, match="MCP server"):
        await tools.__aenter__()


async def test_cancelling_a_call_leaves_the_connection_usable() -> None:
    async with opened("slow", "find_law") as tools:
        work = asyncio.create_task(tools.call(wish("slow")))
        await asyncio.sleep(0)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert (await tools.call(wish("find_law", '{"query": "a"}'))).content == "You asked: a"


async def test_a_server_over_http_is_held_to_the_egress_policy() -> None:
    guards = EdgeGuards(WordRails())
    async with served(stub.streamable_http_app()) as url:
        async with McpTools(f"{url}/mcp", allow=["find_law"], guards=guards, safe=str) as tools:
            assert (await tools.call(wish("find_law", '{"query": "a"}'))).content == "You asked: a"
        nowhere = EgressPolicy.parse("none")
        with pytest.raises(EgressDeniedError):
            await McpTools(f"{url}/mcp", allow=["find_law"], guards=guards, safe=str, egress=nowhere).__aenter__()
    with pytest.raises(EgressDeniedError):
        await McpTools("https://tools.example/mcp", allow=["x"], guards=guards, safe=str).__aenter__()
    with pytest.raises(UnavailableError):
        await McpTools(f"{url}/mcp", allow=["x"], guards=guards, safe=str, timeout_s=10).__aenter__()


async def test_an_agent_works_with_the_tools_through_the_governed_door(tmp_path: Path) -> None:
    call = Completion("", "m", tool_calls=[wish("find_law", '{"query": "the will of <PERSON_1>"}')])
    model = ScriptedBackend(call, "There is one.")
    prompt = Prompt("writer", "chat", "t", "", messages=[Message("user", f"Is there a law for the will of {NAME}?")])
    async with (
        Gateway(model=model, rails=WordRails(), home=tmp_path) as gateway,
        opened("find_law", safe=gateway.safe_text) as tools,
    ):
        said = await tools.converse(gateway.door(), prompt)
    assert said.text == "There is one."
    turns = model.prompts[1].messages
    assert [turn.role for turn in turns] == ["user", "assistant", "tool"]
    assert turns[2].content == "You asked: the will of <PERSON_1>"
    assert model.prompts[0].tools[0].name == "find_law"
    assert NAME not in str(model.prompts)


async def test_an_agent_that_loops_is_stopped_by_the_budget_and_by_its_turns(tmp_path: Path) -> None:
    call = Completion("", "m", tool_calls=[wish("find_law", '{"query": "again"}')])
    prompt = Prompt("writer", "chat", "t", "", messages=[Message("user", "Look.")])
    config = Config.model_validate({"budget": {"calls": 3}})
    model = ScriptedBackend(call)
    async with opened("find_law") as tools, Gateway(config, model=model, home=tmp_path) as gateway:
        with pytest.raises(UsageError, match="still calls tools after 2 turns"):
            await tools.converse(gateway.door(), prompt, max_turns=2)
        with pytest.raises(BudgetExceededError):
            await tools.converse(gateway.door(), prompt)
    assert len(model.prompts) == 3
