"""What every database of passages has in common: rows that never change, and one row that says which of them count.

A passage is a row under a hash of what it says, and a document a row that lists its passages in order. To replace a
document, its new passages are written first, then its own row, in one write that the database makes atomic, and then
what it no longer lists is removed: whoever reads meanwhile, or after the writer was killed, finds the document as it
was or as it is. A passage that only moved is not written again.

Names, matters and labels stand in filters as hashes: there is nothing to escape in them, whatever they hold.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from agentkit.indexed import Entry, Known
from agentkit.legal.lineages import replacing_keys, written_of
from agentkit.legal.search import terms_of

RowKind = Literal["meta", "wall", "pending", "tally", "document", "passage"]
NUMBERS = 1_000_000_000
"""Words are numbered from 1 to this: what the sparse vectors of every database can hold."""
_K1, _B = 1.2, 0.4
_USUAL_WORDS = 120.0
"""A length to compare with that says nothing of the passages somebody else may see."""
_OPENING = 3


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a database.

    Args:
        id: a UUID made from what the row stands for.
        kind: what it is.
        wall: the hash of its document's matter and labels.
        owner: the id of its document's row.
        name: the hash of its document's name.
        words: numbers of words, each with what BM25 gives for it in this passage, without its rarity.
        vector: the embedding, where there is one.
        body: JSON.
        places: of a document, its passages in order, as JSON.
    """

    id: str
    kind: RowKind
    wall: str = ""
    owner: str = ""
    name: str = ""
    words: Mapping[int, float] = field(default_factory=dict[int, float])
    vector: Sequence[float] | None = None
    body: str = ""
    places: str = ""

    def filtered(self) -> dict[str, str]:
        """Return what rows are chosen by."""
        return {"kind": self.kind, "wall": self.wall, "owner": self.owner, "name": self.name}


@dataclass(frozen=True, slots=True)
class Where:
    """Which rows: of a kind and, where it says so, behind these walls, of this document, of a document of this name."""

    kind: RowKind
    walls: Sequence[str] | None = None
    owner: str = ""
    name: str = ""

    def allowed(self) -> dict[str, Sequence[str]]:
        """Return which values each field may have."""
        found: dict[str, Sequence[str]] = {"kind": [self.kind]}
        found |= {"wall": self.walls} if self.walls is not None else {}
        return found | {field: [value] for field, value in (("owner", self.owner), ("name", self.name)) if value}


Hit = tuple[str, str]
"""A row's id and body."""


class Table(Protocol):
    """A database as `stored` uses it. Each method raises `RetrievalError` where it cannot be reached or refuses.

    `place` names it in messages, without any secret.
    """

    place: str

    async def meta(self, key: str, /) -> str | None:
        """Return the body of the row of this id; None where the table or the row is not there."""
        ...

    async def create(self, dimensions: int, /) -> None:
        """Make the table where it is missing, for embeddings of this size; 0 is for none."""
        ...

    async def get(self, ids: Sequence[str], /) -> Mapping[str, tuple[str, str]]:
        """Return body and places of the rows there are, by id."""
        ...

    async def rows(self, where: Where, /, *, limit: int | None) -> list[Hit]:
        """Return rows, in any order; None is for all."""
        ...

    async def put(self, rows: Sequence[Row], /) -> None:
        """Write rows, each in place of what was there under its id, in one step for each."""
        ...

    async def drop(self, ids: Sequence[str], /) -> None:
        """Remove rows; those that are not there are none."""
        ...

    async def words(self, words: Mapping[int, float], where: Where, /, *, limit: int) -> list[Hit]:
        """Return rows by the sum over shared words of weight times value, the largest first; none without any."""
        ...

    async def near(self, vector: Sequence[float], where: Where, /, *, limit: int) -> list[Hit]:
        """Return rows by the cosine of their vectors, the largest first."""
        ...

    async def settle(self) -> None:
        """Tidy up after a run of writes, where the database wants that."""
        ...

    async def aclose(self) -> None:
        """Release files and connections."""
        ...


def row_id(kind: str, *parts: str) -> str:
    """Return the id of a row: the same for the same content, in every database."""
    text = "\0".join([kind, *(part.replace("\\", "\\\\").replace("\0", "\\0") for part in parts)])
    return str(uuid.UUID(bytes=_hash(text, 16)))


def token(text: str) -> str:
    """Return what stands for a name in filters: 32 hexadecimal digits."""
    return _hash(text, 16).hex()


