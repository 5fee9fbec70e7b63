"""Whole runs with a served model as the writer: what it is shown, and what of its answers ships."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from agentkit.app import AgentKit, Options
from agentkit.config import Config
from agentkit.errors import AuthenticationError, BudgetExceededError, InvalidResponseError
from agentkit.report import Report
from agentkit.testing.server import ModelServer, Reply, chat_reply, json_reply

LEASE = """LEASE AGREEMENT

This Lease is made on 3 March 2024 between Harbor Mills LLC ("Landlord") and Corvid Books Ltd ("Tenant").

1. Rent. The Tenant shall pay rent of EUR 1,250 on the first day of each month, by bank transfer.

2. Pets. The Tenant may keep one dog in the Premises.

3. Notices. Notices go to Mary Whitfield at mary.whitfield@harbormills.example.

4. Governing law. This Lease is governed by the laws of Ireland.
"""
RENT = "The Tenant shall pay rent of EUR 1,250 on the first day of each month, by bank transfer."
PETS = "The Tenant may keep one dog in the Premises."
LAW = "This Lease is governed by the laws of Ireland."
PARTIES = 'This Lease is made on 3 March 2024 between Harbor Mills LLC ("Landlord") and Corvid Books Ltd ("Tenant").'


def claim(text: str, quote: str) -> dict[str, object]:
    return {"text": text, "citations": [{"passage": "d0p1", "quote": quote}], "topic": "t"}


def answer(*claims: dict[str, object]) -> str:
    return json.dumps({"answered": True, "claims": list(claims)})


async def summarize(
    server: ModelServer, folder: Path, *, matter: str = "", budget: dict[str, object] | None = None
) -> Report:
    (folder / "lease.txt").write_text(LEASE, encoding="utf-8")
    params = {"model": "openai/served", "api_base": server.url, "timeout": 20}
    config = Config.model_validate(
        {
            "models": [{"model_name": "firm", "litellm_params": params}],
            "roles": {"writer": "firm"},
            "review": {"max_revisions": 1},
            "checkpoint": {"adapter": "memory"},
            "budget": budget or {},
        }
    )
    kit = AgentKit(config)
    try:
        return await kit.summarize([folder / "lease.txt"], options=Options(matter=matter))
    finally:
        await kit.aclose()


def shipped(report: Report) -> list[str]:
    for item in report.claims:
        assert item.citations
        assert all(report.texts[c.source][c.start : c.end] == c.quote for c in item.citations)
    return [item.text for item in report.claims]


async def run(replies: Sequence[Reply], folder: Path) -> tuple[Report, ModelServer]:
    async with ModelServer(replies) as server:
        return await summarize(server, folder), server


async def test_a_true_claim_ships_with_its_exact_quote(tmp_path: Path) -> None:
    report, _ = await run([chat_reply(answer(claim(RENT, RENT)))], tmp_path)
    assert shipped(report) == [RENT]
    assert report.claims[0].citations[0].quote == RENT
    assert (report.status, report.usage.by_model["firm"].calls >= 1) == ("approved", True)
    assert report.privacy.hosts_contacted == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        (RENT.replace("1,250", "1,520"), RENT),
        (RENT.replace("first", "fifth"), RENT),
        (PARTIES.replace("3 March", "8 March"), PARTIES),
        (PARTIES.replace("Corvid Books Ltd", "Raven Press Ltd"), PARTIES),
        (PETS.replace("may", "shall"), PETS),
        (PETS.replace("may", "may not"), PETS),
        (LAW.replace("Ireland", "Scotland"), LAW),
        (RENT, "The Tenant shall pay rent of EUR 1,250 to Raven Press Ltd in advance."),
        ("The Landlord shall insure the Premises against fire for EUR 2,000,000.", RENT),
    ],
    ids="amount day date party duty negation law citation invention".split(),
)
async def test_a_fabrication_does_not_ship(text: str, quote: str, tmp_path: Path) -> None:
    planted = answer(claim(LAW, LAW), claim(text, quote)) if text[:10] != LAW[:10] else answer(claim(text, quote))
    report, _ = await run([chat_reply(planted)], tmp_path)
    assert text not in shipped(report)
    assert all(item.verdict.label == "supported" for item in report.claims)
    assert [removed.text for removed in report.removed_claims if removed.text == text]


async def test_broken_json_is_repaired(tmp_path: Path) -> None:
    broken = "Here you are:\n```json\n" + answer(claim(LAW, LAW))[:-2] + ",]}\n```"
    report, _ = await run([chat_reply(broken)], tmp_path)
    assert shipped(report) == [LAW]


async def test_an_answer_that_is_no_json_at_all_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(InvalidResponseError, match="firm answered with nothing that can be used"):
        await run([chat_reply("I am sorry, I cannot help with that.")], tmp_path)


async def test_the_server_sees_placeholders_and_the_report_sees_names(tmp_path: Path) -> None:
    said = "Notices go to <PERSON_1> at <EMAIL_ADDRESS_1>."
    report, server = await run([chat_reply(answer(claim(said, said)))], tmp_path)
    prompts = json.dumps([request.body for request in server.received])
    assert "<PERSON_1>" in prompts
    assert "Whitfield" not in prompts
    assert "mary.whitfield" not in prompts
    assert shipped(report) == ["Notices go to Mary Whitfield at mary.whitfield@harbormills.example."]


@pytest.mark.parametrize(("matter", "shared"), [("acme-2024", True), ("", False)], ids=["one matter", "none"])
async def test_answers_are_shared_within_a_matter_only(matter: str, shared: bool, tmp_path: Path) -> None:  # noqa: FBT001
    async with ModelServer([chat_reply(answer(claim(LAW, LAW)))]) as server:
        first = await summarize(server, tmp_path, matter=matter)
        called = len(server.received)
        second = await summarize(server, tmp_path, matter=matter)
    assert shipped(second) == shipped(first) == [LAW]
    assert (len(server.received) == called) is shared
    assert (second.usage.cache_hits > 0, second.usage.model_calls == 0) == (shared, shared)


async def test_a_wrong_key_ends_the_run_with_our_error(tmp_path: Path) -> None:
    denied = json_reply({"error": {"message": "Incorrect API key provided: sk-abcdef123456"}}, status=401)
    with pytest.raises(AuthenticationError, match="firm at 127\\.0\\.0\\.1 refused the key") as caught:
        await run([denied], tmp_path)
    assert "abcdef" not in str(caught.value)


async def test_a_budget_that_is_too_small_is_noticed_before_the_first_call(tmp_path: Path) -> None:
    async with ModelServer([chat_reply(answer(claim(LAW, LAW)))]) as server:
        with pytest.raises(BudgetExceededError) as caught:
            await summarize(server, tmp_path, budget={"tokens": 50})
    assert (caught.value.limit, server.received) == ("tokens", [])
