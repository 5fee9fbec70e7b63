"""PDF text that a reader of the page does not see: white on white, invisible by its render mode, off the page."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (pypdfium2's raw bindings are generated without types.)

import ctypes
from collections.abc import Callable
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

_WHITE = 250
_INVISIBLE = 3
_MAX_DEPTH = 6
_Count = Callable[[Any], int]
_Get = Callable[[Any, int], Any]
Rect = tuple[float, float, float, float]


class Scene(NamedTuple):
    """What a page holds: whether some text may be hidden, what is painted behind text, how many objects."""

    suspicious: bool
    painted: list[Rect]
    images: list[Rect]
    objects: int


class _Colors:
    """Reads fill colours without allocating for each."""

    def __init__(self) -> None:
        self._values = [ctypes.c_uint() for _ in range(4)]
        self._refs = [ctypes.byref(value) for value in self._values]

    def of_object(self, item: object) -> tuple[int, int, int, int]:
        raw.FPDFPageObj_GetFillColor(item, *self._refs)
        return self._read()

    def of_character(self, textpage: object, index: int) -> tuple[int, int, int, int]:
        raw.FPDFText_GetFillColor(textpage, index, *self._refs)
        return self._read()

    def _read(self) -> tuple[int, int, int, int]:
        red, green, blue, alpha = (value.value for value in self._values)
        return red, green, blue, alpha


_COLORS = _Colors()


def survey(page: pdfium.PdfPage) -> Scene:
    """Look over a page's objects. The cost is a few calls an object, far below that of extracting text."""
    found = _Survey([], [], [])
    _collect(page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, found, 0)
    return Scene(bool(found.suspects), found.painted, found.images, raw.FPDFPage_CountObjects(page.raw))


class _Survey(NamedTuple):
    suspects: list[int]
    painted: list[Rect]
    images: list[Rect]


def _collect(parent: object, count: _Count, get: _Get, found: _Survey, depth: int) -> None:
    for index in range(count(parent)):
        item = get(parent, index)
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            if _is_pale(_COLORS.of_object(item)) or raw.FPDFTextObj_GetTextRenderMode(item) == _INVISIBLE:
                found.suspects.append(index)
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            found.images.append(_bounds(item))
        elif kind == raw.FPDF_PAGEOBJ_PATH:
            if not _is_pale(_COLORS.of_object(item)) and len(found.painted) < 500:
                found.painted.append(_bounds(item))
        elif kind == raw.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
            _collect(item, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, found, depth + 1)


def _bounds(item: object) -> Rect:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    raw.FPDFPageObj_GetBounds(item, *(ctypes.byref(value) for value in (left, bottom, right, top)))
    return left.value, bottom.value, right.value, top.value


def _is_pale(color: tuple[int, int, int, int]) -> bool:
    return min(color[:3]) >= _WHITE or color[3] < 10


def why_hidden(textpage: object, index: int, box: Rect, scene: Scene) -> str:
    """Return why the character at `index` is not seen, or an empty string."""
    item = raw.FPDFText_GetTextObject(textpage, index)
    if item and raw.FPDFTextObj_GetTextRenderMode(item) == _INVISIBLE:
        # Invisible text over an image is the text layer of a scan.
        return "" if _covered(box, scene.images) else "invisible text"
    if not _is_pale(_COLORS.of_character(textpage, index)):
        return ""
    return "" if _covered(box, scene.images) or _covered(box, scene.painted) else "white text"


def _covered(box: Rect, areas: list[Rect]) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(left <= x <= right and bottom <= y <= top for left, bottom, right, top in areas)
