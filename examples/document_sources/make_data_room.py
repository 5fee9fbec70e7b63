"""Makes the thirty agreements in `examples/data_room`; everything and everyone in them is invented (CC0).

Run it after changing a text here: `python examples/document_sources/make_data_room.py`. The same texts give the same
bytes. `room.txt` holds a line of facts for each agreement, the templates beside it the words.
"""

import html
import re
from pathlib import Path
from string import Template

HERE = Path(__file__).parent
OUT = HERE.parent / "data_room"
WORDINGS = {
    "law": (
        "This Agreement is governed by the law of $law.",
        "The laws of $law govern this Agreement, without regard to conflict of laws principles.",
        "This Agreement shall be construed in accordance with the laws of $law.",
    ),
    "notice": (
        "Either party may terminate this Agreement at any time by giving the other at least $notice written notice.",
        "This Agreement may be terminated for convenience by either party upon $notice prior written notice.",
        "Each party may end this Agreement without cause on not less than $notice notice in writing.",
    ),
    "cap": (
        "The total liability of either party under this Agreement shall not exceed $cap.",
        "In no event will a party's aggregate liability arising out of this Agreement exceed $cap.",
        "The liability of each party for all claims under this Agreement is limited to $cap.",
    ),
}


def facts() -> list[dict[str, str]]:
    """Return the columns of `room.txt`, one row for each agreement."""
    head, *rows = [line.split("|") for line in (HERE / "room.txt").read_text(encoding="utf-8").splitlines()]
    names = [name.strip() for name in head]
    return [dict(zip(names, (cell.strip() for cell in row), strict=True)) for row in rows]


def agreement(number: int, row: dict[str, str]) -> str:
    """Return the text of one agreement; what has no value in its row is not in it."""
    way = number // 3 % 3
    said = {f"say_{name}": Template(ways[way]).substitute(row) for name, ways in WORDINGS.items() if row.get(name)}
    lines = (HERE / f"room-{row['kind']}.txt").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if all(name in said for name in re.findall(r"\$(say_\w+)", line))]
    return numbered(Template("\n".join(kept)).substitute(row, **said))


def numbered(text: str) -> str:
    """Number the clauses: `## Title` opens one, a line that begins with `- ` is a subclause of it."""
    lines, clause, sub = list[str](), 0, 0
    for line in text.splitlines():
        if line.startswith("## "):
            clause, sub = clause + 1, 0
            lines.append(f"## {clause}. {line[3:]}")
        elif line.startswith("- "):
            sub += 1
            lines.append(f"{clause}.{sub} {line[2:]}")
        else:
            lines.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def as_plain(text: str) -> str:
    """Return the text without Markdown's marks; titles are in capitals."""
    return re.sub(r"^#+ (.+)$", lambda match: match[1].upper(), text.replace("**", ""), flags=re.MULTILINE)


def as_html(text: str) -> str:
    """Return the text as a page: a heading or a paragraph for each block."""
    parts = list[str]()
    for block in text.replace("**", "").strip().split("\n\n"):
        marks, words = re.match(r"(#*) ?", block), html.escape(block.lstrip("# "), quote=False)
        tag = f"h{len(marks[1])}" if marks and marks[1] else "p"
        parts.append(f"<{tag}>{words}</{tag}>")
    body = "\n".join(parts)
    return f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"></head>\n<body>\n{body}\n</body>\n</html>\n'


def main() -> None:
    """Write the thirty files: Markdown, plain text and HTML in turn."""
    OUT.mkdir(exist_ok=True)
    forms = (("md", str), ("txt", as_plain), ("html", as_html))
    for number, row in enumerate(facts(), start=1):
        suffix, form = forms[(number + number // 3) % 3]
        path = OUT / f"{number:02}-{row['kind']}-{row['file']}.{suffix}"
        path.write_text(form(agreement(number, row)), encoding="utf-8")


if __name__ == "__main__":
    main()
