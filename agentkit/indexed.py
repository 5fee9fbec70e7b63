"""What an index keeps: documents, their passages, and who may see them."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
    what was in it; `matter` and `labels` say who may see it.
    """

    key: str
    name: str
    sha256: str
    matter: str = ""
    labels: tuple[str, ...] = ()


def version_of(documents: Iterable[Known]) -> str:
    """Return the version of what holds these documents: a SHA-256 that is the same for the same content.

    It is taken over the sorted lines `key NUL name NUL sha256 NUL matter NUL labels`, the labels sorted and each
    followed by NUL.
    """
    lines = sorted("\0".join((one.key, one.name, one.sha256, one.matter, *sorted(one.labels), "")) for one in documents)
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage in an index: `document` names its document, `start:end` its span there, `version` what that held.

    `title` is the trail of headings above it, joined by " > "; `labels` are sorted.
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
