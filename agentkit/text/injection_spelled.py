"""Words that are spread or squeezed: `i g n o r e  a l l  r u l e s`, `ignoreAllRules`, an order down a column."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agentkit.text.injection_reading import SINGLE, Reading

_RUN = re.compile(r"(?<![^\W_])[^\W\d_](?:[ \t\n.\-_*·]{1,4}[^\W\d_](?![^\W_])){7,2000}+")
_GAP = re.compile(r"[ \t\n.\-_*·]+")
_EIGHT = b"\1" * 8
"""So many words of one letter in a row."""
_VERBS = ("ignore", "disregard", "forget", "override", "bypass")
_DENSE = re.compile(
    rf"(?:{'|'.join(_VERBS)})(?:all|any|every|the|of|your|my|these|those|previous|prior|above|"
    r"earlier|preceding|and|system|safety)*(?:instructions?|rules|prompts?|directions|directives|orders|commands|"
    r"guidelines|everything)"
)


@dataclass(frozen=True, slots=True)
class Spelled:
    """A stretch (`start:end`) that spells out `text`; without gaps between its words, `dense` tells of an order."""

    start: int
    end: int
    text: str
    dense: bool


def spelled(text: str, read: Reading, /) -> Iterator[Spelled]:
    """Yield what is spelled out with at least eight single letters in a row; linear in the length of the text.

    `read` is the text in small letters, as it is read.
    """
    if not _has_letters_apart(read):
        return
    for match in _RUN.finditer(text):
        run = match.group()
        usual = run[1] if all(len(gap) == 1 for gap in _GAP.findall(run)) else ""
        said = _GAP.sub(lambda gap, usual=usual: _join(gap.group(), usual), run)
        dense = _DENSE.search(re.sub(r"\s", "", said).lower()) is not None
        yield Spelled(match.start(), match.end(), said, dense)


def _has_letters_apart(read: Reading) -> bool:
    """Whether eight letters may stand apart somewhere: most pages are told so without a search."""
    return "_" in read.text or _EIGHT in read.of(SINGLE).tobytes()


def _join(gap: str, usual: str) -> str:
    """Return the gap between two letters as a gap between words, or nothing between the letters of one word."""
    return "" if len(gap) == 1 and (not usual or gap == usual) else " "


_ONE_WORD = re.compile(r"[A-Za-z]{16,120}")
_JOINT = re.compile(r"(?<=[A-Za-z])[\u200b-\u200f\u2060-\u2064\ufeff]+(?=[A-Za-z])")
_FEWEST_JOINTS = 2
_MAX_ROWS, _MIN_ROWS = 60, 2


def run_together(text: str, /) -> Iterator[tuple[int, int]]:
    """Yield where an order to drop instructions is written as one word; linear in the length of the text."""
    lower = text.lower()
    if not any(verb in lower for verb in _VERBS):
        return
    for match in _ONE_WORD.finditer(text):
        if _DENSE.search(match.group().lower()):
            yield match.span()


def unseen_joints(text: str, /) -> str | None:
    """Return a text with a space for each unseen character between two words, or None where few words are so joined.

    Whoever splits words there reads what a reader of the folded text, without them, does not.
    """
    if text.isascii() or len(_JOINT.findall(text)) < _FEWEST_JOINTS:
        return None
    return _JOINT.sub(lambda joint: " " * len(joint.group()), text)


def columns(text: str, /) -> Iterator[tuple[int, int, str]]:
    """Yield each column of each table (rows of cells between bars) as one line, with the table's place."""
    if "|" not in text:
        return
    rows: list[list[str]] = []
    start = position = 0
    for line in [*text.split("\n"), ""]:
        if "|" in line and len(rows) < _MAX_ROWS:
            start = start if rows else position
            rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
        else:
            yield from _turned(rows, start, min(position, len(text)))
            rows = []
        position += len(line) + 1


def _turned(rows: list[list[str]], start: int, end: int) -> Iterator[tuple[int, int, str]]:
    if len(rows) >= _MIN_ROWS:
        for number in range(min(max(map(len, rows)), 20)):
            cells = [row[number] for row in rows if number < len(row) and row[number]]
            yield start, end, " ".join(cells)