def wall_of(matter: str, labels: Iterable[str]) -> str:
    """Return what stands for a matter and its labels."""
    return token(json.dumps([matter, sorted(labels)]))


def _hash(text: str, size: int) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).digest()


def number_of(word: str) -> int:
    """Return a word's number, from 1 to `NUMBERS`."""
    return int.from_bytes(_hash(word, 8), "little") % NUMBERS + 1


def numbered(words: Mapping[str, float]) -> dict[int, float]:
    """Return the numbers of words with what each is worth."""
    return {number_of(word): worth for word, worth in words.items() if worth > 0}


def weighed(terms: Mapping[str, int]) -> dict[int, float]:
    """Return what BM25 gives for each word of a text, without its rarity."""
    length = sum(often for word, often in terms.items() if not word.startswith("§"))
    share = _K1 * (1 - _B + _B * length / _USUAL_WORDS)
    return numbered({word: round(often * (_K1 + 1) / (often + share), 4) for word, often in terms.items()})


def encoded(data: object) -> str:
    """Return JSON that any database takes: no zero byte, and no half of a character."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return json.dumps(data, separators=(",", ":")) if any("\ud800" <= one <= "\udfff" for one in text) else text


def passage_rows(
    entries: Sequence[Entry], document: Known, vectors: Iterable[Sequence[float] | None] | None = None
) -> list[Row]:
    """Return the rows of a document's passages: the same for the same words behind the same wall.

    A title that all passages share names the document, and is no word of any of them.
    """
    titled = len({entry.title for entry in entries}) > 1
    given = [None] * len(entries) if vectors is None else vectors
    return [_passage_row(entry, document, vector, titled=titled) for entry, vector in zip(entries, given, strict=True)]


def _passage_row(entry: Entry, document: Known, vector: Sequence[float] | None, *, titled: bool) -> Row:
    wall, owner = wall_of(document.matter, document.labels), row_id("document", document.key)
    made = row_id("passage", owner, wall, document.name, entry.title, entry.kind, entry.text, *(["titled"] * titled))
    terms = terms_of(entry.text, entry.title if titled else "")
    data = {"owner": owner, "title": entry.title, "kind": entry.kind, "text": entry.text}
    body = encoded(data | {"terms": _grouped(terms)})
    return Row(made, "passage", wall, owner, token(document.name), weighed(terms), vector, body)


def _grouped(terms: Mapping[str, int]) -> dict[int, str]:
    """Return stems by how often each stands there; no stem holds a space."""
    found: dict[int, list[str]] = {}
    for stem, often in terms.items():
        found.setdefault(often, []).append(stem)
    return {often: " ".join(stems) for often, stems in found.items()}


def document_row(document: Known, passages: Sequence[Entry], rows: Sequence[str]) -> Row:
    """Return a document's row; `rows` are the ids of its passages' rows, in order."""
    owner = row_id("document", document.key)
    body: dict[str, object] = {"key": document.key, "name": document.name, "sha256": document.sha256}
    body |= {"matter": document.matter, "labels": list(document.labels), "passages": len(passages)}
    body |= {"called": document.called} if document.called else {}
    body["edition"] = edition = written_of(passages)
    places = [
        [row, one.id, one.start, one.end, one.page, one.locator, one.version]
        for row, one in zip(rows, passages, strict=True)
    ]
    titles = dict.fromkeys(one.title for one in passages[:_OPENING])
    opening = " ".join([document.name, *titles, *(one.text for one in passages[:_OPENING])])
    return Row(
        owner,
        "document",
        wall_of(document.matter, document.labels),
        owner,
        token(document.name),
        dict.fromkeys(numbered(dict.fromkeys([*terms_of(opening), *kin(replacing_keys(edition))], 1.0)), 1.0),
        None,
        encoded(body),
        encoded(places),
    )


def kin(keys: Iterable[str]) -> list[str]:
    """Return as words what documents that replace others are found by (see `legal.lineages`)."""
    return [f"kin {key}" for key in keys]


def filler(dimensions: int) -> list[float]:
    """Return a vector of length 1 for a row that has none, where a database wants one of each."""
    return [1.0] + [0.0] * (dimensions - 1)


def in_turns(rankings: Sequence[Sequence[Hit]]) -> dict[str, str]:
    """Return the rows of several rankings by turns, each once."""
    longest = max((len(ranking) for ranking in rankings), default=0)
    return {
        ranking[place][0]: ranking[place][1] for place in range(longest) for ranking in rankings if place < len(ranking)
    }
