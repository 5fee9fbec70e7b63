"""Word documents."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (lxml comes without types.)

from dataclasses import dataclass, field

from agentkit.reading.docx_extras import note_extras
from agentkit.reading.docx_numbering import Numbering, read_numbering
from agentkit.reading.docx_package import Element, Package, W, is_on, value
from agentkit.reading.docx_runs import Paragraph, Style, blocks, mark_deleted, read_paragraph, read_styles
from agentkit.reading.draft import Draft, Heading
from agentkit.types import HiddenText

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_LONG_CELL = 600
_MAX_NESTING = 20


@dataclass(slots=True)
class _Reader:
    """One document being read."""

    draft: Draft
    styles: dict[str, Style]
    numbering: Numbering
    notes: dict[tuple[str, str], Element]
    pending: Paragraph | None = None
    pending_number: str = ""
    numbered_notes: int = 0
    waiting: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def read(data: bytes, *, name: str) -> Draft:
    """Read a DOCX: paragraphs with their automatic numbers, tables row by row, notes after the paragraph.

    Tracked changes are accepted; comments, headers and footers stay out.

    Raises:
        DocumentError: it is damaged, or built to exhaust or to reach outside.
    """
    package = Package(data, name=name)
    root = package.xml(package.main)
    draft = Draft(MEDIA_TYPE)
    reader = _Reader(
        draft,
        read_styles(package.xml(package.beside("styles.xml"))),
        read_numbering(package.xml(package.beside("numbering.xml"))),
        _notes(package),
    )
    body = None if root is None else root.find(W + "body")
    if body is not None:
        _read_blocks(reader, body, 0)
    note_extras(package, root, draft)
    return draft


def _notes(package: Package) -> dict[tuple[str, str], Element]:
    found: dict[tuple[str, str], Element] = {}
    for part, tag in (("footnotes", "footnote"), ("endnotes", "endnote")):
        root = package.xml(package.beside(f"{part}.xml"))
        for note in () if root is None else root.iterfind(W + tag):
            if value(note, "type") in ("", "normal"):
                found[(part, value(note, "id"))] = note
    return found


def _read_blocks(reader: _Reader, node: Element, depth: int) -> None:
    for block in blocks(node):
        if block.tag == W + "p":
            _read_paragraph(reader, block, depth)
        elif depth < _MAX_NESTING:
            _flush(reader, depth)
            _read_table(reader, block, depth)
    _flush(reader, depth)


def _read_paragraph(reader: _Reader, node: Element, depth: int) -> None:
    paragraph = read_paragraph(node, reader.styles)
    joined = reader.pending
    if joined is not None:
        shift = len(joined.text)
        joined.text += paragraph.text
        joined.hidden += [(start + shift, end + shift, reason) for start, end, reason in paragraph.hidden]
        joined.notes += paragraph.notes
        joined.boxes += paragraph.boxes
        paragraph = joined
    reader.pending = paragraph
    if not mark_deleted(node):
        # The mark that survives brings its number and style.
        reader.pending_number = _number(reader, node)
        _flush(reader, depth, _outline(reader, node))


def _number(reader: _Reader, node: Element) -> str:
    """Return the paragraph's automatic number."""
    style = reader.styles.get(value(node.find(f"{W}pPr/{W}pStyle")), Style())
    own = node.find(f"{W}pPr/{W}numPr")
    list_id, level = style.list_id, style.list_level
    if own is not None:
        list_id = value(own.find(W + "numId")) or list_id
        printed = value(own.find(W + "ilvl"))
        level = int(printed) if printed.isdigit() else level
    if list_id in ("", "0") or is_on(node.find(f"{W}pPr/{W}rPr/{W}vanish")):
        return ""
    return reader.numbering.next(list_id, level)


def _outline(reader: _Reader, node: Element) -> int | None:
    own = value(node.find(f"{W}pPr/{W}outlineLvl"))
    if own.isdigit():
        return int(own) + 1 if int(own) < 9 else None
    return reader.styles.get(value(node.find(f"{W}pPr/{W}pStyle")), Style()).outline


