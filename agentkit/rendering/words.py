"""What every format of the report says in the same words; and how text from documents is made harmless."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agentkit.report import Report, ReportCitation, ReportClaim, ReportSuccessor, Saving, Source, with_sections
from agentkit.types import RailResult

STATUS_WORDS = {
    "approved": "Approved",
    "needs_review": "Needs review",
    "unanswered": "Unanswered",
    "refused": "Refused",
}
VERDICT_WORDS = {
    "supported": "Supported",
    "unsupported": "Unsupported",
    "contradicted": "Contradicted",
    "unverified": "Unverified",
}
_EXPLAINED = {
    "approved": "every claim below is supported by the words it cites.",
    "needs_review": "at least one claim below is not confirmed by the words it cites; read those against the source.",
    "unanswered": "the documents do not say.",
    "refused": "a rail refused the request, so nothing was summarized.",
}
_STEPS = {
    "rule": "rules",
    "cache": "cache",
    "semantic_cache": "cache, like question",
    "provider_cache": "provider's prompt cache",
    "ladder": "smaller models",
    "skipped_combine": "one draft, kept whole",
    "deterministic_review": "review by code",
}
_CHANGED_BY = {"amends": "it is amended by", "restates": "it is replaced by", "later_version": "a later version is"}
_JOINERS = "\u200c\u200d"  # part of the spelling in Persian and in Indic scripts


@dataclass(frozen=True, slots=True)
class RailLine:
    """Equal outcomes of one rail, counted; `details` say why and where, each distinct one once, in order."""

    stage: str
    rail: str
    action: str
    count: int
    details: list[str]


def harmless(text: str) -> str:
    r"""Return a text with nothing in it that a terminal, an editor or Word would act on.

    Control characters (ANSI escapes begin with one) become U+FFFD, line and page separators become
    "\n", and invisible formatting characters (bidirectional overrides, zero-width spaces) go, except the
    two joiners that spelling needs.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_harmless(char) for char in text)


def _harmless(char: str) -> str:
    if char in "\n\t":
        return char
    category = unicodedata.category(char)
    if category in {"Zl", "Zp"} or char in "\r\x0b\x0c\x85":
        return "\n"
    if category in {"Cc", "Cs"} or char in "\ufffe\uffff":
        return "\ufffd"
    return "" if category == "Cf" and char not in _JOINERS else char


def line(text: str) -> str:
    """Return a text on one line: harmless, with each run of white space as one space."""
    return " ".join(harmless(text).split())


def source_name(report: Report, index: int) -> str:
    """Return the base name of a source, or a neutral name where the report does not list it."""
    found = next((source.path for source in report.sources if source.index == index), "")
    return line(found) or f"source {index}"


def page_at(report: Report, source: int, offset: int) -> int | None:
    """Return the page, from 1, that holds a character of a source, where its pages are known."""
    starts = page_starts(report, source)
    reached = [number for number, start in enumerate(starts, 1) if start <= offset]
    return reached[-1] if reached else None


def page_starts(report: Report, source: int) -> list[int]:
    """Return where the pages of a source begin: as read, else at its form feeds where their number fits."""
    if source < len(report.page_starts) and report.page_starts[source]:
        return sorted(report.page_starts[source])
    pages = next((entry.pages for entry in report.sources if entry.index == source), 0)
    text = report.texts[source] if source < len(report.texts) else ""
    if pages > 1 and text.count("\f") == pages - 1:
        return [0, *(position + 1 for position, char in enumerate(text) if char == "\f")]
    return []


def place(report: Report, citation: ReportCitation) -> str:
    """Return where a citation is inside its document: "§ 12.3, page 9"; its line where nothing else is known."""
    parts = [line(citation.locator or ""), f"page {citation.page}" if citation.page else ""]
    return ", ".join(part for part in parts if part) or _by_line(report, citation.source, citation.start)


def _by_line(report: Report, source: int, start: int) -> str:
    if not 0 <= source < len(report.texts):
        return f"character {start + 1}"
    return f"line {report.texts[source].count(chr(10), 0, start) + 1}"


