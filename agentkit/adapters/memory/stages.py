"""A search in two stages: words over every passage, then the best few hundred by what a reader would look at."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from agentkit.adapters.memory.postings import hashed
from agentkit.adapters.memory.view import View
from agentkit.adapters.memory.weighing import COMMON, Rows, Scores, Weighed, cover, rare, telling
from agentkit.indexed import Counts
from agentkit.legal.ranking import Candidate, Ranked, Weights, rank
from agentkit.legal.search import EXACT_SECTION, Group, Query, read_query

_K1 = 1.2
# Clauses are cut by structure: a long one is no more verbose than a short one. 0.75 is usual for whole documents.
_B = 0.4
_MAX_GROUPS = 32
_CANDIDATES = 100
_ALL = 400
"""So many passages or fewer are all looked at, whatever words they have."""
_LARGE = 50_000
_OPENING_BYTES = 1800
_NAMED = 0.5
"""The share of a reference's words that a document must have to count in full as the one named."""


@dataclass(frozen=True, slots=True)
class _Range:
    """The rows that are searched, and the statistics that words are weighed by.

    `often` says how many passages hold a stem, where they are more than the rows.
    """

    low: int
    high: int
    count: int
    average: float
    often: Mapping[str, int] = field(default_factory=dict[str, int])


