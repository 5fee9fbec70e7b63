"""The text of one PDF page as lines with positions, through PDFium."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (pypdfium2's raw bindings are generated without types.)

import ctypes
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from agentkit.reading.pdf_hidden import Rect, Scene, survey, why_hidden

_BREAK = re.compile(r"\r\n?|\n|\ufffe")
_WORD = re.compile(r"\S+")
_GAP = 1.4
"""A gap wider than this many line heights separates columns or cells rather than words."""
_TINY_PT = 1.5
"""The line height of type of little more than one point."""
_FEW = 60
_NOISE = re.compile(r"[\x00-\x08\x0e-\x1f\ue000-\uf8ff\ufffd]")
_ORDINALS = {
    "st": re.compile(r"\b((?:[023]?1))(?= )"),
    "nd": re.compile(r"\b((?:[02]?2))(?= )"),  # codespell:ignore nd
    "rd": re.compile(r"\b((?:[02]?3))(?= )"),
    "th": re.compile(r"\b((?:[012]?[4-9]|1[0-3]|[23]0))(?= )"),
}
_OFF = 2.0


class Line(NamedTuple):
    """A run of words on one baseline. Positions are in points from the lower left corner of the page as it is read.

    `hyphen`: the line ended in a hyphen that PDFium took off. `tail`: it continues the run to its left.
    `hidden`: why a reader does not see it. `first_width`: how wide its first word is.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    first_width: float
    bold: bool = False
    hyphen: bool = False
    tail: bool = False
    hidden: str = ""


class PageText(NamedTuple):
    """The lines of a page, and whether it seems to be a picture of text without any readable text layer."""

    lines: list[Line]
    scanned: bool


class _Reader:
    """Reads character boxes and fonts of one text page without allocating for each."""

    def __init__(self, handle: object, scene: Scene, bounds: Rect) -> None:
        self.handle = handle
        self.scene = scene
        self.bounds = bounds
        self.rect = raw.FS_RECTF()
        self._reference = ctypes.byref(self.rect)
        self._name = ctypes.create_string_buffer(128)
        self._flags = ctypes.c_int()

    def spans(self, words: Sequence[tuple[str, int]]) -> list[tuple[float, float]]:
        """Return where each word begins and ends on the line; the last box read stays in `rect`."""
        rect, handle, reference = self.rect, self.handle, self._reference
        box = raw.FPDFText_GetLooseCharBox  # a call costs half of FPDFText_GetCharBox
        found: list[tuple[float, float]] = []
        for word, index in words:
            box(handle, index, reference)
            left = rect.left
            if len(word) > 1:
                box(handle, index + len(word) - 1, reference)
            found.append((left, rect.right))
        return found

    def bold(self, index: int) -> bool:
        """Tell whether a character is set in a bold font."""
        if raw.FPDFText_GetFontWeight(self.handle, index) >= 600:
            return True
        size = raw.FPDFText_GetFontInfo(self.handle, index, self._name, 128, ctypes.byref(self._flags))
        return 0 < size <= 128 and b"bold" in self._name.value.lower()

    def hidden(self, words: Sequence[tuple[str, int]], spans: Sequence[tuple[float, float]]) -> list[str]:
        """Return for each word why it is not seen, or an empty string."""
        left, bottom, right, top = self.bounds
        y0, y1 = self.rect.bottom, self.rect.top
        if spans[-1][1] < left - _OFF or spans[0][0] > right + _OFF or y1 < bottom - _OFF or y0 > top + _OFF:
            return ["text outside the page"] * len(words)
        if y1 - y0 < _TINY_PT:
            return ["text of one point or less"] * len(words)
        if not self.scene.suspicious:
            return [""] * len(words)
        boxes = [(x0, y0, x1, y1) for x0, x1 in spans]
        return [why_hidden(self.handle, word[1], box, self.scene) for word, box in zip(words, boxes, strict=True)]


