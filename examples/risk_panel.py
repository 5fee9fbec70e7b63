"""A panel of four specialists reviews the risks of two agreements and ends in a table of their differences.

Run as `python examples/risk_panel.py`, or with the name of a model: `python examples/risk_panel.py embedded/smollm2`.
"""

import asyncio
import sys
from pathlib import Path

from agentkit import AgentKit
from agentkit.report import Report
from agentkit.specialists import Agent, AgentContext, agent
from agentkit.types import Claim, Verdict

DOCUMENTS = Path(__file__).parent / "documents"
AGREEMENTS = [DOCUMENTS / "lease.pdf", DOCUMENTS / "services-agreement.docx"]
RISKS = {
    "liability": "What is the cap on liability?",
    "governing_law": "Which law governs?",
    "assignment": "Can it be assigned without consent?",
}


def specialist(name: str, question: str) -> Agent:
    """Return an agent that reads each agreement on its own, and cites what it says."""

    @agent(name=name, budget_share=0.25)
    async def look(ctx: AgentContext) -> list[Claim]:
        sides = [await ctx.ask(question, document=side, max_claims=1) for side in range(len(ctx.documents))]
        return [claim for claims in sides for claim in claims]

    return look


async def plain_language(_: AgentContext, claims: list[Claim]) -> list[Verdict]:
    """Leave to a person what is too long for a client: the fourth of the panel asks no model."""
    long = [claim for claim in claims if len(claim.text.split()) > 35]
    return [Verdict(claim.id, "unverified", 0.5, "length", "Too long for a client.") for claim in long]


def cell(report: Report, claims: list[str], side: int) -> str:
    """Return where, and in which words, one agreement says it, and what the panel made of it."""
    said = [(claim, c) for claim in report.claims if claim.id in claims for c in claim.citations if c.source == side]
    return "; ".join(f"{c.locator} “{c.quote[:48]}…” {claim.verdict.label}" for claim, c in said) or "does not say"


async def main(model: str | None = None) -> None:
    """Ask the panel, and print what differs, with the place on both sides."""
    kit = AgentKit(model=model).with_agent(plain_language, beside="review")
    for name, question in RISKS.items():
        kit = kit.with_agent(specialist(name, question), instead_of="summarize")
    async with kit:
        report = await kit.summarize(AGREEMENTS)
    for risk in sorted(report.agents, key=lambda item: item.name):
        rows = [f"  {path.name:23}  {cell(report, risk.claims, side)}" for side, path in enumerate(AGREEMENTS)]
        print("\n".join([risk.name, *rows]))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:2]))