class Stages:
    """Searches views as if they were one; rows and documents are numbered through them."""

    def __init__(self, views: Sequence[View], weights: Weights) -> None:
        self._views = views
        self._weights = weights
        self._bases = np.cumsum([0, *(view.size for view in views)])

    def search(
        self, text: str, *, top_k: int, document: str | None = None, counts: Counts | None = None
    ) -> list[Ranked]:
        """Return at most `top_k` passages, best first; `document` restricts to one.

        Where the rows were chosen from more passages, `counts` says how common words are in those.
        """
        query = read_query(text)
        found = [
            ranked
            for within in ([self._counted(counts)] if document is None else self._ranges(document))
            for ranked in self._ranked(query, within, top_k=top_k, anywhere=document is None)
        ]
        return sorted(found, key=lambda one: -one.score)[:top_k]

    def locate(self, row: int) -> tuple[int, int]:
        """Return the view that a row belongs to, and which row of it."""
        part = int(np.searchsorted(self._bases, row, side="right")) - 1
        return part, row - int(self._bases[part])

    def _each(self) -> list[tuple[int, View]]:
        return list(zip(self._bases.tolist(), self._views, strict=False))

    @cached_property
    def _whole(self) -> _Range:
        count = int(self._bases[-1])
        total = sum(int(view.lengths.sum()) for view in self._views)
        return _Range(0, count, count, max(1.0, total / max(1, count)))

    def _counted(self, counts: Counts | None) -> _Range:
        if counts is None or counts.passages < self._whole.count:
            return self._whole
        average = max(1.0, counts.words / max(1, counts.passages))
        return replace(self._whole, count=counts.passages, average=average, often=counts.often)

    def _ranges(self, document: str) -> list[_Range]:
        found: list[_Range] = []
        for base, view in self._each():
            for place in np.flatnonzero(view.keys == np.uint64(hashed(document))).tolist():
                low, high = int(view.firsts[place]), int(view.firsts[place + 1])
                average = float(view.lengths[low:high].mean()) if high > low else 1.0
                found.append(_Range(base + low, base + high, high - low, max(1.0, average)))
        return found

    def _find(self, term: str, within: _Range) -> tuple[Rows, Scores]:
        """Return the rows inside a range that hold a term, counted from its beginning, and how often each does."""
        rows, counts = [np.empty(0, np.int64)], [np.empty(0, np.float32)]
        for base, view in self._each():
            if base >= within.high or base + view.size <= within.low:
                continue
            local, often = view.find(term, max(0, within.low - base), min(view.size, within.high - base))
            rows.append(local + (base - within.low))
            counts.append(often)
        # The first is empty: one part needs no copy.
        return (rows[1], counts[1]) if len(rows) == 2 else (np.concatenate(rows), np.concatenate(counts))

    def _ranked(self, query: Query, within: _Range, *, top_k: int, anywhere: bool) -> list[Ranked]:
        found = [(group, self._finds(group, within)) for group in query.groups]
        weighed = sorted(
            ((group, rows, rare(group, _often(rows, within), within.count)) for group, rows in found),
            key=lambda row: -row[2],
        )[:_MAX_GROUPS]
        documents = self._documents(query) if anywhere and query.reference else {}
        words = self._words(weighed, within, documents)
        sections = np.zeros(len(words), np.float32)
        for number, _ in query.sections:
            rows, often = self._find(f"§{number}", within)
            sections[rows] = np.maximum(sections[rows], often / EXACT_SECTION)
        most = max(_CANDIDATES, 2 * top_k) if within.count > _ALL else len(words)
        rows, context = self._chosen(words, sections, documents, most)
        coverage = cover(weighed, rows, within.count) if query.is_statement else np.zeros(len(rows))
        candidates = [
            self._candidate(
                int(row) + within.low, (float(words[row]), covered, documents, float(sections[row])), context=aside
            )
            for row, covered, aside in zip(rows.tolist(), coverage.tolist(), context.tolist(), strict=True)
        ]
        return rank(query, candidates, weights=self._weights)

    def _finds(self, group: Group, within: _Range) -> dict[str, tuple[Rows, Scores]]:
        """Return the rows of each stem of a word; in a large corpus, of common ones only its own."""
        size = within.high - within.low
        most = size * COMMON if size > _LARGE else math.inf
        often = {stem: sum(view.count(stem) for view in self._views) for stem in group.worth}
        wanted = [stem for stem, many in often.items() if stem == group.stem or 0 < many <= most]
        return {stem: self._find(stem, within) for stem in wanted}

    def _words(self, weighed: Weighed, within: _Range, documents: Mapping[int, float]) -> Scores:
        """Score every row by its words: BM25 in which what stands for a word shares its saturation."""
        size = within.high - within.low
        scores, counts = np.zeros(size, np.float32), np.zeros(size, np.float32)
        shares = self._shares(within)
        reached: NDArray[np.bool_] | None = np.zeros(size, np.bool_) if size > _LARGE else None
        if reached is not None:
            for first in documents:
                reached[self._rows_of(first)] = True
        for group, found, rarity in weighed:
            held = telling(group, found, reached)
            for stem, (rows, often) in held.items():
                counts[rows] += often * np.float32(group.worth[stem])
            # A row that is named twice gets the same value twice.
            touched = np.concatenate([np.empty(0, np.int64), *(rows for rows, _ in held.values())])
            count = counts[touched]
            scores[touched] += np.float32(rarity * (_K1 + 1)) * count / (count + np.float32(_K1) * shares[touched])
            counts[touched] = 0
            if reached is not None:
                reached[touched] = True
        best = float(scores.max(initial=0.0))
        return scores / np.float32(best) if best > 0 else scores

    def _shares(self, within: _Range) -> Scores:
        """Return what the length of each row makes of BM25's first constant."""
        return self._whole_shares if within is self._whole else self._weigh_lengths(within)

    @cached_property
    def _whole_shares(self) -> Scores:
        return self._weigh_lengths(self._whole)

    def _weigh_lengths(self, within: _Range) -> Scores:
        parts = [view.lengths[max(0, within.low - base) : max(0, within.high - base)] for base, view in self._each()]
        lengths = np.concatenate([np.empty(0, np.uint16), *parts]).astype(np.float32)
        return np.float32(1 - _B) + np.float32(_B / within.average) * lengths

    def _documents(self, query: Query) -> dict[int, float]:
        """Return the row where each document that the query may name begins, with how surely it does, in (0, 1]."""
        sizes = [view.documents for view in self._views]
        total = sum(sizes)
        scores, whole = np.zeros(total), 0.0
        for word in query.reference:
            held = [view.opened(word) for view in self._views]
            often = sum(map(len, held))
            rarity = math.log(1 + total / (often + 0.5)) if often else 0.0
            whole += rarity
            for base, rows in zip(np.cumsum([0, *sizes]).tolist(), held, strict=False):
                scores[base + rows] += rarity
        best = float(scores.max(initial=0.0))
        if best <= 0.0:
            return {}
        sure = scores / best * min(1.0, best / whole / _NAMED)
        firsts = np.concatenate([base + view.firsts[:-1] for base, view in self._each()])
        return {int(firsts[place]): float(sure[place]) for place in np.flatnonzero(sure > 0.3).tolist()}

    def _chosen(
        self, words: Scores, sections: Scores, documents: Mapping[int, float], count: int
    ) -> tuple[Rows, NDArray[np.bool_]]:
        """Return the rows of the second stage, ascending, and which are there for the sake of those beside them."""
        if len(words) <= count:
            return np.arange(len(words)), np.zeros(len(words), np.bool_)
        scores = words + np.float32(self._weights.section) * sections if sections.any() else words.copy()
        for first, sure in documents.items():
            scores[self._rows_of(first)] += np.float32(self._weights.document * sure**4)
        best = np.flatnonzero(scores > 0)
        if len(best) > count:
            best = best[np.argpartition(-scores[best], count)[:count]]
        around = np.unique(np.concatenate([best - 1, best, best + 1]))
        around = around[(around >= 0) & (around < len(words))]
        return around, ~np.isin(around, best)

    def _rows_of(self, first: int) -> slice:
        """Return the rows of the document that begins in a row."""
        part, local = self.locate(first)
        view = self._views[part]
        return slice(first, first + int(view.firsts[view.document(local) + 1]) - local)

    def _candidate(
        self, row: int, found: tuple[float, float, Mapping[int, float], float], *, context: bool
    ) -> Candidate:
        part, local = self.locate(row)
        view = self._views[part]
        segment, document = view.segment, view.document(local)
        first = int(view.firsts[document])
        words, coverage, documents, section = found
        return Candidate(
            row=row,
            group=first + int(self._bases[part]) if segment.names[view.place(document)] else row,
            text=segment.texts[view.row(local)],
            length=int(view.lengths[local]),
            opening=segment.texts.between(view.row(first), view.row(local)) < _OPENING_BYTES,
            words=words,
            coverage=coverage,
            document=documents.get(first + int(self._bases[part]), 0.0),
            section=section,
            context=context,
        )


def _often(found: Mapping[str, tuple[Rows, Scores]], within: _Range) -> dict[str, int]:
    return {stem: max(len(rows), within.often.get(stem, 0)) for stem, (rows, _) in found.items()}
