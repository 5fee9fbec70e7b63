"""Quality against cost and latency as a drawing: one self-contained SVG file, without script, font or network."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from agentkit.evaluation.comparison import Placed
from agentkit.rendering.words import line

_WIDTH, _HEIGHT = 1000, 430
_PANEL, _TOP, _BOTTOM, _LEFT = 400, 60, 350, 70
_ROW = 15
_LEAST = 1e-6  # of a dollar, a second, or the largest figure: what is less is drawn as that
_INK, _GREY, _FRONT = "#1b1f24", "#6a737d", "#00695c"


@dataclass(frozen=True, slots=True)
class _Axis:
    """A horizontal axis: from a figure to a place between 0 and 1. A logarithmic one has no zero."""

    low: float
    high: float
    logarithmic: bool

    @classmethod
    def over(cls, values: Sequence[float]) -> "_Axis":
        high = max(values, default=0.0)
        high = high if high > _LEAST else 1.0
        low = max(min(values, default=0.0), high * _LEAST)
        if min(values, default=0.0) > 0 and high / low > 20:
            return cls(10 ** math.floor(math.log10(low)), 10 ** math.ceil(math.log10(high)), logarithmic=True)
        return cls(0.0, high * 1.15, logarithmic=False)

    def place(self, value: float) -> float:
        if self.logarithmic:
            return math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        return value / self.high

    def ticks(self) -> list[float]:
        if self.logarithmic:
            decades = round(math.log10(self.high / self.low))
            return [self.low * 10**power for power in range(0, decades + 1, max(1, decades // 5))]
        step = 10 ** math.floor(math.log10(self.high))
        step = next(step / part for part in (1, 2, 5, 10) if self.high / (step / part) >= 3)
        return [step * number for number in range(int(self.high / step) + 1)]


def draw(placed: Sequence[Placed], *, title: str) -> str:
    """Return the drawing: a panel for dollars a case, one for seconds a case; filled points are on the front.

    Whiskers are 95 % intervals. What a reader who cannot see it needs is in its description.
    """
    shown = [item for item in placed if item.score.cases]
    panels = [
        _panel(shown, 0, "US dollars a case", _dollars, lambda item: item.on_cost_front),
        _panel(shown, 1, "seconds a case (median)", _seconds, lambda item: item.on_latency_front),
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
            'aria-labelledby="title desc" font-family="system-ui, sans-serif" font-size="12">',
            f'<title id="title">{_text(title)}</title>',
            f'<desc id="desc">{_text(_described(shown))}</desc>',
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
            f'<text x="{_LEFT}" y="28" font-size="17" font-weight="600" fill="{_INK}">{_text(title)}</text>',
            f'<text x="{_LEFT}" y="{_HEIGHT - 12}" fill="{_GREY}">Filled: no other is both better and cheaper, or '
            "better and faster. Whiskers: 95 % interval.</text>",
            *(part for panel in panels for part in panel),
            "</svg>\n",
        ]
    )


def _panel(
    shown: Sequence[Placed], number: int, name: str, figure: Callable[[Placed], float], front: Callable[[Placed], bool]
) -> list[str]:
    left = _LEFT + number * (_PANEL + 90)
    axis = _Axis.over([figure(item) for item in shown])
    parts = _frame(left, axis, name, with_scale=number == 0)
    points = [(left + _PANEL * axis.place(figure(item)), _height(item.score.score), item) for item in shown]
    steps = sorted((x, y) for x, y, item in points if front(item))
    if len(steps) > 1:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in steps)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{_FRONT}" stroke-dasharray="4 3"/>')
    taken: list[tuple[float, float]] = []
    for x, y, item in points:
        parts += _point(x, y, item, filled=front(item))
    return parts + [_label(x, y, item.model, left, taken) for x, y, item in points]


def _frame(left: float, axis: _Axis, name: str, *, with_scale: bool) -> list[str]:
    right, parts = left + _PANEL, list[str]()
    for tenth in range(0, 11, 2):
        y = _height(tenth / 10)
        parts.append(f'<line x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e1e4e8"/>')
        if with_scale:
            parts.append(
                f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end" fill="{_GREY}">{tenth / 10:.1f}</text>'
            )
    for value in axis.ticks():
        x = left + _PANEL * axis.place(value)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_BOTTOM}" y2="{_BOTTOM + 5}" stroke="{_GREY}"/>')
        parts.append(f'<text x="{x:.1f}" y="{_BOTTOM + 19}" text-anchor="middle" fill="{_GREY}">{value:.6g}</text>')
    middle = left + _PANEL / 2
    parts.append(f'<line x1="{left}" x2="{right}" y1="{_BOTTOM}" y2="{_BOTTOM}" stroke="{_GREY}"/>')
    parts.append(f'<text x="{middle}" y="{_BOTTOM + 39}" text-anchor="middle" fill="{_INK}">{name}</text>')
    if with_scale:
        at = f'x="18" y="{(_TOP + _BOTTOM) / 2}"'
        turn = f'transform="rotate(-90 18 {(_TOP + _BOTTOM) / 2})"'
        parts.append(f'<text {at} {turn} text-anchor="middle" fill="{_INK}">quality (mean score)</text>')
    return parts


def _point(x: float, y: float, item: Placed, *, filled: bool) -> list[str]:
    low, high = _height(item.score.low), _height(item.score.high)
    colour, inside = (_FRONT, _FRONT) if filled else (_GREY, "#ffffff")
    return [
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{high:.1f}" y2="{low:.1f}" stroke="{colour}" stroke-opacity="0.5"/>',
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{inside}" stroke="{colour}" stroke-width="2"/>',
    ]


def _label(x: float, y: float, model: str, left: float, taken: list[tuple[float, float]]) -> str:
    """Write a name beside its point, on the side with room, below the names that are there already."""
    leftwards = x > left + _PANEL * 0.6
    row = y + 16
    while any(abs(row - other) < _ROW and abs(x - place) < 180 for place, other in taken):
        row += _ROW
    taken.append((x, row))
    anchor, place = ("end", x - 7) if leftwards else ("start", x + 7)
    return (
        f'<text x="{place:.1f}" y="{row:.1f}" text-anchor="{anchor}" fill="{_INK}" '
        f'stroke="#ffffff" stroke-width="3" paint-order="stroke">{_text(model)}</text>'
    )


def _height(score: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * score


def _dollars(item: Placed) -> float:
    return item.score.cost_usd


def _seconds(item: Placed) -> float:
    return item.score.latency_ms / 1000


def _described(shown: Sequence[Placed]) -> str:
    rows = [
        f"{item.model}: quality {item.score.score:.2f} ({item.score.low:.2f} to {item.score.high:.2f}), "
        f"{_dollars(item):.6g} US dollars and {_seconds(item):.3g} seconds a case{_fronts(item)}."
        for item in shown
    ]
    return " ".join(rows) or "Nothing could be measured."


def _fronts(item: Placed) -> str:
    names = ["of cost"] * item.on_cost_front + ["of latency"] * item.on_latency_front
    return f", on the front {' and '.join(names)}" if names else ""


def _text(words: str) -> str:
    return escape(line(words))
