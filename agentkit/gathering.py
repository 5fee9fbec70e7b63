"""A question to an index: the passages it finds, and the documents they stand in, as a run reads them."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from agentkit.adapters.memory.corpus import opened
from agentkit.adapters.memory.engine import Found
from agentkit.adapters.memory.keys import keys_of
from agentkit.config import Config
from agentkit.errors import DocumentError, RetrievalError
from agentkit.indexed import Entry, Principal, version_of
from agentkit.legal.lineages import Lineages
from agentkit.opening import configured_store, is_address, make_embedding
from agentkit.reading import read_document
from agentkit.reading.stored import remade
from agentkit.searching import StoreSearch
from agentkit.state import Sought
from agentkit.storing import TableStore
from agentkit.text.crowding import informative
from agentkit.text.splitting import split_document
from agentkit.types import Document, Passage

MOST_DOCUMENTS = 8
MOST_CHARS = 2_000_000
"""So many characters of documents are read; the best one is read whatever its length."""
_HITS = 60
_SHARE = 0.5
_RESTATED = 3
"""So many passages of a restated document answer in place of those it replaced."""
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

    async def search(self, question: str, document: str | None = None) -> list[Found]: ...
    async def named(self, name: str) -> list[Entry]: ...
    async def editions(self, names: Sequence[str]) -> dict[str, str]: ...
    async def origins(self, names: Sequence[str]) -> tuple[Mapping[str, str], str]:
        """Return the keys of documents by their names, and the version of the index."""
        ...


class _Folder:
    """The embedded index."""

    def __init__(self, sought: Sought, principal: Principal | None) -> None:
        self._folder = Path(sought.url)
        self._at = sought.at or None
        self._principal = principal
        self._corpus = opened(self._folder, version=self._at)

    async def search(self, question: str, document: str | None = None) -> list[Found]:
        return await asyncio.to_thread(
            self._corpus.search, question, top_k=_HITS, document=document, principal=self._principal
        )

    async def named(self, name: str) -> list[Entry]:
        return self._corpus.named(name, principal=self._principal)

    async def editions(self, names: Sequence[str]) -> dict[str, str]:
        return self._corpus.editions(names, principal=self._principal)

    async def origins(self, names: Sequence[str]) -> tuple[Mapping[str, str], str]:
        keys = await asyncio.to_thread(keys_of, self._folder, set(names), version=self._at)
        return keys, self._corpus.version


class _Store:
    """A store at an address."""

    def __init__(self, store: TableStore, search: StoreSearch) -> None:
        self._store = store
        self._search = search

    async def search(self, question: str, document: str | None = None) -> list[Found]:
        return await self._search.search(question, top_k=_HITS, document=document)

    async def named(self, name: str) -> list[Entry]:
        return await self._search.named(name)

    async def editions(self, names: Sequence[str]) -> dict[str, str]:
        return await self._search.editions(names)

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
    who may see nothing gets what an empty index has. At most eight documents are read, and eight more that replace
    something of them and that the words of the question did not find.

    Raises:
        UsageError: there is no index, or it does not keep the version.
        RetrievalError: the store cannot be reached.
        EgressDeniedError: its host may not be contacted.
    """
    async with _opened(sought, config) as index:
        hits = _near(_telling(question, await index.search(question)))
        names = list(dict.fromkeys(hit.entry.document for hit in hits))
        chosen = _within([await index.named(name) for name in names[:MOST_DOCUMENTS]])
        later = await _later(index, question, hits, chosen)
        keys, version = await index.origins([*names, *(held[0].document for held in later.documents)])
    read = await asyncio.to_thread(
        lambda: [_read(entries, number, keys, config) for number, entries in enumerate([*chosen, *later.documents])]
    )
    documents = [_told(document, later.left.get(document.name, ())) for document, _ in read]
    passages = [passage for _, cut in read for passage in cut]
    places = {document.name: document.index for document in documents}
    found = _found(later.words, places, passages)
    return Gathered(documents, passages, found, version if names else "")


