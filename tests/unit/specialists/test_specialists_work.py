"""What agents of one's own are given, what they may ask, and what they bring into the report."""

import asyncio
from pathlib import Path

import pytest
from specialist_samples import Aliased, Bag, Grade, Note, run, talkative

from agentkit import Config
from agentkit.app import AgentKit
from agentkit.errors import AgentError, ConfigError
from agentkit.records.run_record import list_runs, read_events
from agentkit.specialists import AgentContext, HandOver, agent
from agentkit.testing.fakes import ScriptedBackend
from agentkit.types import Claim, SafePassage


async def test_a_plain_function_becomes_a_node_and_what_it_brings_is_in_the_report(lease: Path, home: Path) -> None:
    async def note(ctx: AgentContext, passages: list[SafePassage]) -> Note:
        return Note(f"{len(passages)} passages of {ctx.documents[0]}", weight=len(passages))

    async with AgentKit().with_agent(note, before="summarize") as kit:
        events = [event async for event in kit.stream([lease])]
    report = events[-1]["report"]
    nodes = [event["node"] for event in events if event["event"] == "node_finished"]
    assert nodes.index("screen_passages") < nodes.index("note") < nodes.index("summarize")
    assert [(item.name, item.data) for item in report.agents] == [
        ("note", {"words": "3 passages of lease.txt", "weight": 3})
    ]
    assert report.status == "approved"
    recorded = [event["node"] for event in read_events(home, report.run_id) if event["event"] == "node"]
    assert "note" in recorded
    assert "note" in report.timings_ms


async def test_an_agent_takes_what_another_gives_by_its_class(lease: Path) -> None:
    async def first(ctx: AgentContext) -> Note:
        return Note("seen", 7)

    async def second(ctx: AgentContext, given: Note) -> Grade:
        return Grade(level=given.weight + 1)

    async def third(ctx: AgentContext, given: list[Note]) -> list[Grade]:
        return [Grade(level=item.weight) for item in given]

    kit = AgentKit().with_agent(first, before="summarize").with_agent(second, after="summarize")
    async with kit.with_agent(third, before="report") as kit:
        report = await kit.summarize([lease])
    assert [item.data for item in report.agents] == [{"words": "seen", "weight": 7}, {"level": 8}, [{"level": 7}]]


async def test_a_class_whose_fields_have_other_names_in_data_is_brought_and_taken(lease: Path) -> None:
    async def grades(ctx: AgentContext) -> Aliased:
        return Aliased(Level=3)

    async def reads(ctx: AgentContext, given: Aliased) -> Note:
        return Note("read", given.level)

    report = await run(AgentKit().with_agent(grades, before="summarize").with_agent(reads, before="report"), lease)
    assert [item.data for item in report.agents] == [{"Level": 3}, {"words": "read", "weight": 3.0}]


async def test_the_wrong_shape_is_one_clear_error(lease: Path, home: Path) -> None:
    async def sloppy(ctx: AgentContext) -> Note:
        return Note("fine", "heavy")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    async with AgentKit().with_agent(sloppy, before="summarize") as kit:
        with pytest.raises(AgentError, match=r"The agent sloppy returned a Note where Note belongs: weight: input"):
            await kit.summarize([lease])
    assert list_runs(home)[0].resumable


async def test_data_that_cannot_be_kept_is_one_sentence(lease: Path) -> None:
    loop: dict[str, object] = {}
    loop["loop"] = loop

    async def given_out(held: object) -> None:
        async def careless(ctx: AgentContext) -> Bag:
            return Bag({"x": held})

        async def hands(ctx: AgentContext) -> HandOver:
            return HandOver("expert", {"held": {"x": held}})

        async def expert(ctx: AgentContext, given: Bag) -> None: ...

        for kit in (AgentKit().with_agent(careless, before="report"), AgentKit().with_agent(hands, before="report")):
            with pytest.raises(AgentError, match=r"^(What t|T)he agent (careless|hands) "):
                await run(kit.with_agent(agent(name="bag")(bag), after="review").with_agent(expert), lease)

    async def bag(ctx: AgentContext) -> Bag:
        return Bag({})

    for held in (float("inf"), object(), b"\xff", loop, {"maria.keller@example.org": 1}):
        await given_out(held)


async def test_a_role_of_its_own_has_a_model_of_its_own(lease: Path) -> None:
    async def risk(ctx: AgentContext) -> list[Claim]:
        assert ctx.door.name == "embedded/extractive"
        return await ctx.ask("When does the lease end?")

    model = talkative()
    config = Config.model_validate({"roles": {"writer": "x/y", "risk": "embedded/extractive"}})
    async with AgentKit(config, model=model).with_agent(risk, beside="summarize") as kit:
        report = await kit.ask([lease], "What is the rent?")
    assert set(report.usage.by_model) == {"scripted", "embedded/extractive"}
    with pytest.raises(ConfigError, match="has the role risks; roles has risk"):
        AgentKit(config, model=model).with_agent(agent(role="risks")(risk), before="report")


async def test_a_schema_makes_an_answer_an_object(lease: Path) -> None:
    async def grader(ctx: AgentContext) -> Grade:
        return await ctx.complete("How risky?", schema=Grade)

    model = talkative('{"level": 4}')
    async with AgentKit(model=model).with_agent(grader, before="report") as kit:
        report = await kit.ask([lease], "What is the rent?")
    assert report.agents[0].data == {"level": 4}


async def test_a_model_with_a_small_window_is_asked_about_what_fits_it(tmp_path: Path) -> None:
    clauses = [f"{n}. Notice. The Tenant gives the Landlord notice number {n} in writing. " * 4 for n in range(1, 60)]
    clauses[40] = "41. Parking. The Tenant may park three vehicles in the yard behind the mill."
    long = tmp_path / "long.txt"
    long.write_text("\n\n".join(clauses), encoding="utf-8")

    async def parking(ctx: AgentContext) -> None:
        await ctx.ask("How many vehicles may the Tenant park in the yard?")

    model = ScriptedBackend('{"answered": false, "claims": []}', context_tokens=1500)
    config = Config.model_validate({"retrieval": {"top_k": 5}})
    async with AgentKit(config, model=model).with_agent(parking, before="report") as kit:
        await kit.ask([long], "Who gives notice?")
    read = model.prompts[-1].passages
    assert "vehicles" in read[0].text
    assert len(read) <= 5


async def test_an_agent_finds_passages_that_rails_have_seen(lease: Path) -> None:
    async def finder(ctx: AgentContext) -> Note:
        found = await ctx.retrieve("governing law", top_k=3)
        return Note(found[-1].text)

    async with AgentKit().with_agent(finder, before="report") as kit:
        report = await kit.summarize([lease])
    assert "Scotland" in str(report.agents[0].data)


async def test_two_runs_at_once_do_not_mix(tmp_path: Path) -> None:
    meet = asyncio.Barrier(2)

    async def looker(ctx: AgentContext) -> Note:
        await meet.wait()
        found = ctx.passages[0].text
        await meet.wait()
        return Note(found)

    paths = [tmp_path / f"{name}.txt" for name in ("north", "south")]
    for path in paths:
        path.write_text(f"The {path.stem} wing is let to Maria Keller from May 2031 for a rent.", encoding="utf-8")
    async with AgentKit().with_agent(looker, before="summarize") as kit:
        reports = await asyncio.gather(*(kit.summarize([path]) for path in paths))
    for path, report in zip(paths, reports, strict=True):
        assert f"The {path.stem} wing is let to Maria Keller" in str(report.agents[0].data)
