"""The door: one file to one document."""

import hashlib
import re
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from agentkit.errors import DocumentError
from agentkit.reading.draft import Draft
from agentkit.reading.files import load, shown_name
from agentkit.reading.plain import read_plain
from agentkit.reading.sniff import kind_of
from agentkit.reading.titles import find_title
from agentkit.text.structure import find_sections
from agentkit.types import Document

# Two words, near each other; or six letters of a script that parts no words. Possessive, so that it is linear.
_SENTENCE = re.compile(r"\b[^\W\d_]{2,}+[^\w\n]++(?:[^\W_]++[^\w\n]++)?[^\W\d_]{2}|[^\W\d_a-zA-Z]{6}")


def read_document(path: str | Path, *, index: int, password: str | None = None, ocr: bool = False) -> Document:
    """Read one document. A parser is loaded only when its format is met.

    Args:
        path: a regular file; its name's ending matters less than its content.
        index: the document's place in the run, from 0.
        password: opens an encrypted PDF.
        ocr: read pages without a text layer with Tesseract (extra `ocr`).
    Raises:
        PasswordError: it is encrypted, and the password is missing or wrong.
        DocumentError: it cannot be read, or holds no sentence.
    """
    path = Path(path)
    name = shown_name(path)
    data = load(path)
    warnings: list[str] = []
    kind = kind_of(data, name=name, suffix=path.suffix, warnings=warnings)
    digest = hashlib.sha256(data).hexdigest()
    draft = _read(kind, data, name=name, password=password, ocr=ocr)
    del data  # a large file need not be held twice from here on
    text = draft.text()
    warnings += draft.warnings
    if not _SENTENCE.search(text):
        reason = f"{warnings[-1][0].lower()}{warnings[-1][1:]}" if warnings else "it has no two words in a row."
        raise DocumentError(f"{name} holds no readable sentence: {reason}", name=name)
    sections = find_sections(text, headings=[(item.start, item.end, item.level) for item in draft.headings])
    sections = [replace(item, title="") if _is_hidden(item.start, draft) else item for item in sections]
    own = next(
        (
            text[item.start : item.end]
            for item in draft.headings
            if item.level == 1 and item.start < 2000 and not _is_hidden(item.start, draft)
        ),
        "",
    )
    return Document(
        index=index,
        name=name,
        media_type=draft.media_type,
        sha256=digest,
        text=text,
        title=find_title(text, sections, own=own, fallback=draft.title or path.stem),
        pages=draft.pages,
        sections=sections,
        tables=draft.tables,
        footnotes=draft.footnotes,
        hidden=draft.hidden,
        warnings=warnings,
    )


def _is_hidden(position: int, draft: Draft) -> bool:
    """Whether a reader of the page does not see what stands at a place: such words are no heading to repeat."""
    return any(item.start <= position < item.end for item in draft.hidden)


def _read(kind: str, data: bytes, *, name: str, password: str | None, ocr: bool) -> Draft:
    if kind == "text":
        return read_plain(data)
    # A parser costs up to 0.3 s to import; most runs meet one format.
    if kind == "pdf":
        return import_module("agentkit.reading.pdf").read_pdf(data, name=name, password=password, ocr=ocr)
    reader = import_module(f"agentkit.reading.{kind}")
    return reader.read(data, name=name)
