"""How far "found" and "not found" of the shipped commercial checklist can be trusted.

    python benchmarks/checklist.py --data ../shared/data/dev

Every item whose clause type experts labelled is looked for in every labelled contract (DATA/ask), as `--checklist`
does: at most three claims each. Precision of found: of the items reported found, the share the experts marked. Recall
of found: of the marked ones, the share reported. The same for not found. "words" is the share of marked items whose
claims hold the experts' words.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from ask import covered, safe

from agentkit.legal.answering import answer
from agentkit.legal.clauses import match_question
from agentkit.reading.checklist import load_checklist
from agentkit.reading.document import read_document
from agentkit.types import Limits

ROOT = Path(__file__).parents[1]


def share(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "  - "


def row(cells: Iterable[tuple[bool, bool, bool]]) -> str:
    """Format (marked, found, with the experts' words) as precisions and recalls."""
    table = list(cells)
    both = sum(marked and found for marked, found, _ in table)
    neither = sum(not marked and not found for marked, found, _ in table)
    marked_all, found_all = sum(cell[0] for cell in table), sum(cell[1] for cell in table)
    return (
        f"{marked_all:4} {len(table) - marked_all:6}   {share(both, found_all)} {share(both, marked_all)}"
        f" {share(sum(cell[2] for cell in table), marked_all)}    {share(neither, len(table) - found_all)}"
        f" {share(neither, len(table) - marked_all)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/dev")
    data = parser.parse_args().data
    rows = [json.loads(line) for line in (data / "ask/questions.jsonl").read_text("utf-8").splitlines()]
    read = {name: safe(read_document(data / "ask" / name, index=0)) for name in {entry["document"] for entry in rows}}
    items = {match_question(item.question)[0][0].id: item for item in load_checklist("commercial") if item.question}
    cells: dict[str, list[tuple[bool, bool, bool]]] = defaultdict(list)
    for entry in rows:
        item = items[match_question(entry["question"])[0][0].id]
        found = answer(item.question, read[entry["document"]], terms=item.terms, limits=Limits(max_claims=3))
        claims = [claim.text for claim in found.claims]
        marked = not entry["absent"]
        cells[item.name].append(
            (marked, found.answered, marked and found.answered and covered(entry["answers"], claims))
        )
    print(f"{'':48}experts       found          not found")
    print(f"{'':44}present absent   prec rec  words   prec rec")
    for name, values in cells.items():
        print(f"{name:46}{row(values)}")
    print(f"{'all':46}{row(cell for values in cells.values() for cell in values)}")


if __name__ == "__main__":
    main()
