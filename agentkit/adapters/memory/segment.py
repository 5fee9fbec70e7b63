"""A segment of a corpus: passages grouped by document, in memory or mapped from a file, never changed."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np
from numpy.typing import NDArray

from agentkit.adapters.memory.arrays import read_arrays
from agentkit.adapters.memory.postings import Bag, Postings, hashed
from agentkit.adapters.memory.strings import Strings
from agentkit.indexed import Entry
from agentkit.legal.lineages import replacing_keys, written_of
from agentkit.legal.search import terms_of
from agentkit.types import PassageKind

_OPENING_PASSAGES = 3
_WORDS = re.compile(r"[^\W_]+")
_KINDS = cast(tuple[PassageKind, ...], get_args(PassageKind))
_NO_PAGE = 0


@dataclass(frozen=True, slots=True)
class Segment:
    """N passages of D documents.

    `passages` indexes the words of each passage, `openings` those of each document's name, titles and first
    passages. `firsts` is where each document's passages begin, with N at its end; shape (D + 1,). `spans` has
    shape (N, 2), `pages` (N,) with 0 for none, `kinds` (N,) with the place of each in `PassageKind`. `names` are the
    documents' names, `keys` their hashes, `versions` what they held; `titles`, `locators` and `access` are those that
    differ, `titled`, `located` and `accessed` each passage's or document's one of them. `editions` are what documents
    say they are (see `legal.lineages`), and `kin` indexes by it those that replace others.
    """

    passages: Postings
    openings: Postings
    kin: Postings
    firsts: NDArray[np.int64]
    keys: NDArray[np.uint64]
    spans: NDArray[np.uint32]
    pages: NDArray[np.uint32]
    kinds: NDArray[np.uint8]
    titled: NDArray[np.uint32]
    located: NDArray[np.uint32]
    accessed: NDArray[np.uint32]
    ids: Strings
    texts: Strings
    titles: Strings
    locators: Strings
    access: Strings
    versions: Strings
    names: Strings
    editions: Strings

    @property
    def size(self) -> int:
        """How many passages there are."""
        return len(self.ids)

    def entry(self, row: int, place: int) -> Entry:
        """Return a passage of the document in a place, with everything known of it."""
        start, end = (int(offset) for offset in self.spans[row])
        matter, labels = self.access_of(int(self.accessed[place]))
        return Entry(
            id=self.ids[row],
            document=self.names[place],
            title=self.titles[int(self.titled[row])],
            start=start,
            end=end,
            text=self.texts[row],
            page=int(self.pages[row]) or None,
            locator=self.locators[int(self.located[row])] or None,
            kind=_KINDS[int(self.kinds[row])],
            matter=matter,
            labels=labels,
            version=self.versions[place],
        )

    def access_of(self, number: int) -> tuple[str, tuple[str, ...]]:
        """Return the matter and the labels that one of `access` stands for."""
        return _demanded(self.access[number])


@lru_cache(maxsize=1 << 12)
def _demanded(access: str) -> tuple[str, tuple[str, ...]]:
    matter, *labels = cast(list[str], json.loads(access))
    return matter, tuple(labels)


_ARRAYS = ("firsts", "keys", "spans", "pages", "kinds", "titled", "located", "accessed")
_POSTINGS = ("passages", "openings", "kin")
_TEXTS = ("ids", "texts", "titles", "locators", "access", "versions", "names", "editions")


Bags = Mapping[int, Bag]
"""The words of passages of a document, by their places."""


def build(
    documents: Sequence[tuple[str, Sequence[Entry]]], *, kept: Sequence[Bags] = (), identified: bool = False
) -> Segment:
    """Index documents, each with its name and its passages in order.

    Who may see a document is who may see each of its passages; its version is that of the first. `kept` has for each
    document what is known of its words. What documents say they are is read where they are to be `identified`.

    Raises:
        ValueError: passages of one document belong to different matters.
    """
    entries = [entry for _, group in documents for entry in group]
    names = [name for name, _ in documents]
    bags = [_bags(group, kept[place] if kept else {}) for place, (_, group) in enumerate(documents)]
    editions = [written_of(group) if identified else "" for _, group in documents]
    titles, titled = _numbered(entry.title for entry in entries)
    locators, located = _numbered(entry.locator or "" for entry in entries)
    access, accessed = _numbered(_access(group) for _, group in documents)
    return Segment(
        passages=Postings.of(bag for group in bags for bag in group),
        openings=Postings.of(_opening(*row) for row in zip(documents, bags, strict=True)),
        kin=Postings.of(Bag.of(dict.fromkeys(replacing_keys(edition), 1)) for edition in editions),
        firsts=np.cumsum([0, *(len(group) for _, group in documents)], dtype=np.int64),
        keys=np.array([hashed(name) for name in names], np.uint64),
        spans=np.array([(entry.start, entry.end) for entry in entries], np.uint32).reshape(-1, 2),
        pages=np.array([entry.page or _NO_PAGE for entry in entries], np.uint32),
        kinds=np.array([_KINDS.index(entry.kind) for entry in entries], np.uint8),
        titled=titled,
        located=located,
        accessed=accessed,
        ids=Strings.of(entry.id for entry in entries),
        texts=Strings.of(entry.text for entry in entries),
        titles=titles,
        locators=locators,
        access=access,
        versions=Strings.of(group[0].version if group else "" for _, group in documents),
        names=Strings.of(names),
        editions=Strings.of(editions),
    )


def _numbered(texts: Iterable[str]) -> tuple[Strings, NDArray[np.uint32]]:
    """Return the texts that differ, and which of them each is."""
    places: dict[str, int] = {}
    numbers = np.array([places.setdefault(text, len(places)) for text in texts], np.uint32)
    return Strings.of(places), numbers


def _access(group: Sequence[Entry]) -> str:
    matters = {entry.matter for entry in group} or {""}
    if len(matters) > 1:
        raise ValueError(f"{group[0].document} belongs to {len(matters)} matters; a document belongs to one at most")
    return json.dumps([*matters, *sorted({label for entry in group for label in entry.labels})])


def is_titled(group: Sequence[Entry]) -> bool:
    """Tell whether the titles of a document's passages are words of them: one that all share names the document."""
    return len({entry.title for entry in group}) > 1


