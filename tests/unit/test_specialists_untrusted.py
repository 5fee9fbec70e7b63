"""Agents that do what they should not: nothing of it ships as supported, and all of it is told in one sentence."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from agentkit import Config
from agentkit.agents import combine_verdicts, weighed
from agentkit.app import AgentKit
from agentkit.deps import Deps
from agentkit.errors import AgentError, ConfigError, WaitingError
from agentkit.records.run_record import list_runs, read_events
from agentkit.report import Report
from agentkit.seats import Seat, Seats, Way
from agentkit.specialists import AgentContext, HandOver, agent
from agentkit.state import State, Update
from agentkit.testing.fakes import WordRails
from agentkit.types import Citation, Claim, Label, Verdict

LEASE = """1. Rent. The Tenant shall pay EUR 2,450 a month to Maria Keller, maria.keller@example.org.

2. Term. The lease ends on 31 March 2031. It is not renewed.

3. Law. The laws of Scotland govern this lease.
"""


@dataclass
class Note:
    words: str
    weight: float = 1


@dataclass
class Bag:
    held: dict[str, object]


class Aliased(BaseModel):
    level: int = Field(alias="Level")


@pytest.fixture
def lease(tmp_path: Path) -> Path:
    path = tmp_path / "lease.txt"
    path.write_text(LEASE, encoding="utf-8")
    return path


async def approve(ctx: AgentContext, claims: list[Claim]) -> list[Verdict]:
    return [Verdict(claim.id, "supported", 1.0, "verbatim", "The cited text has these words.") for claim in claims]


async def run(kit: AgentKit, path: Path) -> Report:
    async with kit:
        return await kit.summarize([path])


# --- claims


async def test_two_claims_of_one_id_do_not_share_a_verdict(lease: Path) -> None:
    async def twin(ctx: AgentContext, claims: list[Claim]) -> list[Claim]:
        return [replace(claims[0], text="The Tenant shall pay EUR 9,999 a month."), claims[0]]

    report = await run(AgentKit().with_agent(twin, after="summarize"), lease)
    assert not any("9,999" in claim.text for claim in report.claims)
    assert len({claim.id for claim in report.claims}) == len(report.claims)


async def test_a_new_claim_takes_no_id_of_one_that_is_there(lease: Path) -> None:
    async def shorten(ctx: AgentContext, claims: list[Claim]) -> list[Claim]:
        return claims[1:]

    async def lengthen(ctx: AgentContext, claims: list[Claim]) -> list[Claim]:
        return [replace(claims[0], id="new", text="The laws of Scotland govern."), *claims]

    kit = AgentKit().with_agent(shorten, after="summarize").with_agent(lengthen, before="review")
    report = await run(kit, lease)
    assert len({claim.id for claim in report.claims}) == len(report.claims) == 2


@pytest.mark.parametrize(
    "made_up",
    [
        Citation(0, 3, 40, "d9p9"),
        Citation(0, 5, 99_999, "d0p0"),
        Citation(7, 0, 5, "d0p0"),
        Citation(0, 30, 10, "d0p0"),
        Citation(0, -5, 10, "d0p0"),
        Citation(0, 95, 120, "d0p0"),
        Citation(0, 0, 5, ""),
    ],
    ids=str,
)
async def test_a_citation_that_is_made_up_ships_nothing_even_where_a_reviewer_approves(
    made_up: Citation, lease: Path
) -> None:
    async def wild(ctx: AgentContext, claims: list[Claim]) -> list[Claim]:
        return [Claim("c1", "Rubbish is paid for.", [made_up]), *claims[1:]]

    for kit in (AgentKit(), AgentKit().with_agent(approve, instead_of="review")):
        report = await run(kit.with_agent(wild, after="summarize"), lease)
        assert not any("Rubbish" in claim.text for claim in report.claims)
        assert report.removed_claims
        for claim in report.claims:
            assert [LEASE[cited.start : cited.end] for cited in claim.citations] == [c.quote for c in claim.citations]


async def test_what_an_agent_leaves_out_is_told(lease: Path) -> None:
    async def shorten(ctx: AgentContext, claims: list[Claim]) -> list[Claim]:
        return claims[:1]

    report = await run(AgentKit().with_agent(shorten, after="summarize"), lease)
    assert [item.reason for item in report.removed_claims] == ["left out by the agent shorten"]


async def test_what_an_agent_does_to_what_it_was_given_changes_nothing(lease: Path) -> None:
    def spoil(claims: list[Claim]) -> None:
        for claim in claims:
            claim.citations.clear()
            object.__setattr__(claim, "text", "Nobody reviewed this.")

    async def note(ctx: AgentContext) -> Bag:
        return Bag({"list": ["as it was"]})

    async def vandal(ctx: AgentContext, claims: list[Claim]) -> list[Verdict]:
        spoil(claims)
        spoil(ctx.claims)
        found: Any = ctx.findings["note"]
        found["held"]["list"].append("and more")
        return []

    report = await run(AgentKit().with_agent(note, before="summarize").with_agent(vandal, beside="review"), lease)
    assert [claim.text for claim in report.claims] == [claim.citations[0].quote for claim in report.claims]
    assert report.agents[0].data == {"held": {"list": ["as it was"]}}


# --- verdicts


async def test_two_verdicts_of_one_reviewer_on_one_claim_count_as_the_worse(lease: Path) -> None:
    async def torn(ctx: AgentContext, claims: list[Claim]) -> list[Verdict]:
        no = [Verdict(claim.id, "contradicted", 0.0, "words", "No.") for claim in claims]
        return [*no, *(Verdict(claim.id, "supported", 1.0, "words") for claim in claims)]

    report = await run(AgentKit().with_agent(torn, beside="review"), lease)
    assert report.claims == []
    assert {item.reason.partition(":")[0] for item in report.removed_claims} <= {"torn", "contradicted"}


async def test_a_reviewer_that_always_fails_leaves_claims_unverified_and_is_told(lease: Path, home: Path) -> None:
    @agent(retries=1)
    async def broken(ctx: AgentContext, claims: list[Claim]) -> list[Verdict]:
        raise KeyError("Maria Keller")

    @agent(timeout_s=0.05)
    async def slow(ctx: AgentContext, claims: list[Claim]) -> list[Verdict]:
        await asyncio.Event().wait()
        return []

    async def astray(ctx: AgentContext, claims: list[Claim]) -> list[Verdict]:
        return [Verdict("c77", "supported", 1.0, "words")]

    async def lavish(ctx: AgentContext, claims: list[Claim]) -> list[Verdict]:
        return [Verdict(claim.id, "supported", 7.0, "words") for claim in claims]

    async def talker(ctx: AgentContext, claims: list[Claim]) -> list[Verdict]:
        await ctx.complete("Well?")  # the embedded model holds no conversation
        return []

    for reviewer, told in (
        (broken, "The agent broken failed: KeyError: 'Maria Keller'"),
        (slow, "took longer than its 0.05 seconds"),
        (astray, "gave a verdict on c77"),
        (lavish, "gave the score 7; scores are from 0 to 1"),
        (talker, "holds no conversation"),
    ):
        report = await run(AgentKit().with_agent(reviewer, beside="review"), lease)
        assert report.status == "needs_review"
        assert {claim.verdict.label for claim in report.claims} == {"unverified"}
        assert all(told in claim.verdict.reason for claim in report.claims), report.claims[0].verdict
        assert {opinion.label for claim in report.claims for opinion in claim.opinions} == {"supported", "unverified"}
        failed = [event for event in read_events(home, report.run_id) if event["event"] == "reviewer_failed"]
        assert len(failed) == 1
    record = (home / "runs" / f"{report.run_id}.jsonl").read_text(encoding="utf-8")
    assert "Keller" not in record


async def test_an_agent_that_exits_ends_its_turn_and_not_the_host(lease: Path) -> None:
    async def quits(ctx: AgentContext) -> None:
        raise SystemExit(0)

    with pytest.raises(AgentError, match="The agent quits ended with SystemExit"):
        await run(AgentKit().with_agent(quits, before="report"), lease)


async def test_who_approves_everything_is_named_in_the_report_and_passes_for_nobody_else(lease: Path) -> None:
    report = await run(AgentKit().with_agent(approve, instead_of="review"), lease)
    assert {claim.verdict.method for claim in report.claims} == {"approve:verbatim"}
    assert {opinion.reviewer for claim in report.claims for opinion in claim.opinions} == {"approve"}

    async def odd(ctx: AgentContext, claims: list[Claim]) -> list[Verdict]:
        return [Verdict(claim.id, "supported", 1.0, "as\nour reviewer found") for claim in claims]

    report = await run(AgentKit().with_agent(odd, instead_of="review"), lease)
    assert {claim.verdict.method for claim in report.claims} == {"odd"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"score": float("nan")}, "no sound Verdict"),
        ({"score": "x"}, "no sound Verdict"),
        ({"reason": 3}, "no sound Verdict"),
        ({"claim_id": "c9"}, "no sound Verdict"),
        (None, "failed on the claim c1 with KeyError: it was given the verdicts of approve"),
    ],
)
async def test_a_rule_for_verdicts_that_fails_is_one_sentence(
    changed: Mapping[str, object] | None, told: str, lease: Path
) -> None:
    def rule(said: Mapping[str, Verdict]) -> Verdict:
        if changed is None:
            return said["grounding"]
        return replace(said["approve"], **changed)

    with pytest.raises(AgentError, match=told):
        await run(AgentKit().with_agent(approve, instead_of="review").with_verdict_rule(rule), lease)
    with pytest.raises(ConfigError, match="A rule for verdicts is a function"):
        AgentKit().with_verdict_rule(3)  # type: ignore[arg-type]


async def test_what_a_rule_says_is_kept_in_placeholders(lease: Path, home: Path) -> None:
    async def pause(ctx: AgentContext) -> None:
        await ctx.ask_human("Well?")

    def rule(said: Mapping[str, Verdict]) -> Verdict:
        return replace(said["grounding"], reason="Maria Keller and maria.keller@example.org were asked.")

    kit = AgentKit().with_agent(approve, beside="review").with_verdict_rule(rule).with_agent(pause, before="report")
    with pytest.raises(WaitingError):
        await run(kit, lease)
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"Keller" not in kept
    assert b"maria.keller" not in kept


LABELS: tuple[Label, ...] = ("contradicted", "unsupported", "unverified", "supported")
VERDICTS = st.lists(
    st.builds(
        Verdict,
        claim_id=st.sampled_from(["c1", "c2", "c3"]),
        label=st.sampled_from(LABELS),
        score=st.floats(0, 1),
        method=st.sampled_from(["verbatim", "judge"]),
        reason=st.sampled_from(["", "No.", "Yes."]),
    ),
    max_size=6,
)


@given(st.lists(VERDICTS, max_size=4))
def test_no_panel_is_milder_than_its_strictest_reviewer(panels: list[list[Verdict]]) -> None:
    joint = {verdict.claim_id: verdict for verdict in combine_verdicts(*panels)}
    said = [verdict for panel in panels for verdict in panel]
    assert joint.keys() == {verdict.claim_id for verdict in said}
    for name, verdict in joint.items():
        mine = [item for item in said if item.claim_id == name]
        assert LABELS.index(verdict.label) == min(LABELS.index(item.label) for item in mine)
        assert verdict.score == min(item.score for item in mine if item.label == verdict.label)
    turned = {item.claim_id: (item.label, item.score) for item in combine_verdicts(*reversed(panels))}
    assert turned == {name: (verdict.label, verdict.score) for name, verdict in joint.items()}
    for name in joint:
        by = {f"r{place}": item for place, item in enumerate(said) if item.claim_id == name}
        assert weighed(by).label == joint[name].label


# --- data and names


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


async def test_work_is_handed_to_a_name(lease: Path) -> None:
    async def lost(ctx: AgentContext) -> HandOver:
        return HandOver(approve)  # type: ignore[arg-type]

    with pytest.raises(AgentError, match="The agent lost hands over to a function: write the name of an agent"):
        await run(AgentKit().with_agent(lost, before="report"), lease)


async def test_a_class_whose_fields_have_other_names_in_data_is_brought_and_taken(lease: Path) -> None:
    async def grades(ctx: AgentContext) -> Aliased:
        return Aliased(Level=3)

    async def reads(ctx: AgentContext, given: Aliased) -> Note:
        return Note("read", given.level)

    report = await run(AgentKit().with_agent(grades, before="summarize").with_agent(reads, before="report"), lease)
    assert [item.data for item in report.agents] == [{"Level": 3}, {"words": "read", "weight": 3.0}]


@pytest.mark.parametrize("name", ["__start__", "__end__", "__interrupt__", "a b", "branch:to:x", "a\n", 3])
def test_a_name_that_is_none_is_refused_where_it_is_given(name: str) -> None:
    async def plain(ctx: AgentContext) -> None: ...

    with pytest.raises(ConfigError, match="is no name for an agent: write letters, digits and _"):
        agent(name=name)(plain)


@pytest.mark.parametrize(
    ("bound", "told"),
    [
        ({"retries": "3"}, "retries must be from 0 to 10"),
        ({"retries": 1.5}, "retries must be from 0 to 10"),
        ({"timeout_s": "x"}, "timeout_s must be above 0"),
        ({"timeout_s": float("nan")}, "timeout_s must be above 0"),
        ({"budget_share": 1.5}, "budget_share must be above 0 and at most 1"),
        ({"budget_share": "0.5"}, "budget_share must be above 0 and at most 1"),
        ({"budget_share": float("nan")}, "budget_share must be above 0 and at most 1"),
        ({"edges": [["a"]]}, "edges must be some of"),
        ({"edges": []}, "edges must be some of"),
        ({"role": 3}, "role must be a name without spaces"),
        ({"role": "a b\n"}, "role must be a name without spaces"),
    ],
    ids=str,
)
def test_a_bound_that_cannot_be_is_one_sentence(bound: Mapping[str, object], told: str) -> None:
    async def plain(ctx: AgentContext) -> None: ...

    with pytest.raises(ConfigError, match=f"The agent plain: {told}"):
        agent(**bound)(plain)  # type: ignore[call-overload]


def test_a_module_that_breaks_when_it_is_loaded_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for number, (body, told) in enumerate((("def", "SyntaxError"), ("raise RuntimeError('no')", "RuntimeError: no"))):
        (tmp_path / f"broken_agents_{number}.py").write_text(body, encoding="utf-8")
        config = Config.model_validate({"agents": [{"use": f"broken_agents_{number}:x", "before": "report"}]})
        with pytest.raises(ConfigError, match=f"The module of the agent broken_agents_{number}:x cannot be .*{told}"):
            AgentKit(config)


# --- routes


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


# --- a person


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
