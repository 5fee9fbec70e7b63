"""The text of one PDF page as lines with positions, through PDFium."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (pypdfium2's raw bindings are generated without types.)

import ctypes
import re
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

_BREAK = re.compile(r"\r\n?|\n|\ufffe")
_WORD = re.compile(r"\S+")
_GAP = 1.4
"""A gap wider than this many line heights separates columns or cells rather than words."""
_TINY_PT = 1.2


class Line(NamedTuple):
    """A run of words on one baseline. Positions are in points from the page's lower left corner as it is read.

    `hyphen`: the line ended in a hyphen that PDFium took off. `tail`: it continues the run to its left.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    bold: bool
    hyphen: bool
    tail: bool
    hidden: str
    first_width: float


class _Boxes:
    """Reads character boxes without allocating for each."""

    def __init__(self, handle: object) -> None:
        self._handle = handle
        self._left, self._right, self._bottom, self._top = (ctypes.c_double() for _ in range(4))
        self._refs = [ctypes.byref(value) for value in (self._left, self._right, self._bottom, self._top)]
        self._rect = raw.FS_RECTF()
        self._rect_ref = ctypes.byref(self._rect)
        self._name = ctypes.create_string_buffer(128)
        self._flags = ctypes.c_int()

    def box(self, index: int) -> tuple[float, float, float, float]:
        raw.FPDFText_GetCharBox(self._handle, index, *self._refs)
        return self._left.value, self._bottom.value, self._right.value, self._top.value

    def loose(self, index: int) -> tuple[float, float, float, float]:
        raw.FPDFText_GetLooseCharBox(self._handle, index, self._rect_ref)
        return self._rect.left, self._rect.bottom, self._rect.right, self._rect.top

    def bold(self, index: int) -> bool:
        if raw.FPDFText_GetFontWeight(self._handle, index) >= 600:
            return True
        size = raw.FPDFText_GetFontInfo(self._handle, index, self._name, 128, ctypes.byref(self._flags))
        return 0 < size <= 128 and b"bold" in self._name.value.lower()


def page_lines(page: pdfium.PdfPage) -> list[Line]:
    """Return the lines of a page in the order in which the file draws them; wide gaps split a line."""
    textpage = page.get_textpage()
    try:
        text = textpage.get_text_range()
        boxes = _Boxes(textpage.raw)
        shifted = raw.FPDFText_CountChars(textpage.raw) != len(text)
        lines: list[Line] = []
        start = 0
        for match in [*_BREAK.finditer(text), None]:
            end = match.start() if match else len(text)
            hyphen = bool(match) and match.group() == "\ufffe"
            words = [(word.group(), word.start()) for word in _WORD.finditer(text, start, end)]
            if shifted:
                words = [(w, raw.FPDFText_GetCharIndexFromTextIndex(textpage.raw, at)) for w, at in words]
            lines += _runs(words, boxes, hyphen=hyphen)
            start = match.end() if match else end
    finally:
        textpage.close()
    return lines


def _runs(words: list[tuple[str, int]], boxes: _Boxes, *, hyphen: bool) -> list[Line]:
    """Cut the words of a line at wide gaps."""
    if not words:
        return []
    _, bottom, _, top = boxes.loose(words[0][1])
    size = abs(top - bottom) or 1.0
    groups: list[tuple[list[str], list[tuple[float, float, float, float]], int, float]] = []
    previous = 0.0
    for word, index in words:
        first = boxes.box(index)
        last = boxes.box(index + len(word) - 1) if len(word) > 1 else first
        if not groups or first[0] - previous > _GAP * max(size, 4.0) or first[2] < previous - 4 * max(size, 4.0):
            groups.append(([], [], index, last[2] - first[0]))
        groups[-1][0].append(word)
        groups[-1][1].extend((first, last))
        previous = last[2]
    lines: list[Line] = []
    for texts, rects, index, width in groups:
        x0, x1 = min(r[0] for r in rects), max(r[2] for r in rects)
        tall = max(r[3] for r in rects) - min(r[1] for r in rects)
        is_last = texts is groups[-1][0]
        hidden = "text of one point or less" if tall < _TINY_PT and any(t[:1].isalnum() for t in texts) else ""
        lines.append(
            Line(
                " ".join(texts),
                x0,
                bottom,
                x1,
                top,
                size,
                boxes.bold(index),
                hyphen and is_last,
                bool(lines),
                hidden,
                width,
            )
        )
    return lines
