"""Web pages: what a browser shows, in one column."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false, reportAttributeAccessIssue=false
# (lxml comes without types.)

import codecs
import re
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from agentkit.errors import DocumentError
from agentkit.reading.draft import Draft, Heading, clean
from agentkit.reading.html_extras import note_extras
from agentkit.reading.html_style import hidden_by, hiding_rules
from agentkit.reading.numerals import spell
from agentkit.reading.offpage import own_title
from agentkit.reading.plain import decode, note_removed
from agentkit.types import HiddenText

MEDIA_TYPE = "text/html"
Element = Any
"""An lxml element, whose class lxml keeps private."""

_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,40})|<\?xml[^>]{0,100}?encoding=[\"']([\w-]{2,40})",
    re.IGNORECASE,
)
_SKIP = frozenset(
    "script style head template noscript iframe object embed svg canvas audio video map nav button select "
    "datalist".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu ol p pre section summary table tbody td tfoot th "
    "thead tr ul caption".split()
)
_LISTS = frozenset(("ol", "ul", "menu"))
_TIGHT = frozenset(("li", "tr", "dd", "dt", "td", "th"))
_LONG_CELL = 400
_SPACE = re.compile(r"\s+")
_NUMBER_CELL = re.compile(r"\(?\w{1,6}[.)]|\d{1,3}(?:\.\d{1,3}){1,4}\.?|[•▪●*–-]")


@dataclass(slots=True)
class _Writer:
    """Writes words into the draft and keeps white space to what a reader sees."""

    draft: Draft
    rules: dict[str, str]
    gap: str = ""
    prefix: str = ""
    lists: list[int | None] = field(default_factory=list[int | None])
    reasons: list[str] = field(default_factory=list[str])
    started: list[int] = field(default_factory=list[int])

    def text(self, raw: str | None, *, keep_lines: bool = False) -> None:
        """Write running text; white space collapses unless lines are kept."""
        if not raw:
            return
        words = clean(raw)
        if not keep_lines:
            words = _SPACE.sub(" ", words)
        if words[:1].isspace() and not self.gap:
            self.gap = " "
        body = words.strip() if not keep_lines else "\n".join(line.rstrip() for line in words.strip("\n").split("\n"))
        if not body:
            return
        if self.draft.length and self.gap:
            self.draft.add(self.gap)
        lead = self.prefix
        self.gap = self.prefix = ""
        start, end = self.draft.add(lead + body)
        if self.reasons and self.reasons[-1]:
            self.draft.hidden.append(HiddenText(start, end, self.reasons[-1]))
        self.gap = " " if words[-1:].isspace() else ""

    def break_line(self, separator: str) -> None:
        """Ask for a line or paragraph break before the next words."""
        if separator.count("\n") > self.gap.count("\n") or not self.gap:
            self.gap = separator

    def drop_page_number(self) -> None:
        """Take back a number that stood alone before a page break."""
        parts = self.draft.parts
        if len(parts) > 1 and parts[-1].isdigit() and len(parts[-1]) <= 3 and "\n" in parts[-2]:
            self.draft.length -= len(parts.pop()) + len(parts.pop())
            self.gap = "\n\n"

    def here(self) -> int:
        """Return where the next words will begin."""
        return self.draft.length + (len(self.gap) if self.draft.length else 0)


def read(data: bytes, *, name: str) -> Draft:
    """Read a web page; scripts, styles, comments and navigation stay out, invisible text is listed as hidden.

    Raises:
        DocumentError: it holds no elements.
    """
    draft = Draft(MEDIA_TYPE)
    text = _decoded(data, draft)
    note_removed(text, draft.warnings)
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = etree.fromstring(text.encode("utf-8", errors="replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DocumentError(f"{name} cannot be read as a web page: check the file.", name=name) from error
    if any("Excessive depth" in entry.message for entry in parser.error_log):
        raise DocumentError(f"{name} nests its elements deeper than a page does and was not read.", name=name)
    if root is None:
        raise DocumentError(f"{name} is an empty web page: there is nothing to read in it.", name=name)
    draft.title = own_title(draft, root.findtext(".//title") or "")
    note_extras(root, text, draft)
    rules: dict[str, str] = {}
    for sheet in root.iter("style"):
        rules |= hiding_rules(sheet.text or "")
    _walk(root, _Writer(draft, rules))
    return draft


def _decoded(data: bytes, draft: Draft) -> str:
    marked = data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    declared = None if marked else _CHARSET.search(data[:4096])
    if declared:
        label = (declared.group(1) or declared.group(2)).decode("ascii").lower()
        label = "cp1252" if label in ("iso-8859-1", "latin1", "us-ascii", "ascii") else label
        try:
            return data.decode(label)
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(data, draft.warnings)


def _walk(root: Element, writer: _Writer) -> None:
    """Visit the tree without recursion: a page may nest thousands of elements."""
    stack: list[tuple[str, Element]] = [("enter", root)]
    while stack:
        step, node = stack.pop()
        if step == "text":
            writer.text(node)
        elif step == "leave":
            _leave(node, writer)
        elif isinstance(node.tag, str) and node.tag not in _SKIP and node.get("role") != "navigation":
            stack += _enter(node, writer)


def _enter(node: Element, writer: _Writer) -> list[tuple[str, Element]]:
    """Begin an element; return what comes next, last step first."""
    reason = hidden_by(node.attrib, writer.rules)
    if node.tag in _BLOCKS:
        writer.break_line(_separator(node, writer))
    if node.tag == "table" and _is_grid(node):
        _write_grid(node, writer, reason)
        writer.break_line("\n\n")
        return []
    writer.reasons.append(reason or (writer.reasons[-1] if writer.reasons else ""))
    writer.started.append(writer.here())
    _begin(node, writer)
    writer.text(node.text, keep_lines=node.tag == "pre")
    steps: list[tuple[str, Element]] = [("leave", node)]
    for child in reversed(node):
        if child.tail:
            steps.append(("text", child.tail))
        steps.append(("enter", child))
    return steps


def _begin(node: Element, writer: _Writer) -> None:
    """Do what an element asks for before its words."""
    tag = node.tag
    if tag == "hr" or "page-break" in node.get("style", ""):
        writer.drop_page_number()
    if tag == "br":
        writer.gap = "\n" if "\n" not in writer.gap else "\n\n"
    elif tag in _LISTS:
        writer.lists.append(_first_number(node) if tag == "ol" else None)
    elif tag == "li":
        writer.prefix = _marker(node, writer)
    elif tag == "sup" and _is_note_mark(node):
        writer.text("[")


def _separator(node: Element, writer: _Writer) -> str:
    """Return what parts a block from what stands before it."""
    if node.tag in ("td", "th"):
        before = node.getprevious()
        return " " if before is not None and _NUMBER_CELL.fullmatch(_first_words(before)) else "\n"
    tight = node.tag in _TIGHT or (node.tag in _LISTS and bool(writer.lists)) or writer.prefix
    return "\n" if tight else "\n\n"


def _leave(node: Element, writer: _Writer) -> None:
    tag = node.tag
    start = writer.started.pop()
    writer.reasons.pop()
    if tag in _LISTS:
        writer.lists.pop()
    elif tag == "li":
        writer.prefix = ""
    elif tag == "sup" and _is_note_mark(node):
        writer.gap = ""
        writer.text("]")
    elif len(tag) == 2 and tag[0] == "h" and tag[1].isdigit() and start < writer.draft.length:
        writer.draft.headings.append(Heading(start, writer.draft.length, int(tag[1])))
    if tag in _BLOCKS and tag not in ("td", "th"):
        writer.break_line(_separator(node, writer))


def _first_number(node: Element) -> int:
    start = node.get("start", "1")
    return int(start) if start.lstrip("-").isdigit() and len(start) < 9 else 1


def _marker(node: Element, writer: _Writer) -> str:
    """Return an item's number or bullet, and count."""
    number = writer.lists[-1] if writer.lists else None
    if number is None:
        return "• "
    own = node.get("value", "")
    number = int(own) if own.isdigit() and len(own) < 9 else number
    writer.lists[-1] = number + 1
    kind = node.getparent().get("type", "1") if node.getparent() is not None else "1"
    form = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}.get(kind, "decimal")
    return f"{spell(number, form)}. "


