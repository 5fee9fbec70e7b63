"""Summarize a commercial lease: every claim comes with the clause and page it rests on."""

from pathlib import Path

from agentkit import AgentKit
from agentkit.app import Options

LEASE = Path(__file__).parent / "documents" / "lease.pdf"


def main() -> None:
    """Print the summary, claim by claim."""
    kit = AgentKit()  # the embedded model and rails: no key, no server, no download
    report = kit.summarize_sync([LEASE], options=Options(max_words=120))

    print(f"{report.title}: {report.status}")
    for claim in report.claims:
        citation = claim.citations[0]
        print(f"\n{claim.text}")
        print(f"  {citation.locator or 'no clause'}, page {citation.page}: {claim.verdict.label}")
        # The quote is the source's own words, at exactly these characters.
        source = report.texts[citation.source]
        print(f"  exact quote: {citation.quote == source[citation.start : citation.end]}")


if __name__ == "__main__":
    main()
