"""Real crews as guests: what is redacted, booked, cited and judged."""

import json
import warnings
from pathlib import Path

from crews import MARKS, NAME, TEXT, agent, files, looking, solo, task, wishing

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # CrewAI's own, while it is imported
    from crewai import Crew, Process

    from agentkit.adapters.crewai import CrewReviewer, House, combine_verdicts, release, run_crew

from agentkit.calls import LedgerQuery
from agentkit.composition import make_ledger, make_rails
from agentkit.gateway import Gateway
from agentkit.policy import EdgeGuards
from agentkit.testing.server import Received, Reply, chat_reply
from agentkit.types import Citation, Claim, Passage, SafePassage, Verdict

pytestmark = MARKS


async def test_what_is_personal_in_a_crews_inputs_stays_behind_placeholders(inn, tmp_path: Path) -> None:
    here = await inn()
    result = await run_crew(solo, {"text": f"the lease of Ms. {NAME}"}, house=here.house)
    assert here.server.received
    assert "Quxzov" not in here.sent()
    assert "Quxzov" not in result.text
    assert "<PERSON_" in result.text
    assert NAME in (await release(result, here.house)).text
    assert b"Quxzov" not in files(tmp_path)


async def test_the_trace_and_the_ledger_show_every_call_of_a_crew(inn, tmp_path: Path) -> None:
    here = await inn()
    result = await run_crew(solo, {"text": "a lease"}, house=here.house)
    assert result.calls == len(here.server.received) == here.gateway.usage().model_calls == 1
    await here.gateway.aclose()
    events = [json.loads(line) for path in tmp_path.rglob("*.jsonl") for line in path.read_text().splitlines()]
    assert [event["task"] for event in events if event.get("event") == "call"] == ["chat"]
    ledger = make_ledger(here.gateway.config, tmp_path / "home0")
    rows = await ledger.rows(LedgerQuery(run=here.gateway.run_id))
    await ledger.aclose()
    assert [(row.task, row.outcome) for row in rows] == [("chat", "ok")]


async def test_what_a_tool_finds_is_in_placeholders_before_any_model_reads_it(inn, tmp_path: Path) -> None:
    here = await inn(wishing("look_up", {"query": "debts"}), chat_reply("Somebody owes EUR 5."))
    await run_crew(looking, {"text": "a lease"}, house=here.house)
    last = here.server.received[-1].body["messages"]
    assert next(message["content"] for message in last if message["role"] == "tool").startswith("Ms. <PERSON_")
    assert "Quxzov" not in here.sent()
    assert here.server.received[0].body["tools"][0]["function"]["name"] == "look_up"


async def test_a_manager_and_a_planner_ask_our_models_only(inn) -> None:
    def crew() -> Crew:
        one = agent("analyst")
        return Crew(agents=[one], tasks=[task("Analyse {text}", None)], process=Process.hierarchical, planning=True,
                    manager_llm="gpt-4o")  # fmt: skip

    def answer(request: Received) -> Reply:
        if "response_format" in request.body or "plan" in str(request.body["messages"][-1]["content"])[:300].lower():
            plan = [{"task_number": 1, "task": "Analyse", "plan": "Read it."}]
            return chat_reply(json.dumps({"list_of_plans_per_task": plan}))
        return chat_reply("Thought: ok\nFinal Answer: It is a lease.")

    here = await inn(answer)
    result = await run_crew(crew, {"text": f"the lease of {NAME}"}, house=here.house)
    assert "lease" in result.text
    assert result.calls == len(here.server.received) >= 2
    assert "Quxzov" not in here.sent()


async def test_a_guardrail_in_words_asks_our_model(inn) -> None:
    def crew() -> Crew:
        one = agent("analyst", llm="gpt-4o")
        return Crew(agents=[one], tasks=[task("Analyse {text}", one, guardrail="It is polite.")])

    def answer(request: Received) -> Reply:
        asked = str(request.body["messages"])
        return chat_reply(json.dumps({"valid": True, "feedback": None}) if "guardrail" in asked.lower() else "A lease.")

    here = await inn(answer)
    assert (await run_crew(crew, {"text": "a lease"}, house=here.house)).text == "A lease."
    assert len(here.server.received) >= 2


async def test_a_quote_that_stands_in_a_passage_becomes_a_citation_and_any_other_is_flagged(inn) -> None:
    said = f'The rent "of Ms. {NAME}  is EUR 1,250". The tenant may sublet, "with consent". It is high.'
    here = await inn(lambda _: chat_reply(said.replace(NAME, here.gateway.safe_text(NAME))))
    result = await release(await run_crew(solo, {"text": f"the lease of Ms. {NAME}"}, house=here.house), here.house)
    cited, unknown, bare = result.claims
    quote = cited.citations[0]
    assert TEXT[quote.start - 100 : quote.end - 100] == f"of Ms. {NAME} is EUR 1,250"
    assert (unknown.citations, bare.citations) == ([], [])
    assert [verdict.label for verdict in result.verdicts][1:] == ["unverified", "unverified"]


async def test_an_account_number_that_the_crew_was_given_may_come_back_through_the_shipped_rails(inn) -> None:
    account = "DE89 3704 0044 0532 0130 00"
    here = await inn(lambda _: chat_reply(f"The rent is paid to {here.gateway.safe_text(account)}."))
    house = House.of_gateway(here.gateway, EdgeGuards(make_rails("base")))
    result = await run_crew(solo, {"text": f"the account {account} of the Tenant"}, house=house)
    assert account not in result.text
    assert account in (await release(result, house)).text


async def test_an_account_number_of_a_passage_is_no_leak_of_the_embedded_model(tmp_path: Path) -> None:
    account = "DE89 3704 0044 0532 0130 00"
    text = f"{TEXT} The rent is due to the account {account} of the Landlord."
    passage = Passage("d0p0", 0, 0, len(text), text)
    async with Gateway(home=tmp_path / "home") as gateway:
        house = House.of_gateway(gateway, EdgeGuards(make_rails("base")), [passage])
        result = await run_crew(solo, {"text": "when the rent is due"}, house=house)
        assert account not in result.text
        assert account in (await release(result, house)).text


async def test_a_crew_reviews_claims_and_the_worst_verdict_counts(inn) -> None:
    def crew() -> Crew:
        one = agent("reviewer")
        return Crew(agents=[one], tasks=[task("Is it so? {claim} | {source}", one)])

    here = await inn(
        lambda request: chat_reply(
            json.dumps({"label": "unsupported" if "2,000" in str(request.body) else "supported", "score": 0.9})
        )
    )
    cite = [Citation(0, 100, 110, "p")]
    claims = [Claim("a", "The rent is EUR 2,000.", cite), Claim("b", "It is due monthly.", cite), Claim("c", "x")]
    found = await CrewReviewer(crew, house=here.house).review(claims, [SafePassage("p", 0, 100, 200, TEXT)])
    assert [verdict.label for verdict in found] == ["unsupported", "supported", "unverified"]
    assert "Quxzov" not in here.sent()
    code = [Verdict("a", "supported", 1.0, "code"), Verdict("b", "contradicted", 0.2, "code", "Quarterly.")]
    combined = combine_verdicts(code, found)
    assert [(verdict.label, verdict.method) for verdict in combined[:2]] == [
        ("unsupported", "crew"),
        ("contradicted", "code"),
    ]
