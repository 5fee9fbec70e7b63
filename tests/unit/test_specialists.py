"""Agents of one's own in a run: what they are given, where they stand, and what they cannot get over."""

import asyncio
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path

import docx
import pytest
from pydantic import BaseModel

from agentkit import Config
from agentkit.app import AgentKit, Options
from agentkit.calls import LedgerQuery
from agentkit.composition import make_ledger
from agentkit.errors import AgentError, BackendError, BudgetExceededError, ConfigError, RefusedError
from agentkit.records.run_record import list_runs, read_events
from agentkit.rendering.html import render_html
from agentkit.rendering.loading import load_report
from agentkit.rendering.markdown import render_markdown
from agentkit.rendering.terminal import render_terminal
from agentkit.rendering.word import render_docx
from agentkit.rendering.words import claim_numbers
from agentkit.rendering.writing import write_report
from agentkit.report import Report
from agentkit.specialists import AgentContext, HandOver, agent
from agentkit.testing.fakes import ScriptedBackend, WordRails
from agentkit.types import Claim, Prompt, SafePassage, Verdict

LEASE = """1. Rent. The Tenant shall pay EUR 2,450 a month to Maria Keller, maria.keller@example.org.

2. Term. The lease ends on 31 March 2031. It is not renewed.

3. Law. The laws of Scotland govern this lease.
"""
QUOTE = "The Tenant shall pay EUR 2,450 a month"
DRAFT = json.dumps(
    {"answered": True, "claims": [{"text": f"{QUOTE}.", "citations": [{"passage": "d0p0", "quote": QUOTE}]}]}
)


@dataclass
class Note:
    words: str
    weight: int = 1


class Grade(BaseModel):
    level: int


@pytest.fixture
def lease(tmp_path: Path) -> Path:
    path = tmp_path / "lease.txt"
    path.write_text(LEASE, encoding="utf-8")
    return path


def talkative(reply: str = "Well said.", *, name: str = "scripted") -> ScriptedBackend:
    """Return a model that drafts when it is asked for a draft, and chats otherwise."""

    def answer(prompt: Prompt) -> str:
        return DRAFT if prompt.task in {"ask", "summarize"} else reply

    return ScriptedBackend(answer, name=name)


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


async def test_the_wrong_shape_is_one_clear_error(lease: Path, home: Path) -> None:
    async def sloppy(ctx: AgentContext) -> Note:
        return Note("fine", "heavy")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    async with AgentKit().with_agent(sloppy, before="summarize") as kit:
        with pytest.raises(AgentError, match=r"The agent sloppy returned a Note where Note belongs: weight: input"):
            await kit.summarize([lease])
    assert list_runs(home)[0].resumable


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


async def test_a_model_that_fails_for_an_agent_fails_as_itself(lease: Path) -> None:
    async def talker(ctx: AgentContext) -> None:
        await ctx.complete("Hello?")

    async with AgentKit().with_agent(talker, before="report") as kit:  # the embedded model holds no conversation
        with pytest.raises(BackendError, match="holds no conversation"):
            await kit.summarize([lease])


