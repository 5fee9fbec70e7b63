"""Makes the services agreement: numbered headings, tables, real footnotes, one tracked insertion and deletion.

python-docx writes neither footnotes nor tracked changes, so their XML is written here.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count, groupby
from pathlib import Path

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph

_WHEN = datetime(2025, 9, 14, 9, 0, tzinfo=UTC)
_MARKED = re.compile(r"(\*\*.+?\*\*|\^\[.+?\]|\[-.+?-\]|\{\+.+?\+\})")
_FOOTNOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"


def make_services(source: Path, out: Path) -> None:
    """Write the DOCX."""
    document = docx.Document()
    document.styles["Normal"].font.name = "Times New Roman"
    document.styles["Normal"].font.size = Pt(11)
    document.sections[0].header.paragraphs[0].text = "Master Services Agreement\tConfidential"
    document.core_properties.author = "Sample"
    document.core_properties.title = "Master Services Agreement"
    document.core_properties.created = document.core_properties.modified = _WHEN
    notes: list[str] = []
    numbers = count(1)
    lines = source.read_text(encoding="utf-8").splitlines()
    for is_table, group in groupby(lines, key=lambda line: line.startswith("|")):
        if is_table:
            _table(document, [[cell.strip() for cell in line.strip("|").split("|")] for line in group])
            continue
        for line in group:
            _line(document, line, numbers, notes)
    _footnotes(document, notes)
    buffer = io.BytesIO()
    document.save(buffer)
    _write_with_fixed_times(buffer, out)


def _line(document: Document, line: str, numbers: Iterator[int], notes: list[str]) -> None:
    command, _, rest = line.partition(" ")
    if command == "#":
        numbered = rest != "Background" and not rest.startswith("Schedule")
        document.add_heading(f"{next(numbers)}. {rest}" if numbered else rest, level=1)
    elif command == "@title":
        document.add_heading(rest, level=0)
    elif command == "@signatures":
        for party in rest.split("|"):
            document.add_paragraph(f"{party}\n\n______________________________\nName:\nTitle:\nDate:")
    else:
        _runs(document.add_paragraph(), rest if command == "@p" else line, notes)


def _table(document: Document, rows: list[list[str]]) -> None:
    table = document.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
    for cells in rows:
        for cell, text in zip(table.add_row().cells, cells, strict=True):
            cell.text = text
    document.add_paragraph()


def _runs(paragraph: Paragraph, text: str, notes: list[str]) -> None:
    for piece in _MARKED.split(text):
        if piece.startswith("**"):
            paragraph.add_run(piece[2:-2]).bold = True
        elif piece.startswith("^["):
            notes.append(piece[2:-1])
            run = paragraph.add_run()
            run.font.superscript = True
            run._r.append(parse_xml(f'<w:footnoteReference {nsdecls("w")} w:id="{len(notes)}"/>'))  # noqa: SLF001
        elif piece.startswith(("[-", "{+")):
            paragraph._p.append(parse_xml(_change(piece)))  # noqa: SLF001
        elif piece:
            paragraph.add_run(piece)


def _change(piece: str) -> str:
    kind, word = ("del", "delText") if piece.startswith("[-") else ("ins", "t")
    when = _WHEN.strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        f'<w:{kind} {nsdecls("w")} w:id="{900 + len(kind)}{ord(piece[2])}" w:author="Reviewer" w:date="{when}">'
        f"<w:r><w:{word}>{piece[2:-2]}</w:{word}></w:r></w:{kind}>"
    )


def _footnotes(document: Document, notes: list[str]) -> None:
    xml = "".join(
        f'<w:footnote w:id="{number}"><w:p><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>'
        f'<w:r><w:t xml:space="preserve"> {note}</w:t></w:r></w:p></w:footnote>'
        for number, note in enumerate(notes, 1)
    )
    rules = "".join(
        f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{mark}/></w:r></w:p></w:footnote>'
        for kind, number, mark in (
            ("separator", -1, "separator"),
            ("continuationSeparator", 0, "continuationSeparator"),
        )
    )
    blob = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:footnotes {nsdecls("w")}>{rules}{xml}</w:footnotes>'
    )
    part = Part(PackURI("/word/footnotes.xml"), _FOOTNOTES_TYPE, blob.encode("utf-8"), document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    assert document.element.find(f".//{qn('w:footnoteReference')}") is not None  # noqa: S101


def _write_with_fixed_times(buffer: io.BytesIO, out: Path) -> None:
    """Copy the package with one date on every member, so that the same text gives the same file."""
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, (2025, 9, 14, 9, 0, 0)), old.read(name), zipfile.ZIP_DEFLATED)
