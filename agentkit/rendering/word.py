"""The report as a DOCX, the form in which lawyers send it on: every citation is a real footnote."""

# pyright: reportUnknownMemberType=false, reportAttributeAccessIssue=false
# python-docx annotates its styles by their base class only and its XML elements not at all.

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Pt, RGBColor
from docx.table import _Row  # pyright: ignore[reportPrivateUsage]  (its only name)
from docx.text.paragraph import Paragraph

from agentkit.rendering import words
from agentkit.rendering.brought import agents_words, opinions_words
from agentkit.rendering.footnotes import Footnotes
from agentkit.report import Report, ReportClaim

# A report carries no clock: the same report is the same file, whenever it is written.
_WHEN = datetime(2000, 1, 1, tzinfo=UTC)
_SMALL = '<w:rPr><w:color w:val="566070"/><w:sz w:val="18"/></w:rPr>'
_ZIP_TIME = (2000, 1, 1, 0, 0, 0)
_GOOD, _DOUBT, _BAD, _QUIET = (RGBColor.from_string(code) for code in ("14612F", "6D4A00", "931B1B", "566070"))
_TONES = {
    "supported": _GOOD,
    "unverified": _DOUBT,
    "unsupported": _BAD,
    "contradicted": _BAD,
    "approved": _GOOD,
    "needs_review": _DOUBT,
    "unanswered": _DOUBT,
    "refused": _BAD,
}


def render_docx(report: Report) -> bytes:
    """Return the report as a DOCX; the same report gives the same bytes."""
    document = docx.Document()
    _prepare(document, report)
    notes = Footnotes(document)
    _front(document, report)
    _claims(document, report, notes)
    _checklist(document, report)
    _appendix(document, report)
    notes.attach()
    buffer = io.BytesIO()
    document.save(buffer)
    return _with_fixed_times(buffer)


def _prepare(document: Document, report: Report) -> None:
    normal = document.styles["Normal"]
    normal.font.name = "Cambria"
    normal.font.size = Pt(11)
    claim = document.styles.add_style("Claim", WD_STYLE_TYPE.PARAGRAPH)
    claim.base_style = normal
    claim.paragraph_format.left_indent = Cm(1)
    claim.paragraph_format.first_line_indent = Cm(-1)
    claim.paragraph_format.tab_stops.add_tab_stop(Cm(1))
    claim.paragraph_format.space_after = Pt(6)
    section = document.sections[0]
    section.left_margin = section.right_margin = Cm(2.5)
    footer = section.footer.paragraphs[0]
    _say(footer, f"{words.line(report.title)[:80] or 'Report'} · page ", colour=_QUIET)
    footer.runs[0].font.size = Pt(9)
    field = f'<w:fldSimple {nsdecls("w")} w:instr="PAGE"><w:r>{_SMALL}<w:t>1</w:t></w:r></w:fldSimple>'
    footer.runs[0].element.addnext(parse_xml(field))
    properties = document.core_properties
    properties.title = words.line(report.title)[:200] or "Report"
    properties.subject = words.line(report.run_id)[:200]
    properties.author = properties.last_modified_by = "agentkit"
    properties.comments = ""
    properties.created = properties.modified = _WHEN


def _say(
    paragraph: Paragraph, text: str, *, bold: bool = False, italic: bool = False, colour: RGBColor | None = None
) -> None:
    run = paragraph.add_run(words.line(text) + " " * (text.endswith(" ") and bool(text.strip())))
    run.bold = bold or None
    run.italic = italic or None
    if colour is not None:
        run.font.color.rgb = colour


def _front(document: Document, report: Report) -> None:
    document.add_heading(words.line(report.title) or "Report", level=0)
    _say(document.add_paragraph(), words.task_words(report), colour=_QUIET)
    _say(document.add_paragraph(), words.status_words(report), bold=True, colour=_TONES.get(report.status))
    for name, warning in words.warnings(report):
        _say(document.add_paragraph(), f"Warning: {name}: {warning}", italic=True, colour=_DOUBT)


def _claims(document: Document, report: Report, notes: Footnotes) -> None:
    numbers = words.claim_numbers(report)
    for title, claims in words.sections(report):
        document.add_heading(title or ("Answer" if report.task.kind == "ask" else "Claims"), level=1)
        for claim in claims:
            _claim(document, report, claim, numbers[claim.id], notes)


