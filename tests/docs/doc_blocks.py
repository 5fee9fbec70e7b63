"""The code blocks of a Markdown page, each with the comment before it that says what is done with it.

    <!-- run -->              a console block: its commands are run, what it shows of their output is compared
    <!-- run exit=3 -->       … and the last command ends with this exit code
    <!-- not run: REASON -->  a block that is only shown
    <!-- write: NAME -->      the block is written to that file of the page's workspace
    <!-- file: NAME -->       the block is that file of the repository, word for word
    <!-- output: COMMAND -->  the block is what that command prints

Python blocks without a comment are run by pytest-examples.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^(?P<indent> *)```(?P<lang>\w*)(?P<rest>.*)$")
_COMMENT = re.compile(r"^ *<!-- (?P<words>.+) -->$")


@dataclass(frozen=True)
class Block:
    """One fenced block; `first` and `last` are the indexes of its fence lines, from 0."""

    page: Path
    lang: str
    comment: str
    body: str
    first: int
    last: int
    indent: int

    def argument(self, name: str) -> str | None:
        """Return what follows `NAME: ` in the comment."""
        return self.comment.removeprefix(f"{name}: ") if self.comment.startswith(f"{name}: ") else None

    @property
    def exit_code(self) -> int:
        """The exit code that the block's last command is to end with."""
        match = re.fullmatch(r"run exit=(\d+)", self.comment)
        return int(match[1]) if match else 0

    @property
    def place(self) -> str:
        """Where the block is, for messages."""
        return f"{self.page.relative_to(ROOT)}:{self.first + 1}"


@dataclass(frozen=True)
class Step:
    """One command of a console block and what the page shows of its output."""

    command: str
    shown: list[str]


def pages() -> list[Path]:
    """Return every page whose blocks are tested."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    lines = page.read_text(encoding="utf-8").splitlines()
    found: list[Block] = []
    number = 0
    while number < len(lines):
        opening = _FENCE.match(lines[number])
        if opening is None:
            number += 1
            continue
        indent = len(opening["indent"])
        last = next(n for n in range(number + 1, len(lines)) if lines[n].strip() == "```")
        body = "\n".join(line[indent:] for line in lines[number + 1 : last])
        found.append(Block(page, opening["lang"], _comment(lines, number), body, number, last, indent))
        number = last + 1
    return found


def _comment(lines: list[str], fence: int) -> str:
    above = [line for line in lines[max(0, fence - 2) : fence] if line.strip()]
    match = _COMMENT.match(above[-1]) if above else None
    return match["words"] if match else ""


def steps(block: Block) -> list[Step]:
    """Split a console block into commands (`$ …`, continued by a backslash) and what they print."""
    found: list[Step] = []
    continued = False
    for line in block.body.splitlines():
        if continued:
            found[-1] = Step(f"{found[-1].command}\n{line}", [])
        elif line.startswith("$ "):
            found.append(Step(line.removeprefix("$ "), []))
        else:
            found[-1].shown.append(line)
        continued = line.endswith("\\") and not found[-1].shown
    return found


def agree(shown: list[str], printed: list[str]) -> bool:
    """Compare; a line `...` on the page stands for any lines, and a page that shows nothing claims nothing."""
    if not shown:
        return True
    if "..." not in shown:
        return shown == printed
    cut = shown.index("...")
    head, tail = shown[:cut], shown[cut + 1 :]
    if len(head) + len(tail) > len(printed):
        return False
    return printed[: len(head)] == head and (not tail or printed[-len(tail) :] == tail)


def refreshed(shown: list[str], printed: list[str]) -> list[str]:
    """Return what the page should show now, as long at both ends as it was; a lone `?` asks for everything."""
    if not shown:
        return []
    if shown[0].startswith("?"):
        wanted = int(shown[0][1:] or "0")
        return [*printed[:wanted], "..."] if wanted and wanted < len(printed) else printed
    if "..." not in shown:
        return printed
    cut = shown.index("...")
    after = len(shown) - cut - 1
    return [*printed[:cut], "...", *(printed[-after:] if after else [])]
