"""PDF text that a reader of the page does not see: in the colour of its ground, covered, invisible, off the page."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (pypdfium2's raw bindings are generated without types.)

import ctypes
from collections.abc import Callable
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

_WHITE = 250
_NEAR = 6
"""Two colours whose channels differ by no more are one to the eye."""
_OPAQUE, _CLEAR = 250, 10
_INVISIBLE = frozenset((raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP))
_MAX_DEPTH = 6
_MAX_AREAS = 200
_MAX_RENDERED = 60
_LAST = 1 << 30
"""The order of what nothing covers."""
_FIRST = -1
_MIN_SIDE = 4.0
_PAGE_SHARE = 0.25
"""An image of so much of a page may be its scan, whose text layer is not seen but read."""
_Count = Callable[[Any], int]
_Get = Callable[[Any, int], Any]
Rect = tuple[float, float, float, float]
Color = tuple[int, int, int, int]
_PAPER: Color = (255, 255, 255, 255)


class Area(NamedTuple):
    """Something opaque on a page, and when it is drawn; `color` is None for a picture."""

    bounds: Rect
    color: Color | None
    order: int


class Scene(NamedTuple):
    """What a page holds: whether some text may be hidden, what is painted, when which text is drawn.

    `images` are the bounds of all pictures, `objects` counts what the page draws; on a `scan`, text that is not
    seen is the text of the picture.
    """

    suspicious: bool
    areas: list[Area]
    orders: dict[int, int]
    images: list[Rect]
    objects: int
    scan: bool


class _Colors:
    """Reads fill colours without allocating for each."""

    def __init__(self) -> None:
        self._values = [ctypes.c_uint() for _ in range(4)]
        self._refs = [ctypes.byref(value) for value in self._values]

    def of_object(self, item: object) -> Color:
        raw.FPDFPageObj_GetFillColor(item, *self._refs)
        return self._read()

    def of_character(self, textpage: object, index: int) -> Color:
        raw.FPDFText_GetFillColor(textpage, index, *self._refs)
        return self._read()

    def _read(self) -> Color:
        red, green, blue, alpha = (value.value for value in self._values)
        return red, green, blue, alpha


_COLORS = _Colors()


class _Text(NamedTuple):
    item: object
    color: Color
    invisible: bool
    order: int


class _Survey(NamedTuple):
    texts: list[_Text]
    areas: list[Area]
    images: list[Rect]


def survey(page: pdfium.PdfPage) -> Scene:
    """Look over a page's objects. The cost is a few calls an object, far below that of extracting text."""
    found = _Survey([], [], [])
    _collect(page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, found, 0)
    left, bottom, right, top = page.get_bbox()
    page_area = (right - left) * (top - bottom)
    pictured = any(_size(bounds) >= _PAGE_SHARE * page_area for bounds in found.images)
    unseen = [text for text in found.texts if text.invisible or _suspect(text, found.areas)]
    orders = {_address(text.item): text.order for text in found.texts} if unseen else {}
    for text in unseen[:_MAX_RENDERED]:
        if _covered(text, found.areas) and _shows(page, text):
            orders[_address(text.item)] = _LAST  # what covers it lets it through
    scan = pictured and 2 * len(unseen) >= len(found.texts)
    return Scene(bool(unseen), found.areas, orders, found.images, raw.FPDFPage_CountObjects(page.raw), scan)


def _collect(parent: object, count: _Count, get: _Get, found: _Survey, depth: int) -> None:
    for index in range(count(parent)):
        item = get(parent, index)
        kind = raw.FPDFPageObj_GetType(item)
        # Inside a form, places are its own: there nothing is known to cover anything, and areas are but a ground.
        order = len(found.texts) + len(found.areas) if depth == 0 else _LAST
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            invisible = raw.FPDFTextObj_GetTextRenderMode(item) in _INVISIBLE
            found.texts.append(_Text(item, _COLORS.of_object(item), invisible, order))
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            found.images.append(_bounds(item))
            found.areas.append(Area(found.images[-1], None, order if depth == 0 else _FIRST))
        elif kind == raw.FPDF_PAGEOBJ_PATH:
            _add_path(item, order if depth == 0 else _FIRST, found)
        elif kind == raw.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
            _collect(item, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, found, depth + 1)