def _claim(document: Document, report: Report, claim: ReportClaim, number: int, notes: Footnotes) -> None:
    paragraph = document.add_paragraph(f"{number}.\t{words.line(claim.text)}", style="Claim")
    for position, citation in enumerate(claim.citations):
        name = words.source_name(report, citation.source)
        quote = f"{name}, {words.place(report, citation)}: “{words.line(citation.quote)}”"
        if position:
            paragraph.add_run(", ").font.superscript = True
        notes.add(paragraph, quote)
    verdict = words.verdict_words(claim)
    if claim.verdict.label != "supported" and claim.verdict.reason:
        verdict += f": {words.line(claim.verdict.reason)}"
    where = words.places(report, claim)
    paragraph.add_run(" ")
    _say(paragraph, f"[{where}] " if where else "", colour=_QUIET)
    _say(paragraph, verdict, italic=True, colour=_TONES.get(claim.verdict.label, _DOUBT))
    if said := opinions_words(claim):
        paragraph.add_run(" ")
        _say(paragraph, f"({'; '.join(said)})", colour=_QUIET)
    if replaced := words.replaced_words(report, claim):
        paragraph.add_run(" ")
        _say(paragraph, f"({replaced})", italic=True, colour=_BAD)


def _checklist(document: Document, report: Report) -> None:
    if not report.checklist:
        return
    numbers = words.claim_numbers(report)
    document.add_heading("Checklist", level=1)
    rows = [
        (
            entry.item,
            "found" if entry.found else "not found",
            ", ".join(str(numbers[claim]) for claim in entry.claims if claim in numbers),
            words.checklist_places(report, entry.claims),
        )
        for entry in report.checklist
    ]
    _table(document, {"Item": 5, "Result": 2.7, "Claims": 2.2, "Place": 6.1}, rows)


def _appendix(document: Document, report: Report) -> None:
    document.add_heading("Appendix: how this was made", level=1)
    if report.removed_claims:
        document.add_heading("Removed claims", level=2)
        rows = [(item.text, item.reason) for item in report.removed_claims]
        _table(document, {"Claim": 9, "Removed because": 7}, rows)
    if report.agents:
        document.add_heading("What agents brought", level=2)
        _table(document, {"Agent": 4, "Claims": 2, "Data": 10}, agents_words(report))
    lines = words.rail_lines(report)
    if lines:
        document.add_heading("What the rails did", level=2)
        rows = [
            (rail.rail, rail.stage, f"{rail.action} × {rail.count:,}", "; ".join(rail.details[:10])) for rail in lines
        ]
        _table(document, {"Rail": 4, "Stage": 2.5, "Action": 3.5, "Why and where": 6}, rows)
    document.add_heading("Models, cost and privacy", level=2)
    facts = [
        ("Models", words.models_words(report)),
        ("Cost", words.usage_words(report)),
        *(("Saved", text) for text in words.savings_words(report)),
        ("Replaced before any model", words.redacted_words(report)),
        ("Hosts contacted", words.hosts_words(report)),
        ("Revisions", str(report.revisions)),
        *(("Index", text) for text in words.index_words(report)),
        ("Run", f"{report.run_id}, matter {report.matter or 'none'}"),
        *((f"SHA-256 of {source.path}", source.sha256) for source in report.sources),
    ]
    _table(document, {"What": 5, "Value": 11}, facts)


def _table(document: Document, heads: Mapping[str, float], rows: Sequence[Sequence[str]]) -> None:
    """Add a table; `heads` gives each column's width in centimetres."""
    table = document.add_table(rows=1, cols=len(heads), style="Light Grid Accent 1")
    table.autofit = False
    for column, width in zip(table.columns, heads.values(), strict=True):
        column.width = Cm(width)
    properties = [_fill(table.rows[0], list(heads), heads)]
    properties += [_fill(table.add_row(), row, heads) for row in rows]
    properties[0].append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
    document.add_paragraph()


def _fill(row: _Row, texts: Sequence[str], heads: Mapping[str, float]) -> BaseOxmlElement:
    for cell, text, width in zip(row.cells, texts, heads.values(), strict=True):
        cell.width = Cm(width)
        cell.text = words.line(text)
    # Rows that stay whole, and a head that repeats: python-docx has no names for them.
    properties = row._tr.get_or_add_trPr()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    properties.append(parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))
    return properties


def _with_fixed_times(package: io.BytesIO) -> bytes:
    """Copy a zip file with one date on every member."""
    out = io.BytesIO()
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            member = zipfile.ZipInfo(name, _ZIP_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, old.read(name))
    return out.getvalue()
