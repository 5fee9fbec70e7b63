"""PDF files: text with positions through PDFium; encryption, repair and what is not on the page through pypdf."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (pypdfium2's raw bindings are generated without types.)

import threading
from collections.abc import Iterator

import pypdfium2 as pdfium

from agentkit.errors import DocumentError, PasswordError
from agentkit.reading.draft import Draft, Heading, clean
from agentkit.reading.pdf_flow import Metrics, Paragraph, flow, joint, measure, mend
from agentkit.reading.pdf_furniture import strip_furniture
from agentkit.reading.pdf_layout import reading_order
from agentkit.reading.pdf_lines import Line, page_lines
from agentkit.reading.ranges import page_ranges
from agentkit.text.structure_titles import reads_as_heading
from agentkit.types import HiddenText, Page

# PDFium keeps global state: one thread at a time may be inside it, whatever the document.
_PDFIUM = threading.Lock()
MEDIA_TYPE = "application/pdf"


def read_pdf(data: bytes, *, name: str, password: str | None, ocr: bool) -> Draft:
    """Read a PDF.

    Raises:
        PasswordError: it is encrypted, and the password is missing or wrong.
        DocumentError: nothing can be recovered from it.
    """
    draft = Draft(MEDIA_TYPE)
    with _PDFIUM:
        document = _open(data, name=name, password=password)
        try:
            draft.title = clean(document.get_metadata_value("Title")).strip()
            pages = list(_pages(document))
        finally:
            document.close()
    empty = [number for number, lines in enumerate(pages, start=1) if not lines]
    if empty:
        draft.warnings.append(_no_text(empty))
    _compose(draft, strip_furniture(pages))
    return draft


def _open(data: bytes, *, name: str, password: str | None) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data, password=password)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == 4:
            hint = "give its password with --password" if password is None else "the password given does not open it"
            raise PasswordError(f"{name} is encrypted: {hint}.", name=name) from error
        raise DocumentError(f"{name} is damaged and cannot be read as a PDF.", name=name) from error


def _pages(document: pdfium.PdfDocument) -> Iterator[list[Line]]:
    for number in range(len(document)):
        page = document[number]
        try:
            yield page_lines(page)
        finally:
            page.close()


def _no_text(pages: list[int]) -> str:
    which, has = ("Page", "has") if len(pages) == 1 else ("Pages", "have")
    return (
        f"{which} {page_ranges(pages)} {has} no text layer (scanned or blank) and could not be read: "
        "pip install 'governed-agentkit[ocr]', install Tesseract, and turn OCR on."
    )


def _compose(draft: Draft, pages: list[list[Line]]) -> None:
    """Write the paragraphs of every page into the draft, with page spans, headings, notes and hidden text."""
    metrics = measure(pages)
    before: Paragraph | None = None
    ordered = [reading_order(lines) for lines in pages]
    for number, found, joins in flow(ordered, metrics):
        start = None
        for paragraph in found:
            if joins and before is not None and not paragraph.note:
                draft.add(joint(before, paragraph, metrics))
                joins = False
            else:
                draft.separate("\n\n")
            span = _write(draft, paragraph, metrics)
            start = span[0] if start is None else start
            before = before if paragraph.note else paragraph
        draft.pages.append(Page(number + 1, draft.length if start is None else start, draft.length))


def _write(draft: Draft, paragraph: Paragraph, metrics: Metrics) -> tuple[int, int]:
    text = clean(mend(paragraph.text, metrics.words))
    start, end = draft.add(text)
    if paragraph.table:
        draft.tables.append((start, end))
    if paragraph.note:
        draft.footnotes.append((start, end))
    for left, right, reason in paragraph.hidden:
        # Cleaning may shorten the text; the span is kept within it.
        draft.hidden.append(HiddenText(min(start + left, end), min(start + right, end), reason))
    first = paragraph.first
    stands_out = first.size > 1.15 * metrics.size or (first.bold and not metrics.bold)
    if stands_out and reads_as_heading(text):
        draft.headings.append(Heading(start, end, 0))
    return start, end
