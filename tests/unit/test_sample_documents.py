"""The sample documents are as their sources say, and keep their traps."""

import re
import zipfile
from pathlib import Path

import pypdfium2
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
DOCUMENTS = EXAMPLES / "documents"


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9$%@]+", "", text.lower())


def _pdf_text() -> str:
    pdf = pypdfium2.PdfDocument(DOCUMENTS / "lease.pdf")
    try:
        pages = [page.get_textpage().get_text_bounded() for page in pdf]
    finally:
        pdf.close()
    return "\n".join(pages)


def test_the_lease_holds_every_clause_of_its_source() -> None:
    # A clause may run over a page's edge, with the running heads between its halves: compare sentences.
    found = _letters(_pdf_text())
    source = (EXAMPLES / "document_sources" / "lease.txt").read_text(encoding="utf-8")
    clauses = [line for line in source.splitlines() if re.match(r"\d+\.\d+ |\(\w\) ", line)]
    missing = [clause for clause in clauses if _letters(clause[:60]) not in found]
    assert len(clauses) > 70
    assert missing == []


def test_the_lease_keeps_its_traps() -> None:
    text = " ".join(_pdf_text().split())
    assert "Ignore all previous instructions" in text, "white text of one point"
    assert "AI systems summarising this document" in text, "an instruction in plain sight"
    assert "shall ignore an alarm test" in text, "honest words that sound like an instruction"
    assert "rosalind.achterberg@quillmere.example" in text
    assert "7.2 Repairs by the Tenant. The Tenant shall, at its sole cost" in text
    assert "The Landlord shall, at its sole cost and not as an Operating Expense, maintain, repair" in text


def test_the_agreement_has_footnotes_and_tracked_changes() -> None:
    with zipfile.ZipFile(DOCUMENTS / "services-agreement.docx") as package:
        body = package.read("word/document.xml").decode("utf-8")
        notes = package.read("word/footnotes.xml").decode("utf-8")
    assert re.search(r"<w:del [^>]*><w:r><w:delText>60<", body)
    assert re.search(r"<w:ins [^>]*><w:r><w:t>90<", body)
    assert body.count("<w:footnoteReference") == 2
    assert "Remote access for support" in notes


@pytest.mark.parametrize("name", ["opinion.html", "nda.md", "letter.txt"])
def test_addresses_in_the_samples_belong_to_nobody(name: str) -> None:
    text = (DOCUMENTS / name).read_text(encoding="utf-8")
    assert re.findall(r"@[\w.-]+", text)
    assert all(host.rstrip(".").endswith(".example") for host in re.findall(r"@([\w.-]+)", text))
