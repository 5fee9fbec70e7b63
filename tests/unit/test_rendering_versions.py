"""What replaced the words of a claim is told in every format."""

import io
import json
from dataclasses import replace
from pathlib import Path

import docx
import pytest
from report_samples import lease_report

from agentkit.rendering import render, render_docx, render_terminal, write_report
from agentkit.rendering.loading import load_report
from agentkit.report import Report, ReportIndex, ReportSuccessor


@pytest.fixture
def report() -> Report:
    made = lease_report()
    by = [ReportSuccessor(1, "amends", ["12.3"])]
    claims = [made.claims[0], replace(made.claims[1], superseded_by=by), *made.claims[2:]]
    sources = [replace(made.sources[0], superseded_by=by), made.sources[1]]
    return replace(made, claims=claims, sources=sources, index=ReportIndex("matters/index", "ab" * 32))


def test_every_format_says_what_replaced_a_claim_and_which_index_was_read(report: Report) -> None:
    name = report.sources[1].path
    document = docx.Document(io.BytesIO(render_docx(report)))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    shown = {
        "docx": "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells]),
        "text": render_terminal(report, width=200, colour=False),
        "md": render(report, "md").replace("\\", ""),
        "html": render(report, "html"),
    }
    for format_, text in shown.items():
        assert text.lower().count(f"replaced by {name}, § 12.3".lower()) == 1, format_
        assert f"it is amended by {name}, § 12.3." in text, format_
        assert "matters/index, version abababababab" in text, format_


def test_the_written_report_comes_back_with_its_versions(report: Report, tmp_path: Path) -> None:
    write_report(report, tmp_path / "out", force=False)
    again = load_report(tmp_path / "out")
    assert again.claims[1].superseded_by == report.claims[1].superseded_by
    assert again.sources[0].superseded_by == report.sources[0].superseded_by
    assert again.index == report.index


def test_a_report_from_before_versions_is_read(report: Report, tmp_path: Path) -> None:
    write_report(report, tmp_path / "out", force=False)
    file = tmp_path / "out" / "report.json"
    data = json.loads(file.read_text())
    del data["index"]
    for row in (*data["claims"], *data["sources"]):
        del row["superseded_by"]
    file.write_text(json.dumps(data))
    assert load_report(tmp_path / "out").index is None
