"""The report as Markdown: claims with numbered notes, each note the exact words and their place."""

import re

from agentkit.rendering import words
from agentkit.rendering.brought import agents_words, opinions_words
from agentkit.report import Report, ReportClaim

_SPECIAL = re.compile(r"([\\`*_{}\[\]~|$])")
_LEADING = re.compile(r"^([-+#>=]|\d{1,9}(?=[.)]))")
# What some viewers make a link of without being asked: addresses, mail addresses, and names that end like a host's.
_LINK = re.compile(
    r"(://|\bwww\.|(?<=\S)@(?=\S)"
    r"|(?<=\w)\.(?=(?:[a-z]{2}|com|edu|gov|net|org|info|biz|pro|web|xxx|aero|asia|coop|name|shop|museum)(?!\w)))",
    re.IGNORECASE,
)


def render_markdown(report: Report) -> str:
    """Return the report as GitHub-flavoured Markdown (footnotes, tables); every word from a document is escaped."""
    parts = [
        f"# {escape(report.title) or 'Report'}",
        escape(words.task_words(report)),
        f"**{escape(words.status_words(report))}**",
        *(f"> **Warning** {escape(name)}: {escape(warning)}" for name, warning in words.warnings(report)),
        *_claims(report),
        *_checklist(report),
        *_agents(report),
        *_removed(report),
        *_how(report),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def escape(text: str) -> str:
    """Return a text on one line that Markdown and HTML show as it is."""
    shown = words.line(text).replace("&", "&amp;").replace("<", "&lt;")
    shown = _SPECIAL.sub(r"\\\1", shown)
    shown = _LINK.sub(lambda found: "\\".join((found[1][0:-1], found[1][-1])), shown)
    return _LEADING.sub(lambda found: f"\\{found[1]}" if not found[1].isdigit() else f"{found[1]}\\", shown)


def _claims(report: Report) -> list[str]:
    parts: list[str] = []
    notes: list[str] = []
    for title, claims in words.sections(report):
        parts.append(f"## {escape(title) or ('Answer' if report.task.kind == 'ask' else 'Claims')}")
        parts += ["\n".join(_claim(report, claim, notes) for claim in claims)]
    return [*parts, *notes]


def _claim(report: Report, claim: ReportClaim, notes: list[str]) -> str:
    marks: list[str] = []
    for citation in claim.citations:
        number = len(notes) + 1
        marks.append(f"[^{number}]")
        name = escape(words.source_name(report, citation.source))
        notes.append(f"[^{number}]: {name}, {escape(words.place(report, citation))}: “{escape(citation.quote)}”")
    place = escape(words.places(report, claim))
    where = f" ({place})" if place else ""
    replaced = escape(words.replaced_words(report, claim))
    mark = f" — **{replaced}**" if replaced else ""
    said = "".join(f"\n  - {escape(text)}" for text in opinions_words(claim))
    return f"- {escape(claim.text)}{''.join(marks)}{where} — *{_verdict(claim)}*{mark}{said}"


def _verdict(claim: ReportClaim) -> str:
    reason = escape(claim.verdict.reason)
    shown = escape(words.verdict_words(claim).lower())
    return f"{shown}: {reason}" if reason and claim.verdict.label != "supported" else shown


def _checklist(report: Report) -> list[str]:
    if not report.checklist:
        return []
    numbers = words.claim_numbers(report)
    rows = ["| Item | Found | Claims | Place |", "|---|---|---|---|"]
    for entry in report.checklist:
        listed = ", ".join(str(numbers[claim]) for claim in entry.claims if claim in numbers)
        place = escape(words.checklist_places(report, entry.claims))
        rows.append(f"| {escape(entry.item)} | {'found' if entry.found else '**not found**'} | {listed} | {place} |")
    return ["## Checklist", "\n".join(rows)]


def _agents(report: Report) -> list[str]:
    if not report.agents:
        return []
    rows = [f"| {escape(name)} | {claims} | {escape(data)} |" for name, claims, data in agents_words(report)]
    return ["## What agents brought", "\n".join(["| Agent | Claims | Data |", "|---|---|---|", *rows])]


def _removed(report: Report) -> list[str]:
    if not report.removed_claims:
        return []
    rows = [f"- ~~{escape(removed.text)}~~ — {escape(removed.reason)}" for removed in report.removed_claims]
    return ["## Removed claims", "\n".join(rows)]


def _how(report: Report) -> list[str]:
    rails: list[str] = []
    for rail in words.rail_lines(report):
        detail = "; ".join(rail.details[:5])
        tail = f": {escape(detail)}" if detail else ""
        rails.append(f"- {escape(rail.stage)}, {escape(rail.rail)}: {escape(rail.action)} × {rail.count}{tail}")
    sources = [
        f"- {escape(source.path)}: {words.plural(source.characters, 'character')}, "
        f"{words.plural(source.passages, 'passage')}, SHA-256 {escape(source.sha256)}"
        for source in report.sources
    ]
    facts = [
        f"- Models: {escape(words.models_words(report))}",
        f"- Cost: {escape(words.usage_words(report))}",
        *(f"- Saved: {escape(text)}" for text in words.savings_words(report)),
        f"- Replaced before any model: {escape(words.redacted_words(report))}",
        f"- Hosts contacted: {escape(words.hosts_words(report))}",
        f"- Revisions: {report.revisions}",
        *(f"- Index: {escape(text)}" for text in words.index_words(report)),
        f"- Run: {escape(report.run_id)}, matter {escape(report.matter) or 'none'}",
    ]
    return [
        "## How this was made",
        "\n".join(facts),
        *(["### Rails", "\n".join(rails)] if rails else []),
        *(["### Sources", "\n".join(sources)] if sources else []),
    ]
