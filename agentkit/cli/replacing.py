"""Hits in documents that a later one replaced: after the later one's, and marked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agentkit.adapters.memory.engine import Found
from agentkit.indexed import Entry, Principal
from agentkit.legal.lineages import Later, Lineages, after_later, written_of

_KEPT = 2000
_MOST = 5000
"""So many passages of a document are looked at."""


class _Holding(Protocol):
    @property
    def document_of(self) -> Callable[[Found], list[Entry]]: ...

    def editions(self, names: Sequence[str], *, principal: Principal | None = None) -> dict[str, str]: ...


@dataclass(slots=True)
class Editions:
    """Tells of hits which were replaced by documents of the index, or of those that are searched.

    An index keeps what its documents say they are; of others it takes milliseconds to find out, and is remembered.
    """

    _read: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])

    def ordered(
        self, corpus: _Holding, hits: Sequence[Found], asks: Principal | None
    ) -> list[tuple[Found, list[Later]]]:
        """Return the hits, each with what replaced it; it stands after the best hit of the document that did."""
        first = {hit.entry.document: hit for hit in reversed(hits)}
        kept = corpus.editions(list(first), principal=asks)
        read = {
            name: self._written(corpus, hit) for name, hit in first.items() if not kept.get(name) and len(first) > 1
        }
        lineages = Lineages(kept | read)
        if not lineages:
            return [(hit, []) for hit in hits]
        marked = [(hit, lineages.replaced(hit.entry)) for hit in hits]
        later = [[one.document for one in told] for _, told in marked]
        return [marked[place] for place in after_later([hit.entry.document for hit in hits], later)]

    def _written(self, corpus: _Holding, hit: Found) -> str:
        key = hit.entry.document, hit.entry.version
        if key not in self._read:
            if len(self._read) >= _KEPT:
                self._read.clear()
            self._read[key] = written_of(corpus.document_of(hit)[:_MOST])
        return self._read[key]
