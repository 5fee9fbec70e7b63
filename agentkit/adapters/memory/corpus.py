"""A corpus: passages of documents, searched within one document or over all, in memory or on disk."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from threading import Lock

from agentkit.adapters.memory.engine import Engine, Found, Part, whole
from agentkit.adapters.memory.manifest import Manifest, told_of
from agentkit.adapters.memory.segment import build
from agentkit.adapters.memory.store import open_parts
from agentkit.errors import UsageError
from agentkit.indexed import Counts, Entry, Principal
from agentkit.types import Document, Passage


class Corpus:
    """Passages and the index of their words.

    Args:
        entries: the passages; those of one document are brought together, in their order.
        parts: segments that are indexed already, in place of `entries`.
        version: the version of the index they are from.
    """

    def __init__(
        self, entries: Sequence[Entry] = (), *, parts: Sequence[Part] | None = None, version: str = ""
    ) -> None:
        made = [whole(build(list(by_document(entries).items())))] if parts is None else list(parts)
        self._engine = Engine(made)
        self.version = version

    def entries(self, *, principal: Principal | None = None) -> list[Entry]:
        """Return every passage that a principal may see, document by document."""
        return self._engine.entries(principal)

    def search(
        self,
        query: str,
        *,
        top_k: int,
        document: str | None = None,
        principal: Principal | None = None,
        counts: Counts | None = None,
    ) -> list[Found]:
        """Return the best passages that a principal may see, best first; `document` restricts to one.

        Scores are above 0. Without a principal nothing is found where any document has a matter or a label. Where the
        passages were chosen from more, `counts` says how common words are in all that the principal may see.
        """
        return self._engine.search(query, top_k=top_k, document=document, principal=principal, counts=counts)

    def document_of(self, found: Found) -> list[Entry]:
        """Return every passage of the document that a found one stands in."""
        return self._engine.beside(found)

    def named(self, name: str, *, principal: Principal | None = None) -> list[Entry]:
        """Return every passage of the document of a name; none where the principal may not see it."""
        return self._engine.named(name, principal)

    def editions(self, names: Sequence[str], *, principal: Principal | None = None) -> dict[str, str]:
        """Return what documents say they are, by name: some, and those in the index that may replace one of them."""
        return self._engine.editions(names, principal)

    def counts(self, *, principal: Principal | None = None) -> dict[str, int]:
        """Return how many passages and documents a principal may see."""
        passages, documents = self._engine.counts(principal)
        return {"passages": passages, "documents": documents}

    @classmethod
    def load(cls, folder: Path, *, version: str | None = None) -> "Corpus":
        """Open a corpus, or an earlier version of it: its files are mapped, not read.

        Raises:
            UsageError: there is no index, or it is damaged, or it does not keep that version.
        """
        manifest, parts = open_parts(folder, version=version)
        return cls(parts=parts, version=manifest.version)


_KEPT = 4
"""So many corpora stay open."""
_open = dict[tuple[Path, str | None], tuple[Manifest, Corpus]]()
_turn = Lock()


def opened(folder: Path, *, version: str | None = None) -> Corpus:
    """As `Corpus.load`, and the same again for the next who asks, as long as the folder holds what it held.

    What was made ready for a search, a view for each kind of principal above all, is there for the next one.
    """
    manifest, key = told_of(folder, version=version), (folder.absolute(), version)
    with _turn:
        if (held := _open.pop(key, None)) is None or held[0] != manifest:
            manifest, parts = open_parts(folder, version=version)
            held = manifest, Corpus(parts=parts, version=manifest.version)
        _open[key] = held
        for least in list(_open)[:-_KEPT]:
            del _open[least]
    return held[1]


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
