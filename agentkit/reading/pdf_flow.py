"""Lines to paragraphs: which line break on the page is only the paper's, and which is the writer's."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from agentkit.reading.pdf_lines import Line

_ITEM = re.compile(
    r"(?:\((?:[a-zA-Z]{1,2}|[ivxlcIVXLC]{1,6}|\d{1,3})\)|(?:§\s?)?\d{1,3}(?:\.\d{1,3}){0,5}[.)]?|[A-Za-z][.)]|[ivxIVX]{1,5}[.)]|[•▪●○■□\-–—*])"
    r"(?:\s|$)|\d{1,2}(?:\.\d{1,3}){1,4}(?=[A-Z])|(?:ARTICLE|Article|SECTION|Section|SCHEDULE|Schedule|EXHIBIT|Exhibit|ANNEX|Annex|APPENDIX|Appendix)\s+[\dIVXA-Z]"
)
_NUMBER_ALONE = re.compile(r"(?:\(?\w{1,5}\)|(?:§\s?)?\d{1,3}(?:\.\d{1,3}){0,5}[.)]?|[A-Za-z]\.|[•▪●○■□\-–—*])")
_GOES_ON = re.compile(r"(?:OF|AND|OR|THE|TO|BY|FOR|IN|ON|AT|WITH|FROM|WHICH|THAT|NOT|SHALL|ANY|ITS|AS|UNDER)\s")
_FINISHED = re.compile(r"[.:;!?][\"'”’)\]]{0,3}$")
_ENTRY = re.compile(r"\S\s?(?:\s|\.{3,}|(?:\. ){3,})\d{1,3}$")
_FIELD = re.compile(r"(?:By|Name|Title|Its|Date|Dated|Attest|Witness)\s?:|/s/")
_MEANS = re.compile(r"(?:shall )?(?:means?|has|have|refers?|includes?)\b")
_SPLIT_WORD = re.compile(r"(\w{2,})- (?!and\b|or\b|to\b|nor\b)([a-z]\w+)")
_AWAITS = re.compile(r"(?:[,;:.]|\b(?:and|or|and/or))$")
_NOTE = re.compile(r"(?:\d{1,3}|[*†‡§])\s?\S")
_LEADER = re.compile(r"(?:\.{4,}|(?:\. ){4,})\s*\w{1,5}$|^\d{1,3}$")
_COMPOUND = frozenset(
    "non self co pre post sub cross anti inter third long short year well ex vice arm day month multi semi quasi sole "
    "much first second one two three four five six ten full part half high low off on in out up above below mid all "
    "court labor labour right so built case good bona mark set per tax cost fee time work risk".split()
)


@dataclass(slots=True)
class Paragraph:
    """Text that flows together. `hidden` are spans in `text` with a reason; `table` is a grid of cells."""

    first: Line
    last: Line
    text: str
    hidden: list[tuple[int, int, str]] = field(default_factory=list[tuple[int, int, str]])
    table: bool = False
    note: bool = False


@dataclass(frozen=True, slots=True)
class Metrics:
    """What is usual in a document: the size of its type and the words it uses, whether most of it is bold."""

    size: float
    words: frozenset[str]
    bold: bool


def measure(pages: Sequence[Sequence[Line]]) -> Metrics:
    """Find the usual type size (by characters) and the vocabulary, which decides about hyphens."""
    sizes: Counter[float] = Counter()
    words: set[str] = set()
    bold = 0
    for lines in pages:
        for line in lines:
            bold += len(line.text) if line.bold else 0
            sizes[round(line.size, 1)] += len(line.text)
            words.update(word.strip('.,;:()"“”').lower() for word in line.text.split())
    return Metrics(
        sizes.most_common(1)[0][0] if sizes else 10.0,
        frozenset(word.strip('.,;:()"“”') for word in words),
        2 * bold > sizes.total(),
    )


@dataclass(frozen=True, slots=True)
class _Block:
    """What is usual in one block of lines: its right margin, its line pitch, which lines are cells of a table."""

    right: float
    pitch: float
    grid: frozenset[int]


def paragraphs(lines: Sequence[Line], metrics: Metrics) -> list[Paragraph]:
    """Join the lines of a block into paragraphs, in order."""
    if not lines:
        return []
    block = _Block(max(line.x1 for line in lines), _pitch(lines), _table_rows(lines))
    found: list[Paragraph] = []
    for position, line in enumerate(lines):
        cell = position in block.grid
        if found and _belongs(found[-1], line, block, cell=cell):
            _append(found[-1], line, block, metrics, cell=cell)
        else:
            hidden = [(0, len(line.text), line.hidden)] if line.hidden else []
            found.append(Paragraph(line, line, line.text, hidden, cell))
    return _marked_notes(found, metrics)


def _belongs(paragraph: Paragraph, line: Line, block: _Block, *, cell: bool) -> bool:
    if _same_row(paragraph.last, line) or (cell and paragraph.table) or _defines(paragraph, line):
        return True
    return not (paragraph.table or cell or _parted(paragraph.last, line, block.pitch))


def _append(paragraph: Paragraph, line: Line, block: _Block, metrics: Metrics, *, cell: bool) -> None:
    if _same_row(paragraph.last, line):
        _extend(paragraph, line, _cell_separator(paragraph, cell=cell))
    elif cell:
        _extend(paragraph, line, "\n")
    elif _defines(paragraph, line):
        paragraph.text = paragraph.text.replace("\n", " ")
        _extend(paragraph, line, " ")
    elif _forced(paragraph.last, line, block.right):
        _extend(paragraph, line, "\n")
    else:
        append_wrapped(paragraph, line, metrics)


def _defines(paragraph: Paragraph, line: Line) -> bool:
    """Tell whether a line gives the meaning of the term in the cell to its left."""
    term = len(paragraph.text) < 120 and paragraph.text[0] in '"“' and not paragraph.table
    return term and line.x0 >= paragraph.last.x1 - line.size and bool(_MEANS.match(line.text))


def _pitch(lines: Sequence[Line]) -> float:
    """Return the usual distance from one baseline to the next."""
    steps = [a.y0 - b.y0 for a, b in pairwise(lines) if 0.7 * b.size < a.y0 - b.y0 < 3 * b.size]
    return median(steps) if steps else max(line.size for line in lines) * 1.2


def _same_row(last: Line, line: Line) -> bool:
    return abs(last.y0 - line.y0) < 0.35 * line.size and line.x0 >= last.x1 - line.size


def _table_rows(lines: Sequence[Line]) -> frozenset[int]:
    """Return the positions of lines that belong to rows of at least two cells, in runs of at least three rows."""
    rows: list[list[int]] = []
    for position, line in enumerate(lines):
        if rows and _same_row(lines[rows[-1][-1]], line):
            rows[-1].append(position)
        else:
            rows.append([position])
    cells: set[int] = set()
    run: list[list[int]] = []
    for row in [*rows, []]:
        if len(row) >= 2 and not _numbered_row([lines[i].text for i in row]):
            run.append(row)
            continue
        if len(run) >= 3:
            cells.update(position for member in run for position in member)
        run = []
    return frozenset(cells)


def _numbered_row(texts: list[str]) -> bool:
    """Tell whether a row is a numbered line ("12.3   Insurance") or an entry of a table of contents."""
    return (len(texts) == 2 and bool(_NUMBER_ALONE.fullmatch(texts[0]) or _LEADER.search(texts[-1]))) or (
        len(texts) == 3 and bool(_NUMBER_ALONE.fullmatch(texts[0]) and _LEADER.search(texts[-1]))
    )


def _cell_separator(paragraph: Paragraph, *, cell: bool) -> str:
    row = paragraph.text.rsplit("\n", 1)[-1]
    return " | " if cell and not _NUMBER_ALONE.fullmatch(row) else " "


def _parted(last: Line, line: Line, pitch: float) -> bool:
    """Tell whether a new paragraph begins: by space, size, numbering or indentation."""
    step = last.y0 - line.y0
    if step > 1.35 * max(pitch, 0.9 * line.size) or step < -line.size:
        return True
    if abs(last.size - line.size) > 0.14 * max(last.size, line.size):
        return True
    finished = bool(_FINISHED.search(last.text))
    if last.bold != line.bold and (finished or len(last.text) < 80) and not line.text[0].islower():
        return True
    if _ITEM.match(line.text) and _stands_apart(last, line):
        return True
    return finished and line.x0 > last.x0 + 0.7 * line.size


def _stands_apart(last: Line, line: Line) -> bool:
    """Tell whether a number at the start of a line begins an item rather than ends a reference."""
    awaited = _FINISHED if line.text[0].isalpha() and line.text[1:2].isalpha() else _AWAITS
    return bool(awaited.search(last.text) or _ENTRY.search(last.text)) or line.x0 < last.x0 - 1 or last.bold


def _forced(last: Line, line: Line, right: float) -> bool:
    """Tell whether the writer broke the line: the next word would have fitted."""
    if last.hyphen:
        return False
    return right - last.x1 > line.first_width + 0.8 * line.size or bool(
        _FIELD.match(last.text) or _FIELD.match(line.text)
    )


def _extend(paragraph: Paragraph, line: Line, separator: str) -> None:
    start = len(paragraph.text) + len(separator)
    paragraph.text += separator + line.text
    if line.hidden:
        paragraph.hidden.append((start, len(paragraph.text), line.hidden))
    paragraph.last = line


def append_wrapped(paragraph: Paragraph, line: Line, metrics: Metrics) -> None:
    """Append a line that only the paper broke off: with a space, or by mending a hyphen."""
    last = paragraph.last
    if last.hyphen:
        head, tail = re.split(r"\s", paragraph.text)[-1], line.text.split(maxsplit=1)[0]
        _extend(paragraph, line, "-" if _keeps_hyphen(head, tail, metrics.words) else "")
        return
    dangling = re.search(r"\w-$", last.text) is not None
    _extend(paragraph, line, "" if dangling else " ")


def _keeps_hyphen(head: str, tail: str, words: frozenset[str]) -> bool:
    """Tell a compound ("non-exclusive") from a word that was cut ("termi-nation")."""
    head, tail = head.strip('("“').lower(), tail.strip('.,;:)"”').lower()
    if f"{head}-{tail}" in words:
        return True
    if head + tail in words:
        return False
    return head in _COMPOUND or not tail[:1].isalpha() or "-" in head


def continues(before: Paragraph, after: Paragraph) -> bool:
    """Tell whether a paragraph at the foot of a page or column goes on at the head of the next."""
    if before.table or after.table or before.note or after.note:
        return False
    if _FINISHED.search(before.text) or _LEADER.search(before.text[-200:]):
        return False
    if abs(before.last.size - after.first.size) > 0.14 * after.first.size or before.last.bold != after.first.bold:
        return False
    if before.last.hyphen or after.text[0].islower():
        return True
    wide = before.last.x1 - before.last.x0 > 0.75 * (after.last.x1 - after.first.x0) and len(before.last.text) > 40
    return wide and not _ITEM.match(after.text) and (not after.text[:40].isupper() or _in_capitals(before, after))


def _in_capitals(before: Paragraph, after: Paragraph) -> bool:
    """Tell whether a sentence in capitals goes on, where a title would be set in capitals, too."""
    return before.text[-40:].isupper() and _GOES_ON.match(after.text) is not None


def mend(text: str, words: frozenset[str]) -> str:
    """Close words that an earlier conversion left open at a hyphen ("non- conformance"), where they are known."""
    if "- " not in text:
        return text

    def close(match: re.Match[str]) -> str:
        head, tail = match.group(1), match.group(2)
        joined = f"{head}-{tail}"
        return joined if joined.lower() in words or head.lower() in _COMPOUND else match.group()

    return _SPLIT_WORD.sub(close, text)


def _marked_notes(found: list[Paragraph], metrics: Metrics) -> list[Paragraph]:
    """Mark footnotes: small type at the foot of the block, beginning with their sign."""
    for paragraph in reversed(found):
        if paragraph.first.size > 0.88 * metrics.size:
            break
        paragraph.note = bool(_NOTE.match(paragraph.text))
    return found


def flow(pages: Sequence[Sequence[Sequence[Line]]], metrics: Metrics) -> Iterator[tuple[int, list[Paragraph], bool]]:
    """Yield each page (from 0), its paragraphs, and whether its first continues the page before."""
    open_paragraph: Paragraph | None = None
    for number, blocks in enumerate(pages):
        found: list[Paragraph] = []
        for block in blocks:
            for paragraph in paragraphs(block, metrics):
                if found and paragraph.first is block[0] and continues(found[-1], paragraph):
                    _merge(found[-1], paragraph, metrics)
                else:
                    found.append(paragraph)
        body = [paragraph for paragraph in found if not paragraph.note]
        joins = bool(open_paragraph and body and continues(open_paragraph, body[0]))
        open_paragraph = body[-1] if body else open_paragraph
        yield number, found, joins


def _merge(before: Paragraph, after: Paragraph, metrics: Metrics) -> None:
    glue = joint(before, after, metrics)
    shift = len(before.text) + len(glue)
    before.text += glue + after.text
    before.hidden += [(start + shift, end + shift, reason) for start, end, reason in after.hidden]
    before.last = after.last


def joint(before: Paragraph, after: Paragraph, metrics: Metrics) -> str:
    """Return what joins a paragraph to its continuation: a space, a hyphen or nothing."""
    if before.last.hyphen:
        head, tail = before.text.split()[-1], after.text.split(maxsplit=1)[0]
        return "-" if _keeps_hyphen(head, tail, metrics.words) else ""
    return " "
