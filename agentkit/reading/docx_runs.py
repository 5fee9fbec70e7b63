"""Paragraphs of a DOCX as a reader sees them: tracked changes accepted, fields resolved, hidden text marked."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (lxml comes without types.)

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from agentkit.reading.docx_package import Element, W, is_on, value
from agentkit.reading.draft import clean

_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_SKIP = frozenset(
    [
        W + name
        for name in ("del", "moveFrom", "pPr", "rPr", "instrText", "delText", "commentReference", "annotationRef")
    ]
    + [W + "rPrChange", _MC + "Fallback", W + "footnoteRef", W + "endnoteRef", W + "delInstrText"]
)
_WRAPPERS = frozenset(W + name for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag"))
_LITERAL = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}
_WHITE = frozenset(["FFFFFF", "FEFEFE", "FDFDFD"])
_WHITE_THEMES = frozenset(("background1", "light1"))
_NO_PATTERN = frozenset(("", "clear", "nil"))
_HEX = re.compile(r"[0-9A-F]{6}")
_NEAR = 6
_TINY = 3
"""The largest size that nobody reads, in half points."""
_NARROW = 10
"""Letters squeezed to less than this, in per cent of their width, are lines."""
_MAX_DEPTH = 200


@dataclass(frozen=True, slots=True)
class Style:
    """What a style gives its paragraphs: an outline level (None: body text), a list, and how it hides text."""

    name: str = ""
    outline: int | None = None
    list_id: str = ""
    list_level: int = 0
    hidden: str = ""


@dataclass(slots=True)
class Paragraph:
    """A paragraph's text, its hidden spans, the notes it refers to ("footnotes", id), and boxes anchored in it."""

    text: str = ""
    hidden: list[tuple[int, int, str]] = field(default_factory=list[tuple[int, int, str]])
    notes: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    boxes: list[Element] = field(default_factory=list[Element])

    def add(self, text: str, reason: str) -> None:
        """Append text; `reason` says why a reader would not see it, or is empty."""
        cleaned = clean(text)
        if cleaned[:1] == "\n":
            self.text = self.text.rstrip(" \t")
        start = len(self.text)
        self.text += cleaned
        if reason and cleaned.strip():
            if self.hidden and self.hidden[-1][1:] == (start, reason):
                start = self.hidden.pop()[0]
            self.hidden.append((start, len(self.text), reason))


def read_styles(root: Element | None) -> dict[str, Style]:
    """Return the styles of `styles.xml` by id, each with what it inherits."""
    if root is None:
        return {}
    nodes = {value(node, "styleId"): node for node in root.iterfind(W + "style")}
    return {style_id: _style(node, nodes) for style_id, node in nodes.items()}


def _style(node: Element, nodes: dict[str, Element]) -> Style:
    name, outline, list_id, list_level, hidden = value(node.find(W + "name")).lower(), None, "", "", ""
    current: Element | None = node
    for _ in range(20):  # a chain of styles may be circular in a broken file
        if current is None:
            break
        number = current.find(f"{W}pPr/{W}numPr")
        if number is not None and not list_id:
            list_id = value(number.find(W + "numId"))
            list_level = list_level or value(number.find(W + "ilvl"))
        level = value(current.find(f"{W}pPr/{W}outlineLvl"))
        if outline is None and level.isdigit() and int(level) < 9:
            outline = int(level) + 1
        hidden = hidden or hides(current.find(W + "rPr"))
        current = nodes.get(value(current.find(W + "basedOn")))
    if outline is None and name.startswith("heading ") and name[8:].isdigit():
        outline = int(name[8:])
    return Style(name, 1 if name == "title" else outline, list_id, _integer(list_level), hidden)


def _integer(digits: str) -> int:
    return int(digits) if digits.isdigit() else 0


