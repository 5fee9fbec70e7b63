"""How candidates become an outline: which number continues which, and what stands inside what."""

import re
from dataclasses import dataclass, field, replace

from agentkit.text.structure_marks import Mark, is_attached, roman
from agentkit.types import Section, SectionKind

_DIVISION_RANK = ["title", "subtitle", "part", "subpart", "chapter", "article", "rule", "section", "clause"]
_MAX_JUMP = 6
_HEAD = 150
_RECITALS = re.compile(r"\W{0,3}(?:whereas|recitals?|background|witnesseth)\W{0,3}", re.IGNORECASE)


@dataclass(slots=True)
class _Open:
    """A section that is still open, with the style and number that its siblings continue."""

    style: str
    values: tuple[int, ...]
    number: str
    title: str = ""


@dataclass(slots=True)
class Outline:
    """The sections open at the current position, outermost first, and those already placed."""

    stack: list[_Open] = field(default_factory=list[_Open])
    placed: list[Section] = field(default_factory=list[Section])

    def place(self, mark: Mark, number: str, kind: SectionKind) -> None:
        """Open a section under those that are open."""
        self.stack.append(_Open(mark.style, mark.values, number, mark.title))
        level = len(self.stack)
        self.placed.append(Section(number, mark.title, level, mark.start, mark.heading_end, mark.start, kind))

    def find(self, style: str) -> int | None:
        """Return the depth of the innermost open section of a style."""
        return next((i for i in range(len(self.stack) - 1, -1, -1) if self.stack[i].style == style), None)

    def last(self, style: str) -> tuple[int, ...]:
        """Return the number of the innermost open section of a style, or an empty tuple."""
        depth = self.find(style)
        return () if depth is None else self.stack[depth].values


def _last_clause(outline: Outline) -> tuple[int, ...]:
    """Return the number of the last clause of the first level, also where only its parts were seen ("5.2")."""
    last = outline.last("dec1")
    return last or next((item.values[:1] for item in outline.stack if item.style.startswith("dec")), ())


def consider(outline: Outline, mark: Mark) -> None:
    """Place a candidate in the outline, or leave it out where it continues nothing."""
    _shut_headings(outline, mark.level)
    if is_attached(mark.style):
        # A filing's own label ("Exhibit 10.1") heads the document and attaches nothing to it.
        if (mark.style != "exhibit" or mark.start > _HEAD or outline.placed) and (not mark.weak or mark.title):
            outline.stack.clear()
            outline.place(mark, mark.label, "schedule")
    elif mark.style in _DIVISION_RANK:
        _division(outline, mark)
    elif mark.style.startswith("dec") or mark.style == "§":
        _decimal(outline, mark)
    elif mark.style == "def":
        _definition(outline, mark)
    elif mark.style == "caps" or mark.style[0] == "h":
        _heading(outline, mark)
    else:
        _item(outline, mark)


def _shut_headings(outline: Outline, level: int) -> None:
    """End the format's headings that a numbered heading of their level follows ("Background", "1. Definitions")."""
    if level:
        shut = f"h{level}"
        at = next((i for i, item in enumerate(outline.stack) if item.style[0] == "h" and item.style >= shut), None)
        if at is not None:
            del outline.stack[at:]


def _division(outline: Outline, mark: Mark) -> None:
    if mark.style in ("section", "clause", "rule") and len(mark.values) > 1:
        _decimal(outline, replace(mark, style=f"dec{len(mark.values)}", label=mark.label.split()[-1]))
        return
    last = outline.last(mark.style)
    if mark.weak and (mark.style in ("clause", "rule") or not _follows(last, mark.values)):
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


def _decimal(outline: Outline, mark: Mark) -> None:
    size = len(mark.values)
    if mark.style == "dec1" and mark.values == (1,) and mark.title and not mark.weak:
        _shut_recitals(outline)
    if size == 1 and not mark.weak and mark.style == "dec1" and _is_list(outline, mark):
        _item(outline, replace(mark, style="1.", label=f"{mark.label}."))
        return
    style = f"dec{size}" if mark.style != "§" else "§"
    if not (_inline_decimal(outline, mark) if mark.weak else _line_decimal(outline, mark)):
        return
    # "11.1" ends clause 10 even where the heading of clause 11 was not recognised.
    other = next((i for i, item in enumerate(outline.stack) if _is_other(item, style, mark.values)), None)
    if other is not None:
        del outline.stack[other:]
    while outline.stack and not _above(outline.stack[-1], mark.values):
        outline.stack.pop()
    outline.place(replace(mark, style=style), mark.label, "clause")


