"""Agents of one's own that ask a person: the run waits, and an answer counts for its question."""

import asyncio
from pathlib import Path

import pytest
from specialist_samples import Note, run

from agentkit.app import AgentKit
from agentkit.errors import AgentError, WaitingError
from agentkit.records.run_record import list_runs
from agentkit.specialists import AgentContext, agent
from agentkit.testing.fakes import WordRails


async def test_an_agent_that_catches_its_pause_waits_all_the_same(lease: Path) -> None:
    async def sly(ctx: AgentContext) -> Note:
        try:
            said = await ctx.ask_human("May this be released?")
        except Exception:  # noqa: BLE001  (as careless code does)
            said = "nobody said no"
        return Note(said)

    async def grouped(ctx: AgentContext) -> Note:
        async with asyncio.TaskGroup() as group:
            asked = group.create_task(ctx.ask_human("May this be released?"))
        return Note(asked.result())

    for asks in (sly, agent(retries=2)(grouped)):
        async with AgentKit().with_agent(asks, before="report") as kit:
            with pytest.raises(WaitingError, match="May this be released") as waits:
                await kit.summarize([lease])
            report = await kit.resume(waits.value.run_id, answer="Yes.")
        assert report.agents[0].data == {"words": "Yes.", "weight": 1.0}


async def test_an_answer_counts_for_the_question_it_was_given_to(lease: Path) -> None:
    turns: list[int] = []

    async def fickle(ctx: AgentContext) -> Note:
        turns.append(1)
        return Note(await ctx.ask_human("May this be released?" if len(turns) == 1 else "May all be deleted?"))

    async with AgentKit().with_agent(fickle, before="report") as kit:
        with pytest.raises(WaitingError, match="May this be released") as waits:
            await kit.summarize([lease])
        with pytest.raises(WaitingError, match="May all be deleted"):
            await kit.resume(waits.value.run_id, answer="Yes.")
        report = await kit.resume(waits.value.run_id, answer="No.")
    assert report.agents[0].data == {"words": "No.", "weight": 1.0}


async def test_one_agent_waits_while_another_fails_and_both_go_on(lease: Path, home: Path) -> None:
    failed: list[int] = []

    async def asks(ctx: AgentContext) -> Note:
        return Note(await ctx.ask_human("Well?"))

    async def fails_once(ctx: AgentContext) -> Note:
        if not failed:
            failed.append(1)
            raise OSError("down")
        return Note("up")

    async with AgentKit().with_agent(asks, beside="summarize").with_agent(fails_once, beside="summarize") as kit:
        with pytest.raises(AgentError, match="The agent fails_once failed"):
            await kit.summarize([lease])
        run_id = list_runs(home)[0].run_id
        with pytest.raises(WaitingError, match="Well"):
            await kit.resume(run_id)
        report = await kit.resume(run_id, answer="Yes.")
    assert [item.data for item in report.agents] == [{"words": "Yes.", "weight": 1.0}, {"words": "up", "weight": 1.0}]


async def test_a_question_that_is_none_is_one_sentence(lease: Path) -> None:
    async def silent(ctx: AgentContext) -> None:
        await ctx.ask_human(" ")

    async def beyond(ctx: AgentContext) -> None:
        await ctx.ask("When does it end?", document=1)

    for asks, told in ((silent, "there is no question"), (beyond, "there is no document 1: the last is 0")):
        with pytest.raises(AgentError, match=told):
            await run(AgentKit(rails=WordRails()).with_agent(asks, before="report"), lease)
