"""Alignment between a redacted text and the source it stands for."""

from collections.abc import Sequence

from agentkit.types import Replacement, SafePassage

WITHHELD = "<WITHHELD>"
"""Stands in a safe text where characters are shown to no model."""


def to_source(passage: SafePassage, start: int, end: int) -> tuple[int, int]:
    """Map a span of a safe passage's text to the source characters it stands for.

    A span that cuts into a placeholder is widened to the whole original, so that a quote never shows
    half a name.

    Returns:
        Source offsets `(start, end)`, within `passage.start` and `passage.end`.
    Raises:
        ValueError: the span is empty or outside the passage's text.
    """
    if not 0 <= start < end <= len(passage.text):
        raise ValueError(f"span {start}:{end} is outside the passage's text of {len(passage.text)} characters")
    return _edge(passage, start, is_end=False), _edge(passage, end, is_end=True)


def _edge(passage: SafePassage, offset: int, *, is_end: bool) -> int:
    source = passage.start + offset
    for item in passage.replacements:
        if offset <= item.start:
            break
        if offset < item.end:
            return item.source_end if is_end else item.source_start
        source = item.source_end + (offset - item.end)
    return source


def replace_spans(text: str, spans: Sequence[tuple[int, int, str]], *, offset: int) -> tuple[str, list[Replacement]]:
    """Replace spans of a text by placeholders.

    Args:
        text: the original.
        spans: `(start, end, placeholder)` in `text`, in order, none overlapping another.
        offset: where `text` begins in its source.
    Returns:
        The new text, and for each span its alignment (source offsets count from the source's start).
    """
    parts: list[str] = []
    items: list[Replacement] = []
    position = length = 0
    for start, end, placeholder in spans:
        parts += [text[position:start], placeholder]
        length += start - position
        items.append(Replacement(length, length + len(placeholder), offset + start, offset + end, placeholder))
        length += len(placeholder)
        position = end
    parts.append(text[position:])
    return "".join(parts), items


def overlay(
    spans: Sequence[tuple[int, int, str]], covers: Sequence[tuple[int, int]], *, marker: str
) -> list[tuple[int, int, str]]:
    """Lay covers over replaced spans: what they touch disappears under one marker.

    Returns:
        `(start, end, replacement)` in order, none overlapping another.
    """
    rows = sorted([*spans, *((start, end, marker) for start, end in covers if start < end)])
    result: list[tuple[int, int, str]] = []
    for start, end, text in rows:
        if result and start < result[-1][1]:
            before = result[-1]
            kept = marker if marker in (text, before[2]) else before[2]
            result[-1] = (before[0], max(end, before[1]), kept)
        else:
            result.append((start, end, text))
    return result