def _is_note_mark(node: Element) -> bool:
    """Tell whether a superscript refers to a note rather than being an exponent."""
    linked = node.find("a") is not None or (node.getparent() is not None and node.getparent().tag == "a")
    words = "".join(node.itertext()).strip()
    return linked and 0 < len(words) <= 4 and words.isalnum()


def _is_grid(table: Element) -> bool:
    """Tell a table of data from one that lays out running text (numbered paragraphs in two cells, a whole page)."""
    if table.find(".//table") is not None:
        return False
    rows = 0
    for row in table.iter("tr"):
        cells = [_cell_text(cell) for cell in row if cell.tag in ("td", "th")]
        filled = [cell for cell in cells if cell]
        if any(len(cell) > _LONG_CELL for cell in filled) or (len(filled) == 2 and _NUMBER_CELL.fullmatch(filled[0])):
            return False
        rows += len(filled) > 1
    return rows > 0


def _cell_text(cell: Element) -> str:
    """Return the words of a cell on one line, without what is skipped everywhere."""
    parts: list[str] = []
    for part in cell.iter():
        if isinstance(part.tag, str) and part.tag not in _SKIP:
            parts.append(part.text or "")
        if part is not cell:
            parts.append(part.tail or "")
    return _SPACE.sub(" ", clean(" ".join(parts))).strip()


def _first_words(cell: Element) -> str:
    """Return a cell's words, or only the first of them where there are many."""
    words = ""
    for part in cell.itertext():
        words += part
        if len(words) > 40:
            break
    return " ".join(words.split())


def _write_grid(table: Element, writer: _Writer, reason: str) -> None:
    draft = writer.draft
    draft.separate(writer.gap)
    start, writer.gap = draft.length, ""
    for row in table.iter("tr"):
        cells = [_cell_text(cell).replace("|", "/") for cell in row if cell.tag in ("td", "th")]
        while cells and not cells[-1]:
            cells.pop()
        if any(cells):
            draft.add(("\n" if draft.length > start else "") + " | ".join(cells).strip())
    draft.tables.append((start, draft.length))
    if reason:
        draft.hidden.append(HiddenText(start, draft.length, reason))
