"""Agents of one's own that fail, hang, exit or are stopped: what is told, and what is kept."""

import asyncio
from pathlib import Path

import pytest
from specialist_samples import Note, run, talkative

from agentkit import Config
from agentkit.app import AgentKit
from agentkit.errors import AgentError, BackendError
from agentkit.records.run_record import list_runs
from agentkit.specialists import AgentContext, agent


async def test_a_failing_agent_is_tried_again_and_names_itself_at_last(lease: Path) -> None:
    tries: list[int] = []

    @agent(retries=2)
    async def shaky(ctx: AgentContext) -> Note:
        tries.append(1)
        if len(tries) < 3:
            raise KeyError("Maria Keller")
        return Note("at last")

    async with AgentKit().with_agent(shaky, before="summarize") as kit:
        report = await kit.summarize([lease])
        assert report.agents[0].data == {"words": "at last", "weight": 1}

    @agent
    async def broken(ctx: AgentContext) -> Note:
        raise KeyError("Maria Keller")

    async with AgentKit().with_agent(broken, before="summarize") as kit:
        with pytest.raises(AgentError, match=r"The agent broken failed: KeyError: '<PERSON_1>'"):
            await kit.summarize([lease])


async def test_an_agent_has_only_so_many_seconds(lease: Path) -> None:
    @agent(timeout_s=0.05)
    async def slow(ctx: AgentContext) -> None:
        await asyncio.Event().wait()

    async with AgentKit().with_agent(slow, before="report") as kit:
        with pytest.raises(AgentError, match=r"The agent slow took longer than its 0.05 seconds"):
            await kit.summarize([lease])


async def test_an_agent_that_exits_ends_its_turn_and_not_the_host(lease: Path) -> None:
    async def quits(ctx: AgentContext) -> None:
        raise SystemExit(0)

    with pytest.raises(AgentError, match="The agent quits ended with SystemExit"):
        await run(AgentKit().with_agent(quits, before="report"), lease)


async def test_a_model_that_fails_for_an_agent_fails_as_itself(lease: Path) -> None:
    async def talker(ctx: AgentContext) -> None:
        await ctx.complete("Hello?")

    async with AgentKit().with_agent(talker, before="report") as kit:  # the embedded model holds no conversation
        with pytest.raises(BackendError, match="holds no conversation"):
            await kit.summarize([lease])


async def test_what_an_agent_left_running_asks_nobody_after_its_turn(lease: Path) -> None:
    left: list[asyncio.Task[object]] = []
    go = asyncio.Event()

    async def spawns(ctx: AgentContext) -> None:
        async def later() -> object:
            await go.wait()
            return await ctx.ask("When does the lease end?")

        left.append(asyncio.create_task(later()))

    await run(AgentKit().with_agent(spawns, before="report"), lease)
    go.set()
    with pytest.raises(AgentError, match="The turn of the agent spawns is over: await what it begins"):
        await left[0]


async def test_a_crash_between_agents_repeats_no_call_that_was_paid(lease: Path, home: Path) -> None:
    """One of two agents that work at once fails; the other's answer is kept, without a cache."""
    ready = asyncio.Event()

    async def pays(ctx: AgentContext) -> Note:
        told = await ctx.complete("Cost me something.")
        ready.set()
        return Note(told)

    async def crashes(ctx: AgentContext) -> Note:
        if not ready.is_set():
            await ready.wait()
            for _ in range(50):  # until what the other brought is saved
                await asyncio.sleep(0)
            raise SystemError("the power is gone")
        return Note("up again")

    async def later(ctx: AgentContext) -> Note:
        return Note(await ctx.complete("And again."))

    config = Config.model_validate({"cache": {"adapter": "none"}})
    model = talkative()

    def kit() -> AgentKit:
        made = AgentKit(config, model=model).with_agent(pays, beside="summarize")
        return made.with_agent(crashes, beside="summarize").with_agent(later, before="report")

    async with kit() as first:
        with pytest.raises(AgentError, match="the power is gone"):
            await first.ask([lease], "What is the rent?")
    async with kit() as second:
        report = await second.resume(list_runs(home)[0].run_id)
    assert [prompt.task for prompt in model.prompts] == ["ask", "chat", "chat"]
    assert [item.data for item in report.agents] == [
        {"words": "Well said.", "weight": 1},
        {"words": "up again", "weight": 1},
        {"words": "Well said.", "weight": 1},
    ]


async def test_cancelling_a_run_cancels_its_agents(lease: Path, home: Path) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def endless(ctx: AgentContext) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with AgentKit().with_agent(endless, before="report") as kit:
        task = asyncio.create_task(kit.summarize([lease]))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert ended.is_set()
    assert list_runs(home)[0].resumable
