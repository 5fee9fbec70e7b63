"""Go through a data room with a checklist: one row per item, one column per document."""

import asyncio
from pathlib import Path

from agentkit import AgentKit
from agentkit.app import Options
from agentkit.types import ChecklistItem

DOCUMENTS = Path(__file__).parent / "documents"
ROOM = [DOCUMENTS / "lease.pdf", DOCUMENTS / "services-agreement.docx", DOCUMENTS / "nda.md"]
CHECKLIST = [
    ChecklistItem("law", "Governing law", question="Which law governs?"),
    ChecklistItem("assignment", "Assignment", question="Can it be assigned without consent?"),
    ChecklistItem("cap", "Liability cap", question="What is the cap on liability?"),
    ChecklistItem("escrow", "Source code escrow", terms=["escrow", "source code"]),
]


async def main() -> None:
    """Print the table, then where the first item was found."""
    async with AgentKit() as kit:
        reports = [await kit.summarize([path], options=Options(checklist=CHECKLIST)) for path in ROOM]

    print("".join(["Item".ljust(20), *(path.name.ljust(26) for path in ROOM)]).rstrip())
    for row, item in enumerate(CHECKLIST):
        cells = []
        for report in reports:
            ids = report.checklist[row].claims
            places = [claim.citations[0].locator or "found" for claim in report.claims if claim.id in ids]
            cells.append(", ".join(dict.fromkeys(places)) or "not found")
        print("".join([item.name.ljust(20), *(cell.ljust(26) for cell in cells)]).rstrip())


if __name__ == "__main__":
    asyncio.run(main())
