"""Running headers, running footers and page numbers: lines at a page's edge that come back on other pages."""

import re
from collections import Counter
from collections.abc import Sequence

from agentkit.reading.pdf_lines import Line

_DEPTH = 7
"""How many lines from each edge may belong to a header or footer."""
_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b")
_PAGE_NUMBER = re.compile(r"[-–—\[( ]*(?:page\s*)?#(?:\s*(?:of|/|\|)\s*#)?[-–—\]). ]*|[a-z]{1,2}-#", re.IGNORECASE)


def strip_furniture(pages: Sequence[list[Line]]) -> list[list[Line]]:
    """Return the pages without running headers, running footers and page numbers."""
    counts: Counter[tuple[str, int]] = Counter()
    for lines in pages:
        keys: set[tuple[str, int]] = set()
        for edge in _edges(lines):
            keys.update(key for line in edge for key in _keys(line))
        counts.update(keys)
    needed = 2 if len(pages) <= 3 else max(3, min(8, len(pages) // 10))
    return [_strip(lines, counts, needed) for lines in pages]


def _edges(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """Return the page's outermost lines, from the top and from the bottom, outermost first."""
    ordered = sorted(lines, key=lambda line: -line.y1)
    return ordered[:_DEPTH], ordered[: -_DEPTH - 1 : -1]


def _keys(line: Line) -> list[tuple[str, int]]:
    """Return what a line shares with its copies on other pages: its words without numbers, and its height on the page."""
    shape = _NUMBER.sub("#", line.text.lower())
    band = round(line.y0 / 6)
    return [(shape, band), (shape, band + 1)]


def _strip(lines: list[Line], counts: Counter[tuple[str, int]], needed: int) -> list[Line]:
    dropped: set[int] = set()
    for edge in _edges(lines):
        missed = 0
        for line in edge:
            shape = _NUMBER.sub("#", line.text.lower())
            repeated = max(counts[key] for key in _keys(line)) >= needed
            if repeated or (not missed and _PAGE_NUMBER.fullmatch(shape)):
                dropped.add(id(line))
            else:
                missed += 1
                # Past two lines of the page's own, an equal line elsewhere is chance.
                if missed > 0:
                    break
    return [line for line in lines if id(line) not in dropped]
