"""The embedded search: who asks decides what there is, before anything is counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from agentkit.adapters.memory.choosing import Boards
from agentkit.adapters.memory.postings import hashed
from agentkit.adapters.memory.segment import Segment
from agentkit.adapters.memory.stages import Stages
from agentkit.adapters.memory.view import Mask, View
from agentkit.indexed import Counts, Entry, Principal
from agentkit.legal.lineages import NEAR, sought_keys
from agentkit.legal.ranking import WEIGHTS, Ranked, Weights

_VIEWS = 8
"""Of so many kinds of principals what they may see is kept, at up to ten bytes a passage."""
_READ = 16
"""So many documents in which something was found are kept: the hits of one query stand in few."""


@dataclass(frozen=True, slots=True)
class Part:
    """A segment of a corpus and its documents that are gone; `gone` has shape (D,)."""

    segment: Segment
    gone: Mask


def whole(segment: Segment) -> Part:
    """Return a segment as a part of which nothing is gone."""
    return Part(segment, np.zeros(len(segment.names), np.bool_))


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that was found, and what each component gave; `place` is its part and its document there."""

    entry: Entry
    ranked: Ranked
    place: tuple[int, int] = field(repr=False, compare=False)


class Engine:
    """Searches parts as if they were one.

    What a principal may not see is left out before any word is counted: results, scores and explanations are
    those of an index that holds nothing else.
    """

    def __init__(self, parts: Sequence[Part], *, weights: Weights = WEIGHTS) -> None:
        self._parts = parts
        self._weights = weights
        self._access = [_Access(part) for part in parts]
        self._guarded = any(access.guarded for access in self._access)
        self._boards = Boards()
        self._seen = lru_cache(maxsize=_VIEWS)(self._views)
        self._read = lru_cache(maxsize=_READ)(self._document)

    def search(
        self,
        text: str,
        *,
        top_k: int,
        document: str | None = None,
        principal: Principal | None = None,
        counts: Counts | None = None,
    ) -> list[Found]:
        """Return at most `top_k` passages that the principal may see, best first; `document` restricts to one.

        Where the parts were chosen from more passages that the principal may see, `counts` is of all of those.
        """
        views, stages = self._seen(self._allowed(principal))
        found: list[Found] = []
        for ranked in stages.search(text, top_k=top_k, document=document, counts=counts):
            part, row = stages.locate(ranked.candidate.row)
            view = views[part]
            found.append(Found(view.entry(row), ranked, (part, view.place(view.document(row)))))
        return found

    def beside(self, found: Found) -> list[Entry]:
        """Return the passages of the document of a found one, in order."""
        return [*self._read(*found.place)]

    def named(self, name: str, principal: Principal | None = None) -> list[Entry]:
        """Return the passages of the document of a name, in order; none where the principal may not see it."""
        for view, place in self._called(name, principal):
            return _held(view.segment, place)
        return []

    def editions(self, names: Sequence[str], principal: Principal | None = None) -> dict[str, str]:
        """Return what documents say they are, by name: some, and those that may replace one of them.

        Only documents that the principal may see are looked up (see `legal.lineages`).
        """
        found = {name: view.segment.editions[place] for name in names for view, place in self._called(name, principal)}
        near = Counter[tuple[int, int]]()
        views = self._seen(self._allowed(principal))[0]
        for key in sought_keys(found.values()):
            near.update((number, one) for number, view in enumerate(views) for one in view.akin(key).tolist())
        for (number, document), _ in near.most_common(NEAR):
            segment, place = views[number].segment, views[number].place(document)
            found.setdefault(segment.names[place], segment.editions[place])
        return found

    def _called(self, name: str, principal: Principal | None) -> list[tuple[View, int]]:
        key = np.uint64(hashed(name))
        views = self._seen(self._allowed(principal))[0]
        return [(view, view.place(one)) for view in views for one in np.flatnonzero(view.keys == key).tolist()]

    def entries(self, principal: Principal | None = None) -> list[Entry]:
        """Return every passage that the principal may see, document by document."""
        return [
            entry
            for view in self._seen(self._allowed(principal))[0]
            for document in range(view.documents)
            for entry in _held(view.segment, view.place(document))
        ]

    def counts(self, principal: Principal | None = None) -> tuple[int, int]:
        """Return how many passages and documents the principal may see."""
        views, _ = self._seen(self._allowed(principal))
        return sum(view.size for view in views), sum(view.documents for view in views)

    def _allowed(self, principal: Principal | None) -> tuple[tuple[bool, ...], ...]:
        nobody = self._guarded and principal is None
        return tuple(access.allowed(principal or Principal(), nobody=nobody) for access in self._access)

    def _document(self, part: int, place: int) -> list[Entry]:
        return _held(self._parts[part].segment, place)

    def _views(self, allowed: tuple[tuple[bool, ...], ...]) -> tuple[list[View], Stages]:
        views = [
            View(part.segment, np.array(seen, np.bool_)[part.segment.accessed] & ~part.gone)
            for part, seen in zip(self._parts, allowed, strict=True)
        ]
        return views, Stages(views, self._weights, self._boards)


class _Access:
    """What the documents of a part demand of one who asks."""

    def __init__(self, part: Part) -> None:
        segment = part.segment
        held = np.bincount(segment.accessed[~part.gone], minlength=len(segment.access)) > 0
        self._demands = [segment.access_of(number) for number in range(len(segment.access))]
        self.guarded = any(any(demand) for demand, there in zip(self._demands, held.tolist(), strict=True) if there)

    def allowed(self, principal: Principal, *, nobody: bool) -> tuple[bool, ...]:
        return tuple(not nobody and principal.may_see(matter, labels) for matter, labels in self._demands)


def _held(segment: Segment, place: int) -> list[Entry]:
    return [segment.entry(row, place) for row in range(int(segment.firsts[place]), int(segment.firsts[place + 1]))]
