"""The report in a terminal: readable at 80 columns, with or without colour, in any encoding."""

import unicodedata
from dataclasses import dataclass
from pathlib import Path

from agentkit.rendering import words
from agentkit.rendering.brought import agents_words, opinions_words
from agentkit.report import Report, ReportClaim

_CODES = {"bold": "1", "dim": "2", "good": "32", "bad": "31", "doubt": "33"}
_TONES = {"supported": "good", "contradicted": "bad", "unsupported": "bad", "unverified": "doubt"}
_STATUS_TONES = {"approved": "good", "needs_review": "doubt", "unanswered": "doubt", "refused": "bad"}
_MARKS = {"supported": ("✓", "+"), "contradicted": ("✗", "x"), "unsupported": ("✗", "x"), "unverified": ("?", "?")}
_MAX_DETAILS = 8
_PLAIN = str.maketrans(
    {"“": '"', "”": '"', "‘": "'", "’": "'", "§": "s.", "·": "-", "×": "x", "–": "-", "—": "-", "…": "..."}
)


@dataclass(frozen=True, slots=True)
class _Page:
    """How to write: cells to a line, colours or none, characters beyond ASCII or none."""

    width: int
    colour: bool
    unicode: bool

    def paint(self, text: str, tone: str) -> str:
        return f"\x1b[{_CODES[tone]}m{text}\x1b[0m" if self.colour and tone else text

    def block(self, text: str, *, indent: str = "", first: str | None = None, tone: str = "") -> list[str]:
        """Wrap one paragraph; `first` begins its first line, `indent` the others."""
        shown = words.line(text)
        if not self.unicode:
            shown = _ascii(shown)
        lead = indent if first is None else first
        lines = wrap(shown, max(self.width - cells(indent), 8))
        return [(lead if n == 0 else indent) + self.paint(row, tone) for n, row in enumerate(lines)]

    def heading(self, text: str) -> list[str]:
        return ["", *self.block(text, tone="bold")]


def render_terminal(
    report: Report, *, width: int = 80, colour: bool, unicode: bool = True, out: Path | None = None
) -> str:
    """Return the report for people, as lines of at most `width` cells.

    Args:
        report: the report.
        width: cells to a line; less than 40 counts as 40.
        colour: whether to use ANSI colours; every verdict is also a word and a mark.
        unicode: False where the terminal's encoding has no more than ASCII.
        out: where the written report is, to say so at the end.
    """
    page = _Page(width=max(width, 40), colour=colour, unicode=unicode)
    rows = [
        *page.block(report.title or "Report", tone="bold"),
        *page.block(words.task_words(report), tone="dim"),
        *page.block(words.status_words(report), tone=_STATUS_TONES.get(report.status, "")),
        *_warnings(report, page),
        *_claims(report, page),
        *_checklist(report, page),
        *_agents(report, page),
        *_removed(report, page),
        *_rails(report, page),
        *_facts(report, page),
    ]
    if out is not None:
        rows += ["", *page.block(f"Written to {out} (open {out / 'report.html'} in a browser).")]
    return "\n".join(row.rstrip() for row in rows) + "\n"


def shows_unicode(encoding: str | None) -> bool:
    """Tell whether a stream of this encoding can show every mark that the report draws."""
    try:
        "✓✗?§“”×…".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def cells(text: str) -> int:
    """Return how many cells of a terminal a text takes: two for wide characters, none for combining marks."""
    if text.isascii():
        return len(text)
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def wrap(text: str, width: int) -> list[str]:
    """Break a text at spaces into lines of at most `width` cells; a longer word is cut. Returns at least one line."""
    lines: list[str] = []
    current, used = "", 0
    for word in text.split():
        for piece in _pieces(word, width):
            size = cells(piece)
            if current and used + 1 + size > width:
                lines.append(current)
                current, used = piece, size
            else:
                current, used = (f"{current} {piece}", used + 1 + size) if current else (piece, size)
    return [*lines, current] if current or not lines else lines


def _pieces(word: str, width: int) -> list[str]:
    if cells(word) <= width:
        return [word]
    pieces: list[str] = []
    current, used = "", 0
    for char in word:
        size = _cells(char)
        if used + size > width:
            pieces.append(current)
            current, used = "", 0
        current, used = current + char, used + size
    return [*pieces, current]