def page_text(page: pdfium.PdfPage) -> PageText:
    """Return the lines of a page in the order in which the file draws them; wide gaps split a line."""
    textpage = page.get_textpage()
    try:
        text = textpage.get_text_range()
        scene = survey(page)
        if _is_garbled(text):
            return PageText([], scanned=True)
        reader = _Reader(textpage.raw, scene, page.get_bbox())
        shifted = raw.FPDFText_CountChars(textpage.raw) != len(text)
        lines: list[Line] = []
        start = 0
        for match in [*_BREAK.finditer(text), None]:
            end = match.start() if match else len(text)
            words = [(word.group(), word.start()) for word in _WORD.finditer(text, start, end)]
            if shifted:
                words = [(w, raw.FPDFText_GetCharIndexFromTextIndex(textpage.raw, at)) for w, at in words]
            lines += _lines(words, reader, hyphen=match is not None and match.group() == "\ufffe")
            start = match.end() if match else end
    finally:
        textpage.close()
    return PageText(_with_ordinals(_turned(lines, page)), _is_scan(text, scene, page))


def _is_garbled(text: str) -> bool:
    """Tell whether the page's fonts do not say which letters they draw: what PDFium returns is noise."""
    return len(text) > _FEW and len(_NOISE.findall(text)) > 0.25 * len(text)


def _is_scan(text: str, scene: Scene, page: pdfium.PdfPage) -> bool:
    """Tell a picture of a page from a blank page: little or no text, and something drawn over most of it."""
    if len(text.strip()) > _FEW:
        return False
    left, bottom, right, top = page.get_bbox()
    half = 0.5 * (right - left) * (top - bottom)
    if any((x1 - x0) * (y1 - y0) >= half for x0, y0, x1, y1 in scene.images):
        return True
    return not text.strip() and (bool(scene.images) or scene.objects > 30)


def _lines(words: list[tuple[str, int]], reader: _Reader, *, hyphen: bool) -> list[Line]:
    """Cut the words of a line at wide gaps, and where visible text meets hidden text."""
    if not words:
        return []
    spans = reader.spans(words)
    y0, y1 = reader.rect.bottom, reader.rect.top
    size = abs(y1 - y0) or 1.0
    reasons = reader.hidden(words, spans)
    wide = _GAP * max(size, 4.0)
    starts = [0]
    for position in range(1, len(words)):
        gap = spans[position][0] - spans[position - 1][1]
        if not -3 * wide < gap < wide or reasons[position] != reasons[position - 1]:
            starts.append(position)
    lines: list[Line] = []
    for start, end in pairwise([*starts, len(words)]):
        text = " ".join([word for word, _ in words[start:end]])
        bold, first = reader.bold(words[start][1]), spans[start][1] - spans[start][0]
        x0, x1 = spans[start][0], spans[end - 1][1]
        lines.append(Line(text, x0, y0, x1, y1, size, first, bold=bold, tail=start > 0, hidden=reasons[start]))
    if hyphen:
        lines[-1] = lines[-1]._replace(hyphen=True)
    return lines


def _turned(lines: list[Line], page: pdfium.PdfPage) -> list[Line]:
    """Return the lines with positions on the page as it is shown, where the page is rotated."""
    rotation = page.get_rotation()
    if not rotation or not lines:
        return lines
    turned: list[Line] = []
    for line in lines:
        x0, y0, x1, y1 = line.x0, line.y0, line.x1, line.y1
        for _ in range(rotation // 90):
            x0, y0, x1, y1 = y0, -x1, y1, -x0
        turned.append(line._replace(x0=x0, y0=y0, x1=x1, y1=y1))
    return turned


def _with_ordinals(lines: list[Line]) -> list[Line]:
    """Put a raised ordinal ending back behind its number ("the 31 day", and above it "st")."""
    raised = [line for line in lines if line.text in _ORDINALS]
    for suffix in raised[:50]:
        for position, line in enumerate(lines):
            beside = line.y0 - line.size <= suffix.y0 <= line.y1 + 1 and line.x0 <= suffix.x0 <= line.x1
            text = _ORDINALS[suffix.text].sub(rf"\1{suffix.text}", line.text, count=1) if beside else line.text
            if text != line.text:
                lines[position] = line._replace(text=text)
                lines.remove(suffix)
                break
    return lines
