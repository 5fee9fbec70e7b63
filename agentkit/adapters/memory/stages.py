"""A search in two stages: words over every passage, then the best few hundred by what a reader would look at."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from agentkit.adapters.memory.choosing import Boards, Choice, most_of
from agentkit.adapters.memory.finds import Finds, Places, Range
from agentkit.adapters.memory.postings import Rows, Scores, hashed
from agentkit.adapters.memory.view import Mask, View
from agentkit.adapters.memory.weighing import Word, look_up, weigh
from agentkit.indexed import Counts
from agentkit.legal.ranking import Candidate, Ranked, Weights, rank
from agentkit.legal.search import EXACT_SECTION, Group, Query, read_query

_MAX_GROUPS = 32
_CANDIDATES = 100
_ALL = 400
"""So many passages or fewer are all looked at, whatever words they have."""
_OPENING_BYTES = 1800
_NAMED = 0.5
"""The share of a reference's words that a document must have to count in full as the one named."""
_SURE = 0.3
"""A document that is named less surely is taken for another."""
_Shares = Sequence[Scores | Mask]
"""What each row has of the words, by score and by number, how far it opens the section, and whether it is context."""


@dataclass(frozen=True, slots=True)
class _Searched:
    """What is searched, from its `first` row on; `documents` maps the first rows of those named to how surely."""

    first: int
    within: Range
    documents: Mapping[int, float]


