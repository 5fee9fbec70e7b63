"""A partner approves before anything is released: the run waits, survives a restart, and goes on with the answer.

Run as `python examples/human_approval.py`; then, today or next week, `python examples/human_approval.py RUN "Yes."`.
"""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

from agentkit import AgentKit
from agentkit.app import Options
from agentkit.errors import WaitingError
from agentkit.rendering import write_report
from agentkit.report import Report
from agentkit.specialists import AgentContext

NDA = Path(__file__).parent / "documents" / "nda.md"


@dataclass
class Approval:
    """What the partner said, and whether that is a yes."""

    given: bool
    words: str


async def partner(ctx: AgentContext) -> Approval:
    """Ask whether the summary may be released; nothing is decided until somebody answers."""
    words = await ctx.ask_human(f"May these {len(ctx.claims)} claims go to the client?")
    return Approval(words.lower().startswith("yes"), words)


async def run(arguments: list[str]) -> Report:
    """Start a run, or go on with the one that waits: `arguments` are its id and the answer."""
    async with AgentKit().with_agent(partner, before="report") as kit:
        if arguments:
            return await kit.resume(arguments[0], answer=arguments[1])
        return await kit.summarize([NDA], options=Options(max_claims=3))


def main(arguments: list[str]) -> None:
    """Release the report if the partner approves of it."""
    try:
        report = asyncio.run(run(arguments))
    except WaitingError as waiting:
        print(f"{waiting.run_id}: the {waiting.agent} is asked: {waiting.question}")
        return
    match report.agents[0].data:
        case {"given": True, "words": words}:
            write_report(report, Path("released"), force=True)
            print(f"released with {len(report.claims)} claims: {words}")
        case approval:
            print(f"not released: {approval}")


if __name__ == "__main__":
    main(sys.argv[1:3])
