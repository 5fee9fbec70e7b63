"""A corpus: passages of documents, searched within one document or over all, in memory or on disk."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from agentkit.adapters.memory.engine import Engine, Found, Part, whole
from agentkit.adapters.memory.segment import build
from agentkit.adapters.memory.store import Manifest, open_parts, writing
from agentkit.errors import UsageError
from agentkit.indexed import Entry, Known
from agentkit.types import Document, Passage


class Corpus:
    """Passages and the index of their words.

    Args:
        entries: the passages; those of one document are brought together, in their order.
        parts: segments that are indexed already, in place of `entries`.
    """

    def __init__(self, entries: Sequence[Entry] = (), *, parts: Sequence[Part] | None = None) -> None:
        self._parts = [whole(build(list(by_document(entries).items())))] if parts is None else list(parts)
        self._engine = Engine(self._parts)

    @property
    def entries(self) -> list[Entry]:
        """Every passage, document by document."""
        return [
            part.segment.entry(row, place)
            for part in self._parts
            for place in np.flatnonzero(~part.gone).tolist()
            for row in range(int(part.segment.firsts[place]), int(part.segment.firsts[place + 1]))
        ]

    def search(self, query: str, *, top_k: int, document: str | None = None) -> list[Found]:
        """Return the best passages, best first; `document` restricts to one. Scores are above 0."""
        return self._engine.search(query, top_k=top_k, document=document)

    def document_of(self, found: Found) -> list[Entry]:
        """Return every passage of the document that a found one stands in."""
        return self._engine.beside(found.ranked.candidate.row)

    def counts(self) -> dict[str, int]:
        """Return how many passages and documents there are."""
        sizes = [(np.diff(part.segment.firsts)[~part.gone].sum(), (~part.gone).sum()) for part in self._parts]
        return {"passages": int(sum(size for size, _ in sizes)), "documents": int(sum(many for _, many in sizes))}

    def save(self, folder: Path) -> None:
        """Write the corpus in place of the index that is there; a reader sees the old one or the new one.

        Raises:
            OutputError: the folder cannot be written, or holds something else.
        """
        grouped = by_document(self.entries)
        with writing(folder) as writer:
            writer.manifest = Manifest()
            writer.known = {}
            documents = [Known(name, name, digest(entries)) for name, entries in grouped.items()]
            writer.add(build(list(grouped.items())), documents)
            writer.commit()

    @classmethod
    def load(cls, folder: Path) -> "Corpus":
        """Open a corpus: its files are mapped, not read.

        Raises:
            UsageError: there is no index, or it is damaged.
        """
        return cls(parts=open_parts(folder))


def by_document(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Group passages by their document, in the order in which documents first appear."""
    grouped: dict[str, list[Entry]] = {}
    for entry in entries:
        grouped.setdefault(entry.document, []).append(entry)
    return grouped


def digest(entries: Sequence[Entry]) -> str:
    """Return the hash of the passages of a document."""
    rows = [[entry.id, entry.title, entry.start, entry.end, entry.text] for entry in entries]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def from_documents(documents: Sequence[Document], passages: Sequence[Passage]) -> Corpus:
    """Make a corpus of documents that were read; a passage's id begins with its document's name."""
    sources = {document.index: document for document in documents}
    held = [(p, sources[p.source]) for p in passages]
    return Corpus([entry for p, document in held for entry in as_entries([p], document.name, version=document.sha256)])


def as_entries(passages: Iterable[Passage], name: str, *, version: str) -> list[Entry]:
    """Return the passages of a document that are worth finding, under its name in the index."""
    return [
        Entry(
            id=f"{name}#{p.id.split('p')[-1]}",
            document=name,
            title=p.section,
            start=p.start,
            end=p.end,
            text=p.text,
            page=p.page,
            locator=p.locator,
            kind=p.kind,
            version=version,
        )
        for p in passages
        if p.kind != "contents"
    ]


def from_rows(rows: Iterable[Mapping[str, object]]) -> list[Entry]:
    """Return passages that are already cut (`{"id","document","title","text"}`).

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
    return entries
