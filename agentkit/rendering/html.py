"""The report as one HTML file: claims on the left, the source on the right, nothing loaded from anywhere.

Every word that comes from a document, a model or a user passes `html.escape` on its way into the page,
identifiers and attributes are made of numbers only, and the content security policy allows exactly this
file's own style sheet and script, by hash.
"""

import base64
import hashlib
import html
from importlib.resources import files

from agentkit.rendering import words
from agentkit.rendering.htmlparts import (
    MARKS,
    agents_part,
    checklist_part,
    facts_part,
    filter_part,
    opinions_part,
    rails_part,
    removed_part,
    replaced_part,
    shown_label,
)
from agentkit.rendering.sourceview import SourceView, source_html, view_source
from agentkit.report import Report, ReportCitation, ReportClaim


def render_html(report: Report) -> str:
    """Return the report as a self-contained page that works offline, printed, and without its script."""
    style = files("agentkit.rendering").joinpath("report.css").read_text(encoding="utf-8")
    script = files("agentkit.rendering").joinpath("report.js").read_text(encoding="utf-8")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    views = [view_source(report, index) for index in range(len(report.texts))]
    title = _text(report.title) or "Report"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body class="plain">
<a class="skip" href="#claims">Skip to the claims</a>
{_header(report, title)}
<main id="main" tabindex="-1">
{_claims(report, views)}
{checklist_part(report)}
{removed_part(report)}
{agents_part(report)}
{rails_part(report)}
{facts_part(report)}
</main>
{_sources(report, views)}
<p id="live" class="unseen" role="status" aria-live="polite"></p>
<script>{script}</script>
</body>
</html>
"""


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _text(text: str) -> str:
    return html.escape(words.line(text))


def _header(report: Report, title: str) -> str:
    parts = [
        ("claims", "Answer" if report.task.kind == "ask" else "Claims"),
        ("checklist", "Checklist"),
        ("removed", "Removed"),
        ("agents", "Agents"),
        ("rails", "Rails"),
        ("made", "How it was made"),
        ("sources", "Source"),
    ]
    present = {
        "checklist": bool(report.checklist),
        "removed": bool(report.removed_claims),
        "agents": bool(report.agents),
    }
    links = "".join(f'<a href="#{key}">{name}</a>' for key, name in parts if present.get(key, True))
    status, _, explained = words.status_words(report).partition(": ")
    meaning = html.escape(explained[:1].upper() + explained[1:])
    tone = report.status if report.status in words.STATUS_WORDS else "needs_review"
    return f"""<header>
<div class="heading"><h1 dir="auto">{title}</h1>
<p class="task" dir="auto">{_text(words.task_words(report))}</p></div>
<p class="status {tone}"><strong>{html.escape(status)}</strong> <span>{meaning}</span></p>
<nav aria-label="Parts of the report">{links}</nav>
</header>"""


def _claims(report: Report, views: list[SourceView]) -> str:
    numbers = words.claim_numbers(report)
    heading = "Answer" if report.task.kind == "ask" else "Claims"
    title = f'<h2 id="claims-title">{heading} <small>{_text(words.tally(report))}</small></h2>'
    parts = [f'<section id="claims" aria-labelledby="claims-title" tabindex="-1">{title}', filter_part(report)]
    if not report.claims:
        parts.append(f'<p class="none">{html.escape(words.status_words(report))}</p>')
    for name, claims in words.sections(report):
        parts.append('<div class="group">')
        parts.append(f'<h3 dir="auto">{_text(name)}</h3>' if name else "")
        parts.append(f'<ol class="list" start="{numbers[claims[0].id]}">')
        parts += [_claim(report, claim, numbers[claim.id], views) for claim in claims]
        parts.append("</ol></div>")
    return "\n".join([*(part for part in parts if part), "</section>"])


def _claim(report: Report, claim: ReportClaim, number: int, views: list[SourceView]) -> str:
    label = shown_label(claim)
    text = _text(claim.text)
    judged = f' aria-describedby="verdict-{number}"'
    says = _link(views, claim.citations[0], "say", text, extra=judged) if claim.citations else text
    cites = "".join(_place(report, views, claim, citation) for citation in claim.citations)
    quotes = "".join(_quote(report, citation) for citation in claim.citations)
    reason = (
        f'<p class="why">{_text(claim.verdict.reason)}</p>' if claim.verdict.reason and label != "supported" else ""
    )
    mark = f'<span aria-hidden="true">{MARKS[label]}</span>'
    verdict = _text(words.verdict_words(claim))
    badge = f'<span class="badge {label}" id="verdict-{number}">{mark} {verdict}</span>'
    return f"""<li class="claim" id="c{number}" value="{number}" data-verdict="{label}">
<a class="number" href="#c{number}" aria-label="Link to claim {number}" tabindex="-1">{number}</a>
<p class="says" dir="auto">{says}</p>
<p class="meta">{cites}{badge}</p>{replaced_part(report, claim)}{reason}{opinions_part(claim)}
<div class="quotes">{quotes}</div></li>"""


def _quote(report: Report, citation: ReportCitation) -> str:
    place = _text(words.full_place(report, citation))
    return f'<blockquote dir="auto">“{_text(citation.quote)}” <cite>{place}</cite></blockquote>'


def _place(report: Report, views: list[SourceView], claim: ReportClaim, citation: ReportCitation) -> str:
    # A claim's words already lead to its only citation: one stop of the keyboard is enough.
    skip = ' tabindex="-1"' if len(claim.citations) == 1 else ""
    return _link(views, citation, "place", _text(words.full_place(report, citation)), extra=skip)


def _link(views: list[SourceView], citation: ReportCitation, kind: str, text: str, *, extra: str = "") -> str:
    """Return a link to a cited span; without its script the page still jumps there."""
    view = next((view for view in views if view.index == citation.source), None)
    marks = view.marks(citation.start, citation.end) if view else None
    if view is None or marks is None:
        return f'<span class="{kind}">{text}</span>'
    first, last = marks
    return (
        f'<a class="{kind}" href="#s{view.index}m{first}" data-source="{view.index}" data-first="{first}" '
        f'data-last="{last}"{extra}>{text}</a>'
    )


def _sources(report: Report, views: list[SourceView]) -> str:
    several = len(views) > 1
    tabs = "".join(
        f'<a href="#source-{view.index}" id="tab-{view.index}">{html.escape(words.source_name(report, view.index))}</a>'
        for view in views
    )
    panels = "".join(_source(report, view) for view in views)
    nav = f'<nav id="tabs" aria-label="Sources">{tabs}</nav>' if several else ""
    return f"""<aside id="sources" aria-label="Source text">{nav}
<a id="back" class="unseen" href="#claims">Back to the claim</a>
{panels}</aside>"""


def _source(report: Report, view: SourceView) -> str:
    source = report.sources[view.index]
    name = html.escape(words.source_name(report, view.index))
    pages = words.plural(source.pages, "page") + ", " if source.pages else ""
    warnings = "".join(
        f'<p class="warning"><strong>Warning:</strong> {_text(told)}</p>'
        for told in words.source_warnings(report, source)
    )
    return f"""<section id="source-{view.index}" class="source" aria-label="{name}" data-name="{name}" tabindex="0">
<div class="about"><h2>{name}</h2><p>{pages}{words.plural(source.characters, "character")}</p>{warnings}</div>
<div class="text">{source_html(view, report.texts[view.index])}</div></section>"""
