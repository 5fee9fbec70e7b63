"""What agents of one's own cannot get over: redaction, rails, budgets and the record."""

import json
from pathlib import Path

import pytest
from specialist_samples import Note, talkative

from agentkit import Config
from agentkit.app import AgentKit
from agentkit.calls import LedgerQuery
from agentkit.composition import make_ledger
from agentkit.errors import BudgetExceededError, RefusedError
from agentkit.records.run_record import list_runs, read_events
from agentkit.specialists import AgentContext, agent
from agentkit.testing.fakes import WordRails


async def test_a_canary_in_an_agents_own_data_stays_behind_redaction(lease: Path, home: Path, tmp_path: Path) -> None:
    canary = "Zelda Quillington"
    model = talkative(f"Ask {canary}.")
    config = Config.model_validate({"tracing": {"adapter": "file", "path": str(tmp_path / "spans.jsonl")}})

    async def clerk(ctx: AgentContext) -> Note:
        told = await ctx.complete(f"The client's daughter is {canary}, zelda@quill.example. Who should be asked?")
        assert canary not in told
        return Note(f"{told} Or {canary}.")

    kit = AgentKit(config, model=model).with_agent(clerk, before="summarize")
    async with kit:
        report = await kit.ask([lease], "What is the rent?")
    asked = [message.content for prompt in model.prompts for message in prompt.messages]
    assert len(asked) == 1
    assert canary not in asked[0]
    assert "zelda@" not in asked[0]
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    for place in (kept, (tmp_path / "spans.jsonl").read_bytes()):
        assert b"Quillington" not in place
    assert canary in str(report.agents[0].data)  # at the exit, names come back


async def test_its_calls_are_in_trace_record_and_ledger_under_its_role(lease: Path, home: Path, tmp_path: Path) -> None:
    config = Config.model_validate({"tracing": {"adapter": "file", "path": str(tmp_path / "spans.jsonl")}})

    async def clerk(ctx: AgentContext) -> Note:
        return Note(await ctx.complete("Say something."))

    async with AgentKit(config, model=talkative()).with_agent(clerk, before="report") as kit:
        report = await kit.ask([lease], "What is the rent?")
    calls = [event for event in read_events(home, report.run_id) if event["event"] == "call"]
    assert [(call["role"], call["prompt_version"]) for call in calls][1:] == [("clerk", "agent:clerk")]
    ledger = make_ledger(config, home)
    assert ledger is not None
    assert {row.role for row in await ledger.rows(LedgerQuery(run=report.run_id))} == {"writer", "clerk"}
    await ledger.aclose()
    spans = [json.loads(line) for line in (tmp_path / "spans.jsonl").read_text("utf-8").splitlines()]
    turn = next(span for span in spans if span["name"] == "invoke_agent clerk")
    assert [span["name"] for span in spans if span["parent_id"] == turn["span_id"]] == ["chat scripted"]


async def test_a_rail_blocks_what_an_agent_hears_and_the_agent_cannot_get_over_it(lease: Path) -> None:
    asked: list[str] = []

    async def stubborn(ctx: AgentContext) -> Note:
        for _ in range(3):
            try:
                await ctx.complete("Say it.")
            except RefusedError as error:
                asked.append(str(error))
        return Note("nothing happened")

    model = talkative("output:bad")
    async with AgentKit(model=model, rails=WordRails()).with_agent(stubborn, before="report") as kit:
        with pytest.raises(RefusedError, match="A rail held back what scripted answered"):
            await kit.ask([lease], "What is the rent?")
    assert len(asked) == 3
    assert [prompt.task for prompt in model.prompts] == ["ask", "chat"]


async def test_what_a_rail_blocks_of_a_finding_is_withheld_and_the_report_needs_review(lease: Path) -> None:
    async def guest(ctx: AgentContext) -> list[Note]:
        return [Note("output:bad words here"), Note("good words")]

    async with AgentKit(rails=WordRails()).with_agent(guest, before="report") as kit:
        report = await kit.summarize([lease])
    assert report.agents[0].data == [
        {"words": "[withheld: 3 words]", "weight": 1},
        {"words": "good words", "weight": 1},
    ]
    assert report.agents[0].withheld == 1
    assert report.status == "needs_review"
    assert "blocked" in {rail.action for rail in report.rails}


async def test_an_agent_spends_no_more_than_its_share(lease: Path, home: Path) -> None:
    answered: list[str] = []

    @agent(budget_share=0.5)
    async def talker(ctx: AgentContext) -> Note:
        for number in range(9):
            answered.append(await ctx.complete(f"Number {number}?"))  # noqa: PERF401  (what was paid for is counted)
        return Note("done")

    config = Config.model_validate({"budget": {"calls": 6}})
    async with AgentKit(config, model=talkative()).with_agent(talker, before="report") as kit:
        with pytest.raises(BudgetExceededError, match="The agent talker would take 1 model calls more, and 0 of its"):
            await kit.ask([lease], "What is the rent?")
        assert len(answered) == 3
        with pytest.raises(BudgetExceededError, match="The agent talker"):  # what was spent before counts
            await kit.resume(list_runs(home)[0].run_id)
    assert len(answered) == 6  # the same three, from the cache


async def test_the_run_s_budget_stops_an_agent_without_a_share(lease: Path) -> None:
    async def talker(ctx: AgentContext) -> None:
        for number in range(9):
            await ctx.complete(f"Number {number}?")

    config = Config.model_validate({"budget": {"calls": 4}})
    async with AgentKit(config, model=talkative()).with_agent(talker, before="report") as kit:
        with pytest.raises(BudgetExceededError, match="The run's budget of 4 model calls is used up"):
            await kit.ask([lease], "What is the rent?")
