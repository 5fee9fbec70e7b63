"""What stands on a PDF page without being part of its content: filled-in form fields, typed boxes, comments."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (pypdfium2's raw bindings are generated without types.)

import ctypes
from typing import NamedTuple
from urllib.parse import unquote_plus

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from agentkit.reading.pdf_lines import Line

_MAX = 500
"""How many annotations of a page are looked at."""
_NOT_SHOWN = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW
_TEXTS = (b"Contents", b"RC", b"Subj", b"T", b"TU", b"TM", b"V", b"DV", b"NM")
_SHOWN = {raw.FPDF_ANNOT_WIDGET: b"V", raw.FPDF_ANNOT_FREETEXT: b"Contents"}
_COMMENTS = frozenset(
    (raw.FPDF_ANNOT_TEXT, raw.FPDF_ANNOT_HIGHLIGHT, raw.FPDF_ANNOT_STRIKEOUT, raw.FPDF_ANNOT_UNDERLINE)
)


class Notes(NamedTuple):
    """The typed lines of a page, how many comments it carries, and every text of its notes that it does not show."""

    lines: list[Line]
    comments: int
    unshown: list[str]


def page_notes(page: pdfium.PdfPage) -> Notes:
    """Return what a reader sees typed on top of a page; comments are counted and left out."""
    lines: list[Line] = []
    unshown: list[str] = []
    comments = 0
    for index in range(min(_MAX, raw.FPDFPage_GetAnnotCount(page.raw))):
        note = raw.FPDFPage_GetAnnot(page.raw, index)
        if not note:
            continue
        try:
            kind = raw.FPDFAnnot_GetSubtype(note)
            shown = not raw.FPDFAnnot_GetFlags(note) & _NOT_SHOWN
            unshown += _unshown(note, page.pdf.raw, without=_SHOWN[kind] if kind in _SHOWN and shown else b"")
            if kind in _SHOWN and shown:
                lines += _typed(note, _string(note, _SHOWN[kind]))
            elif kind in _COMMENTS and _string(note, b"Contents"):
                comments += 1
        finally:
            raw.FPDFPage_CloseAnnot(note)
    return Notes(lines, comments, unshown)


def _unshown(note: object, document: object, *, without: bytes) -> list[str]:
    """Return the texts of a note that no reader of the page sees, links with their escapes undone."""
    texts = [_string(note, key) for key in _TEXTS if key != without]
    if raw.FPDFAnnot_GetSubtype(note) == raw.FPDF_ANNOT_LINK:
        texts.append(unquote_plus(_link(note, document)))
    return [text for text in texts if text]


def _link(note: object, document: object) -> str:
    link = raw.FPDFAnnot_GetLink(note)
    action = raw.FPDFLink_GetAction(link) if link else None
    if not action:
        return ""
    size = raw.FPDFAction_GetURIPath(document, action, None, 0)
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFAction_GetURIPath(document, action, buffer, size)
    return buffer.raw[:size].decode("utf-8", errors="replace").rstrip("\0")


def _string(note: object, key: bytes) -> str:
    if raw.FPDFAnnot_GetValueType(note, key) != raw.FPDF_OBJECT_STRING:
        return ""
    size = raw.FPDFAnnot_GetStringValue(note, key, None, 0)
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFAnnot_GetStringValue(note, key, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return buffer.raw[:size].decode("utf-16-le", errors="replace").rstrip("\0")


def _typed(note: object, text: str) -> list[Line]:
    """Return typed words as lines in their rectangle."""
    rows = [" ".join(row.split()) for row in text.replace("\r", "\n").split("\n") if row.strip()]
    rect = raw.FS_RECTF()
    raw.FPDFAnnot_GetRect(note, ctypes.byref(rect))
    top, bottom = max(rect.top, rect.bottom), min(rect.top, rect.bottom)
    size = min(12.0, (top - bottom) / max(1, len(rows)) or 12.0)
    lines: list[Line] = []
    for number, row in enumerate(rows):
        y1 = top - number * size
        width = size * 0.5 * len(row.split()[0])
        lines.append(Line(row, rect.left, y1 - size, rect.right, y1, size, width))
    return lines


def with_notes(lines: list[Line], typed: list[Line]) -> list[Line]:
    """Put typed lines where a reader meets them: before the first line that stands below."""
    merged = list(lines)
    for note in typed:
        middle = (note.y0 + note.y1) / 2
        at = next((i for i, line in enumerate(merged) if line.y1 < middle), len(merged))
        merged.insert(at, note)
    return merged
