"""Reading order: columns, and pieces that the file draws out of place."""

from collections.abc import Sequence

from agentkit.reading.pdf_lines import Line

_MOST = 5000
"""A page of more pieces than this is no page of text; the file's own order must do."""
_MIN_COLUMN = 6
"""Lines a column needs on each side of a gutter."""


def reading_order(lines: list[Line]) -> list[list[Line]]:
    """Return the page's lines as blocks to be read one after the other: columns where the page has them."""
    if not 2 <= len(lines) <= _MOST:
        return [lines] if lines else []
    gutter = _gutter(lines)
    if gutter is None:
        return [_settled(lines)]
    blocks: list[list[Line]] = []
    left: list[Line] = []
    right: list[Line] = []
    for line in sorted(lines, key=lambda item: -item.y1):
        if line.x0 < gutter < line.x1:
            blocks += [block for block in (left, right) if block] + [[line]]
            left, right = [], []
        elif line.x1 <= gutter:
            left.append(line)
        else:
            right.append(line)
    return _joined(blocks + [block for block in (left, right) if block], gutter)


def _joined(blocks: list[list[Line]], gutter: float) -> list[list[Line]]:
    """Put neighbouring lines that span the page into one block."""
    joined: list[list[Line]] = []
    for block in blocks:
        spans = len(block) == 1 and block[0].x0 < gutter < block[0].x1
        last = joined[-1] if joined else []
        if spans and last and last[-1].x0 < gutter < last[-1].x1:
            last.extend(block)
        else:
            joined.append(list(block))
    return joined


def _gutter(lines: Sequence[Line]) -> float | None:
    """Return the x of a vertical gap with prose on both sides, or None."""
    low, high = min(line.x0 for line in lines), max(line.x1 for line in lines)
    width = high - low
    starts = sorted({round(line.x0) for line in lines if low + 0.3 * width < line.x0 < low + 0.7 * width})
    for start in starts:
        at = start - 2.0
        left = [line for line in lines if line.x1 <= at]
        right = [line for line in lines if line.x0 >= at]
        crossing = len(lines) - len(left) - len(right)
        if min(len(left), len(right)) < _MIN_COLUMN or crossing > 0.35 * len(lines):
            continue
        if _prose(left, at - low) and _prose(right, high - at) and _side_by_side(left, right):
            return at
    return None


def _prose(lines: Sequence[Line], width: float) -> bool:
    """Tell whether lines fill their column as running text does (cells of a table do not)."""
    full = sum(line.x1 - line.x0 > 0.6 * width for line in lines)
    return full >= 0.5 * len(lines) and sum(len(line.text) for line in lines) >= 20 * len(lines)


def _side_by_side(left: Sequence[Line], right: Sequence[Line]) -> bool:
    top = min(max(line.y1 for line in left), max(line.y1 for line in right))
    bottom = max(min(line.y0 for line in left), min(line.y0 for line in right))
    tallest = max(max(line.y1 for line in side) - min(line.y0 for line in side) for side in (left, right))
    return top - bottom > 0.3 * tallest


def _settled(lines: list[Line]) -> list[Line]:
    """Keep the file's order, but move a piece that lies wholly above what was drawn before it."""
    runs: list[list[Line]] = []
    for line in lines:
        if runs and line.y0 <= runs[-1][-1].y1 + 1 and (line.y1 <= runs[-1][-1].y1 + line.size):
            runs[-1].append(line)
        else:
            runs.append([line])
    if len(runs) == 1 or len(runs) > 200:
        return lines
    placed: list[tuple[float, float, list[Line]]] = []
    for run in runs:
        top, bottom = max(line.y1 for line in run), min(line.y0 for line in run)
        at = next((i for i, (other_top, _, _) in enumerate(placed) if other_top <= bottom + 1), len(placed))
        placed.insert(at, (top, bottom, run))
    return [line for _, _, run in placed for line in run]