class TestMisuse:
    """What cannot be is one sentence, and says what can."""

    async def plain(self, ctx: AgentContext) -> None: ...

    @pytest.mark.parametrize(
        ("places", "told"),
        [
            ({"before": "sumarize"}, "There is no step 'sumarize' for the agent plain to stand before: did you mean"),
            ({"before": "nowhere at all"}, "there are summarize, review, report"),
            ({"after": "report"}, "cannot stand after report: an agent stands before it"),
            ({"before": "summarize", "after": "review"}, "has before='summarize' and after='review': name one place"),
            ({"instead_of": "summarize"}, "must give list\\[Claim\\]"),
            ({"beside": "review"}, "gives nothing: verdicts are given beside review"),
        ],
    )
    def test_a_wrong_place(self, places: dict[str, str], told: str) -> None:
        async def plain(ctx: AgentContext) -> None: ...

        with pytest.raises(ConfigError, match=told):
            AgentKit().with_agent(plain, **places)

    def test_a_name_that_is_taken(self) -> None:
        async def risk(ctx: AgentContext) -> None: ...

        async def review(ctx: AgentContext) -> None: ...

        kit = AgentKit().with_agent(risk, before="report")
        with pytest.raises(ConfigError, match=r"There is an agent risk already: .*name='risk_2'"):
            kit.with_agent(risk, after="review")
        with pytest.raises(ConfigError, match="cannot be called review"):
            kit.with_agent(review, before="report")

    def test_what_cannot_be_declared(self) -> None:
        def waiting(ctx: AgentContext) -> None: ...

        async def silent(ctx: AgentContext): ...  # type: ignore[no-untyped-def]

        async def loose(ctx: AgentContext) -> dict[str, object]:
            return {}

        async def crowded(ctx: AgentContext, a: Note, b: Note) -> None: ...

        for given, told in (
            (waiting, "is no async function"),
            (silent, "does not say what it returns"),
            (loose, "dict cannot be checked"),
            (crowded, "takes 3 parameters"),
            (3, "The agent int is no async function"),
        ):
            with pytest.raises(ConfigError, match=told):
                AgentKit().with_agent(given, before="report")
        with pytest.raises(ConfigError, match="budget_share must be above 0"):
            agent(budget_share=0)(self.plain)

    def test_claims_that_nobody_would_review(self) -> None:
        async def late(ctx: AgentContext, claims: list[Claim]) -> list[Claim]:
            return claims

        with pytest.raises(ConfigError, match="nobody would review there"):
            AgentKit().with_agent(late, before="report")

    def test_an_input_that_nobody_gives(self) -> None:
        async def needy(ctx: AgentContext, given: Note) -> None: ...

        with pytest.raises(ConfigError, match="takes Note, which no agent gives"):
            AgentKit().with_agent(needy, before="report")


async def _told(lease: Path) -> Report:
    async def marked(ctx: AgentContext) -> list[Note]:
        return [Note("Fish & <b>chips</b> | _peas_"), Note("output:bad words")]

    async def term(ctx: AgentContext) -> list[Claim]:
        return await ctx.ask("When does the lease end?", max_claims=1)

    async def privilege(ctx: AgentContext, claims: list[Claim]) -> list[Verdict]:
        return [Verdict(claim.id, "unverified", 0.4, "words", "A person | is named.") for claim in claims]

    kit = AgentKit(rails=WordRails()).with_agent(marked, before="report").with_agent(privilege, beside="review")
    async with kit.with_agent(term, beside="summarize") as kit:
        return await kit.summarize([lease])


async def test_every_format_shows_each_reviewer_and_what_agents_brought_as_text(lease: Path) -> None:
    report = await _told(lease)
    number = claim_numbers(report)[report.agents[0].claims[0]]
    page = render_html(report)
    assert "<li>privilege: unverified, A person | is named.</li>" in page
    assert "Fish &amp; &lt;b&gt;chips&lt;/b&gt;" in page
    assert '<a href="#agents">Agents</a>' in page
    (linked,) = re.findall(r'<th scope="row">term</th><td><a href="#([^"]+)"', page)
    assert f'<li class="claim" id="{linked}"' in page
    told = render_markdown(report)
    assert "  - privilege: unverified, A person \\| is named." in told
    assert f"| term | {number} |" in told
    assert "Fish &amp; &lt;b>chips&lt;/b> \\| \\_peas\\_" in told
    shown = " ".join(render_terminal(report, colour=False).split())
    assert "grounding: supported, The cited text has these words." in shown
    assert "- marked: [{" in shown
    assert "(1 text withheld by rails)" in shown
    assert f"- term: claims {number}" in shown
    document = docx.Document(io.BytesIO(render_docx(report)))
    assert any("privilege: unverified, A person | is named." in item.text for item in document.paragraphs)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert ["term", str(number)] == cells[cells.index("term") : cells.index("term") + 2]
    assert any("Fish & <b>chips</b>" in text for text in cells)
    write_report(report, lease.parent / "out", force=False)
    again = load_report(lease.parent / "out")
    assert (again.agents, again.claims[0].opinions) == (report.agents, report.claims[0].opinions)


async def test_a_report_without_agents_shows_none(lease: Path) -> None:
    async with AgentKit() as kit:
        report = await kit.summarize([lease])
    for told in (render_html(report), render_markdown(report), render_terminal(report, colour=False)):
        assert "What agents brought" not in told
        assert "grounding" not in told
