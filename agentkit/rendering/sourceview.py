"""The source pane of the HTML report: the exact text, with every cited span marked, in linear time."""

import html
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from agentkit.rendering import words
from agentkit.report import Report

Span = tuple[int, int]

# What a browser would drop, change or obey: controls, surrogates, non-characters, bidirectional overrides, tags.
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f]"
)
_BLOCK = 6_000  # characters of a block where the format has no pages
_LONGEST_BLOCK = 12_000


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text with one appearance. `mark` is its running number if it is cited, else None."""

    start: int
    end: int
    mark: int | None
    flagged: bool


@dataclass(frozen=True, slots=True)
class SourceView:
    """One source, cut into segments at the borders of cited spans, flagged spans and blocks."""

    index: int
    segments: list[Segment]
    blocks: list[tuple[int, int, str]]

    def marks(self, start: int, end: int) -> Span | None:
        """Return the numbers of the first and last marked segment of a cited span; None if the span is empty."""
        first = bisect_left(self.segments, start, key=lambda segment: segment.start)
        last = bisect_left(self.segments, end, key=lambda segment: segment.start) - 1
        if not 0 <= first <= last:
            return None
        numbers = self.segments[first].mark, self.segments[last].mark
        return None if numbers[0] is None or numbers[1] is None else (numbers[0], numbers[1])


def showable(text: str) -> str:
    """Return a text of the same length that a browser shows character by character."""
    return _UNSHOWABLE.sub("\ufffd", text.replace("\f", "\n").replace("\r", "\u240d"))


def view_source(report: Report, index: int) -> SourceView:
    """Cut a source of the report for display."""
    text = report.texts[index]
    cited = [
        (citation.start, citation.end)
        for claim in report.claims
        for citation in claim.citations
        if citation.source == index
    ]
    flagged = [
        (rail.start, rail.end)
        for rail in report.rails
        if rail.source == index and rail.start is not None and rail.end is not None and rail.action != "passed"
    ]
    blocks = _pages(report, index, len(text)) or _blocks(text)
    return SourceView(index, _cut(len(text), cited, flagged, [start for start, _, _ in blocks]), blocks)


def _cut(length: int, cited: Sequence[Span], flagged: Sequence[Span], borders: Sequence[int]) -> list[Segment]:
    """Sweep over the borders of all spans once: O(k log k) for k spans, whatever their overlaps."""
    changes: dict[int, list[int]] = {0: [0, 0], length: [0, 0]}
    for border in borders:
        changes.setdefault(border, [0, 0])
    for kind, spans in enumerate((cited, flagged)):
        for start, end in spans:
            if 0 <= start < end <= length:
                changes.setdefault(start, [0, 0])[kind] += 1
                changes.setdefault(end, [0, 0])[kind] -= 1
    points = sorted(changes)
    segments: list[Segment] = []
    depth, warned, mark = 0, 0, 0
    for start, end in pairwise(points):
        depth, warned = depth + changes[start][0], warned + changes[start][1]
        mark += depth > 0
        segments.append(Segment(start, end, mark if depth else None, warned > 0))
    return segments


def _pages(report: Report, index: int, length: int) -> list[tuple[int, int, str]]:
    starts = words.page_starts(report, index)
    edges = [0, *(min(start, length) for start in starts[1:]), length] if starts else []
    return [(a, b, f"Page {n}") for n, (a, b) in enumerate(pairwise(edges), 1) if a < b]


def _blocks(text: str) -> list[tuple[int, int, str]]:
    blocks: list[tuple[int, int, str]] = []
    start = 0
    while start < len(text):
        newline = text.find("\n", start + _BLOCK, start + _LONGEST_BLOCK)
        end = newline + 1 if newline >= 0 else min(start + _LONGEST_BLOCK, len(text))
        blocks.append((start, end, ""))
        start = end
    return blocks


def source_html(view: SourceView, text: str) -> str:
    """Return the blocks of a source; the text content of the result is `showable(text)`, no more and no less."""
    shown = showable(text)
    parts: list[str] = []
    position = 0
    for _, end, label in view.blocks:
        # The label is drawn by the style sheet, so that selecting and searching see only the source's own text.
        name = f' role="group" aria-label="{label}"' if label else ""
        parts.append(f'<div class="page" dir="auto"{name}>')
        while position < len(view.segments) and view.segments[position].start < end:
            parts.append(_segment(view.index, view.segments[position], shown))
            position += 1
        parts.append("</div>")
    return "".join(parts)


def _segment(index: int, segment: Segment, shown: str) -> str:
    text = html.escape(shown[segment.start : segment.end])
    flagged = ' class="flagged" title="A rail acted on this text"' if segment.flagged else ""
    if segment.mark is not None:
        return f'<mark id="s{index}m{segment.mark}"{flagged}>{text}</mark>'
    return f"<span{flagged}>{text}</span>" if segment.flagged else text
