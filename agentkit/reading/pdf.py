"""PDF files: text with positions through PDFium; encryption, repair and what is not on the page through pypdf."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (pypdfium2's raw bindings are generated without types.)

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module

import pypdfium2 as pdfium

from agentkit.errors import DocumentError, PasswordError
from agentkit.reading.draft import Draft, Heading, clean
from agentkit.reading.numerals import page_ranges
from agentkit.reading.offpage import note_orders
from agentkit.reading.pdf_extras import note_extras
from agentkit.reading.pdf_flow import Metrics, Paragraph, flow, joint, measure, mend
from agentkit.reading.pdf_furniture import strip_furniture
from agentkit.reading.pdf_layout import reading_order
from agentkit.reading.pdf_lines import Line, page_text
from agentkit.reading.pdf_notes import page_notes, with_notes
from agentkit.text.structure_titles import reads_as_heading
from agentkit.types import HiddenText, Page

# PDFium keeps global state: one thread at a time may be inside it, whatever the document.
_PDFIUM = threading.Lock()
MEDIA_TYPE = "application/pdf"
_WRONG_PASSWORD = 4
_ENDLESS = 100
"""So many damaged pages in a row are taken for the end of the document."""
_START = re.compile(rb"startxref\s+(\d{1,12})")
_TABLE = re.compile(rb"\s{0,8}(?:xref\b|\d{1,10}\s+\d{1,5}\s+obj\b)")
_REPAIRED = "The file is damaged; what could be recovered was read, so check that nothing is missing."
_CUT = "The file is cut off before its end; what is there was read, so check that nothing is missing."


def read_pdf(data: bytes, *, name: str, password: str | None, ocr: bool) -> Draft:
    """Read a PDF.

    Raises:
        PasswordError: it is encrypted, and the password is missing or wrong.
        DocumentError: nothing can be recovered from it, or OCR was asked for and is not installed.
    """
    draft = Draft(MEDIA_TYPE)
    with _PDFIUM:
        document = _open(data, draft, name=name, password=password)
        try:
            note_extras(document, data, draft)
            pages = _read_pages(document, draft, name=name, ocr=ocr)
        finally:
            document.close()
    _compose(draft, strip_furniture(pages))
    return draft


def _open(data: bytes, draft: Draft, *, name: str, password: str | None) -> pdfium.PdfDocument:
    if not _is_whole(data):
        draft.warnings.append(_REPAIRED if b"%%EOF" in data[-2048:] else _CUT)
    try:
        document = pdfium.PdfDocument(data, password=password)
        if _has_pages(document):
            return document
        document.close()
    except pdfium.PdfiumError as error:
        if error.err_code == _WRONG_PASSWORD:
            hint = "give its password with --password" if password is None else "the password given does not open it"
            raise PasswordError(f"{name} is encrypted: {hint}.", name=name) from error
    document = _repaired(data, password=password)
    if document is None:
        raise DocumentError(f"{name} is damaged and cannot be read as a PDF: get a fresh copy.", name=name)
    draft.warnings[:] = draft.warnings or [_REPAIRED]
    return document


def _repaired(data: bytes, *, password: str | None) -> pdfium.PdfDocument | None:
    """Return the document as pypdf can rewrite it, or with a catalogue of the pages that are there."""
    repair = import_module("agentkit.reading.pdf_repair")
    for attempt in (repair.rewritten(data, password=password), repair.salvaged(data)):
        try:
            document = pdfium.PdfDocument(attempt or b"")
        except pdfium.PdfiumError:
            continue
        if _has_pages(document):
            return document
        document.close()
    return None


def _has_pages(document: pdfium.PdfDocument) -> bool:
    """Tell whether there are pages and the first can be loaded."""
    try:
        document[0].close()
    except (pdfium.PdfiumError, IndexError):
        return False
    return True


def _is_whole(data: bytes) -> bool:
    """Tell whether the file ends as a PDF does and its cross-reference table is where it says."""
    starts = _START.findall(data[-2048:])
    if not starts:
        return False
    header = max(0, data[:1024].find(b"%PDF-"))
    position = int(starts[-1])
    return any(_TABLE.match(data[at : at + 64]) for at in (position, position + header))


@dataclass(slots=True)
class _Found:
    """What was read page by page, and what was not."""

    pages: list[list[Line]] = field(default_factory=list[list[Line]])
    scanned: list[int] = field(default_factory=list[int])
    broken: list[int] = field(default_factory=list[int])
    comments: int = 0
    unshown: list[str] = field(default_factory=list[str])

    def warnings(self) -> list[str]:
        """Return one sentence for each kind of thing that was not read."""
        said: list[str] = []
        if self.comments:
            said.append(f"{self.comments} comment{'s were' if self.comments > 1 else ' was'} left out.")
        if self.broken:
            said.append(f"{_pages(self.broken)} damaged and could not be read.")
        if self.scanned:
            said.append(_scanned(self.scanned))
        return said


def _read_pages(document: pdfium.PdfDocument, draft: Draft, *, name: str, ocr: bool) -> list[list[Line]]:
    """Return the lines of every page; pages that cannot be read are named in the warnings."""
    found = _Found()
    for number in range(1, len(document) + 1):
        try:
            page = document[number - 1]
        except pdfium.PdfiumError:
            found.pages.append([])
            found.broken.append(number)
            if found.broken[-_ENDLESS:] == list(range(number - _ENDLESS + 1, number + 1)):
                break  # the file claims pages that it does not have
            continue
        try:
            _read_page(page, number, found, name=name, ocr=ocr)
        finally:
            page.close()
    draft.warnings += found.warnings()
    note_orders(draft, "a note or link of a page", found.unshown)
    return found.pages


def _read_page(page: pdfium.PdfPage, number: int, found: _Found, *, name: str, ocr: bool) -> None:
    text = page_text(page)
    lines = text.lines
    if text.scanned and ocr:
        lines = import_module("agentkit.reading.pdf_ocr").recognized(page, name=name)
    elif text.scanned:
        found.scanned.append(number)
    notes = page_notes(page)
    found.comments += notes.comments
    found.unshown += notes.unshown
    found.pages.append(with_notes(lines, notes.lines))


def _pages(numbers: list[int]) -> str:
    return f"Page{'' if len(numbers) == 1 else 's'} {page_ranges(numbers)} {'is' if len(numbers) == 1 else 'are'}"


def _scanned(numbers: list[int]) -> str:
    has = "has" if len(numbers) == 1 else "have"
    where = _pages(numbers).rsplit(" ", 1)[0]
    return (
        f"{where} {has} no text layer (scanned, or in fonts that name no letters) and could not be read; "
        f"to read {'it' if len(numbers) == 1 else 'them'}, install Tesseract and "
        "governed-agentkit[ocr], and turn OCR on (--ocr)."
    )


def _compose(draft: Draft, pages: list[list[Line]]) -> None:
    """Write the paragraphs of every page into the draft, with page spans, headings, notes and hidden text."""
    metrics = measure(pages)
    before: Paragraph | None = None
    ordered = [reading_order(lines) for lines in pages]
    for number, found, joins in _with_notes_placed(list(flow(ordered, metrics))):
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


_PageFlow = tuple[int, list[Paragraph], bool]


def _with_notes_placed(pages: list[_PageFlow]) -> Iterator[_PageFlow]:
    """Move each page's footnotes to where they cut no sentence in two.

    They follow the page's text; where its last paragraph goes on over the page, they stand before that
    paragraph, and where that is the only one, they wait for the next page.
    """
    waiting: list[Paragraph] = []
    for position, (number, found, joins) in enumerate(pages):
        body = [paragraph for paragraph in found if not paragraph.note]
        notes = waiting + [paragraph for paragraph in found if paragraph.note]
        waiting = []
        goes_on = position + 1 < len(pages) and pages[position + 1][2]
        if not goes_on:
            yield number, body + notes, joins
        elif joins and len(body) == 1:
            waiting = notes
            yield number, body, joins
        else:
            yield number, [*body[:-1], *notes, *body[-1:]], joins


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
