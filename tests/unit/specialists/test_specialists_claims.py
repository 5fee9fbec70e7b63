"""Claims of agents of one's own: cited, reviewed and named, whoever wrote them; nothing made up ships."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from specialist_samples import LEASE, Bag, approve, run

from agentkit.app import AgentKit, Options
from agentkit.specialists import AgentContext, agent
from agentkit.types import Citation, Claim, Verdict


async def test_claims_of_an_agent_are_cited_reviewed_and_named(lease: Path) -> None:
    @agent(role="researcher")
    async def law(ctx: AgentContext) -> list[Claim]:
        return await ctx.ask("When does the lease end?", document=0, max_claims=1)

    async with AgentKit().with_agent(law, beside="summarize") as kit:
        report = await kit.summarize([lease], options=Options(max_claims=8))
    assert [item.name for item in report.agents] == ["law"]
    (name,) = report.agents[0].claims
    claim = next(claim for claim in report.claims if claim.id == name)
    assert "2031" in claim.text
    assert claim.verdict.label == "supported"
    assert LEASE[claim.citations[0].start : claim.citations[0].end] == claim.citations[0].quote


async def test_an_agent_writes_in_place_of_the_summarizer(lease: Path) -> None:
    async def writer_of_law(ctx: AgentContext) -> list[Claim]:
        return await ctx.ask("When does the lease end?", max_claims=1)

    async with AgentKit().with_agent(writer_of_law, instead_of="summarize") as kit:
        report = await kit.summarize([lease])
    assert len(report.claims) == 1
    assert "summarize" not in report.timings_ms


async def test_a_claim_without_support_of_an_agent_does_not_ship(lease: Path) -> None:
    async def wild(ctx: AgentContext, claims: list[Claim]) -> list[Claim]:
        return [Claim("x", "The Tenant shall pay EUR 9,999 a month.", citations=claims[0].citations)]

    async with AgentKit().with_agent(wild, after="summarize") as kit:
        report = await kit.ask([lease], "What is the rent?")
    assert not any("9,999" in claim.text for claim in report.claims)
    assert report.revisions == 1


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
