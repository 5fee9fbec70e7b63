"""The second stage of a search: the best few hundred passages, ordered by what a reader would look at.

Every component is a share of the best passage's words or a probability, so that the weights below compare.
They are round numbers; `benchmarks/retrieval.py` measures what each adds and what other values would do.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import pairwise
from math import prod

from agentkit.legal.clauses import ClauseType, score_folded
from agentkit.legal.cues import Cue, fold
from agentkit.legal.search import Query, defined_terms
from agentkit.text.sentences import split_sentences


@dataclass(frozen=True, slots=True)
class Weights:
    """What each component of a score is worth, beside the words, which are worth 1 at most.

    `clause`: the passage is of the type that the question means. `stated`: of the type the statement is.
    `coverage`: the share of a statement's words that the passage has. `neighbour`, `lead`, `items`: what a
    passage takes over of the ones beside it, of the sentence that opens its list, of its list's best item.
    `short`: what is taken off one of under five words, such as a heading. `document`, `section`, `defined`: it
    belongs to the document, opens the section or defines the term that is named.
    """

    clause: float = 1.5
    stated: float = 0.3
    coverage: float = 0.5
    neighbour: float = 0.1
    lead: float = 0.3
    items: float = 0.5
    short: float = 0.3
    document: float = 2.0
    section: float = 1.5
    defined: float = 1.0


WEIGHTS = Weights()
SHORT_WORDS = 5
_ITEM = re.compile(r"\W{0,2}(?:\(?(?:[a-z]|[ivx]{1,5}|\d{1,2})\)|[•\-–▪●]|[a-z])\s?")
_CLOSED = (".", "!", "?", ")")
_ITEM_MISSING = 0.5
_Cues = Sequence[tuple[float, Cue]]
_Type = tuple[ClauseType, float, _Cues]
_SLACK = 1e-9
"""By so much rounding may lower the most that a passage could score below what it scores."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage of the first stage.

    `row` is its place in the corpus: rows of one `group` (a document) that follow each other stand beside
    each other. `words` and `coverage` lie in [0, 1], `document` and `section` too. `length` counts its words.
    Of `context` the type of clause is not looked at: it is there for the passages beside it.
    """

    row: int
    group: int
    text: str
    length: int
    opening: bool
    words: float
    coverage: float
    document: float
    section: float
    context: bool = False


@dataclass(slots=True)
class Ranked:
    """A passage, its score and what each component gave; the components sum up to the score."""

    candidate: Candidate
    parts: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def score(self) -> float:
        """The sum of the components."""
        return sum(self.parts.values())


def rank(
    query: Query, candidates: Sequence[Candidate], *, top_k: int | None = None, weights: Weights = WEIGHTS
) -> list[Ranked]:
    """Order passages, best first; ties keep the corpus' order.

    Args:
        query: what is looked for.
        candidates: in the order of their rows, none twice.
        top_k: how many are wanted; None means all whose score is above 0.
        weights: what each component is worth, none of them below 0.
    """
    return _Race(query, candidates, weights).first(len(candidates) if top_k is None else top_k)


class _Race:
    """Passages, each with the most that it could score, of which only those that may win are looked at closely."""

    def __init__(self, query: Query, candidates: Sequence[Candidate], weights: Weights) -> None:
        self._query = query
        self._candidates = candidates
        self._weights = weights
        self._near = dict[int, _Near]()
        for place, one in enumerate(candidates) if query.clauses else ():
            if not one.context and (near := _near_to(query.clauses, one, second=1.0 if query.is_statement else 0.5)):
                self._near[place] = near
        self._own = list(map(self._most_own, range(len(candidates))))
        self._parts = dict[int, dict[str, float]]()
        self._lead = leads(candidates)
        self._items = dict[int, list[int]]()
        for place, lead in self._lead.items():
            self._items.setdefault(lead, []).append(place)
        self._follows = [
            right.row == left.row + 1 and right.group == left.group for left, right in pairwise(candidates)
        ]

    def first(self, count: int) -> list[Ranked]:
        """Return so many of them, best first, none with a score of 0."""
        heap = [(-self._most(place) - _SLACK, place) for place in range(len(self._candidates))]
        heapify(heap)
        scored, found = dict[int, Ranked](), list[Ranked]()
        while heap and len(found) < count and heap[0][0] < 0.0:
            _, place = heappop(heap)
            if place in scored:
                found.append(scored[place])
            elif place in self._near and self._near[place].narrow():
                self._own[place] = self._most_own(place)
                heappush(heap, (-self._most(place) - _SLACK, place))
            elif (ranked := self._ranked(place)).score > 0.0:
                scored[place] = ranked
                heappush(heap, (-ranked.score, place))
        return found

    def _most_own(self, place: int) -> float:
        """Return the most that a passage could score by itself."""
        query, weights, candidate = self._query, self._weights, self._candidates[place]
        most, share = candidate.words, self._near[place].most() if place in self._near else 0.0
        if query.is_statement:
            most += weights.coverage * candidate.coverage + weights.stated * share
        else:
            most += weights.clause * share
        return most * (1.0 - weights.short) if candidate.length < SHORT_WORDS else most

    def _most(self, place: int) -> float:
        """Return the most that a passage could score by itself, by those around it and by what is named."""
        own, weights, candidate = self._own, self._weights, self._candidates[place]
        most = own[place] + weights.neighbour * sum(own[other] for other in self._beside(place))
        if place in self._lead:
            most += weights.lead * own[self._lead[place]]
        if place in self._items:
            most += weights.items * max(own[item] for item in self._items[place])
        if candidate.document or candidate.section or self._query.terms:
            most += sum(_named(self._query, candidate, weights).values())
        return most

    def _ranked(self, place: int) -> Ranked:
        """Look closely at a passage and at those around it."""
        weights, parts = self._weights, {**self._looked_at(place)}
        if place in self._lead:
            parts["lead"] = weights.lead * self._settled(self._lead[place])
        around = sum(self._settled(other) for other in self._beside(place))
        parts["neighbour"] = weights.neighbour * around
        if place in self._items:
            parts["items"] = weights.items * max(map(self._settled, self._items[place]))
        candidate = self._candidates[place]
        return Ranked(candidate, {**parts, **_named(self._query, candidate, weights)})

    def _beside(self, place: int) -> list[int]:
        """Return the places of the passages before and after one."""
        before = [place - 1] if place and self._follows[place - 1] else []
        return [*before, place + 1] if place < len(self._follows) and self._follows[place] else before

    def _looked_at(self, place: int) -> dict[str, float]:
        if place not in self._parts:
            self._parts[place] = parts = self._parts_of(place)
            self._own[place] = max(0.0, sum(parts.values()))
        return self._parts[place]

    def _parts_of(self, place: int) -> dict[str, float]:
        weights, candidate = self._weights, self._candidates[place]
        share = self._near[place].share() if place in self._near else 0.0
        parts = {"words": candidate.words}
        if self._query.is_statement:
            parts["coverage"] = weights.coverage * candidate.coverage
            parts["stated"] = weights.stated * share
        else:
            parts["clause"] = weights.clause * share
        if candidate.length < SHORT_WORDS:
            parts["short"] = -weights.short * sum(parts.values())
        return parts

    def _settled(self, place: int) -> float:
        self._looked_at(place)
        return self._own[place]


class _Near:
    """What a passage may have of some types of clause: known more and more closely, as far as it is asked for.

    Args:
        candidate: the passage.
        types: each type, what being surely of it counts, and those of its cues that the passage may have.
    """

    __slots__ = ("_candidate", "_is_narrow", "_types", "_whole")

    def __init__(self, candidate: Candidate, whole: str, types: list[_Type]) -> None:
        self._candidate = candidate
        self._whole = whole
        self._types = types
        self._is_narrow = False

    def most(self) -> float:
        """Return what `share` could be at most."""
        return max((share * _most(cues) for _, share, cues in self._types), default=0.0)

    def narrow(self) -> bool:
        """Keep the cues that the passage has; return False where that is done already."""
        if self._is_narrow:
            return False
        self._is_narrow, types, self._types = True, self._types, list[_Type]()
        for clause, share, cues in types:
            there = [cue.pattern.search(self._whole) is not None for _, cue in cues]
            if any(there):
                # One bound to the start of a text may open any sentence.
                kept = [row for row, is_there in zip(cues, there, strict=True) if is_there or row[1].is_bound]
                self._types.append((clause, share, kept))
        return True

    def share(self) -> float:
        """Return how surely the passage is one of the types."""
        self.narrow()
        best, text, sentences = 0.0, self._candidate.text, list[str]()
        for clause, share, cues in self._types:
            if share * _most(cues) <= best:
                continue
            sentences = sentences or [fold(text[start:end]) for start, end in split_sentences(text)]
            opening = self._candidate.opening
            best = max(best, *(share * score_folded(clause, one, opening=opening, cues=cues) for one in sentences))
        return best


def _near_to(clauses: Sequence[tuple[ClauseType, float]], candidate: Candidate, *, second: float) -> _Near | None:
    """Return what a passage may have of some types of clause; None where it lacks what any of their cues need."""
    whole, types = fold(candidate.text), list[_Type]()
    for place, (clause, strength) in enumerate(clauses):
        if cues := [row for row in clause.compiled if row[1].fits(whole)]:
            types.append((clause, strength * (second if place else 1.0), cues))
    return _Near(candidate, whole, types) if types else None


def clause_share(clauses: Sequence[tuple[ClauseType, float]], candidate: Candidate, *, second: float) -> float:
    """Return how surely a passage is one of the clause types, in [0, 1]; `second` discounts all but the first type."""
    near = None if candidate.context else _near_to(clauses, candidate, second=second)
    return near.share() if near else 0.0


def _most(cues: _Cues) -> float:
    """Return what a sentence with some cues of a type would score."""
    return 1.0 - prod(1.0 - weight for weight, _ in cues)


def leads(candidates: Sequence[Candidate]) -> dict[int, int]:
    """Return, for the place of each item of a list, the place of the sentence that opens the list."""
    found: dict[int, int] = {}
    lead, last = -1, (-1, -1)
    for place, candidate in enumerate(candidates):
        text = candidate.text.strip()
        if (candidate.group, candidate.row - 1) != last:
            lead = -1
        last = candidate.group, candidate.row
        if lead >= 0 and _ITEM.match(text):
            found[place] = lead
        else:
            lead = -1 if text.endswith(_CLOSED) else place
    return found


def _named(query: Query, candidate: Candidate, weights: Weights) -> Mapping[str, float]:
    # "Clause 4(b)" is the passage that opens clause 4 and has an item (b).
    items = [item for _, item in query.sections if item]
    whole = 1.0 if all(item in candidate.text.lower() for item in items) else _ITEM_MISSING
    parts = {
        "document": weights.document * candidate.document**4,
        "section": weights.section * candidate.section * whole,
    }
    if query.terms and any(term in defined_terms(candidate.text) for term in query.terms):
        parts["defined"] = weights.defined
    return parts
