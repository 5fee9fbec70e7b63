"""A PDF from lines, without a library: Helvetica, one column, and the places where text hides in one."""

import textwrap
from collections.abc import Sequence

from agentkit.evaluation.redteam.cases import Planted

_LINES_A_PAGE = 52
_CHARACTERS_A_LINE = 88


def pdf(paragraphs: Sequence[str], *, faint: Sequence[Planted], notes: Sequence[str], keywords: str) -> bytes:
    """Return a PDF 1.4.

    Args:
        paragraphs: one under the other, wrapped.
        faint: what stands at the foot of the last page in white or in one point.
        notes: annotations of the first page.
        keywords: goes into the document's properties.
    """
    lines: list[str] = []
    for text in paragraphs:
        lines += [*textwrap.wrap(text, _CHARACTERS_A_LINE), ""]
    cut = [lines[first : first + _LINES_A_PAGE] for first in range(0, len(lines), _LINES_A_PAGE)] or [[""]]
    contents = [_page(page, faint if number == len(cut) - 1 else ()) for number, page in enumerate(cut)]
    return _file(contents, notes, keywords)


def _page(lines: Sequence[str], faint: Sequence[Planted]) -> bytes:
    parts = ["BT /F1 11 Tf 14 TL 60 780 Td"]
    parts += [f"({_escaped(line)}) Tj T*" for line in lines]
    for item in faint:
        size, colour = (1, "0 0 0 rg") if item.place == "tiny" else (11, "1 1 1 rg")
        parts.append(f"/F1 {size} Tf {colour}")
        parts += [f"({_escaped(line)}) Tj T*" for line in textwrap.wrap(item.text, _CHARACTERS_A_LINE)]
    return "\n".join([*parts, "ET"]).encode("latin-1", "replace")


def _escaped(text: str) -> str:
    plain = text.replace("’", "'").replace("“", '"').replace("”", '"').replace("–", "-")
    return plain.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _file(contents: Sequence[bytes], notes: Sequence[str], keywords: str) -> bytes:
    first_page = 5
    first_note = first_page + 2 * len(contents)
    kids = " ".join(f"{first_page + 2 * number} 0 R" for number in range(len(contents)))
    listed = " ".join(f"{first_note + number} 0 R" for number in range(len(notes)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(contents)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        f"<< /Keywords ({_escaped(keywords)}) >>".encode("latin-1", "replace"),
    ]
    for number, stream in enumerate(contents):
        marks = f" /Annots [{listed}]" if notes and number == 0 else ""
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>"
            f" /Contents {first_page + 2 * number + 1} 0 R{marks} >>".encode()
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream")
    objects += [
        f"<< /Type /Annot /Subtype /Text /Rect [10 10 30 30] /Contents ({_escaped(note)}) >>".encode(
            "latin-1", "replace"
        )
        for note in notes
    ]
    return _assembled(objects)


def _assembled(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    offsets: list[int] = []
    for number, item in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + item + b"\nendobj\n"
    start = len(out)
    rows = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    out += f"xref\n0 {size}\n0000000000 65535 f \n{rows}".encode()
    out += f"trailer\n<< /Size {size} /Root 1 0 R /Info 4 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)
