"""Documents of every kind we read, full of canaries wherever a document can hold text."""

from collections.abc import Callable, Sequence
from pathlib import Path

import docx
from canary_forms import Mint
from fpdf import FPDF

CLAUSES: Sequence[Callable[[Mint], str]] = (
    lambda m: f"This Agreement is made between Mr. {m.name()} and Ms. {m.name()}.",
    lambda m: f"Notices to the Landlord go to Mr. {m.name()}, e-mail: {m.mail()}, telephone {m.phone()}.",
    lambda m: f"The Tenant shall pay the rent of EUR 1,250 to IBAN {m.iban()} on the first day of each month.",
    lambda m: f"Dr. {m.name()} (SSN {m.ssn()}) shall keep the premises in repair.",
    lambda m: f"The deposit was paid by Mrs. {m.name()} with credit card {m.card()}.",
    lambda m: f"Payments are made to account number {m.account()} held by Ms. {m.name()}.",
    lambda m: f"The Tenant may keep one dog, if Mr. {m.name()} agrees in writing.",
    lambda m: f"In witness whereof: Name: {m.name()}\nTitle: Director\nE-mail: {m.mail()}",
    lambda m: f"Questions are answered by {m.name()} at {m.mail()}.",  # a name without a title: many are missed
)
CLAUSES_OFTEN = CLAUSES[:-1]


def clauses(mint: Mint, count: int) -> list[str]:
    """Return numbered clauses."""
    # Of the kind that is often missed there is one in twenty.
    kinds = [CLAUSES[-1] if n % 20 == 0 else CLAUSES_OFTEN[n % len(CLAUSES_OFTEN)] for n in range(1, count + 1)]
    return [f"{n}. {kind(mint)}" for n, kind in enumerate(kinds, 1)]


def write_small(folder: Path, mint: Mint) -> Path:
    """Write one short document."""
    path = folder / f"{mint.name().replace(' ', '_')}.txt"
    path.write_text("LEASE AGREEMENT\n\n" + "\n\n".join(clauses(mint, 10)), encoding="utf-8")
    return path


def write_all(folder: Path, mint: Mint, *, size: int) -> list[Path]:
    """Write one document of each kind; in file names, titles, metadata, tables, notes and headers, too."""
    folder.mkdir(parents=True)
    makers = (_text, _markdown, _docx, _pdf, _html)
    return [make(folder, mint, size) for make in makers]


def _file(folder: Path, mint: Mint, ending: str) -> Path:
    return folder / f"{mint.name().replace(' ', '_')}.{ending}"


def _text(folder: Path, mint: Mint, size: int) -> Path:
    path = _file(folder, mint, "txt")
    path.write_text("LEASE AGREEMENT\n\n" + "\n\n".join(clauses(mint, size)), encoding="utf-8")
    return path


def _markdown(folder: Path, mint: Mint, size: int) -> Path:
    path = _file(folder, mint, "md")
    rows = "\n".join(f"| Mr. {mint.name()} | {mint.mail()} | tel. {mint.phone()} |" for _ in range(size // 4))
    head = f"---\ntitle: Lease of Mr. {mint.name()}\nauthor: {mint.name()}\n---\n# Lease of Ms. {mint.name()}\n"
    notes = f"The term is five years.[^1]\n\n[^1]: Agreed with Mr. {mint.name()} by telephone {mint.phone()}.\n"
    table = f"\n| Party | E-mail | Telephone |\n|---|---|---|\n{rows}\n"
    path.write_text("\n\n".join([head, *clauses(mint, size), table, notes]), encoding="utf-8")
    return path


def _docx(folder: Path, mint: Mint, size: int) -> Path:
    path = _file(folder, mint, "docx")
    document = docx.Document()
    properties = document.core_properties
    properties.author, properties.title = mint.name(), f"Lease of Mr. {mint.name()}"
    properties.subject, properties.keywords, properties.comments = mint.mail(), mint.name(), mint.phone()
    document.sections[0].header.paragraphs[0].text = f"Confidential: Ms. {mint.name()}"
    document.sections[0].footer.paragraphs[0].text = f"Contact: {mint.mail()}"
    document.add_heading(f"Lease between Mr. {mint.name()} and Ms. {mint.name()}", 0)
    for clause in clauses(mint, size):
        document.add_paragraph(clause)
    table = document.add_table(rows=0, cols=3)
    for _ in range(size // 4):
        for cell, text in zip(
            table.add_row().cells, (f"Mr. {mint.name()}", mint.mail(), f"tel. {mint.phone()}"), strict=True
        ):
            cell.text = text
    document.save(str(path))
    return path


def _pdf(folder: Path, mint: Mint, size: int) -> Path:
    path = _file(folder, mint, "pdf")
    pdf = FPDF(format="A4")
    pdf.set_font("Helvetica", size=10)
    pdf.set_author(mint.name())
    pdf.set_title(f"Lease of Mr. {mint.name()}")
    pdf.set_subject(mint.mail())
    pdf.set_keywords(mint.name())
    pdf.add_page()
    for clause in clauses(mint, size):
        pdf.multi_cell(0, 5, clause, new_x="LMARGIN", new_y="NEXT")
        pdf.ln(3)
    pdf.set_font("Helvetica", size=7)
    pdf.multi_cell(0, 4, f"1 See the letter of Ms. {mint.name()}, {mint.mail()}.", new_x="LMARGIN", new_y="NEXT")
    path.write_bytes(bytes(pdf.output()))
    return path


def _html(folder: Path, mint: Mint, size: int) -> Path:
    path = _file(folder, mint, "html")
    rows = "".join(f"<tr><td>Mr. {mint.name()}</td><td>{mint.mail()}</td></tr>" for _ in range(size // 4))
    body = "".join(f"<p>{clause}</p>" for clause in clauses(mint, size))
    path.write_text(
        f"<html><head><title>Lease of Mr. {mint.name()}</title><meta name='author' content='{mint.name()}'>"
        f"<!-- drafted by Mr. {mint.name()} --></head><body><h1>Lease of Ms. {mint.name()}</h1>{body}"
        f"<table>{rows}</table><p style='display:none'>Mr. {mint.name()}</p>"
        f"<a href='mailto:{mint.mail()}' title='Ms. {mint.name()}'>Contact</a></body></html>",
        encoding="utf-8",
    )
    return path
