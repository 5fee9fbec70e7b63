"""A question to an index: the passages it finds, and the documents they stand in, as a run reads them."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from agentkit.adapters.memory.corpus import Corpus
from agentkit.adapters.memory.engine import Found
from agentkit.adapters.memory.keys import keys_of
from agentkit.config import Config
from agentkit.errors import DocumentError, RetrievalError
from agentkit.indexed import Entry, Principal, version_of
from agentkit.opening import configured_store, is_address, make_embedding
from agentkit.reading import read_document
from agentkit.reading.stored import remade
from agentkit.searching import StoreSearch
from agentkit.state import Sought
from agentkit.storing import TableStore
from agentkit.text.splitting import split_document
from agentkit.types import Document, Passage

MOST_DOCUMENTS = 8
MOST_CHARS = 2_000_000
"""So many characters of documents are read; the best one is read whatever its length."""
_HITS = 60
_SHARE = 0.5
_TOLD = ("table", "index", "name")
"""What an address says besides its place that is no secret."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a question reads: documents, their passages, and which of those the index found (ids), best first.

    `version` is the index's, or "" where nothing was found.
    """

    documents: Sequence[Document] = ()
    passages: Sequence[Passage] = ()
    found: Sequence[str] = ()
    version: str = ""


class _Index(Protocol):
    """An index, opened for one who asks."""

    async def search(self, question: str) -> list[Found]: ...
    async def document_of(self, found: Found) -> list[Entry]: ...
    async def origins(self, names: Sequence[str]) -> tuple[Mapping[str, str], str]:
        """Return the keys of documents by their names, and the version of the index."""
        ...


class _Folder:
    """The embedded index."""

    def __init__(self, sought: Sought, principal: Principal | None) -> None:
        self._folder = Path(sought.url)
        self._at = sought.at or None
        self._principal = principal
        self._corpus = Corpus.load(self._folder, version=self._at)

    async def search(self, question: str) -> list[Found]:
        return await asyncio.to_thread(self._corpus.search, question, top_k=_HITS, principal=self._principal)

    async def document_of(self, found: Found) -> list[Entry]:
        return self._corpus.document_of(found)

    async def origins(self, names: Sequence[str]) -> tuple[Mapping[str, str], str]:
        keys = await asyncio.to_thread(keys_of, self._folder, set(names), version=self._at)
        return keys, self._corpus.version


class _Store:
    """A store at an address."""

    def __init__(self, store: TableStore, search: StoreSearch) -> None:
        self._store = store
        self._search = search

    async def search(self, question: str) -> list[Found]:
        return await self._search.search(question, top_k=_HITS)

    async def document_of(self, found: Found) -> list[Entry]:
        return await self._search.document_of(found)

    async def origins(self, names: Sequence[str]) -> tuple[Mapping[str, str], str]:
        known, wanted = await self._store.known(), set(names)
        return {one.name: key for key, one in known.items() if one.name in wanted}, version_of(known.values())


@asynccontextmanager
async def _opened(sought: Sought, config: Config) -> AsyncGenerator[_Index]:
    principal = sought.principal()
    if not is_address(sought.url):
        yield await asyncio.to_thread(_Folder, sought, principal)
        return
    if sought.at:
        raise RetrievalError("A store keeps no earlier versions: leave out the version.")
    embedding = make_embedding(config)
    store = configured_store(config, url=sought.url, embedding=embedding)
    async with contextlib.aclosing(store):
        yield _Store(store, StoreSearch(store, embedding=embedding, principal=principal))


async def gather(question: str, sought: Sought, config: Config) -> Gathered:
    """Search an index, and read the documents in which the best passages stand.

    A document whose file holds what was indexed is read from it, as any; another is made again from its passages. One
    who may see nothing gets what an empty index has. At most eight documents are read.

    Raises:
        UsageError: there is no index, or it does not keep the version.
        RetrievalError: the store cannot be reached.
        EgressDeniedError: its host may not be contacted.
    """
    async with _opened(sought, config) as index:
        hits = _near(await index.search(question))
        best: dict[str, Found] = {}
        for hit in hits:
            best.setdefault(hit.entry.document, hit)
        held = [await index.document_of(hit) for hit in list(best.values())[:MOST_DOCUMENTS]]
        keys, version = await index.origins(list(best)) if best else (dict[str, str](), "")
    chosen = _within(held)
    read = await asyncio.to_thread(
        lambda: [_read(entries, number, keys, config) for number, entries in enumerate(chosen)]
    )
    documents = [document for document, _ in read]
    passages = [passage for _, cut in read for passage in cut]
    places = {entries[0].document: number for number, entries in enumerate(chosen)}
    return Gathered(documents, passages, _found(hits, places, passages), version)


def shown_url(url: str) -> str:
    """Return where an index is, without user, password and parameters that may be secret."""
    if not is_address(url) or url.startswith("os.environ/"):
        return url
    parts = urlsplit(url)
    kept = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name in _TOLD])
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=kept))


def _near(hits: Sequence[Found]) -> list[Found]:
    """Return the hits that are at least half as good as the best: an answer from another contract is none."""
    return [hit for hit in hits if hit.ranked.score >= _SHARE * hits[0].ranked.score]


def _within(held: Sequence[Sequence[Entry]]) -> list[Sequence[Entry]]:
    """Return documents, best first, as far as their lengths together allow."""
    chosen: list[Sequence[Entry]] = []
    left = MOST_CHARS
    for entries in held:
        size = sum(len(entry.text) for entry in entries)
        if entries and (size <= left or not chosen):
            chosen.append(entries)
            left -= size
    return chosen


def _read(
    entries: Sequence[Entry], number: int, keys: Mapping[str, str], config: Config
) -> tuple[Document, list[Passage]]:
    first = entries[0]
    path = Path(keys.get(first.document, ""))
    document = _unchanged(path, first.version, number)
    if document is None:
        return remade(entries, index=number)
    labels = list(first.labels)
    cut = split_document(document, max_chars=config.retrieval.max_chars)
    named = replace(document, name=first.document)
    return named, [replace(passage, labels=labels) for passage in cut]


def _unchanged(path: Path, sha256: str, number: int) -> Document | None:
    """Return the document in a file that still holds what was indexed, or None."""
    if not path.is_absolute() or not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                return None
        document = read_document(path, index=number)
    except (OSError, DocumentError):
        return None
    return document if document.sha256 == sha256 else None


def _found(hits: Sequence[Found], places: Mapping[str, int], passages: Sequence[Passage]) -> list[str]:
    """Return the ids of the passages that hold what was found, best first, each once."""
    by_source: dict[int, list[Passage]] = {}
    for passage in passages:
        by_source.setdefault(passage.source, []).append(passage)
    found: dict[str, None] = {}
    for hit in hits:
        entry = hit.entry
        for passage in by_source.get(places.get(entry.document, -1), []):
            if (passage.start < entry.end and entry.start < passage.end) or passage.text == entry.text:
                found[passage.id] = None
    return list(found)