def full_place(report: Report, citation: ReportCitation) -> str:
    """Return the place, preceded by the document's name where the report has several documents."""
    inside = place(report, citation)
    return f"{source_name(report, citation.source)}, {inside}" if len(report.sources) > 1 else inside


def places(report: Report, claim: ReportClaim) -> str:
    """Return the places of all citations of a claim, each once, in order."""
    return "; ".join(dict.fromkeys(full_place(report, citation) for citation in claim.citations))


def sections(report: Report) -> list[tuple[str, list[ReportClaim]]]:
    """Group the claims by outermost section, in order of first appearance.

    The answer to a question stays in its own order. Headings that stand above every claim (the
    document's title) divide nothing and are left out; several documents are kept apart.
    """
    if report.task.kind == "ask":
        return [("", list(report.claims))] if report.claims else []
    trails = [line(claim.section).split(" > ") for claim in report.claims]
    while trails and all(len(trail) > 1 and trail[0] == trails[0][0] for trail in trails):
        trails = [trail[1:] for trail in trails]
    grouped: dict[str, list[ReportClaim]] = {}
    for trail, claim in zip(trails, report.claims, strict=True):
        several = len(report.sources) > 1 and bool(claim.citations)
        name = source_name(report, claim.citations[0].source) if several else ""
        grouped.setdefault(": ".join(part for part in (name, trail[0]) if part), []).append(claim)
    return list(grouped.items())


def task_words(report: Report) -> str:
    """Return what was asked, in a sentence: "Summary of lease.pdf, with a focus on termination"."""
    names = ", ".join(line(source.path) for source in report.sources) or "no document"
    if report.task.kind == "ask":
        return f"Answer to “{line(report.task.question or '')}” from {names}"
    focus = line(report.task.focus or "")
    return f"Summary of {names}" + (f", with a focus on “{focus}”" if focus else "")


def status_words(report: Report) -> str:
    """Return the status and what it means, in one line."""
    explained = _EXPLAINED.get(report.status, "")
    if report.status == "approved" and not report.claims:
        explained = "there was nothing to claim."
    if report.status == "needs_review" and not report.claims:
        explained = "no claim was supported by the documents, or none fits the limits; there is nothing to show."
    return f"{STATUS_WORDS.get(report.status, line(report.status))}: {explained}"


def verdict_words(claim: ReportClaim) -> str:
    """Return the verdict's label as a word."""
    return VERDICT_WORDS.get(claim.verdict.label, line(claim.verdict.label))


def tally(report: Report) -> str:
    """Return how many claims have which verdict: "6 supported, 1 unverified"."""
    counts = Counter(verdict_words(claim).lower() for claim in report.claims)
    return ", ".join(f"{count} {label}" for label, count in counts.most_common())


def rail_lines(report: Report) -> list[RailLine]:
    """Return what the rails did, equal outcomes counted together, what was not simply passed first."""
    grouped: dict[tuple[str, str, str], list[RailResult]] = {}
    for result in report.rails:
        grouped.setdefault((result.stage, result.rail, result.action), []).append(result)
    order = ["blocked", "modified", "unchecked", "passed"]
    keys = sorted(grouped, key=lambda key: order.index(key[2]) if key[2] in order else 0)
    return [
        RailLine(
            stage=line(stage),
            rail=line(rail),
            action=line(action),
            count=len(grouped[stage, rail, action]),
            details=_distinct(_rail_detail(report, result) for result in grouped[stage, rail, action]),
        )
        for stage, rail, action in keys
    ]


def _rail_detail(report: Report, result: RailResult) -> str:
    if result.source is None or result.start is None or result.action == "passed":
        return line(result.reason)
    page = page_at(report, result.source, result.start)
    inside = f"page {page}" if page else _by_line(report, result.source, result.start)
    where = f"{source_name(report, result.source)}, {inside}"
    return f"{where}: {line(result.reason)}" if result.reason else where