def hides(properties: Element | None) -> str:
    """Return why text with these run properties cannot be seen, or an empty string."""
    if properties is None:
        return ""
    if any(is_on(properties.find(W + name)) for name in ("vanish", "webHidden", "specVanish")):
        return "hidden text"
    size, width = value(properties.find(W + "sz")), value(properties.find(W + "w"))
    if (size.isdigit() and int(size) <= _TINY) or (width.isdigit() and int(width) < _NARROW):
        return "text of one point or less"
    return _colored(properties)


def _colored(properties: Element) -> str:
    """Return why the colours of a run hide it, or an empty string."""
    node = properties.find(W + "color")
    color, theme = value(node).upper(), value(node, "themeColor")
    white = color in _WHITE or theme in _WHITE_THEMES
    if properties.find(W + "highlight") is not None:
        return ""
    shading = properties.find(W + "shd")
    ground = value(shading, "fill").upper()
    ground = "" if ground in ("", "AUTO") else ground
    if ground and value(shading, "themeFill") == "" and _alike(color, ground):
        return "white text" if white else "text in the colour of its ground"
    plain = not ground and value(shading, "themeFill") == "" and value(shading) in _NO_PATTERN
    return "white text" if white and (plain or ground in _WHITE) else ""


def _alike(one: str, other: str) -> bool:
    """Tell whether two colours ("1F2E3D") are one to the eye."""
    if not (_HEX.fullmatch(one) and _HEX.fullmatch(other)):
        return False
    return all(abs(int(one[at : at + 2], 16) - int(other[at : at + 2], 16)) <= _NEAR for at in (0, 2, 4))


def read_paragraph(node: Element, styles: dict[str, Style]) -> Paragraph:
    """Return the text of a `w:p`."""
    paragraph = Paragraph()
    style = styles.get(value(node.find(f"{W}pPr/{W}pStyle")), Style())
    for child in node:
        _walk(child, paragraph, styles, style.hidden, 0)
    return paragraph


def _walk(node: Element, paragraph: Paragraph, styles: dict[str, Style], reason: str, depth: int) -> None:
    tag = node.tag
    if tag in _SKIP or depth > _MAX_DEPTH:
        return
    if tag == W + "txbxContent":
        paragraph.boxes.append(node)
        return
    if tag == W + "r":
        properties = node.find(W + "rPr")
        by_style = styles.get(value(properties.find(W + "rStyle")), Style()).hidden if properties is not None else ""
        reason = hides(properties) or by_style or reason
    if not _leaf(node, paragraph, reason):
        for child in node:
            _walk(child, paragraph, styles, reason, depth + 1)


def _leaf(node: Element, paragraph: Paragraph, reason: str) -> bool:
    """Append what a node without children stands for; tell whether it was one."""
    tag = node.tag
    if tag in (W + "t", _M + "t"):
        paragraph.add(node.text or "", reason)
    elif tag == W + "sym":
        code = value(node, "char")
        paragraph.add("•" if code.upper().startswith("F0") else _character(code), reason)
    elif tag in (W + "footnoteReference", W + "endnoteReference"):
        paragraph.notes.append((tag.removeprefix(W).removesuffix("Reference") + "s", value(node, "id")))
    elif tag.startswith(W) and tag[len(W) :] in _LITERAL:
        paragraph.add(_LITERAL[tag[len(W) :]], "")
    else:
        return False
    return True


def _character(code: str) -> str:
    try:
        return chr(int(code, 16))
    except (ValueError, OverflowError):
        return ""


def mark_deleted(node: Element) -> bool:
    """Tell whether a tracked change removes the end of this paragraph, so that the next one joins it."""
    return node.find(f"{W}pPr/{W}rPr/{W}del") is not None


def blocks(node: Element, depth: int = 0) -> Iterator[Element]:
    """Yield the paragraphs and tables directly inside a node, looking into content controls and insertions."""
    for child in node:
        if child.tag in (W + "p", W + "tbl"):
            yield child
        elif child.tag in _WRAPPERS and depth < _MAX_DEPTH:
            yield from blocks(child, depth + 1)
