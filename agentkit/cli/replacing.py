"""Hits in documents that a later one replaced: after the later one's, and marked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from agentkit.adapters.memory.engine import Found
from agentkit.indexed import Entry
from agentkit.legal.versions import Edition, Versions
from agentkit.reading.stored import remade, sections_of

_KEPT = 2000
_OPENING, _MOST = 20, 5000
"""So many passages of a document are its opening, and so many are looked at."""


class _Holding(Protocol):
    @property
    def document_of(self) -> Callable[[Found], list[Entry]]: ...


@dataclass(frozen=True, slots=True)
class Later:
    """A document that replaced what a hit says, what it is to the hit's, and the sections it replaces."""

    document: str
    relation: str
    sections: list[str]


@dataclass(slots=True)
class Editions:
    """Tells of hits which are replaced by other hits' documents.

    What a document says it is takes milliseconds to find out; it is remembered.
    """

    _read: dict[tuple[str, str], Edition] = field(default_factory=dict[tuple[str, str], Edition])

    def ordered(self, corpus: _Holding, hits: Sequence[Found]) -> list[tuple[Found, list[Later]]]:
        """Return the hits, each with what replaced it; it stands after the best hit of the document that did."""
        names = list(dict.fromkeys(hit.entry.document for hit in hits))
        if len(names) < 2:
            return [(hit, []) for hit in hits]
        first = {hit.entry.document: hit for hit in reversed(hits)}
        versions = Versions([replace(self._edition(corpus, first[name]), source=n) for n, name in enumerate(names)])
        if not versions:
            return [(hit, []) for hit in hits]
        marked = [(hit, _later(hit, names, versions)) for hit in hits]
        best = {name: place for place, name in reversed([*enumerate(hit.entry.document for hit in hits)])}
        places = [
            max([place + 0.0, *(best[later.document] + 0.5 for later in told)])
            for place, (_, told) in enumerate(marked)
        ]
        return [marked[place] for place in sorted(range(len(marked)), key=lambda place: (places[place], place))]

    def _edition(self, corpus: _Holding, hit: Found) -> Edition:
        key = hit.entry.document, hit.entry.version
        if key not in self._read:
            if len(self._read) >= _KEPT:
                self._read.clear()
            self._read[key] = _edition(corpus.document_of(hit)[:_MOST])
        return self._read[key]


def _edition(entries: Sequence[Entry]) -> Edition:
    """Return what a document says it is: its opening tells, and of an amendment the whole is read."""
    opening = Edition.of(remade(entries[:_OPENING], index=0)[0])
    if opening.identity.form == "amendment":
        return Edition.of(remade(entries, index=0)[0])
    return replace(opening, sections=sections_of(entries))


def _later(hit: Found, names: Sequence[str], versions: Versions) -> list[Later]:
    found = versions.replaced(names.index(hit.entry.document), hit.entry.start)
    return [Later(names[one.source], one.relation, list(one.sections)) for one in found]
