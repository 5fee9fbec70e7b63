"""Reports to render: an ordinary one, and one in which every text tries to break out."""

import hashlib
from collections.abc import Sequence

from agentkit.report import (
    ChecklistEntry,
    ModelUsage,
    Report,
    ReportCitation,
    ReportClaim,
    ReportPrivacy,
    ReportTask,
    ReportUsage,
    ReportVerdict,
    Source,
)
from agentkit.types import RailResult, RemovedClaim

LEASE = (
    "LEASE\n4.1 Rent. The Tenant shall pay $120,000 a year.\n4.2 Deposit. The deposit is $9,000.\n"
    "12.3 Termination. Either party may terminate on ninety days' notice.\n"
)
LETTER = "Dear tenant,\nthe rent of $120,000 is overdue.\n"
PAGE_TWO = LEASE.index("12.3")

HOSTILE = (
    "</script><script>alert(1)</script></style><style>*{display:none}</style> \" onmouseover=\"alert(1) ' onfocus='x "
    "<img src=x onerror=alert(1)><!-- ]]> --> <a href=javascript:alert(1)>x</a> [x](javascript:alert(1)) "
    "![i](http://x.y/i) `code` **bold** | cell | &lt;b&gt; http://evil.example "
    "\x1b[2J\x1b]0;owned\x07\x9b31m \x00\x08 \u202eabc\u202c \u2066d\u2069 "
    "\ufffe </w:t></w:r> {{x}} ${y} </li></ol></main></body></html>"
)


def cite(
    text: str, quote: str, *, source: int = 0, page: int | None = None, locator: str | None = None
) -> ReportCitation:
    start = text.index(quote)
    return ReportCitation(source, page, locator, start, start + len(quote), quote)


def source(index: int, path: str, text: str, *, pages: int = 0, warnings: Sequence[str] = ()) -> Source:
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    kind = "application/pdf" if pages else "text/plain"
    return Source(index, path, digest, kind, pages, len(text), 3, f"sources/{index:02d}-s.txt", list(warnings))


def lease_report() -> Report:
    supported = ReportVerdict("supported", 1.0, "verbatim", "")
    return Report(
        run_id="run-1",
        matter="m-7",
        task=ReportTask("summarize", focus="rent"),
        status="needs_review",
        title="Lease of Unit 4",
        claims=[
            ReportClaim(
                "c1",
                "The Tenant shall pay $120,000 a year.",
                "Rent",
                [
                    cite(LEASE, "The Tenant shall pay $120,000 a year.", page=1, locator="§ 4.1"),
                    cite(LETTER, "the rent of $120,000", source=1),
                ],
                supported,
            ),
            ReportClaim(
                "c2",
                "Either party may terminate on ninety days' notice.",
                "Termination",
                [cite(LEASE, "Either party may terminate on ninety days' notice.", page=2, locator="§ 12.3")],
                supported,
            ),
            ReportClaim(
                "c3",
                "The deposit is refundable.",
                "Rent",
                [cite(LEASE, "The deposit is $9,000.", page=1, locator="§ 4.2")],
                ReportVerdict("unverified", 0.5, "similarity", "the source does not say refundable"),
            ),
        ],
        checklist=[
            ChecklistEntry("Rent", found=True, claims=["c1", "c3"]),
            ChecklistEntry("Guaranty", found=False, claims=[]),
        ],
        sources=[
            source(0, "lease.pdf", LEASE, pages=2, warnings=["Page 2 was scanned."]),
            source(1, "letter.txt", LETTER),
        ],
        rails=[
            RailResult("input", "injection", "passed"),
            RailResult("retrieval", "hidden text", "modified", "white text", 0, PAGE_TWO, PAGE_TWO + 4),
            RailResult("retrieval", "hidden text", "passed"),
        ],
        usage=ReportUsage(4, 1200, 80, 0.0, 1, {"embedded/extractive": ModelUsage(4, 1200, 80, 0.0)}),
        privacy=ReportPrivacy({"PERSON": 2}, []),
        revisions=1,
        removed_claims=[RemovedClaim("The rent is $5.", "no passage says so")],
        timings_ms={"read": 12.5, "review": 3.0},
        texts=[LEASE, LETTER],
        page_starts=[[0, PAGE_TWO], []],
    )


def report_saying(words: str) -> Report:
    """Return a report in which every text that a document, a model or a user can influence is `words`."""
    text = f"before {words} after"
    span = cite(text, words, locator=words)
    return Report(
        run_id=words,
        matter=words,
        task=ReportTask("ask", question=words),
        status="needs_review",
        title=words,
        claims=[
            ReportClaim("c1", words, words, [span], ReportVerdict("unverified", 0.1, words, words)),
            ReportClaim("c2", words, words, [], ReportVerdict(words, 0.1, words, words)),
        ],
        checklist=[ChecklistEntry(words, found=True, claims=["c1"])],
        sources=[Source(0, words, words, words, 0, len(text), 1, "sources/00-s.txt", [words])],
        rails=[RailResult("input", words, "blocked", words, 0, 0, 3)],
        usage=ReportUsage(1, 1, 1, 0.0, 0, {words: ModelUsage(1, 1, 1, 0.0)}),
        privacy=ReportPrivacy({words: 1}, [words]),
        revisions=0,
        removed_claims=[RemovedClaim(words, words)],
        timings_ms={words: 1.0},
        texts=[text],
    )


def report_citing(text: str, spans: Sequence[tuple[int, int]]) -> Report:
    """Return a report with one claim per cited span of one source."""
    verdict = ReportVerdict("supported", 1.0, "verbatim", "")
    claims = [
        ReportClaim(f"c{n}", f"Claim {n}.", "", [ReportCitation(0, None, None, start, end, text[start:end])], verdict)
        for n, (start, end) in enumerate(spans)
    ]
    return Report(
        run_id="r",
        matter="",
        task=ReportTask("summarize"),
        status="approved",
        title="t",
        claims=claims,
        checklist=[],
        sources=[source(0, "a.txt", text)],
        rails=[],
        usage=ReportUsage(),
        privacy=ReportPrivacy(),
        revisions=0,
        removed_claims=[],
        timings_ms={},
        texts=[text],
    )