def _distinct(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(item for item in items if item))


def redacted_words(report: Report) -> str:
    """Return what was replaced by placeholders: "person 3, email address 1"."""
    counted = [
        f"{line(kind).lower().replace('_', ' ')} {count}" for kind, count in sorted(report.privacy.redacted.items())
    ]
    return ", ".join(counted) or "nothing"


def hosts_words(report: Report) -> str:
    """Return which hosts were contacted."""
    return ", ".join(line(host) for host in report.privacy.hosts_contacted) or "none, nothing left this machine"


def usage_words(report: Report) -> str:
    """Return what the run cost, in one line."""
    usage = report.usage
    calls = plural(usage.model_calls, "model call")
    cached = f", {plural(usage.cache_hits, 'answer')} from the cache" if usage.cache_hits else ""
    tokens = f"{usage.input_tokens:,} tokens in, {usage.output_tokens:,} out"
    return f"{calls}, {tokens}{cached}, {dollars(usage.cost_usd)}"


def savings_words(report: Report) -> list[str]:
    """Return what the run did not spend, by step, in one line; nothing where it saved nothing."""
    spared = [(_spared(item), _STEPS.get(item.step, item.step)) for item in report.usage.savings]
    parts = [f"{', '.join(amounts)} ({step})" for amounts, step in spared if amounts]
    return ["; ".join(parts)] if parts else []


def _spared(item: Saving) -> list[str]:
    counts = [plural(item.calls, "call")] if item.calls else []
    counts += [plural(item.tokens, "token")] if item.tokens else []
    return counts + ([f"{'-' if item.usd < 0 else ''}{dollars(abs(item.usd))}"] if item.usd else [])


def models_words(report: Report) -> str:
    """Return the names of the models used."""
    return ", ".join(line(name) for name in report.usage.by_model) or "none"


def dollars(amount: float) -> str:
    """Return an amount in US dollars, with as many digits as a small one needs."""
    return f"${amount:.2f}" if amount == 0 or amount >= 1 else f"${amount:.4f}"


def plural(count: int, noun: str) -> str:
    """Return a count with its noun: "1 claim", "2,000 claims"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def claim_numbers(report: Report) -> dict[str, int]:
    """Return the number under which each claim is shown, from 1, by claim id."""
    shown = [claim for _, claims in sections(report) for claim in claims]
    return {claim.id: number for number, claim in enumerate(shown, 1)}


def warnings(report: Report) -> list[tuple[str, str]]:
    """Return what `source_warnings` says of each source: pairs of name and warning."""
    return [(line(source.path), told) for source in report.sources for told in source_warnings(report, source)]


def source_warnings(report: Report, source: Source) -> list[str]:
    """Return a source's warnings, and which later ones change it."""
    changed = (f"{_CHANGED_BY[later.relation]} {_later(report, later)}." for later in source.superseded_by)
    return [*map(line, source.warnings), *changed]


def replaced_words(report: Report, claim: ReportClaim) -> str:
    """Return what replaced words that a claim cites: "replaced by amendment.docx, § 4.2"; or an empty string."""
    later = dict.fromkeys(_later(report, item) for item in claim.superseded_by)
    return f"replaced by {'; '.join(later)}" if later else ""


def _later(report: Report, later: ReportSuccessor) -> str:
    return with_sections(source_name(report, later.source), [*map(line, later.sections)])


def index_words(report: Report) -> list[str]:
    """Return which index was asked, and its version; nothing where none was."""
    if report.index is None:
        return []
    version = f", version {line(report.index.version)[:12]}" if report.index.version else ""
    return [f"{line(report.index.url)}{version}"]


def checklist_places(report: Report, claim_ids: Sequence[str]) -> str:
    """Return the places that answer an item of the checklist."""
    wanted = set(claim_ids)
    found = [places(report, claim) for claim in report.claims if claim.id in wanted]
    return "; ".join(dict.fromkeys(part for part in found if part))
