"""Follow a run while it goes on: every node as it starts, every claim with its verdict, then the report."""

import asyncio
from pathlib import Path

from agentkit import AgentKit
from agentkit.app import Options
from agentkit.report import Report, ReportClaim

NDA = Path(__file__).parent / "documents" / "nda.md"


async def main() -> None:
    """Print each event as a line."""
    async with AgentKit() as kit:
        async for event in kit.stream([NDA], options=Options(max_claims=3)):
            match event:
                case {"event": "node_started", "node": node}:
                    print(f"… {node}")
                case {"event": "claim", "claim": ReportClaim() as claim}:
                    print(f"{claim.verdict.label}: {claim.text}")
                case {"event": "report", "report": Report() as report}:
                    print(f"{report.status} after {report.revisions} revisions")


if __name__ == "__main__":
    asyncio.run(main())
