"""Compare two versions of an agreement clause by clause; every difference is cited on both sides. No model is asked.

Run as `python examples/compare_versions.py`, or with two documents of your own: `… OLD NEW`.
"""

import re
import sys
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

from agentkit.reading import read_document
from agentkit.text.splitting import split_document
from agentkit.types import Passage

HERE = Path(__file__).parent
VERSIONS = [HERE / "documents" / "nda.md", HERE / "versions" / "nda-counter-draft.md"]


def words(clause: Passage) -> list[str]:
    """Return the words of a clause without its number, so that renumbering is no difference."""
    return re.sub(r"^\d+(\.\d+)*\.?\s", "", clause.text).split()


def pairs(old: list[Passage], new: list[Passage]) -> Iterator[tuple[Passage | None, Passage | None]]:
    """Yield each clause with the one that replaced it: at least half of their words are the same."""
    rest = list(new)
    for clause in old:
        alike = [SequenceMatcher(None, words(clause), words(other), autojunk=False).ratio() for other in rest]
        twin = rest.pop(alike.index(max(alike))) if alike and max(alike) >= 0.5 else None
        yield clause, twin
    yield from ((None, clause) for clause in rest)


def cited(path: Path, clause: Passage | None, other: Passage | None) -> str:
    """Return where a clause stands and what it says, in brackets what the other side does not say."""
    if clause is None:
        return f"  {path.name}: nothing"
    mine, theirs = words(clause), words(other) if other else []
    parts = list[str]()
    for tag, start, end, _, _ in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        said = " ".join(mine[start:end])
        parts.append(said if tag == "equal" or other is None else f"[{said}]" if said else "")
    text = " ".join(part for part in parts if part)
    return f"  {path.name} {clause.locator}, characters {clause.start}-{clause.end}: {text}"


def main(paths: list[Path]) -> None:
    """Print what was changed, taken out and put in, in the order of the documents."""
    old, new = (split_document(read_document(path, index=side)) for side, path in enumerate(paths))
    same = SequenceMatcher(None, [str(words(c)) for c in old], [str(words(c)) for c in new], autojunk=False)
    for tag, a, b, c, d in same.get_opcodes():
        for left, right in pairs(old[a:b], new[c:d]) if tag != "equal" else ():
            print("changed" if left and right else "taken out" if left else "put in")
            print(cited(paths[0], left, right), cited(paths[1], right, left), sep="\n")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:3]] or VERSIONS)
