"""Builds the files that the reading tests read: real bytes, made on the spot."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import docx
from fpdf import FPDF
from fpdf.enums import AccessPermission, EncryptionMethod

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"
)
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
CLAUSES = [
    "COMMERCIAL LEASE",
    "1. Term. The term of this lease begins on 1 March 2025 and ends on 28 February 2030.",
    "2. Rent. The Tenant shall pay a yearly rent of GBP 48,000 in four equal instalments, in advance.",
    "2.1 Interest. Late rent bears interest at four per cent a year above the base rate.",
    "3. Repair. The Landlord shall keep the roof and the outer walls in repair.",
]


def blank_pdf() -> FPDF:
    """Return a PDF in A4 with millimetres, Helvetica 11, one page begun."""
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(auto=False)
    pdf.add_page()
    pdf.set_font("Helvetica", size=11)
    return pdf


def put(pdf: FPDF, lines: Sequence[str], *, x: float = 20, y: float = 30, pitch: float = 5, indent: float = 0) -> float:
    """Write lines one under the other, the first one indented; return the y of the next one."""
    for number, line in enumerate(lines):
        pdf.text(x if number else x + indent, y, line)
        y += pitch
    return y


def save(pdf: FPDF, path: Path) -> Path:
    path.write_bytes(bytes(pdf.output()))
    return path


def lease_pdf(path: Path) -> Path:
    """Write a short lease with a title and four clauses."""
    pdf = blank_pdf()
    for number, clause in enumerate(CLAUSES):
        pdf.text(20, 30 + 10 * number, clause)
    return save(pdf, path)


def encrypted_pdf(path: Path, *, user_password: str) -> Path:
    pdf = blank_pdf()
    put(pdf, CLAUSES, pitch=10)
    pdf.set_encryption(
        owner_password="owner",  # noqa: S106 - a test's password
        user_password=user_password,
        encryption_method=EncryptionMethod.RC4,
        permissions=AccessPermission.all(),
    )
    return save(pdf, path)


def word(path: Path, body: str, **parts: str) -> Path:
    """Write a DOCX from the XML inside `w:body`; `parts` are further parts in `word/`, by name, as inner XML."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", '<?xml version="1.0"?><Types/>')
        archive.writestr("word/document.xml", wrapped("document", f"<w:body>{body}</w:body>"))
        for name, inside in parts.items():
            archive.writestr(f"word/{name}.xml", wrapped(name, inside))
    return path


def wrapped(root: str, inside: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><w:{root} xmlns:w="{W}">{inside}</w:{root}>'


def para(text: str, *, properties: str = "", run: str = "") -> str:
    """Return a `w:p` with one run."""
    return (
        f'<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{run}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'
    )


def lease_docx(path: Path) -> Path:
    document = docx.Document()
    document.add_heading(CLAUSES[0], 0)
    for clause in CLAUSES[1:]:
        document.add_paragraph(clause)
    buffer = io.BytesIO()
    document.save(buffer)
    path.write_bytes(buffer.getvalue())
    return path
