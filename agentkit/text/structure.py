"""Sections of a legal text: divisions, numbered clauses, schedules, contents, signatures.

Works on laid-out text and on text flattened onto one line. A number inside a line counts only where it
continues the numbering ("… 12.2 … 12.3 Insurance. The Tenant shall …"); one at the start of a line needs less proof.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from agentkit.text.structure_blocks import find_contents, find_signatures
from agentkit.text.structure_marks import Mark, find_marks, is_attached, roman
from agentkit.types import Section, SectionKind

_DIVISION_RANK = ["title", "subtitle", "part", "subpart", "chapter", "article", "rule", "section", "clause"]
_MAX_JUMP = 6


@dataclass(slots=True)
class _Open:
    """A section that is still open, with the style and number that its siblings continue."""

    style: str
    values: tuple[int, ...]
    number: str


@dataclass(slots=True)
class _Outline:
    """The sections open at the current position, outermost first, and those already placed."""

    stack: list[_Open] = field(default_factory=list[_Open])
    placed: list[Section] = field(default_factory=list[Section])

    def place(self, mark: Mark, number: str, kind: SectionKind) -> None:
        self.stack.append(_Open(mark.style, mark.values, number))
        level = len(self.stack)
        self.placed.append(Section(number, mark.title, level, mark.start, mark.heading_end, mark.start, kind))

    def find(self, style: str) -> int | None:
        """Return the depth of the innermost open section of a style."""
        return next((i for i in range(len(self.stack) - 1, -1, -1) if self.stack[i].style == style), None)

    def last(self, style: str) -> tuple[int, ...]:
        depth = self.find(style)
        return () if depth is None else self.stack[depth].values


def find_sections(text: str, *, headings: Sequence[tuple[int, int, int]] = ()) -> list[Section]:
    """Find the sections of a text, in document order; they nest, and siblings do not overlap.

    Takes time proportional to the text. `Section.number` is complete: "12.3", "12.3(a)", "Article IV",
    "Schedule 2"; it is empty for a title without number.

    Args:
        text: the document's text.
        headings: headings that the format itself marks: `(start, end, level)`, level from 1.
    """
    contents = find_contents(text)
    signatures = find_signatures(text, contents)
    outline = _Outline()
    fixed = [(*span, "contents") for span in contents] + [(*span, "signatures") for span in signatures]
    fixed.sort()
    position = 0
    for mark in find_marks(text, {start: (end, level) for start, end, level in headings}):
        while position < len(fixed) and fixed[position][1] <= mark.start:
            position = _block(text, outline, fixed, position)
        if position < len(fixed) and fixed[position][0] <= mark.start:
            continue
        _consider(outline, mark)
    while position < len(fixed):
        position = _block(text, outline, fixed, position)
    return _close(outline.placed, len(text), {start: end for start, end, _ in fixed})


def _block(text: str, outline: _Outline, fixed: list[tuple[int, int, str]], position: int) -> int:
    start, end, kind = fixed[position]
    title = text[start : min(end, start + 60)].split("\n")[0].strip()[:40] if kind == "signatures" else "Contents"
    outline.stack.clear()
    mark = Mark(start, start, kind, (), "", "Signatures" if kind == "signatures" else title)
    outline.place(mark, "", "signatures" if kind == "signatures" else "contents")
    outline.stack.clear()
    return position + 1


def _consider(outline: _Outline, mark: Mark) -> None:
    if is_attached(mark.style):
        if not mark.inline or mark.title:
            outline.stack.clear()
            outline.place(mark, mark.label, "schedule")
    elif mark.style in _DIVISION_RANK:
        _division(outline, mark)
    elif mark.style.startswith("dec") or mark.style == "§":
        _decimal(outline, mark)
    elif mark.style == "caps" or mark.style[0] == "h":
        _heading(outline, mark)
    else:
        _item(outline, mark)


def _division(outline: _Outline, mark: Mark) -> None:
    if mark.style in ("section", "clause", "rule") and len(mark.values) > 1 and not mark.inline:
        _decimal(outline, replace(mark, style=f"dec{len(mark.values)}", label=mark.label.split()[-1]))
        return
    last = outline.last(mark.style)
    if mark.inline and not _follows(last, mark.values):
        return
    rank = _DIVISION_RANK.index(mark.style)
    while outline.stack and not _encloses(outline.stack[-1], rank):
        outline.stack.pop()
    outline.place(mark, mark.label, "heading" if rank < _DIVISION_RANK.index("section") else "clause")


def _encloses(section: _Open, rank: int) -> bool:
    if is_attached(section.style):
        return True
    return section.style in _DIVISION_RANK and _DIVISION_RANK.index(section.style) < rank


def _follows(last: tuple[int, ...], values: tuple[int, ...]) -> bool:
    if not last:
        return values[-1] == 1
    return last[:-1] == values[:-1] and 0 < values[-1] - last[-1] <= 2


def _decimal(outline: _Outline, mark: Mark) -> None:
    size = len(mark.values)
    style = f"dec{size}" if mark.style != "§" else "§"
    if not (_inline_decimal(outline, mark) if mark.inline else _line_decimal(outline, mark)):
        return
    depth = outline.find(style)
    if depth is not None:
        del outline.stack[depth:]
    else:
        while outline.stack and not _above(outline.stack[-1], mark.values):
            outline.stack.pop()
    outline.place(replace(mark, style=style), mark.label, "clause")


def _above(section: _Open, values: tuple[int, ...]) -> bool:
    """Tell whether an open section may hold a decimal number, where none of its style is open."""
    if section.style.startswith("dec"):
        return len(section.values) < len(values) and values[: len(section.values)] == section.values
    if section.style == "caps" or section.style[0] == "h":
        return True
    return is_attached(section.style) or section.style in _DIVISION_RANK


def _line_decimal(outline: _Outline, mark: Mark) -> bool:
    if mark.style == "§" or len(mark.values) > 1:
        return True
    last = outline.last("dec1")
    value = mark.values[0]
    if not last:
        return value <= _MAX_JUMP or bool(mark.title and value < 100)
    return value == 1 or 0 < value - last[0] <= _MAX_JUMP


def _inline_decimal(outline: _Outline, mark: Mark) -> bool:
    size, values = len(mark.values), mark.values
    if mark.style == "§":
        return bool(mark.title)
    last = outline.last(f"dec{size}")
    if last and _follows(last, values):
        return True
    if size == 1:
        return values[0] == 1 and (not last or bool(mark.title))
    parent = outline.last(f"dec{size - 1}")
    if not parent and size == 2:
        article = outline.last("article") or outline.last("section")
        parent = article or (last[:1] if last else (0,))
    first = values[-1] in (0, 1)
    return first and len(parent) == size - 1 and (parent == values[:-1] or _follows(parent, values[:-1]))


def _item(outline: _Outline, mark: Mark) -> None:
    shape = mark.style
    if shape[:2] in ("(a", "a.", "(A", "A."):
        mark, shape = _letter_or_roman(outline, mark)
    last = outline.last(shape)
    starts = mark.values[0] == 1
    if not starts and not (last and 0 < mark.values[0] - last[0] <= _MAX_JUMP):
        return
    depth = outline.find(shape)
    if depth is not None:
        del outline.stack[depth:]
    parent = outline.stack[-1].number if outline.stack else ""
    joined = parent + mark.label if mark.label.startswith("(") and parent else mark.label
    outline.place(replace(mark, style=shape), joined if parent[:1].isdigit() or not parent else mark.label, "clause")


def _letter_or_roman(outline: _Outline, mark: Mark) -> tuple[Mark, str]:
    """Decide whether "(i)" is the ninth letter or the first Roman numeral, by what it continues."""
    letters = mark.label.strip("().")
    value = roman(letters)
    numeral = mark.style.replace("a", "i").replace("A", "I")
    if not value:
        return mark, mark.style
    last_letter, last_roman = outline.last(mark.style), outline.last(numeral)
    as_letter = len(letters) == 1 and bool(last_letter) and mark.values[0] - last_letter[0] == 1
    as_roman = (bool(last_roman) and value - last_roman[0] == 1) or value == 1
    if as_roman and not (as_letter and outline.stack[-1].style == mark.style and not last_roman):
        return replace(mark, values=(value,)), numeral
    if as_letter or (len(letters) == 1 and letters.lower() in "cdlm"):
        return mark, mark.style
    return replace(mark, values=(value,)), numeral


def _heading(outline: _Outline, mark: Mark) -> None:
    depth = outline.find(mark.style)
    if depth is not None:
        del outline.stack[depth:]
    elif mark.style == "caps":
        while outline.stack and not is_attached(outline.stack[-1].style) and outline.stack[-1].style[0] != "h":
            outline.stack.pop()
    else:
        while outline.stack and not (outline.stack[-1].style[0] == "h" and outline.stack[-1].style < mark.style):
            outline.stack.pop()
    outline.place(mark, "", "heading")


def _close(placed: list[Section], length: int, ends: dict[int, int]) -> list[Section]:
    """Set each section's end: where the next of the same or a higher level begins."""
    sections = sorted(placed, key=lambda section: section.start)
    closed: list[Section] = list(sections)
    open_indexes: list[int] = []
    for index, section in enumerate(sections):
        while open_indexes and sections[open_indexes[-1]].level >= section.level:
            _end(closed, open_indexes.pop(), section.start, ends)
        open_indexes.append(index)
    for index in open_indexes:
        _end(closed, index, length, ends)
    return _with_preamble(closed)


def _end(sections: list[Section], index: int, end: int, ends: dict[int, int]) -> None:
    section = sections[index]
    if section.kind in ("contents", "signatures"):
        end = min(end, ends.get(section.start, end))
    sections[index] = replace(section, end=end, heading_end=min(section.heading_end, end))


def _with_preamble(sections: list[Section]) -> list[Section]:
    """Add the preamble: what stands before the first section (after a table of contents that opens the text)."""
    first = next((section for section in sections if section.kind != "contents"), None)
    start = next((section.end for section in sections if section.kind == "contents"), 0)
    if first is None or first.start <= start or not re.match(r"\d|\(|Article|Section|§", first.number or " "):
        return sections
    preamble = Section("", "Preamble", 1, start, start, first.start, "preamble")
    return sorted([*sections, preamble], key=lambda section: section.start)
