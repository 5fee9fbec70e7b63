"""The report as a DOCX, the form in which lawyers send it on: each citation is a real footnote."""

import io

import docx

from agentkit.rendering import words
from agentkit.report import Report


def render_docx(report: Report) -> bytes:
    """Return the report as a DOCX; the same report gives the same bytes."""
    document = docx.Document()
    document.add_heading(words.line(report.title) or "Report", level=0)
    for title, claims in words.sections(report):
        document.add_heading(title, level=1)
        for claim in claims:
            document.add_paragraph(f"{words.line(claim.text)} [{words.places(report, claim)}]", style="List Bullet")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()
