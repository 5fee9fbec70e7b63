"""A corpus on disk: passages as JSON lines, searched by BM25, within one document or over all.

The folder holds raw text: it is the firm's own store, the one place that redaction does not cover.
"""

import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from agentkit.adapters.memory.retriever import Bm25Index
from agentkit.errors import OutputError, UsageError
from agentkit.types import Document, Passage

_FILE = "passages.jsonl"
_FORMAT = "agentkit.index/1"


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage of the corpus: `document` names its document, `start:end` its span there."""

    id: str
    document: str
    title: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found; `score` is above 0, higher is better."""

    id: str
    score: float
    document: str
    start: int
    end: int


class Corpus:
    """Passages and their BM25 indexes: one over all, one for each document that is asked for."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = list(entries)
        self._indexes: dict[str | None, tuple[list[Entry], Bm25Index]] = {}

    def search(self, query: str, *, top_k: int, document: str | None = None) -> list[Hit]:
        """Return the best passages, best first; `document` restricts to one."""
        entries, index = self._index(document)
        found = [(entries[place], score) for place, score in index.search(query, top_k=top_k)]
        return [Hit(e.id, round(score, 6), e.document, e.start, e.end) for e, score in found]

    def _index(self, document: str | None) -> tuple[list[Entry], Bm25Index]:
        if document not in self._indexes:
            entries = [entry for entry in self.entries if document is None or entry.document == document]
            self._indexes[document] = entries, Bm25Index([f"{entry.title}\n{entry.text}" for entry in entries])
        return self._indexes[document]

    def save(self, folder: Path) -> None:
        """Write the corpus; a reader sees the old one or the new one, never a part.

        Raises:
            OutputError: the folder cannot be written, or holds something else.
        """
        target = folder / _FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if not target.exists() and any(folder.iterdir()):
                raise OutputError(f"{folder} is not empty and holds no index: choose another directory.")
            part = folder / f".{_FILE}.{secrets.token_hex(4)}"
            with part.open("w", encoding="utf-8") as stream:
                stream.write(json.dumps({"format": _FORMAT}) + "\n")
                stream.writelines(json.dumps(asdict(e), ensure_ascii=False) + "\n" for e in self.entries)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(target)
        except OSError as error:
            raise OutputError(f"The index in {folder} cannot be written: {error.strerror}.") from error

    @classmethod
    def load(cls, folder: Path) -> "Corpus":
        """Open a corpus.

        Raises:
            UsageError: there is no index, or it is damaged.
        """
        try:
            lines = (folder / _FILE).read_text(encoding="utf-8").removesuffix("\n").split("\n")
        except (FileNotFoundError, NotADirectoryError) as error:
            raise UsageError(
                f"There is no index in {folder}: make one with agentkit index PATH --index DIR."
            ) from error
        try:
            _check_format(lines[0])
            return cls([Entry(**json.loads(line)) for line in lines[1:]])
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise UsageError(f"The index in {folder} is damaged or of another version: build it again.") from error


def _check_format(line: str) -> None:
    if cast(dict[str, str], json.loads(line))["format"] != _FORMAT:
        raise ValueError(line)


def from_documents(documents: Sequence[Document], passages: Sequence[Passage]) -> Corpus:
    """Make a corpus of documents that were read; a passage's id begins with its document's name."""
    names = {document.index: document.name for document in documents}
    return Corpus(
        [
            Entry(f"{names[p.source]}#{p.id.split('p')[-1]}", names[p.source], p.section, p.start, p.end, p.text)
            for p in passages
            if p.kind != "contents"
        ]
    )


def from_rows(rows: Iterator[Mapping[str, object]]) -> Corpus:
    """Make a corpus of passages that are already cut (`{"id","document","title","text"}`).

    Raises:
        UsageError: a row lacks its id or its text.
    """
    entries: list[Entry] = []
    for number, row in enumerate(rows, start=1):
        if not isinstance(row.get("text"), str) or row.get("id") is None:
            raise UsageError(f'Passage {number} needs an "id" and a "text".')
        text = str(row["text"])
        document, title = str(row.get("document") or ""), str(row.get("title") or "")
        entries.append(Entry(str(row["id"]), document, title, 0, len(text), text))
    return Corpus(entries)
