"""What agents of one's own brought and reviewers of a panel said, in the words that every format uses."""

import json

from agentkit.rendering.words import claim_numbers, line, plural
from agentkit.report import Report, ReportClaim


def opinions_words(claim: ReportClaim) -> list[str]:
    """Return what each reviewer of a panel said of a claim: "privilege: unverified, It names a person."."""
    return [
        line(f"{said.reviewer}: {said.label}{f', {said.reason}' if said.reason else ''}") for said in claim.opinions
    ]


def agents_words(report: Report) -> list[tuple[str, str, str]]:
    """Return what each agent brought: its name, the numbers of its claims, and its data as JSON."""
    numbers = claim_numbers(report)
    rows: list[tuple[str, str, str]] = []
    for item in report.agents:
        claims = ", ".join(str(numbers[claim]) for claim in item.claims if claim in numbers)
        data = "" if item.data is None else line(json.dumps(item.data, ensure_ascii=False))
        held = f" ({plural(item.withheld, 'text')} withheld by rails)" if item.withheld else ""
        rows.append((line(item.name), claims, f"{data}{held}".strip()))
    return rows
