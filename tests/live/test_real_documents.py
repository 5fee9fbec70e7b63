"""Every document of the development data is summarized or refused with a reason, and every quote is exact."""

import contextlib
from pathlib import Path

import pytest

from agentkit.app import AgentKit, Options
from agentkit.errors import DocumentError
from agentkit.reading.checklist import load_checklist
from agentkit.report import Report

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "dev" / "documents"
SAMPLES = Path(__file__).parents[2] / "examples" / "documents"
REAL = [path for path in sorted(FOLDER.glob("*")) if path.suffix != ".jsonl"] if FOLDER.is_dir() else []
OURS = sorted(path for path in SAMPLES.iterdir() if path.is_file())


@pytest.mark.parametrize("path", [*OURS, *REAL], ids=lambda path: path.name[:40])
async def test_a_document_is_summarized_with_exact_quotes_or_refused_with_a_reason(path: Path) -> None:
    report: Report | None = None
    async with AgentKit() as kit:
        with contextlib.suppress(DocumentError):
            report = await kit.summarize([path], options=Options(checklist=load_checklist("commercial")))
        if report is None:
            pytest.skip("refused with a reason")
    assert report.claims
    assert report.status in ("approved", "needs_review")
    assert sum(len(claim.text.split()) for claim in report.claims if claim.id) > 20
    for claim in report.claims:
        assert claim.citations
        for citation in claim.citations:
            assert citation.quote.strip()
            assert report.texts[citation.source][citation.start : citation.end] == citation.quote
    known = {claim.id for claim in report.claims}
    assert all(set(entry.claims) <= known for entry in report.checklist)
    assert all(bool(entry.claims) == entry.found for entry in report.checklist)
