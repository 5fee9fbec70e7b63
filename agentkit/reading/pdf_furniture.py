"""Running headers, running footers and page numbers: lines at a page's edge that come back on other pages."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from agentkit.reading.pdf_lines import Line

_DEPTH = 7
"""How many lines from each edge may belong to a header or footer."""
_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b")
_PAGE_NUMBER = re.compile(r"[-–—\[ ]{0,3}(?:page ?)?#(?: ?(?:of|/|\|) ?#)?[-–—\] ]{0,3}|[a-z]{1,2}-#(?:-#)?")
_OWN = re.compile(
    r"(?:article|section|schedule|exhibit|annex|appendix|part|title|chapter|clause|by|name|title|its|date|dated|witness)\b|"
    r"\(?\w{1,4}[.)]\s|\d+(?:\.\d+)+\s|/s/|in witness whereof|(?:table of )?contents$",
    re.IGNORECASE,
)
_LONG = 12
"""A shape at least this long, in characters, is not equal by chance."""

Key = tuple[str, int]


class _Row(NamedTuple):
    """Everything on one height of a page: a footer often has a left, a middle and a right part."""

    lines: tuple[Line, ...]
    text: str
    y0: float


def strip_furniture(pages: Sequence[list[Line]]) -> list[list[Line]]:
    """Return the pages without running headers, running footers and page numbers.

    A row goes where it comes back at the same height of other pages, or, being long enough, near the
    edge of many; what a document says itself (clause numbers, signature fields) stays.
    """
    placed: Counter[Key] = Counter()
    shapes: Counter[str] = Counter()
    rows = [_rows(lines) for lines in pages]
    for page in rows:
        edge = {row for side in _edges(page) for row in side}
        placed.update({key for row in edge for key in _keys(row)})
        shapes.update({_shape(row.text) for row in edge})
    few = 2 if len(pages) <= 2 else 3
    many = max(4, len(pages) // 8)
    anywhere = {shape for shape, count in shapes.items() if count >= many and len(shape) >= _LONG}
    dropped = [_dropped(page, placed, few, anywhere) for page in rows]
    return [[line for line in page if line not in gone] for page, gone in zip(pages, dropped, strict=True)]


def _rows(lines: Sequence[Line]) -> list[_Row]:
    """Group lines by height, from the top of the page."""
    groups: list[list[Line]] = []
    for line in sorted(lines, key=lambda item: (-item.y0, item.x0)):
        if groups and abs(groups[-1][0].y0 - line.y0) < 0.4 * line.size:
            groups[-1].append(line)
        else:
            groups.append([line])
    ordered = [sorted(group, key=lambda item: item.x0) for group in groups]
    return [_Row(tuple(group), " ".join(line.text for line in group), group[0].y0) for group in ordered]


def _shape(text: str) -> str:
    """Return words as they come back from page to page: without numbers, unless those are the text's own."""
    words = text.lower()
    sentence = words.endswith(".") and words.count(" ") >= 5
    return words if sentence or _OWN.match(words) else _NUMBER.sub("#", words)


def _edges(rows: list[_Row]) -> tuple[list[_Row], list[_Row]]:
    """Return the page's outermost rows, from the top and from the bottom, outermost first."""
    return rows[:_DEPTH], rows[: -_DEPTH - 1 : -1]


def _keys(row: _Row) -> list[Key]:
    """Return what a row shares with its copies at the same height: two bands, so that none is cut apart."""
    band = round(row.y0 / 6)
    return [(_shape(row.text), band), (_shape(row.text), band + 1)]


def _dropped(rows: list[_Row], placed: Counter[Key], few: int, anywhere: set[str]) -> set[Line]:
    gone = {row for row in rows if _shape(row.text) in anywhere and not _OWN.match(row.text)}
    if len(gone) > _DEPTH and 2 * len(gone) > len(rows):
        gone = set[_Row]()  # copies of one form, not pages under one header
    for edge in _edges([row for row in rows if row not in gone]):
        running: list[_Row] = []
        for row in edge:
            repeated = not _OWN.match(row.text) and max(placed[key] for key in _keys(row)) >= few
            if not repeated and not _is_page_number(row.text):
                break
            running.append(row)
        if len(running) < _DEPTH:
            gone.update(running)
    return {line for row in gone for line in row.lines}


def _is_page_number(text: str) -> bool:
    return _PAGE_NUMBER.fullmatch(_NUMBER.sub("#", text.lower())) is not None
