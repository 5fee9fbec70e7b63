"""Ask a contract questions: the best claim comes first, and "it does not say" is an answer."""

import asyncio
from pathlib import Path

from agentkit import AgentKit
from agentkit.app import Options

AGREEMENT = Path(__file__).parent / "documents" / "services-agreement.docx"
QUESTIONS = [
    "Which law governs the agreement?",
    "When must invoices be paid?",
    "How many elephants does the supplier own?",
]


async def main() -> None:
    """Ask one question after the other."""
    async with AgentKit() as kit:
        for question in QUESTIONS:
            report = await kit.ask([AGREEMENT], question, options=Options(max_claims=1))
            print(question)
            for claim in report.claims:
                citation = claim.citations[0]
                print(f"  {claim.text} [{citation.locator}, {claim.verdict.label}]")
            if report.status == "unanswered":
                print("  The agreement does not say.")


if __name__ == "__main__":
    asyncio.run(main())
