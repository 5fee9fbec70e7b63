"""Reviewers of one's own: the worst verdict counts, and none passes for another or approves by failing."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specialist_samples import DRAFT, approve, run

from agentkit.agents import combine_verdicts, weighed
from agentkit.app import AgentKit
from agentkit.errors import AgentError, ConfigError, WaitingError
from agentkit.records.run_record import read_events
from agentkit.specialists import AgentContext, agent
from agentkit.testing.fakes import ScriptedBackend
from agentkit.types import Claim, Label, Verdict


async def test_several_reviewers_are_asked_at_once_and_the_worst_verdict_counts(lease: Path, home: Path) -> None:
    async def privilege(ctx: AgentContext, claims: list[Claim]) -> list[Verdict]:
        return [Verdict(claim.id, "unverified", 0.4, "words", "A person is named.") for claim in claims]

    async def plain_language(ctx: AgentContext, claims: list[Claim]) -> list[Verdict]:
        return [Verdict(claim.id, "supported", 0.9, "words") for claim in claims]

    kit = AgentKit(model=ScriptedBackend(DRAFT)).with_agent(privilege, beside="review")
    async with kit.with_agent(plain_language, beside="review") as kit:
        report = await kit.ask([lease], "What is the rent?")
    assert report.status == "needs_review"
    verdict = report.claims[0].verdict
    assert (verdict.label, verdict.score, verdict.reason) == ("unverified", 0.4, "privilege: A person is named.")
    said = {opinion.reviewer: opinion.label for opinion in report.claims[0].opinions}
    assert said == {"grounding": "supported", "privilege": "unverified", "plain_language": "supported"}
    reviews = [event for event in read_events(home, report.run_id) if event["event"] == "review"]
    assert {str(name) for name, *_ in reviews[0]["opinions"]} == set(said)  # pyright: ignore[reportGeneralTypeIssues]


async def test_a_rule_of_one_s_own_decides_among_reviewers(lease: Path) -> None:
    async def strict(ctx: AgentContext, claims: list[Claim]) -> list[Verdict]:
        return [Verdict(claim.id, "unverified", 0.1, "words", "Never sure.") for claim in claims]

    kit = AgentKit(model=ScriptedBackend(DRAFT)).with_agent(strict, beside="review")
    async with kit.with_verdict_rule(lambda said: said["grounding"]) as kit:
        report = await kit.ask([lease], "What is the rent?")
    assert report.status == "approved"
    assert [opinion.label for opinion in report.claims[0].opinions] == ["supported", "unverified"]
    async with kit.with_verdict_rule(lambda _: "fine") as kit:  # type: ignore[arg-type,return-value]
        with pytest.raises(AgentError, match="The rule for verdicts returned str"):
            await kit.ask([lease], "What is the rent?")


async def test_a_reviewer_in_place_of_ours_leaves_unverified_what_it_does_not_name(lease: Path) -> None:
    async def silent(ctx: AgentContext, claims: list[Claim]) -> list[Verdict]:
        return []

    async with AgentKit(model=ScriptedBackend(DRAFT)).with_agent(silent, instead_of="review") as kit:
        report = await kit.ask([lease], "What is the rent?")
    assert [claim.verdict.label for claim in report.claims] == ["unverified"]


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
