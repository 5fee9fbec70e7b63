"""Running headers, running footers and page numbers: lines at a page's edge that come back on other pages."""

import re
from collections import Counter
from collections.abc import Sequence

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


def strip_furniture(pages: Sequence[list[Line]]) -> list[list[Line]]:
    """Return the pages without running headers, running footers and page numbers.

    A line goes where it comes back at the same height of other pages, or, being long enough, near the
    edge of many; what a document says itself (clause numbers, signature fields) stays.
    """
    placed: Counter[Key] = Counter()
    shapes: Counter[str] = Counter()
    for lines in pages:
        edge = {line for side in _edges(lines) for line in side}
        placed.update({key for line in edge for key in _keys(line)})
        shapes.update({_shape(line) for line in edge})
    few = 2 if len(pages) <= 2 else 3
    many = max(4, len(pages) // 8)
    anywhere = {shape for shape, count in shapes.items() if count >= many and len(shape) >= _LONG}
    return [_strip(lines, placed, few, anywhere) for lines in pages]


def _shape(line: Line) -> str:
    """Return a line's words as they come back from page to page: without numbers, unless they are its own."""
    words = line.text.lower()
    sentence = words.endswith(".") and words.count(" ") >= 5
    return words if sentence or _OWN.match(words) else _NUMBER.sub("#", words)


def _edges(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """Return the page's outermost lines, from the top and from the bottom, outermost first."""
    ordered = sorted(lines, key=lambda line: -line.y1)
    return ordered[:_DEPTH], ordered[: -_DEPTH - 1 : -1]


def _keys(line: Line) -> list[Key]:
    """Return what a line shares with its copies at the same height: two bands, so that none is cut apart."""
    band = round(line.y0 / 6)
    return [(_shape(line), band), (_shape(line), band + 1)]


def _strip(lines: list[Line], placed: Counter[Key], few: int, anywhere: set[str]) -> list[Line]:
    dropped: set[Line] = {line for line in lines if _shape(line) in anywhere and not _OWN.match(line.text)}
    for edge in _edges([line for line in lines if line not in dropped]):
        for line in edge:
            if _is_page_number(line, lines):
                dropped.add(line)
                continue
            if _OWN.match(line.text) or max(placed[key] for key in _keys(line)) < few:
                break
            dropped.add(line)
    return [line for line in lines if line not in dropped]


def _is_page_number(line: Line, lines: list[Line]) -> bool:
    """Tell whether a line at the edge is a page number: alone in its row, unlike a cell of a table."""
    if not _PAGE_NUMBER.fullmatch(_NUMBER.sub("#", line.text.lower())):
        return False
    return not any(other is not line and abs(other.y0 - line.y0) < 0.5 * line.size for other in lines)
