"""The parts of the HTML report around the claims: checklist, removed claims, rails, and how it was made."""

import html
from collections import Counter

from agentkit.rendering import words
from agentkit.rendering.brought import agents_words, opinions_words
from agentkit.report import Report, ReportClaim

MARKS = {"supported": "✓", "unverified": "?", "unsupported": "✗", "contradicted": "✗"}


def _text(text: str) -> str:
    return html.escape(words.line(text))


def shown_label(claim: ReportClaim) -> str:
    """Return the label by which a claim is coloured and filtered: its verdict's, if that is one of ours."""
    return claim.verdict.label if claim.verdict.label in MARKS else "unverified"


def filter_part(report: Report) -> str:
    """Return the choice of verdicts and the keys, which the script shows, or nothing where there is no choice."""
    if len(report.claims) < 2:
        return ""
    counts = Counter(shown_label(claim) for claim in report.claims)
    present = [(label, words.VERDICT_WORDS[label]) for label in MARKS if counts[label]]
    choices = [("", "All", len(report.claims)), *((label, word, counts[label]) for label, word in present)]
    buttons = "".join(
        f'<button type="button" data-show="{label}" aria-pressed="{str(not label).lower()}">{word} {count:,}</button>'
        for label, word, count in (choices if len(present) > 1 else [])
    )
    keys = '<label class="keys"><input type="checkbox" id="keys" checked> Keys J and K step through the claims</label>'
    return f'<div id="filter" role="group" aria-label="Which claims are shown" hidden>{buttons}{keys}</div>'


def checklist_part(report: Report) -> str:
    """Return the checklist as a table of found and not found, or nothing."""
    if not report.checklist:
        return ""
    numbers = words.claim_numbers(report)
    found = sum(entry.found for entry in report.checklist)
    rows: list[str] = []
    for entry in report.checklist:
        links = ", ".join(f'<a href="#c{numbers[c]}">{numbers[c]}</a>' for c in entry.claims if c in numbers)
        state, word = ("supported", "✓ found") if entry.found else ("unverified", "not found")
        place = _text(words.checklist_places(report, entry.claims))
        rows.append(
            f'<tr><th scope="row" dir="auto">{_text(entry.item)}</th>'
            f'<td><span class="badge {state}">{word}</span></td><td>{links}</td><td>{place}</td></tr>'
        )
    return f"""<section id="checklist" aria-labelledby="checklist-title" tabindex="-1">
<h2 id="checklist-title">Checklist <small>{found} of {len(report.checklist)} found</small></h2>
<div class="table" role="region" aria-label="Checklist" tabindex="0">
<table><thead><tr><th scope="col">Item</th><th scope="col">Result</th><th scope="col">Claims</th>\
<th scope="col">Place</th></tr></thead><tbody>
{"".join(rows)}
</tbody></table></div></section>"""


def removed_part(report: Report) -> str:
    """Return the claims that did not survive, and why, or nothing."""
    if not report.removed_claims:
        return ""
    items = "".join(
        f'<li><p dir="auto"><del>{_text(removed.text)}</del></p><p class="why">{_text(removed.reason)}</p></li>'
        for removed in report.removed_claims
    )
    return f"""<section id="removed" aria-labelledby="removed-title" tabindex="-1">
<h2 id="removed-title">Removed claims</h2>
<p class="note">Drafted, and dropped because the documents do not bear them out.</p><ul>{items}</ul></section>"""


def rails_part(report: Report) -> str:
    """Return what the rails did."""
    rows: list[str] = []
    for rail in words.rail_lines(report):
        shown = [*rail.details[:20], *(["…"] if len(rail.details) > 20 else [])]
        detail = "<br>".join(_text(part) for part in shown)
        tone = {"passed": "supported", "blocked": "contradicted"}.get(rail.action, "unverified")
        rows.append(
            f'<tr><th scope="row">{_text(rail.rail)}</th><td>{_text(rail.stage)}</td>'
            f'<td><span class="badge {tone}">{_text(rail.action)}</span></td><td>{rail.count:,}</td>'
            f"<td>{detail}</td></tr>"
        )
    table = f"""<div class="table" role="region" aria-label="Rails" tabindex="0">
<table><thead><tr><th scope="col">Rail</th><th scope="col">Stage</th>\
<th scope="col">Action</th><th scope="col">Times</th><th scope="col">Why and where</th></tr></thead><tbody>
{"".join(rows)}
</tbody></table></div>"""
    return f"""<section id="rails" aria-labelledby="rails-title" tabindex="-1">
<h2 id="rails-title">What the rails did</h2>{table if rows else '<p class="none">No rail ran.</p>'}</section>"""


def replaced_part(report: Report, claim: ReportClaim) -> str:
    """Return which later document replaced what a claim cites, or nothing."""
    told = words.replaced_words(report, claim)
    return f'<p class="why">{_text(told[:1].upper() + told[1:])}.</p>' if told else ""


def opinions_part(claim: ReportClaim) -> str:
    """Return what each reviewer of a panel said of a claim, or nothing."""
    rows = "".join(f"<li>{_text(said)}</li>" for said in opinions_words(claim))
    return f'<ul class="why" aria-label="What each reviewer said">{rows}</ul>' if rows else ""


def agents_part(report: Report) -> str:
    """Return what agents of one's own brought, or nothing."""
    if not report.agents:
        return ""
    rows: list[str] = []
    for name, claims, data in agents_words(report):
        links = ", ".join(f'<a href="#c{number}">{number}</a>' for number in claims.split(", ") if number)
        shown = f'<td dir="auto">{_text(data)}</td>'
        rows.append(f'<tr><th scope="row">{_text(name)}</th><td>{links}</td>{shown}</tr>')
    return f"""<section id="agents" aria-labelledby="agents-title" tabindex="-1">
<h2 id="agents-title">What agents brought</h2>
<div class="table" role="region" aria-label="What agents brought" tabindex="0">
<table><thead><tr><th scope="col">Agent</th><th scope="col">Claims</th>\
<th scope="col">Data</th></tr></thead><tbody>
{"".join(rows)}
</tbody></table></div></section>"""


def facts_part(report: Report) -> str:
    """Return privacy, cost, time and origin."""
    times = ", ".join(f"{words.line(node)} {ms / 1000:.2f} s" for node, ms in report.timings_ms.items())
    facts = [
        ("Models", words.models_words(report)),
        ("Cost", words.usage_words(report)),
        *(("Saved", text) for text in words.savings_words(report)),
        ("Replaced before any model", words.redacted_words(report)),
        ("Hosts contacted", words.hosts_words(report)),
        ("Revisions", str(report.revisions)),
        ("Time", times or "not measured"),
        *(("Index", text) for text in words.index_words(report)),
        ("Run", report.run_id),
        ("Matter", report.matter or "none"),
    ]
    rows = "".join(f"<div><dt>{name}</dt><dd>{_text(value)}</dd></div>" for name, value in facts)
    sums = "".join(
        f'<li>{_text(source.path)} <code title="SHA-256">{_text(source.sha256)}</code></li>'
        for source in report.sources
    )
    return f"""<section id="made" aria-labelledby="made-title" tabindex="-1">
<h2 id="made-title">How this was made</h2><dl>{rows}</dl><h3>Sources</h3><ul class="sums">{sums}</ul></section>"""