def _ascii(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return "".join(char for char in decomposed if not unicodedata.combining(char)).encode("ascii", "replace").decode()


def _warnings(report: Report, page: _Page) -> list[str]:
    rows: list[str] = []
    for name, warning in words.warnings(report):
        rows += page.block(f"Warning: {name}: {warning}", indent="  ", first="", tone="doubt")
    return ["", *rows] if rows else []


def _claims(report: Report, page: _Page) -> list[str]:
    numbers = words.claim_numbers(report)
    rows: list[str] = []
    for title, claims in words.sections(report):
        rows += page.heading(title or ("Answer" if report.task.kind == "ask" else "Claims"))
        for claim in claims:
            rows += _claim(report, claim, numbers[claim.id], page)
    return rows


def _claim(report: Report, claim: ReportClaim, number: int, page: _Page) -> list[str]:
    indent = " " * 5
    label = claim.verdict.label
    mark = _MARKS.get(label, ("?", "?"))[0 if page.unicode else 1]
    verdict = f"{mark} {words.verdict_words(claim).lower()}"
    if label != "supported" and claim.verdict.reason:
        verdict += f": {claim.verdict.reason}"
    place, replaced = words.places(report, claim), words.replaced_words(report, claim)
    return [
        *page.block(claim.text, indent=indent, first=f"{number:>3}. "),
        *(page.block(f"[{place}]", indent=indent, tone="dim") if place else []),
        *(page.block(replaced, indent=indent, tone="bad") if replaced else []),
        *page.block(verdict, indent=indent, tone=_TONES.get(label, "doubt")),
        *(row for said in opinions_words(claim) for row in page.block(said, indent=indent + "  ", tone="dim")),
    ]


def _checklist(report: Report, page: _Page) -> list[str]:
    if not report.checklist:
        return []
    found = sum(entry.found for entry in report.checklist)
    rows = page.heading(f"Checklist: {found} of {len(report.checklist)} found")
    for entry in report.checklist:
        state = "found    " if entry.found else "not found"
        first = "  " + page.paint(state, "good" if entry.found else "doubt") + "  "
        rows += page.block(_entry(report, entry.item, entry.claims), indent=" " * 13, first=first)
    return rows


def _entry(report: Report, item: str, claims: list[str]) -> str:
    place = words.checklist_places(report, claims)
    return f"{item} [{place}]" if place else item


def _agents(report: Report, page: _Page) -> list[str]:
    rows = page.heading("What agents brought") if report.agents else []
    for name, claims, data in agents_words(report):
        told = "; ".join(part for part in (f"claims {claims}" if claims else "", data) if part)
        rows += page.block(f"{name}: {told or 'nothing'}", indent="    ", first="  - ")
    return rows


def _removed(report: Report, page: _Page) -> list[str]:
    if not report.removed_claims:
        return []
    rows = page.heading("Removed claims")
    for removed in report.removed_claims:
        rows += page.block(removed.text, indent="    ", first="  - ")
        rows += page.block(f"Removed because: {removed.reason}", indent="    ", tone="dim")
    return rows


def _rails(report: Report, page: _Page) -> list[str]:
    lines = words.rail_lines(report)
    if not lines:
        return []
    rows = page.heading("What the rails did")
    passed = sum(rail.count for rail in lines if rail.action == "passed")
    for rail in lines:
        if rail.action != "passed":
            tone = "bad" if rail.action == "blocked" else "doubt"
            rows += page.block(
                f"{rail.action}: {rail.stage} rail {rail.rail} × {rail.count}", indent="    ", first="  ", tone=tone
            )
            for detail in rail.details[:_MAX_DETAILS]:
                rows += page.block(detail, indent="      ", first="    - ")
    return [*rows, *page.block(f"passed: {words.plural(passed, 'check')}", indent="  ")]


def _facts(report: Report, page: _Page) -> list[str]:
    facts = [
        ("Models", words.models_words(report)),
        ("Cost", words.usage_words(report)),
        *(("Saved", text) for text in words.savings_words(report)),
        ("Redacted", f"{words.redacted_words(report)} (before any model)"),
        ("Hosts", words.hosts_words(report)),
        *(("Index", text) for text in words.index_words(report)),
        ("Run", f"{report.run_id}, {words.plural(report.revisions, 'revision')}"),
    ]
    rows = page.heading("How this was made")
    for name, value in facts:
        rows += page.block(value, indent=" " * 12, first=f"  {name:<10}")
    return rows