def _bags(group: Sequence[Entry], known: Bags) -> list[Bag]:
    titled = is_titled(group)
    return [
        known[place] if place in known else Bag.of(_terms(entry, titled=titled)) for place, entry in enumerate(group)
    ]


def _terms(entry: Entry, *, titled: bool) -> Mapping[str, int]:
    return terms_of(entry.text, entry.title if titled else "") if entry.terms is None else entry.terms


def _opening(document: tuple[str, Sequence[Entry]], bags: Sequence[Bag]) -> Bag:
    name, group = document
    titles = dict.fromkeys(entry.title for entry in group[:_OPENING_PASSAGES])
    words = Bag.of(terms_of(" ".join([*_WORDS.findall(name), *titles])))
    terms = dict.fromkeys(term for bag in (words, *bags[:_OPENING_PASSAGES]) for term in bag.terms)
    return Bag([*terms], [1] * len(terms), len(terms))


def arrays_of(segment: Segment) -> dict[str, NDArray[Any]]:
    """Return the arrays that a segment is kept as, by name."""
    made = {key: array for name in _POSTINGS for key, array in getattr(segment, name).arrays(name).items()}
    for name in _ARRAYS:
        made[name] = getattr(segment, name)
    for name in _TEXTS:
        made |= getattr(segment, name).arrays(name)
    return made


def load(path: Path) -> Segment:
    """Map a segment from its file.

    Raises:
        OSError: the file is missing.
        ValueError: it is damaged.
    """
    kept = read_arrays(path)
    try:
        postings = (Postings.kept(kept, name) for name in _POSTINGS)
        arrays = (kept[name] for name in _ARRAYS)
        return Segment(*postings, *arrays, *(Strings.kept(kept, name) for name in _TEXTS))  # pyright: ignore[reportArgumentType]
    except KeyError as error:
        raise ValueError(f"{path.name} lacks an array") from error


def merge(parts: Sequence[tuple[Segment, NDArray[np.bool_]]]) -> Segment:
    """Join segments, each with a mask of the documents to keep, without reading their texts again."""
    kept = [(segment, documents, np.repeat(documents, np.diff(segment.firsts))) for segment, documents in parts]
    titles, titled = _renumbered([(segment.titles, segment.titled[rows]) for segment, _, rows in kept])
    locators, located = _renumbered([(segment.locators, segment.located[rows]) for segment, _, rows in kept])
    access, accessed = _renumbered([(segment.access, segment.accessed[documents]) for segment, documents, _ in kept])
    sizes = np.concatenate([np.diff(segment.firsts)[documents] for segment, documents, _ in kept])
    return Segment(
        passages=Postings.merged([(segment.passages, rows) for segment, _, rows in kept]),
        openings=Postings.merged([(segment.openings, documents) for segment, documents, _ in kept]),
        kin=Postings.merged([(segment.kin, documents) for segment, documents, _ in kept]),
        firsts=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        keys=np.concatenate([segment.keys[documents] for segment, documents, _ in kept]),
        spans=np.concatenate([segment.spans[rows] for segment, _, rows in kept]),
        pages=np.concatenate([segment.pages[rows] for segment, _, rows in kept]),
        kinds=np.concatenate([segment.kinds[rows] for segment, _, rows in kept]),
        titled=titled,
        located=located,
        accessed=accessed,
        ids=_kept([(segment.ids, rows) for segment, _, rows in kept]),
        texts=_kept([(segment.texts, rows) for segment, _, rows in kept]),
        titles=titles,
        locators=locators,
        access=access,
        versions=_kept([(segment.versions, documents) for segment, documents, _ in kept]),
        names=_kept([(segment.names, documents) for segment, documents, _ in kept]),
        editions=_kept([(segment.editions, documents) for segment, documents, _ in kept]),
    )


def _renumbered(parts: Sequence[tuple[Strings, NDArray[np.uint32]]]) -> tuple[Strings, NDArray[np.uint32]]:
    places: dict[str, int] = {}
    numbers = list[NDArray[np.uint32]]()
    for texts, numbered in parts:
        used, inverse = np.unique(numbered, return_inverse=True)
        new = np.array([places.setdefault(texts[int(number)], len(places)) for number in used], np.uint32)
        numbers.append(new[inverse])
    return Strings.of(places), np.concatenate(numbers)


def _kept(parts: Sequence[tuple[Strings, NDArray[np.bool_]]]) -> Strings:
    return Strings.merged(parts)
