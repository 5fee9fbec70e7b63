"""What an index keeps: documents, their passages, and who may see them."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from agentkit.types import PassageKind


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: the matters they work on and the confidentiality labels they hold.

    A query without a principal sees nothing in an index in which any document has a matter or a label.
    """

    name: str = ""
    matters: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()

    def may_see(self, matter: str, labels: Iterable[str]) -> bool:
        """Tell whether a document of a matter ("" is none) that carries labels may be seen: it takes all of them."""
        return (not matter or matter in self.matters) and self.labels.issuperset(labels)


@dataclass(frozen=True, slots=True)
class Known:
    """A document of an index.

    `key` says for good where it came from (a path, a table's row), `name` what it is called in the index and `sha256`
    what was in it; `matter` and `labels` say who may see it. `called` is what it would be called if no other document
    were, or empty where it is.
    """

    key: str
    name: str
    sha256: str
    matter: str = ""
    labels: tuple[str, ...] = ()
    called: str = ""


class Versions:
    """The version of what holds documents, kept up as they come and go: a change costs the same however many there are.

    A document's line is the SHA-256 of `name NUL sha256 NUL matter NUL labels`, the labels sorted and each followed by
    NUL. Lines are parted by their first twelve bits; the version is the SHA-256 over each part that has any, in order:
    its number in two bytes, and the SHA-256 of its sorted lines. Where a document came from (its key) is not in it: the
    same documents under the same names have the same version on every machine.
    """

    def __init__(self) -> None:
        self._parts: dict[int, list[bytes]] = {}
        self._digests: dict[int, bytes] = {}

    def add(self, document: Known) -> None:
        """Take a document in."""
        line = _line(document)
        insort(self._parts.setdefault(_part(line), []), line)
        self._digests.pop(_part(line), None)

    def discard(self, document: Known) -> None:
        """Leave out a document that was taken in."""
        line = _line(document)
        lines = self._parts[_part(line)]
        del lines[bisect_left(lines, line)]
        self._digests.pop(_part(line), None)
        if not lines:
            del self._parts[_part(line)]

    def version(self) -> str:
        """Return the version of what is there now, in hexadecimal."""
        for number in self._parts.keys() - self._digests.keys():
            self._digests[number] = sha256(b"".join(self._parts[number])).digest()
        parts = [number.to_bytes(2) + self._digests[number] for number in sorted(self._parts)]
        return sha256(b"".join(parts)).hexdigest()


def _line(document: Known) -> bytes:
    text = "\0".join((document.name, document.sha256, document.matter, *sorted(document.labels), ""))
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def _part(line: bytes) -> int:
    return int.from_bytes(line[:2]) >> 4


def version_of(documents: Iterable[Known]) -> str:
    """Return the version of what holds these documents: the same for the same content, in whatever order."""
    versions = Versions()
    for document in documents:
        versions.add(document)
    return versions.version()


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage in an index: `document` names its document, `start:end` its span there, `version` what that held.

    `title` is the trail of headings above it, joined by " > "; `labels` are sorted. `terms` are the stems it is found
    by, each with how often it stands there, where whoever keeps the passage knows them.
    """

    id: str
    document: str
    title: str
    start: int
    end: int
    text: str
    page: int | None = None
    locator: str | None = None
    kind: PassageKind = "body"
    matter: str = ""
    labels: tuple[str, ...] = ()
    version: str = ""
    terms: Mapping[str, int] | None = field(default=None, repr=False, compare=False)


def text_of(entries: Iterable[Entry]) -> str:
    """Return the text that passages were cut from, each at its offsets; what lies between them is white space."""
    made, end = list[str](), 0
    for entry in sorted(entries, key=lambda entry: entry.start):
        if entry.start >= end:
            made += ["\n" * (entry.start - end), entry.text]
            end = entry.end
    return "".join(made)


@dataclass(frozen=True, slots=True)
class Counts:
    """How common words are in what somebody may see: of `passages` with `words` in all, `often` hold each stem."""

    passages: int
    words: int
    often: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class StoreQuery:
    """What is asked of a store.

    Args:
        terms: the stems asked for, with what each is worth in (0, 1]; as passages are indexed under them.
        vector: the query's embedding, where the store has embeddings.
        principal: who asks; None sees nothing in a store that has a matter or a label.
        document: the name of the only document to look in.
        limit: at most so many passages of each kind of search; a document asked for that has no more comes whole.
        reference: the stems that name a document, with what each is worth: documents that begin with most of them come
            first, whole.
    """

    terms: Mapping[str, float]
    vector: Sequence[float] | None = field(default=None, repr=False)
    principal: Principal | None = None
    document: str | None = None
    limit: int = 100
    reference: Mapping[str, float] = field(default_factory=dict[str, float])


class PassageStore(Protocol):
    """Passages in a database of the user's. It proposes; ranking, the same for every store, is ours.

    Every method raises `RetrievalError` where the store cannot be reached or refuses.
    """

    async def known(self) -> Mapping[str, Known]:
        """Return the documents it holds, by key."""
        ...

    async def upsert(
        self, document: Known, passages: Sequence[Entry], /, *, vectors: Sequence[Sequence[float]] | None
    ) -> int:
        """Put a document in place of what was there under its key; a reader sees the old one or the new one.

        Passages that did not change are not written again; returns how many were.

        Raises:
            ConfigError: the vectors are of another size or model than those of the store; says how to go on.
        """
        ...

    async def remove(self, keys: Sequence[str], /) -> int:
        """Remove documents; return how many there were."""
        ...

    async def candidates(self, query: StoreQuery, /) -> list[Entry]:
        """Return passages that share words with the query, or are near its vector, each once, best first.

        Who may see them is decided in the store's own query, before anything is compared.
        """
        ...

    async def aclose(self) -> None:
        """Release files and connections."""
        ...