def _flush(reader: _Reader, depth: int, level: int | None = None) -> None:
    """Write the paragraph that is complete, then its notes and boxes."""
    paragraph, reader.pending = reader.pending, None
    if paragraph is None:
        return
    if paragraph.text.strip():
        start, end = _write(reader.draft, paragraph, reader.pending_number)
        if level is not None and end - start <= 160:
            reader.draft.headings.append(Heading(start, end, min(level, 6)))
    for note in paragraph.notes:
        _write_note(reader, note, depth)
    for box in paragraph.boxes:
        if depth < _MAX_NESTING:
            _read_blocks(reader, box, depth + 1)


def _write(draft: Draft, paragraph: Paragraph, number: str) -> tuple[int, int]:
    draft.separate("\n\n")
    lead = len(paragraph.text) - len(paragraph.text.lstrip())
    prefix = f"{number} " if number else ""
    text = paragraph.text.strip()
    start, end = draft.add(prefix + text)
    shift = start + len(prefix) - lead
    for left, right, reason in paragraph.hidden:
        draft.hidden.append(HiddenText(max(start, min(left + shift, end)), max(start, min(right + shift, end)), reason))
    return start, end


def _write_note(reader: _Reader, reference: tuple[str, str], depth: int) -> None:
    note = reader.notes.pop(reference, None)
    if note is None or depth >= _MAX_NESTING:
        return
    reader.numbered_notes += 1
    texts = [read_paragraph(node, reader.styles) for node in blocks(note) if node.tag == W + "p"]
    joined = Paragraph()
    for part in texts:
        shift = len(joined.text) + (1 if joined.text else 0)
        joined.text = f"{joined.text} {part.text}" if joined.text else part.text
        joined.hidden += [(start + shift, end + shift, reason) for start, end, reason in part.hidden]
    if joined.text.strip():
        reader.draft.footnotes.append(_write(reader.draft, joined, f"[{reader.numbered_notes}]"))


def _read_table(reader: _Reader, table: Element, depth: int) -> None:
    """Write a table row by row, or, where it only lays out running text, cell by cell."""
    rows = [row for row in table.iterfind(W + "tr") if row.find(f"{W}trPr/{W}del") is None]
    cells = [[cell for cell in row.iter(W + "tc") if _owner(cell, W + "tr") is row] for row in rows]
    if any(_is_running_text(cell) for row in cells for cell in row):
        for row in cells:
            for cell in row:
                _read_blocks(reader, cell, depth + 1)
        return
    draft = reader.draft
    began: int | None = None
    for row in cells:
        texts = [_cell(reader, cell) for cell in row]
        if not any(part.text for part in texts):
            continue
        draft.separate("\n\n" if began is None else "\n")
        began = draft.length if began is None else began
        _write_row(draft, texts)
    if began is not None:
        draft.tables.append((began, draft.length))
    noted, reader.waiting = reader.waiting, []
    for note in noted:
        _write_note(reader, note, depth)


def _owner(node: Element, tag: str) -> Element | None:
    return next(iter(node.iterancestors(tag)), None)


def _is_running_text(cell: Element) -> bool:
    length = sum(len(node.text or "") for node in cell.iter(W + "t"))
    return length > _LONG_CELL or cell.find(W + "tbl") is not None


def _cell(reader: _Reader, cell: Element) -> Paragraph:
    """Return a cell as one line."""
    joined = Paragraph()
    for node in blocks(cell):
        if node.tag != W + "p":
            continue
        part = read_paragraph(node, reader.styles)
        number = _number(reader, node)
        text = " ".join(f"{number} {part.text}".split()).replace("|", "/")
        reader.waiting += part.notes
        if text:
            joined.add((" " if joined.text else "") + text, part.hidden[0][2] if part.hidden else "")
    return joined


def _write_row(draft: Draft, cells: list[Paragraph]) -> None:
    for position, cell in enumerate(cells):
        if position:
            draft.add(" | " if cell.text else " |")
        start, _ = draft.add(cell.text)
        draft.hidden += [HiddenText(start + left, start + right, reason) for left, right, reason in cell.hidden]