def _add_path(item: object, order: int, found: _Survey) -> None:
    """Note a filled path that is large enough to stand behind or over words, and hides what is under it."""
    mode, stroked = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(item, ctypes.byref(mode), ctypes.byref(stroked))
    if mode.value == raw.FPDF_FILLMODE_NONE or len(found.areas) >= _MAX_AREAS:
        return
    left, bottom, right, top = bounds = _bounds(item)
    color = _COLORS.of_object(item)
    large = right - left >= _MIN_SIDE and top - bottom >= _MIN_SIDE
    if large and color[3] >= _OPAQUE and not raw.FPDFPageObj_HasTransparency(item):
        found.areas.append(Area(bounds, color, order))


def _bounds(item: object) -> Rect:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    raw.FPDFPageObj_GetBounds(item, *(ctypes.byref(value) for value in (left, bottom, right, top)))
    return left.value, bottom.value, right.value, top.value


def _size(bounds: Rect) -> float:
    return (bounds[2] - bounds[0]) * (bounds[3] - bounds[1])


def _address(item: object) -> int:
    return ctypes.cast(item, ctypes.c_void_p).value or 0  # pyright: ignore[reportArgumentType]


def _suspect(text: _Text, areas: list[Area]) -> bool:
    """Whether text may be hidden: pale, or of a colour that the page also paints, or drawn before something."""
    if min(text.color[:3]) >= _WHITE or text.color[3] < _CLEAR:
        return True
    return any(area.order > text.order or _alike(area.color, text.color) for area in areas) and bool(
        _covering(_bounds(text.item), text.order, text.color, areas)
    )


def _covered(text: _Text, areas: list[Area]) -> bool:
    box = _bounds(text.item)
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(area.order > text.order and _inside(x, y, area.bounds) for area in areas)


def _shows(page: pdfium.PdfPage, text: _Text) -> bool:
    """Whether the page looks different where a text stands when the text has another colour."""
    left, bottom, right, top = _bounds(text.item)
    x0, y0, x1, y1 = page.get_bbox()
    margins = (max(left - x0, 0), max(bottom - y0, 0), max(x1 - right, 0), max(y1 - top, 0))
    if margins[0] + margins[2] >= x1 - x0 - 1 or margins[1] + margins[3] >= y1 - y0 - 1:
        return False
    pictures: list[bytes] = []
    for color in ((255, 0, 0, 255), (0, 0, 255, 255), text.color):
        raw.FPDFPageObj_SetFillColor(text.item, *color)
        if len(pictures) < 2:
            pictures.append(bytes(page.render(scale=1, crop=margins).buffer))
    return pictures[0] != pictures[1]


def _inside(x: float, y: float, bounds: Rect) -> bool:
    return bounds[0] <= x <= bounds[2] and bounds[1] <= y <= bounds[3]


def _alike(one: Color | None, other: Color) -> bool:
    return one is not None and all(abs(a - b) <= _NEAR for a, b in zip(one[:3], other[:3], strict=True))


def why_hidden(textpage: object, index: int, box: Rect, scene: Scene) -> str:
    """Return why the character at `index` is not seen, or an empty string."""
    if scene.scan:
        return ""
    item = raw.FPDFText_GetTextObject(textpage, index)
    if item and raw.FPDFTextObj_GetTextRenderMode(item) in _INVISIBLE:
        return "invisible text"
    color = _COLORS.of_character(textpage, index)
    if color[3] < _CLEAR:
        return "transparent text"
    return _covering(box, scene.orders.get(_address(item), _LAST), color, scene.areas)


def _covering(box: Rect, order: int, color: Color, areas: list[Area]) -> str:
    """Return what hides text of a colour at a place, or an empty string: what covers it, or a ground of its colour."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    ground: Area | None = None
    for area in areas:
        if not _inside(x, y, area.bounds):
            continue
        if area.order > order:
            return "text under an image" if area.color is None else "text under a coloured area"
        ground = area
    if ground is None:
        return "white text" if _alike(_PAPER, color) else ""
    if ground.color is None or not _alike(ground.color, color):
        return ""
    return "white text" if _alike(_PAPER, color) else "text in the colour of its ground"
