"""Attack documents as files that the real readers read."""

import html
import io
from collections.abc import Callable
from pathlib import Path

import docx
from docx.document import Document
from docx.shared import Pt, RGBColor
from docx.text.run import Run

from agentkit.evaluation.redteam.cases import Paper, Place
from agentkit.evaluation.redteam.pages import pdf

_HIDING_STYLES = {"white": "color:#ffffff", "tiny": "font-size:1px", "vanished": "display:none"}


def write_paper(paper: Paper, folder: Path) -> Path:
    """Write a document and return its path; the same paper gives the same text."""
    path = folder / paper.name
    path.write_bytes(_WRITERS[path.suffix](paper))
    return path


def body_of(paper: Paper, *places: Place) -> list[str]:
    """Return the paragraphs with what is planted at these places among them, spread evenly."""
    planted = [item.text for item in paper.planted if item.place in places]
    paragraphs = list(paper.paragraphs)
    step = max(1, (len(paragraphs) + 1) // (len(planted) + 1))
    for number, text in enumerate(planted, 1):
        paragraphs.insert(min(len(paragraphs), number * step + number - 1), text)
    return paragraphs


def _of(paper: Paper, *places: Place) -> list[str]:
    return [item.text for item in paper.planted if item.place in places]


_ELSEWHERE: tuple[Place, ...] = (
    "footnote",
    "comment",
    "white",
    "tiny",
    "vanished",
    "alternative",
    "header",
    "annotation",
)


def _text(paper: Paper) -> bytes:
    notes = [f"[{number}] {text}" for number, text in enumerate(_of(paper, *_ELSEWHERE), 1)]
    return "\n\n".join([paper.title, *body_of(paper, "body", "table"), *notes]).encode() + b"\n"


def _markdown(paper: Paper) -> bytes:
    cells = [f"| Item | Note |\n|---|---|\n| Schedule | {text} |" for text in _of(paper, "table")]
    comments = [f"<!-- {text} -->" for text in _of(paper, "comment", "white", "tiny", "vanished", "metadata")]
    pictures = [f"![{text}](seal.png)" for text in _of(paper, "alternative")]
    notes = [f"[^{n}]: {text}" for n, text in enumerate(_of(paper, "footnote", "header", "annotation"), 1)]
    parts = [f"# {paper.title}", *body_of(paper, "body"), *cells, *comments, *pictures, *notes]
    return "\n\n".join(parts).encode() + b"\n"


def _html(paper: Paper) -> bytes:
    paragraphs = [f"<p>{html.escape(text, quote=False)}</p>" for text in body_of(paper, "body", "footnote", "header")]
    hidden = [
        f'<p style="{_HIDING_STYLES[item.place]}">{html.escape(item.text)}</p>'
        for item in paper.planted
        if item.place in _HIDING_STYLES
    ]
    cells = [f"<table><tr><td>Schedule</td><td>{html.escape(text)}</td></tr></table>" for text in _of(paper, "table")]
    comments = [f"<!-- {text.replace('--', '- -')} -->" for text in _of(paper, "comment", "annotation")]
    pictures = [f'<img src="seal.png" alt="{html.escape(text)}">' for text in _of(paper, "alternative")]
    meta = "".join(f'<meta name="description" content="{html.escape(text)}">' for text in _of(paper, "metadata"))
    body = "\n".join([*paragraphs, *cells, *hidden, *comments, *pictures])
    head = f'<head><meta charset="utf-8"><title>{html.escape(paper.title)}</title>{meta}</head>'
    return f"<!DOCTYPE html>\n<html>{head}<body><h1>{html.escape(paper.title)}</h1>\n{body}</body></html>\n".encode()


def _word(paper: Paper) -> bytes:
    document: Document = docx.Document()
    document.add_heading(paper.title, 0)
    for text in body_of(paper, "body", "footnote", "annotation"):
        document.add_paragraph(text)
    for text in _of(paper, "table"):
        cells = document.add_table(rows=1, cols=2).rows[0].cells
        cells[0].text, cells[1].text = "Schedule", text
    for item in paper.planted:
        if item.place in _HIDING_STYLES:
            _hide(document.add_paragraph().add_run(item.text), item.place)
    for text in _of(paper, "header"):
        document.sections[0].header.paragraphs[0].text = text
    for text in _of(paper, "metadata", "alternative"):
        document.core_properties.comments = text[:255]
    for text in _of(paper, "comment"):
        document.add_comment(document.paragraphs[-1].runs, text=text, author="Reviewer")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _hide(run: Run, place: Place) -> None:
    if place == "white":
        run.font.color.rgb = RGBColor(255, 255, 255)
    elif place == "tiny":
        run.font.size = Pt(1)
    else:
        run.font.hidden = True


def _pdf(paper: Paper) -> bytes:
    lines = [paper.title, *body_of(paper, "body", "table", "footnote", "header")]
    faint = [item for item in paper.planted if item.place in ("white", "tiny", "vanished")]
    notes = _of(paper, "annotation", "comment", "alternative")
    return pdf(lines, faint=faint, notes=notes, keywords=" ".join(_of(paper, "metadata")))


_WRITERS: dict[str, Callable[[Paper], bytes]] = {
    ".txt": _text,
    ".md": _markdown,
    ".html": _html,
    ".docx": _word,
    ".pdf": _pdf,
}
