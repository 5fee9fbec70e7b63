"""Ways between agents of one's own: work handed over, and every route to the report."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specialist_samples import Grade, Note, approve, run

from agentkit.app import AgentKit
from agentkit.deps import Deps
from agentkit.errors import AgentError
from agentkit.seats import Seat, Seats, Way
from agentkit.specialists import AgentContext, HandOver, agent
from agentkit.state import State, Update


async def test_work_is_handed_over_and_goes_on_where_it_came_from(lease: Path) -> None:
    async def triage(ctx: AgentContext) -> Grade | HandOver:
        return HandOver("expert", Note("a hard one", 3))

    async def expert(ctx: AgentContext, given: Note) -> Note:
        return Note(f"{given.words}, solved", given.weight)

    kit = AgentKit().with_agent(triage, before="summarize").with_agent(expert)
    async with kit:
        report = await kit.summarize([lease])
    assert {item.name: item.data for item in report.agents} == {"expert": {"words": "a hard one, solved", "weight": 3}}
    assert report.claims


async def test_agents_that_hand_over_in_a_circle_are_stopped(lease: Path) -> None:
    async def start(ctx: AgentContext) -> HandOver:
        return HandOver("ping")

    async def ping(ctx: AgentContext) -> HandOver:
        return HandOver("pong")

    async def pong(ctx: AgentContext) -> HandOver:
        return HandOver("ping")

    kit = AgentKit().with_agent(start, before="summarize").with_agent(ping).with_agent(pong)
    async with kit:
        with pytest.raises(AgentError, match="they go in a circle"):
            await kit.summarize([lease])

    async def lost(ctx: AgentContext) -> HandOver:
        return HandOver("pin")

    async with AgentKit().with_agent(lost, before="summarize").with_agent(ping) as kit:
        with pytest.raises(AgentError, match=r"no agent of that name waits for it: did you mean ping\?"):
            await kit.summarize([lease])


async def test_work_is_handed_to_a_name(lease: Path) -> None:
    async def lost(ctx: AgentContext) -> HandOver:
        return HandOver(approve)  # type: ignore[arg-type]

    with pytest.raises(AgentError, match="The agent lost hands over to a function: write the name of an agent"):
        await run(AgentKit().with_agent(lost, before="report"), lease)


async def test_many_agents_are_a_long_run_and_no_endless_one(lease: Path) -> None:
    async def plain(ctx: AgentContext) -> None: ...

    kit = AgentKit()
    for number in range(70):
        kit = kit.with_agent(agent(name=f"a{number}")(plain), before="report")
    assert (await run(kit, lease)).status == "approved"


CHAINED: list[tuple[Way, str]] = [
    ("before", "summarize"), ("after", "summarize"), ("before", "review"), ("after", "review"), ("before", "report"),
]  # fmt: skip
WAYS: list[tuple[Way, str]] = [*CHAINED, ("beside", "summarize"), ("beside", "review"), ("handed", "")]


@given(st.lists(st.tuples(st.sampled_from(WAYS), st.booleans()), max_size=7))
def test_every_route_leads_to_the_report_and_no_step_leads_nowhere(
    chosen: list[tuple[tuple[Way, str], bool]],
) -> None:
    async def act(state: State, deps: Deps) -> Update:
        return {}

    seats = Seats(
        tuple(
            Seat(f"a{n}", way, place, act, hands_over=hands and way in {"before", "after", "handed"})
            for n, ((way, place), hands) in enumerate(chosen)
        )
    )
    ours = {"summarize", "combine", "review", "weigh", "report", "revise"}
    for seat in seats.seats:
        ends = seats.ends(seat.name)
        assert set(ends) <= ours | {other.name for other in seats.seats}
        assert seat.name not in ends
        if seat.way != "handed":  # without handing over, it goes on, and every chain ends in a step of ours
            here, way = seat.name, list[str]()
            while here not in ours:
                assert here not in way
                way.append(here)
                here = seats.after(here)
        if seat.hands_over:
            assert set(seats.handed()) - {seat.name} <= set(ends)
