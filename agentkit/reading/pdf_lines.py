"""The text of one PDF page as lines with positions, through PDFium."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (pypdfium2's raw bindings are generated without types.)

import ctypes
import re
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from agentkit.reading.pdf_hidden import Rect, Scene, survey, why_hidden

_BREAK = re.compile(r"\r\n?|\n|\ufffe")
_WORD = re.compile(r"\S+")
_GAP = 1.4
"""A gap wider than this many line heights separates columns or cells rather than words."""
_TINY_PT = 1.2
_FEW = 60
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
    """The lines of a page, and whether it seems to be a picture of text without any text layer."""

    lines: list[Line]
    scanned: bool


class _Reader:
    """Reads character boxes and fonts of one text page without allocating for each."""

    def __init__(self, handle: object, scene: Scene, bounds: Rect) -> None:
        self.handle = handle
        self.scene = scene
        self.bounds = bounds
        self._left, self._right, self._bottom, self._top = (ctypes.c_double() for _ in range(4))
        self._refs = [ctypes.byref(value) for value in (self._left, self._right, self._bottom, self._top)]
        self._rect = raw.FS_RECTF()
        self._rect_ref = ctypes.byref(self._rect)
        self._name = ctypes.create_string_buffer(128)
        self._flags = ctypes.c_int()

    def box(self, index: int) -> Rect:
        raw.FPDFText_GetCharBox(self.handle, index, *self._refs)
        return self._left.value, self._bottom.value, self._right.value, self._top.value

    def loose(self, index: int) -> Rect:
        raw.FPDFText_GetLooseCharBox(self.handle, index, self._rect_ref)
        return self._rect.left, self._rect.bottom, self._rect.right, self._rect.top

    def bold(self, index: int) -> bool:
        if raw.FPDFText_GetFontWeight(self.handle, index) >= 600:
            return True
        size = raw.FPDFText_GetFontInfo(self.handle, index, self._name, 128, ctypes.byref(self._flags))
        return 0 < size <= 128 and b"bold" in self._name.value.lower()

    def hidden(self, index: int, box: Rect) -> str:
        """Return why a character is not seen, or an empty string."""
        left, bottom, right, top = self.bounds
        if box[2] < left - _OFF or box[0] > right + _OFF or box[3] < bottom - _OFF or box[1] > top + _OFF:
            return "text outside the page"
        return why_hidden(self.handle, index, box, self.scene) if self.scene.suspicious else ""


class _Run:
    """Words that belong together."""

    def __init__(self, index: int, reason: str, width: float) -> None:
        self.index = index
        self.reason = reason
        self.width = width
        self.words: list[str] = []
        self.boxes: list[Rect] = []


def page_text(page: pdfium.PdfPage) -> PageText:
    """Return the lines of a page in the order in which the file draws them; wide gaps split a line."""
    textpage = page.get_textpage()
    try:
        text = textpage.get_text_range()
        scene = survey(page)
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
    return PageText(_turned(lines, page), _is_scan(text, scene, page))


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
    _, bottom, _, top = reader.loose(words[0][1])
    size = abs(top - bottom) or 1.0
    wide = _GAP * max(size, 4.0)
    runs: list[_Run] = []
    previous = 0.0
    for word, index in words:
        first = reader.box(index)
        last = reader.box(index + len(word) - 1) if len(word) > 1 else first
        reason = reader.hidden(index, first)
        if not runs or not -3 * wide < first[0] - previous < wide or reason != runs[-1].reason:
            runs.append(_Run(index, reason, last[2] - first[0]))
        runs[-1].words.append(word)
        runs[-1].boxes += (first, last)
        previous = last[2]
    lines = [_line(run, reader, (bottom, top, size), tail=run is not runs[0]) for run in runs]
    if hyphen:
        lines[-1] = lines[-1]._replace(hyphen=True)
    return lines


def _line(run: _Run, reader: _Reader, height: tuple[float, float, float], *, tail: bool) -> Line:
    bottom, top, size = height
    x0, x1 = min(box[0] for box in run.boxes), max(box[2] for box in run.boxes)
    tall = max(box[3] for box in run.boxes) - min(box[1] for box in run.boxes)
    tiny = tall < _TINY_PT and any(word[0].isalnum() for word in run.words)
    reason = run.reason or ("text of one point or less" if tiny else "")
    bold = reader.bold(run.index)
    text = " ".join(run.words)
    return Line(text, x0, bottom, x1, top, size, run.width, bold=bold, tail=tail, hidden=reason)


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