def shown_url(url: str) -> str:
    """Return where an index is, without user, password and parameters that may be secret."""
    if not is_address(url) or url.startswith("os.environ/"):
        return url
    parts = urlsplit(url)
    kept = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name in _TOLD])
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=kept))


def _telling(question: str, hits: Sequence[Found]) -> Sequence[Found]:
    """Return the hits that say more than the question back, if there are any: the others would be the best ones."""
    return informative(question, hits, lambda hit: hit.entry.text) or hits


def _near(hits: Sequence[Found]) -> list[Found]:
    """Return the hits that are at least half as good as the best: an answer from another contract is none."""
    return [hit for hit in hits if hit.ranked.score >= _SHARE * hits[0].ranked.score]


def _within(held: Sequence[Sequence[Entry]], *, left: int | None = None) -> list[Sequence[Entry]]:
    """Return documents, best first, as far as their lengths together allow; where `left` says nothing, one at least."""
    chosen: list[Sequence[Entry]] = []
    room = MOST_CHARS if left is None else left
    for entries in held:
        size = _size([entries])
        if entries and (size <= room or (left is None and not chosen)):
            chosen.append(entries)
            room -= size
    return chosen


def _size(held: Sequence[Sequence[Entry]]) -> int:
    return sum(len(entry.text) for entries in held for entry in entries)


@dataclass(frozen=True, slots=True)
class _Words:
    """Words of a document that a question is about."""

    document: str
    start: int
    end: int
    text: str = ""

    @classmethod
    def of(cls, entry: Entry) -> "_Words":
        return cls(entry.document, entry.start, entry.end, entry.text)


@dataclass(slots=True)
class _Later:
    """What replaces documents that were found, and words to read; `left` are those left out, by what they replace."""

    documents: list[Sequence[Entry]] = field(default_factory=list[Sequence[Entry]])
    words: list[_Words] = field(default_factory=list[_Words])
    left: dict[str, list[str]] = field(default_factory=dict[str, list[str]])


async def _later(index: _Index, question: str, hits: Sequence[Found], chosen: Sequence[Sequence[Entry]]) -> _Later:
    """Return what the index holds that replaces documents that are read; what replaces a hit comes first."""
    there = [held[0].document for held in chosen]
    lineages, found = Lineages(await index.editions(there) if there else {}), _Later()
    replacing: dict[str, None] = {}
    for hit in hits:
        found.words.append(_Words.of(hit.entry))
        for one in lineages.replaced(hit.entry):
            found.words += [_Words(one.document, at, at + 1) for at in lineages.places(one) if one.relation == "amends"]
            if one.relation == "restates" and one.document not in replacing:
                same = _near(await index.search(question, one.document))
                found.words += [_Words.of(hit.entry) for hit in same[:_RESTATED]]
            replacing[one.document] = None
    every = [(name, one.document) for name in there for one in lineages.successors(name)]
    wanted = dict.fromkeys([*replacing, *(later for _, later in every)])
    held = [await index.named(name) for name in list(wanted)[: 2 * MOST_DOCUMENTS] if name not in there]
    found.documents = _within(held, left=MOST_CHARS - _size(chosen))[:MOST_DOCUMENTS]
    read = {*there, *(entries[0].document for entries in found.documents)}
    for name, later in every:
        if later not in read and later not in found.left.setdefault(name, []):
            found.left[name].append(later)
    return found


def _told(document: Document, left: Sequence[str]) -> Document:
    """Say what replaces something of a document and was not read."""
    told = [f"It is changed by {name}, which was not read here." for name in left]
    return replace(document, warnings=[*document.warnings, *told])


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


def _found(sought: Sequence[_Words], places: Mapping[str, int], passages: Sequence[Passage]) -> list[str]:
    """Return the ids of the passages that hold what was found, best first, each once."""
    by_source: dict[int, list[Passage]] = {}
    for passage in passages:
        by_source.setdefault(passage.source, []).append(passage)
    found: dict[str, None] = {}
    for words in sought:
        for passage in by_source.get(places.get(words.document, -1), []):
            if (passage.start < words.end and words.start < passage.end) or passage.text == words.text:
                found[passage.id] = None
    return list(found)
