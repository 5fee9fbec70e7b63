"""Sections of a legal text: divisions, numbered clauses, schedules, contents, signatures.

Works on laid-out text and on text flattened onto one line. A number inside a line counts only where it
continues the numbering ("… 12.2 … 12.3 Insurance. The Tenant shall …"); one at the start of a line needs less proof.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from agentkit.text.structure_blocks import find_contents, find_signatures, is_heading
from agentkit.text.structure_marks import Mark, find_marks
from agentkit.text.structure_outline import Outline, consider
from agentkit.types import Section


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
    outline = Outline()
    fixed = [(*span, "contents") for span in contents] + [(*span, "signatures") for span in signatures]
    fixed.sort()
    position = 0
    marks = list(find_marks(text, _distinct(text, headings)))
    for index, mark in enumerate(marks):
        while position < len(fixed) and fixed[position][1] <= mark.start:
            position = _block(text, outline, fixed, position)
        if position < len(fixed) and fixed[position][0] <= mark.start:
            continue
        if mark.style != "caps" or is_heading(text, marks, index):
            consider(outline, mark)
    while position < len(fixed):
        position = _block(text, outline, fixed, position)
    return _close(text, outline.placed, {start: end for start, end, _ in fixed})


def _distinct(text: str, headings: Sequence[tuple[int, int, int]]) -> dict[int, tuple[int, int]]:
    """Leave out headings that come back again and again: they belong to the page, not to the text."""
    counts = Counter(text[start:end] for start, end, _ in headings)
    return {start: (end, level) for start, end, level in headings if counts[text[start:end]] < 4}


def _block(text: str, outline: Outline, fixed: list[tuple[int, int, str]], position: int) -> int:
    start, end, kind = fixed[position]
    title = text[start : min(end, start + 60)].split("\n")[0].strip()[:40] if kind == "signatures" else "Contents"
    outline.stack.clear()
    mark = Mark(start, start, kind, (), "", "Signatures" if kind == "signatures" else title)
    outline.place(mark, "", "signatures" if kind == "signatures" else "contents")
    outline.stack.clear()
    return position + 1


def _close(text: str, placed: list[Section], ends: dict[int, int]) -> list[Section]:
    """Set each section's end: where the next of the same or a higher level begins."""
    sections = sorted(placed, key=lambda section: section.start)
    closed: list[Section] = list(sections)
    open_indexes: list[int] = []
    for index, section in enumerate(sections):
        while open_indexes and sections[open_indexes[-1]].level >= section.level:
            _end(closed, open_indexes.pop(), section.start, ends)
        open_indexes.append(index)
    for index in open_indexes:
        _end(closed, index, len(text), ends)
    return _with_preamble(text, closed)


def _end(sections: list[Section], index: int, end: int, ends: dict[int, int]) -> None:
    section = sections[index]
    if section.kind in ("contents", "signatures"):
        end = min(end, ends.get(section.start, end))
    sections[index] = replace(section, end=end, heading_end=min(section.heading_end, end))


def _with_preamble(text: str, sections: list[Section]) -> list[Section]:
    """Add the preamble: what stands before the first clause and under no heading of its own."""
    first = next((i for i, section in enumerate(sections) if section.number and section.kind != "schedule"), None)
    if first is None:
        return sections
    before = sections[first - 1] if first else None
    if before is not None and before.kind != "contents":
        return sections
    start, end = before.end if before else 0, sections[first].start
    if not text[start:end].strip():
        return sections
    while text[start].isspace():
        start += 1
    return [*sections[:first], Section("", "Preamble", 1, start, start, end, "preamble"), *sections[first:]]
