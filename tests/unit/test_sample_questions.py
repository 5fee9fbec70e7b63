"""Plain questions about the sample documents, answered from the right words, and checklists that can be trusted."""

from pathlib import Path

import pytest

from agentkit.app import AgentKit, Options
from agentkit.reading.checklist import load_checklist

SAMPLES = Path(__file__).parents[2] / "examples" / "documents"


@pytest.mark.parametrize(
    ("name", "question", "words"),
    [
        ("services-agreement.docx", "Who owns the intellectual property in the deliverables?", "The Customer owns"),
        ("services-agreement.docx", "May a party audit the other's books or records?", "may audit the Supplier"),
        ("nda.md", "Which courts decide disputes?", "courts of Bremen"),
        ("lease.pdf", "Who is the landlord?", "QUILLMERE PROPERTY HOLDINGS LLC"),
        ("lease.pdf", "Which law governs the lease?", "Oregon"),
        ("opinion.html", "May the warehouse rely on its limit of liability?", "limit"),
    ],
)
async def test_a_plain_question_is_answered_from_the_right_words(name: str, question: str, words: str) -> None:
    async with AgentKit() as kit:
        report = await kit.ask([SAMPLES / name], question)
    assert report.status == "approved"
    assert words in " ".join(claim.text for claim in report.claims[:3])


@pytest.mark.parametrize(
    ("name", "checklist", "missing"),
    [
        ("nda.md", "nda", {"Non-compete", "No solicitation of employees"}),
        ("lease.pdf", "lease", {"Guarantee"}),
    ],
)
async def test_what_a_checklist_does_not_find_is_not_there(name: str, checklist: str, missing: set[str]) -> None:
    async with AgentKit() as kit:
        report = await kit.summarize([SAMPLES / name], options=Options(checklist=load_checklist(checklist)))
    assert {entry.item for entry in report.checklist if not entry.found} == missing