class Stages:
    """Searches views as if they were one; rows and documents are numbered through them."""

    def __init__(self, views: Sequence[View], weights: Weights, boards: Boards) -> None:
        self._views = views
        self._boards = boards
        self._weights = weights
        self._bases = np.cumsum([0, *(view.size for view in views)])
        self._firsts = np.cumsum([0, *(view.documents for view in views)])

    def search(
        self, text: str, *, top_k: int, document: str | None = None, counts: Counts | None = None
    ) -> list[Ranked]:
        """Return at most `top_k` passages, best first; `document` restricts to one.

        Where the rows were chosen from more passages, `counts` says how common words are in those.
        """
        query = read_query(text)
        if document is None:
            whole = self._whole if counts is None else Range(self._spans, counts)
            return self._ranked(query, _Searched(0, whole, self._documents(query)), top_k)
        found = [ranked for one in self._called(document) for ranked in self._ranked(query, one, top_k)]
        return sorted(found, key=lambda one: -one.score)[:top_k]

    def locate(self, row: int) -> tuple[int, int]:
        """Return the view that a row belongs to, and which row of it."""
        part = int(self._bases.searchsorted(row, side="right")) - 1
        return part, row - int(self._bases[part])

    def _each(self) -> list[tuple[int, View]]:
        return list(zip(self._bases.tolist(), self._views, strict=False))

    @cached_property
    def _whole(self) -> Range:
        return Range(self._spans)

    @property
    def _spans(self) -> list[tuple[View, int, int]]:
        return [(view, 0, view.size) for view in self._views if view.size]

    def _called(self, document: str) -> list[_Searched]:
        """Return the documents of a name."""
        found: list[_Searched] = []
        for base, view in self._each():
            for place in np.flatnonzero(view.keys == np.uint64(hashed(document))).tolist():
                low, high = int(view.firsts[place]), int(view.firsts[place + 1])
                found.append(_Searched(base + low, Range([(view, low, high)]), {}))
        return found

    def _ranked(self, query: Query, searched: _Searched, top_k: int) -> list[Ranked]:
        within = searched.within
        numbers = [f"§{number}" for number, _ in query.sections]
        finds = within.find([*(stem for group in query.groups for stem in group.worth), *numbers])
        found = [weigh(group, _counting(group, finds, within), within.passages) for group in query.groups]
        words = sorted(found, key=lambda word: -word.rarity)[:_MAX_GROUPS]
        sections = [finds[number] for number in numbers]
        rows, best, highest = self._chosen(words, sections, searched, max(_CANDIDATES, 2 * top_k))
        slots = within.slots_of(rows)
        places = Places(slots)
        scores, covered = look_up(words, places, within.shares[slots], within.passages)
        section = np.zeros(len(rows), np.float32)
        for one in sections:
            section = np.maximum(section, one.at(places) / EXACT_SECTION)
        highest = highest or float(scores.max(initial=0.0)) or 1.0
        shares = (scores / np.float32(highest), covered, section, ~np.isin(rows, best))
        candidates = self._candidates(rows + searched.first, shares, searched.documents)
        return rank(query, candidates, top_k=top_k, weights=self._weights)

    def _chosen(
        self, words: Sequence[Word], sections: Sequence[Finds], searched: _Searched, count: int
    ) -> tuple[Rows, Rows, float]:
        """Return the rows of the second stage, those of them that are not only beside others, and the highest score."""
        within = searched.within
        if within.size <= (count if within.passages > _ALL else _ALL):
            every = np.arange(within.size)
            return every, every, 0.0
        with self._boards.lent(within.slots) as board:
            choice = Choice(within, words, board)
            for finds in sections:
                slots, often = finds.all()
                choice.lift(slots, often * np.float32(self._weights.section / EXACT_SECTION))
            for first, sure in searched.documents.items():
                slots = within.slots_of(self._rows_of(first))
                choice.lift(slots, np.full(len(slots), self._weights.document * sure**4, np.float32))
            slots, highest = choice.best(count)
        best = within.rows_of(slots)
        around = np.unique(np.concatenate([best - 1, best, best + 1]))
        return around[(around >= 0) & (around < within.size)], best, highest

    def _documents(self, query: Query) -> dict[int, float]:
        """Return the row where each document that the query may name begins, with how surely it does, in (0, 1]."""
        if not query.reference:
            return {}
        total = int(self._firsts[-1])
        scores, whole = np.zeros(total), 0.0
        for word in query.reference:
            held = [view.opened(word) for view in self._views]
            often = sum(map(len, held))
            rarity = math.log(1 + total / (often + 0.5)) if often else 0.0
            whole += rarity
            for base, rows in zip(self._firsts.tolist(), held, strict=False):
                scores[base + rows] += rarity
        best = float(scores.max(initial=0.0))
        if best <= 0.0:
            return {}
        sure = scores / best * min(1.0, best / whole / _NAMED)
        return {self._first(place): float(sure[place]) for place in np.flatnonzero(sure > _SURE).tolist()}

    def _first(self, document: int) -> int:
        """Return the row where a document begins."""
        part = int(self._firsts.searchsorted(document, side="right")) - 1
        return int(self._bases[part]) + int(self._views[part].firsts[document - int(self._firsts[part])])

    def _rows_of(self, first: int) -> Rows:
        """Return the rows of the document that begins in a row."""
        part, local = self.locate(first)
        view = self._views[part]
        return np.arange(first, first + int(view.firsts[view.document(local) + 1]) - local)

    def _candidates(self, rows: Rows, shares: _Shares, documents: Mapping[int, float]) -> list[Candidate]:
        found: list[Candidate] = []
        for base, view in self._each():
            first, last = rows.searchsorted((base, base + view.size)).tolist()
            if first < last:
                found += _held(view, base, rows[first:last] - base, [share[first:last] for share in shares], documents)
        return found


def _counting(group: Group, finds: Mapping[str, Finds], within: Range) -> dict[str, Finds]:
    """Return where each stem of a word stands; in a large corpus, of what stands for it only what is rare."""
    most = most_of(within.size)
    return {stem: finds[stem] for stem in group.worth if stem == group.stem or 0 < finds[stem].count <= most}


def _held(view: View, base: int, rows: Rows, shares: _Shares, documents: Mapping[int, float]) -> list[Candidate]:
    """Return the passages in some rows of a view."""
    segment = view.segment
    of = view.firsts.searchsorted(rows, side="right") - 1
    firsts, places = view.firsts[of], view.rows(rows)
    opening = segment.texts.before(places) - segment.texts.before(view.rows(firsts)) < _OPENING_BYTES
    # Passages without a document stand alone.
    groups = np.where(segment.names.sizes(view.places(of)) > 0, firsts, rows) + base
    columns = (rows + base, groups, firsts + base, segment.passages.lengths[places], opening, *shares)
    return [
        Candidate(row, group, text, length, opens, words, covered, documents.get(begins, 0.0), section, context)
        for text, (row, group, begins, length, opens, words, covered, section, context) in zip(
            segment.texts.many(places), zip(*(column.tolist() for column in columns), strict=True), strict=True
        )
    ]