def _shut_recitals(outline: Outline) -> None:
    """End the recitals where the first clause begins: it is no item of theirs."""
    at = next((i for i, item in enumerate(outline.stack) if not item.number and _RECITALS.fullmatch(item.title)), None)
    if at is not None and all(_is_item(item.style) for item in outline.stack[at + 1 :]):
        del outline.stack[at:]


def _is_list(outline: Outline, mark: Mark) -> bool:
    """Tell whether "1.", "2."… number a list inside a clause rather than clauses."""
    last, value = outline.last("dec1"), mark.values[0]
    listed = outline.last("1.")
    if listed and value - listed[-1] == 1:
        return not (last and value - last[-1] == 1 and mark.title)
    inside = bool(outline.stack) and (outline.stack[-1].style.startswith("dec") or _is_item(outline.stack[-1].style))
    return value == 1 and inside and not (mark.title and mark.title.isupper())


def _is_item(style: str) -> bool:
    return style[0] == "(" or style.endswith(".")


def _is_other(section: _Open, style: str, values: tuple[int, ...]) -> bool:
    """Tell whether an open section is numbered like the new one, or by decimals that do not begin its number."""
    if section.style == style:
        return True
    return section.style.startswith("dec") and section.values != values[: len(section.values)]


def _above(section: _Open, values: tuple[int, ...]) -> bool:
    """Tell whether an open section may hold a decimal number, where none of its style is open."""
    if section.style == "def" or _is_item(section.style):
        return False
    if section.style.startswith("dec"):
        return len(section.values) < len(values) and values[: len(section.values)] == section.values
    if section.style == "caps" or section.style[0] == "h":
        return True
    return is_attached(section.style) or section.style in _DIVISION_RANK


def _line_decimal(outline: Outline, mark: Mark) -> bool:
    if mark.style == "§":
        return bool(mark.title) or mark.heading_end == mark.start
    if len(mark.values) > 1:
        return True
    last, value = _last_clause(outline), sum(mark.values)
    if not last:
        return value <= _MAX_JUMP or bool(mark.title and value < 100)
    return value == 1 or 0 < value - last[-1] <= _MAX_JUMP


def _inline_decimal(outline: Outline, mark: Mark) -> bool:
    size, values = len(mark.values), mark.values
    if mark.style == "§":
        return bool(mark.title)
    last = outline.last(f"dec{size}") if size > 1 else _last_clause(outline)
    if last and _follows(last, values):
        return True
    if size == 1:
        return values[0] == 1 and (not last or bool(mark.title))
    parent = outline.last(f"dec{size - 1}")
    if not parent and size == 2:
        above = outline.last("article") or outline.last("section")
        parent = above or last[:1] or (0,)
    first = values[-1] in (0, 1)
    return first and len(parent) == size - 1 and (parent == values[:-1] or _follows(parent, values[:-1]))


def _item(outline: Outline, mark: Mark) -> None:
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
    glue = "" if mark.label.startswith("(") else " "
    number = parent + glue + mark.label if parent[:1].isdigit() else mark.label
    outline.place(replace(mark, style=shape), number, "clause")


def _letter_or_roman(outline: Outline, mark: Mark) -> tuple[Mark, str]:
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


def _heading(outline: Outline, mark: Mark) -> None:
    depth = outline.find(mark.style)
    if depth is not None:
        del outline.stack[depth:]
    elif mark.style == "caps":
        while outline.stack and not is_attached(outline.stack[-1].style) and outline.stack[-1].style[0] != "h":
            outline.stack.pop()
    else:
        while outline.stack and not _above_heading(outline.stack[-1], mark.style):
            outline.stack.pop()
    outline.place(mark, "", "heading")


def _definition(outline: Outline, mark: Mark) -> None:
    """Place a defined term under its clause; it ends the items of the definition before."""
    depth = outline.find("def")
    if depth is not None:
        del outline.stack[depth:]
    while outline.stack and _is_item(outline.stack[-1].style):
        outline.stack.pop()
    outline.place(mark, "", "clause")


def _above_heading(section: _Open, style: str) -> bool:
    return is_attached(section.style) or (section.style[0] == "h" and section.style < style)
