"""Reports to look at in a browser: three claims from two sources, and three hundred from a book."""

import hashlib
from itertools import accumulate
from pathlib import Path

from agentkit.rendering import render
from agentkit.report import (
    ChecklistEntry,
    Report,
    ReportAgent,
    ReportCitation,
    ReportClaim,
    ReportOpinion,
    ReportPrivacy,
    ReportTask,
    ReportUsage,
    ReportVerdict,
    Source,
)
from agentkit.types import RailResult, RemovedClaim

PAGES = 500
LINES = 34
CLAIMS = 300
# Of each ten claims, seven hold.
LABELS = ["supported"] * 7 + ["unverified", "unsupported", "contradicted"]


def _line(page: int, number: int) -> str:
    days = (page * 7 + number * 3) % 90 + 2
    return f"{page}.{number} The tenant gives the landlord notice of each defect within {days} days of its discovery.\n"


def book() -> Report:
    """Return a report of 300 claims over a source of 500 pages, 1.7 million characters."""
    pages = ["".join(_line(page, number) for number in range(1, LINES + 1)) for page in range(1, PAGES + 1)]
    text = "".join(pages)
    starts = [0, *accumulate(len(page) for page in pages[:-1])]
    claims = [_claim(text, number, number * PAGES // CLAIMS + 1) for number in range(CLAIMS)]
    return report([("book.txt", text, starts)], claims)


def _claim(text: str, number: int, page: int) -> ReportClaim:
    quote = _line(page, number % LINES + 1).strip()
    start = text.index(quote)
    label = LABELS[number % len(LABELS)]
    verdict = ReportVerdict(label, 0.5, "values", "" if label == "supported" else "the number of days differs")
    citation = ReportCitation(0, page, f"§ {page}.{number % LINES + 1}", start, start + len(quote), quote)
    return ReportClaim(f"c{number + 1}", quote, f"Part {page // 25 + 1}", [citation], verdict)


def small() -> Report:
    """Return a report with everything in it that a report can have."""
    lease = "LEASE\n4.1 The Tenant shall pay $120,000 a year.\n4.2 The deposit is $9,000.\n"
    letter = "Dear tenant,\nthe rent of $120,000 is overdue.\n"
    labels = ["supported", "unverified", "contradicted"]
    quotes = [(0, "The Tenant shall pay $120,000 a year."), (0, "The deposit is $9,000."), (1, "the rent of $120,000")]
    claims = [
        ReportClaim(
            f"c{number}",
            f"Claim {number}: {quote}",
            "Rent",
            [_cite([lease, letter][index], quote, index)],
            ReportVerdict(label, 0.5, "values", "the amounts differ"),
            [
                ReportOpinion("grounding", "supported", 1.0, "values", "The amounts are the same."),
                ReportOpinion(
                    "plain_language", label, 0.5, "words", "A long reason that nobody can break: " + "x" * 80
                ),
            ],
        )
        for number, ((index, quote), label) in enumerate(zip(quotes, labels, strict=True), 1)
    ]
    return report([("lease.txt", lease, []), ("letter.txt", letter, [])], claims)


def _cite(text: str, quote: str, index: int) -> ReportCitation:
    start = text.index(quote)
    return ReportCitation(index, None, None, start, start + len(quote), quote)


def report(sources: list[tuple[str, str, list[int]]], claims: list[ReportClaim]) -> Report:
    """Return a report of these sources (name, text, starts of pages) and claims."""
    listed = [
        Source(index, name, hashlib.sha256(text.encode()).hexdigest(), "text/plain", len(starts), len(text), 1, "", [])
        for index, (name, text, starts) in enumerate(sources)
    ]
    return Report(
        run_id="run-1",
        matter="",
        task=ReportTask("summarize", focus="rent"),
        status="needs_review",
        title="Lease",
        claims=claims,
        checklist=[
            ChecklistEntry("Rent", found=True, claims=["c1"]),
            ChecklistEntry("Guaranty", found=False, claims=[]),
        ],
        sources=listed,
        rails=[RailResult("input", "injection", "passed")],
        usage=ReportUsage(1, 0, 0, 0.0, 0, {}),
        privacy=ReportPrivacy({}, []),
        revisions=0,
        removed_claims=[RemovedClaim("The rent is $5.", "no passage says so")],
        timings_ms={},
        texts=[text for _, text, _ in sources],
        page_starts=[starts for _, _, starts in sources],
        agents=[
            ReportAgent("risk", [{"clause": "rent", "level": 4, "link": "https://" + "a" * 90}], withheld=1),
            ReportAgent("term", claims=["c2"]),
        ],
    )


def write(made: Report, folder: Path) -> str:
    """Write a report as HTML and return the address under which a browser opens it from the disk."""
    path = folder / "report.html"
    path.write_text(render(made, "html"), encoding="utf-8")
    return path.as_uri()
