"""The ledger's sums as a table."""

import json
from collections.abc import Sequence
from dataclasses import asdict, fields

from agentkit.calls import LedgerKey, LedgerQuery, LedgerTotal, LimitLeft

HEADS = ("calls", "failed", "cache hits", "input", "cached", "output", "cost", "of it unknown")


def render(
    totals: Sequence[LedgerTotal], query: LedgerQuery, *, by: LedgerKey, left: Sequence[LimitLeft], form: str
) -> str:
    """Return sums as text, Markdown or JSON, with their total and what limits leave."""
    total = _sum(totals)
    if form == "json":
        data = {
            "since": query.since.isoformat() if query.since else None,
            "until": query.until.isoformat() if query.until else None,
            "tenant": query.tenant,
            "by": by,
            "rows": [asdict(row) for row in totals],
            "total": {name: value for name, value in asdict(total).items() if name != "key"},
            "left": [_limit(item) for item in left],
        }
        return json.dumps(data, indent=2)
    lines = [title(query, f"Cost by {by}"), ""]
    if not totals:
        lines.append("No calls are recorded.")
    else:
        lines += table([by, *HEADS], [_cells(row) for row in (*totals, total)], form=form)
    if total.unknown_usd:
        lines += [
            "",
            "Unknown: the provider may have billed it (a time-out, a lost process); counted at its worst case.",
        ]
    if left:
        lines += ["", *(_left_line(item, form) for item in left)]
    return "\n".join(lines)


def title(query: LedgerQuery, words: str) -> str:
    """Return what is shown, and of which days."""
    since = f" from {query.since:%Y-%m-%d}" if query.since else ""
    until = f" before {query.until:%Y-%m-%d}" if query.until else ""
    return f"{words}{since}{until} (UTC){f', tenant {query.tenant}' if query.tenant else ''}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, form: str) -> list[str]:
    """Return a table whose first column is words and whose others are figures."""
    if form == "md":
        marks = ["---", *("---:" for _ in heads[1:])]
        return [f"| {' | '.join(line)} |" for line in (heads, marks, *rows)]
    widths = [max(len(line[place]) for line in (heads, *rows)) for place in range(len(heads))]
    return [
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in (heads, *rows)
    ]


def usd(value: float) -> str:
    """Return dollars, with four places below a hundred."""
    return f"${value:,.4f}" if abs(value) < 100 else f"${value:,.2f}"


def _cells(row: LedgerTotal) -> list[str]:
    counts = (row.calls, row.failed, row.cache_hits, row.input_tokens, row.cached_tokens, row.output_tokens)
    return [row.key, *(f"{count:,}" for count in counts), usd(row.cost_usd), usd(row.unknown_usd)]


def _sum(totals: Sequence[LedgerTotal]) -> LedgerTotal:
    names = [field.name for field in fields(LedgerTotal)[1:]]
    return LedgerTotal("total", *(sum(getattr(row, name) for row in totals) for name in names))


def _limit(item: LimitLeft) -> dict[str, object]:
    limit = item.limit
    left = {"usd": item.usd, "tokens": item.tokens, "calls": item.calls}
    return {"per": limit.per, "tenant": limit.tenant or None, "ends": item.ends.isoformat(), "left": left}


def _left_line(item: LimitLeft, form: str) -> str:
    limit = item.limit
    whose = {"": "everybody", "*": "each tenant"}.get(limit.tenant, limit.tenant)
    parts = [f"{usd(max(0, item.usd))} of {usd(limit.usd or 0)}"] if item.usd is not None else []
    parts += [f"{max(0, item.tokens):,} of {limit.tokens or 0:,} tokens"] if item.tokens is not None else []
    parts += [f"{max(0, item.calls):,} of {limit.calls or 0:,} calls"] if item.calls is not None else []
    mark = "- " if form == "md" else ""
    return f"{mark}Left this {limit.per} for {whose}: {', '.join(parts)}, until {item.ends:%Y-%m-%d %H:%M}"
