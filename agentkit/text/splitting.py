"""Documents to passages, cut where a reader would cut."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import pairwise

from agentkit.text.locate import heading_trail, locator, page_at
from agentkit.text.sentences import split_sentences
from agentkit.text.structure_titles import DEFINED
from agentkit.types import Document, Passage, PassageKind, Section

_TINY = 160
_SOFT_BREAKS = ("\n", "; ", ", ", " ")


@dataclass(frozen=True, slots=True)
class _Unit:
    """A stretch without a structural boundary inside, and the sections that hold it, outermost first."""

    start: int
    end: int
    path: tuple[Section, ...]
    kind: PassageKind


def split_document(document: Document, *, max_chars: int = 1200) -> list[Passage]:
    """Split a document by its structure.

    A passage stays inside one clause; the items of one clause ("(a)", "(b)") and tiny unnumbered
    neighbours under one heading share a passage where they fit. Only a sentence that alone is longer
    than `max_chars` is cut inside.

    Args:
        document: its `sections`, `tables` and `footnotes` are the boundaries.
        max_chars: the longest passage, in characters, at least 100.
    Returns:
        Passages in order that together hold every character that is not white space, once;
        `passage.text == document.text[passage.start:passage.end]`.
    Raises:
        ValueError: `max_chars` is too small.
    """
    if max_chars < 100:
        raise ValueError(f"max_chars is {max_chars}; a passage needs at least 100 characters")
    passages: list[Passage] = []
    for group in _grouped(_units(document), max_chars):
        path = _common_path(group)
        trail, place, kind = heading_trail(list(path)), locator(list(path)), group[0].kind
        for start, end in _pieces(document.text, group[0].start, group[-1].end, max_chars):
            passages.append(
                Passage(
                    id=f"d{document.index}p{len(passages)}",
                    source=document.index,
                    start=start,
                    end=end,
                    text=document.text[start:end],
                    page=page_at(document, start),
                    locator=place,
                    section=trail,
                    kind="definition" if kind == "body" and DEFINED.match(document.text, start, end) else kind,
                )
            )
    return passages


def _units(document: Document) -> Iterator[_Unit]:
    text = document.text
    special = sorted(
        [(*span, "table") for span in document.tables] + [(*span, "footnote") for span in document.footnotes]
    )
    cuts = {0, len(text)}
    for section in document.sections:
        cuts |= {section.start, section.end}
    for start, end, _ in special:
        cuts |= {start, end}
    stack: list[Section] = []
    waiting = iter(document.sections)
    following = next(waiting, None)
    ordered = sorted(cuts)
    place = 0
    for left, right in pairwise(ordered):
        while following is not None and following.start <= left:
            stack.append(following)
            following = next(waiting, None)
        stack = [section for section in stack if section.end > left]
        while place < len(special) and special[place][1] <= left:
            place += 1
        held = special[place][2] if place < len(special) and special[place][0] <= left else ""
        start, end = _stripped(text, left, right)
        if start < end:
            yield _Unit(start, end, tuple(stack), _kind(text, start, end, (stack, held)))


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _kind(text: str, start: int, end: int, where: tuple[list[Section], str]) -> PassageKind:
    stack, special = where
    for section in stack:
        if section.kind == "contents":
            return "contents"
        if section.kind == "signatures":
            return "signatures"
    if special:
        return "table" if special == "table" else "footnote"
    if stack and stack[-1].heading_end >= end and (stack[-1].title or end - start <= 20):
        return "heading"
    return "definition" if DEFINED.match(text, start, min(end, start + 250)) else "body"


def _grouped(units: Iterator[_Unit], max_chars: int) -> Iterator[list[_Unit]]:
    group: list[_Unit] = []
    for unit in units:
        if group and not _joins(group, unit, max_chars):
            yield group
            group = []
        group.append(unit)
    if group:
        yield group


def _joins(group: list[_Unit], unit: _Unit, max_chars: int) -> bool:
    first, last = group[0], group[-1]
    if unit.end - first.start > max_chars or unit.kind != last.kind or unit.kind == "heading":
        return False
    if unit.path == last.path:
        return True
    if _anchor(unit) and _anchor(unit) == _anchor(first):
        return True
    tiny = unit.end - unit.start <= _TINY and last.end - first.start <= _TINY
    unnumbered = not any(path and path[-1].number for path in (first.path, last.path, unit.path))
    return tiny and unnumbered and len(unit.path) == len(first.path) and unit.path[:-1] == first.path[:-1]


def _anchor(unit: _Unit) -> tuple[Section, ...]:
    """Return the path down to the innermost section that is more than an item of a list."""
    path = unit.path
    while path and is_item(path[-1]):
        path = path[:-1]
    return path


def is_item(section: Section) -> bool:
    """Tell whether a section is an item of a list inside a clause: "(a)", "12.3(b)", "12.3 iv."."""
    return section.number.endswith((")", "."))


def _common_path(group: list[_Unit]) -> tuple[Section, ...]:
    path = group[0].path
    for unit in group[1:]:
        shared = 0
        while shared < min(len(path), len(unit.path)) and path[shared] is unit.path[shared]:
            shared += 1
        path = path[:shared]
    return path


def _pieces(text: str, start: int, end: int, max_chars: int) -> Iterator[tuple[int, int]]:
    """Cut a stretch at sentence boundaries into pieces of at most `max_chars`."""
    if end - start <= max_chars:
        yield start, end
        return
    begin = stop = start
    for left, right in split_sentences(text[start:end]):
        left, right = left + start, right + start
        full = right - begin > max_chars
        at_paragraph = stop - begin > max_chars // 2 and "\n\n" in text[stop:left]
        if stop > begin and (full or at_paragraph):
            yield begin, stop
            begin = left
        if right - begin > max_chars:
            begin = yield from _cut_long(text, begin, right, max_chars)
        stop = right
    if stop > begin:
        yield begin, stop


def _cut_long(text: str, start: int, end: int, max_chars: int) -> Generator[tuple[int, int], None, int]:
    """Cut a sentence that is too long at its softest points; return where the rest of it begins."""
    while end - start > max_chars:
        limit = start + max_chars
        at = next((p + len(b) for b in _SOFT_BREAKS if (p := text.rfind(b, start + max_chars // 3, limit)) > 0), limit)
        piece = _stripped(text, start, at)
        if piece[0] < piece[1]:
            yield piece
        start = _stripped(text, at, end)[0]
    return start
