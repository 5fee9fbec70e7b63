"""Read a data room of thirty agreements into one table; every cell names the clause that it was found in.

It writes `data_room.csv` and `data_room.md`; for a room of your own: `python examples/data_room_table.py FOLDER`.
"""

import asyncio
import csv
import sys
from pathlib import Path

from agentkit import AgentKit
from agentkit.app import Options
from agentkit.reading import expand_paths
from agentkit.report import Report
from agentkit.types import ChecklistItem

ROOM = Path(__file__).parent / "data_room"
COLUMNS = [
    ChecklistItem("parties", "Parties", question="Who are the parties to the agreement?"),
    ChecklistItem("date", "Date", question="When was the agreement signed or dated?"),
    ChecklistItem("term", "Term", question="How long is the term?"),
    ChecklistItem("law", "Governing law", question="Which law governs the agreement?"),
    ChecklistItem("notice", "Termination notice", question="How much notice must be given to terminate?"),
    ChecklistItem("cap", "Liability cap", question="What is the cap on liability?"),
]


def row(report: Report) -> list[str]:
    """Return a document's name and, for each column, what it says and where; both are empty where it does not say."""
    cells, claims = [report.sources[0].path], {claim.id: claim for claim in report.claims}
    for entry in report.checklist:
        found = [claims[claim] for claim in entry.claims]
        cited = [citation for claim in found for citation in claim.citations]
        cells.append(" ".join(claim.text for claim in found))
        cells.append("; ".join(f"{c.locator}, characters {c.start}-{c.end}" for c in cited))
    return cells


def markdown(table: list[list[str]]) -> str:
    """Return the table in Markdown."""
    head, *rows = ["| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n" for cells in table]
    return "".join([head, "|---" * len(table[0]) + "|\n", *rows])


async def read(room: Path) -> list[list[str]]:
    """Return the rows, one agreement after the other."""
    async with AgentKit() as kit:
        return [row(await kit.summarize([path], options=Options(checklist=COLUMNS))) for path in expand_paths([room])]


if __name__ == "__main__":
    rows = asyncio.run(read(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOM))
    table = [["Document", *(cell for column in COLUMNS for cell in (column.name, "Where"))], *rows]
    with Path("data_room.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table)
    Path("data_room.md").write_text(markdown(table), encoding="utf-8")
    found = sum(bool(cell) for cells in rows for cell in cells[1::2])
    print(f"{len(rows)} documents, {found} of {len(rows) * len(COLUMNS)} cells found")
