"""A segment of a corpus: passages grouped by document, in memory or mapped from a folder, never changed."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agentkit.adapters.memory.postings import Postings, hashed
from agentkit.adapters.memory.strings import Strings, mapped
from agentkit.legal.search import terms_of

_OPENING_PASSAGES = 3
_WORDS = re.compile(r"[^\W_]+")


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
class Segment:
    """N passages of D documents.

    `passages` indexes the words of each passage, `openings` those of each document's name, titles and first
    passages. `firsts` is where each document's passages begin, with N at its end; shape (D + 1,). `spans` has
    shape (N, 2). `names` are the documents' names, `keys` their hashes, `titles` the different titles and
    `titled` each passage's one of them.
    """

    passages: Postings
    openings: Postings
    firsts: NDArray[np.int64]
    keys: NDArray[np.uint64]
    spans: NDArray[np.uint32]
    titled: NDArray[np.uint32]
    ids: Strings
    texts: Strings
    titles: Strings
    names: Strings

    @property
    def size(self) -> int:
        """How many passages there are."""
        return len(self.ids)

    def entry(self, row: int, document: str) -> Entry:
        """Return a passage with everything known of it."""
        start, end = (int(place) for place in self.spans[row])
        return Entry(self.ids[row], document, self.titles[int(self.titled[row])], start, end, self.texts[row])


_ARRAYS = ("firsts", "keys", "spans", "titled")
_TEXTS = ("ids", "texts", "titles", "names")


def build(documents: Sequence[tuple[str, Sequence[Entry]]]) -> Segment:
    """Index documents, each with its name and its passages in order."""
    entries = [entry for _, group in documents for entry in group]
    titles = {title: place for place, title in enumerate(dict.fromkeys(entry.title for entry in entries))}
    names = [name for name, _ in documents]
    bags = [_bags(group) for _, group in documents]
    return Segment(
        passages=Postings.of(bag for group in bags for bag in group),
        openings=Postings.of(_opening(*row) for row in zip(documents, bags, strict=True)),
        firsts=np.cumsum([0, *(len(group) for _, group in documents)], dtype=np.int64),
        keys=np.array([hashed(name) for name in names], np.uint64),
        spans=np.array([(entry.start, entry.end) for entry in entries], np.uint32).reshape(-1, 2),
        titled=np.array([titles[entry.title] for entry in entries], np.uint32),
        ids=Strings.of(entry.id for entry in entries),
        texts=Strings.of(entry.text for entry in entries),
        titles=Strings.of(titles),
        names=Strings.of(names),
    )


def _bags(group: Sequence[Entry]) -> list[Counter[str]]:
    # A title that all passages share names the document and tells none of them apart.
    shared = len({entry.title for entry in group}) == 1
    return [terms_of(entry.text, "" if shared else entry.title) for entry in group]


def _opening(document: tuple[str, Sequence[Entry]], bags: Sequence[Counter[str]]) -> dict[str, int]:
    name, group = document
    titles = dict.fromkeys(entry.title for entry in group[:_OPENING_PASSAGES])
    words = terms_of(" ".join([*_WORDS.findall(name), *titles]))
    return dict.fromkeys((term for bag in (words, *bags[:_OPENING_PASSAGES]) for term in bag), 1)


def save(segment: Segment, folder: Path) -> None:
    """Write a segment into a folder that exists."""
    segment.passages.save(folder, "passages")
    segment.openings.save(folder, "openings")
    for name in _ARRAYS:
        np.save(folder / f"{name}.npy", getattr(segment, name))
    for name in _TEXTS:
        getattr(segment, name).save(folder, name)


def load(folder: Path) -> Segment:
    """Map a segment from its folder.

    Raises:
        OSError: a file is missing.
        ValueError: a file is damaged.
    """
    postings = (Postings.open(folder, name) for name in ("passages", "openings"))
    arrays = (mapped(folder / f"{name}.npy") for name in _ARRAYS)
    return Segment(*postings, *arrays, *(Strings.open(folder, name) for name in _TEXTS))  # pyright: ignore[reportArgumentType]


def merge(parts: Sequence[tuple[Segment, NDArray[np.bool_]]]) -> Segment:
    """Join segments, each with a mask of the documents to keep, without reading their texts again."""
    kept = [(segment, documents, np.repeat(documents, np.diff(segment.firsts))) for segment, documents in parts]
    titles: dict[str, int] = {}
    titled = [
        np.array([titles.setdefault(title, len(titles)) for title in segment.titles], np.uint32)[segment.titled[rows]]
        for segment, _, rows in kept
    ]
    sizes = np.concatenate([np.diff(segment.firsts)[documents] for segment, documents, _ in kept])
    return Segment(
        passages=Postings.merged([(segment.passages, rows) for segment, _, rows in kept]),
        openings=Postings.merged([(segment.openings, documents) for segment, documents, _ in kept]),
        firsts=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        keys=np.concatenate([segment.keys[documents] for segment, documents, _ in kept]),
        spans=np.concatenate([segment.spans[rows] for segment, _, rows in kept]),
        titled=np.concatenate(titled),
        ids=_kept([(segment.ids, rows) for segment, _, rows in kept]),
        texts=_kept([(segment.texts, rows) for segment, _, rows in kept]),
        titles=Strings.of(titles),
        names=_kept([(segment.names, documents) for segment, documents, _ in kept]),
    )


def _kept(parts: Sequence[tuple[Strings, NDArray[np.bool_]]]) -> Strings:
    return Strings.of(strings[int(place)] for strings, mask in parts for place in np.flatnonzero(mask))
