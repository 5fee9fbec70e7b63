"""The second stage of a search: the best few hundred passages, ordered by what a reader would look at.

Every component is a share of the best passage's words or a probability, so that the weights below compare.
They are round numbers; `benchmarks/retrieval.py` measures what each adds and what other values would do.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from math import prod

from agentkit.legal.clauses import ClauseType, score_folded
from agentkit.legal.cues import fold
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


def rank(query: Query, candidates: Sequence[Candidate], *, weights: Weights = WEIGHTS) -> list[Ranked]:
    """Order passages, best first; ties keep the corpus' order.

    Args:
        query: what is looked for.
        candidates: in the order of their rows, none twice.
        weights: what each component is worth.
    """
    ranked = [Ranked(candidate, _own(query, candidate, weights)) for candidate in candidates]
    own = [max(0.0, one.score) for one in ranked]
    _look_around(ranked, own, weights)
    for one in ranked:
        one.parts |= _named(query, one.candidate, weights)
    scored = ((one.score, one) for one in ranked)
    return [one for _, one in sorted((row for row in scored if row[0] > 0.0), key=lambda row: -row[0])]


def _own(query: Query, candidate: Candidate, weights: Weights) -> dict[str, float]:
    parts = {"words": candidate.words}
    if query.is_statement:
        parts["coverage"] = weights.coverage * candidate.coverage
        parts["stated"] = weights.stated * clause_share(query.clauses, candidate, second=1.0)
    else:
        parts["clause"] = weights.clause * clause_share(query.clauses, candidate, second=0.5)
    if candidate.length < SHORT_WORDS:
        parts["short"] = -weights.short * sum(parts.values())
    return parts


def clause_share(clauses: Sequence[tuple[ClauseType, float]], candidate: Candidate, *, second: float) -> float:
    """Return how surely a passage is one of the clause types, in [0, 1]; `second` discounts all but the first type."""
    if not clauses or candidate.context:
        return 0.0
    whole, best = fold(candidate.text), 0.0
    sentences: list[str] = []
    for place, (clause, strength) in enumerate(clauses):
        share = strength * (second if place else 1.0)
        narrowed = _narrowed(clause, whole) if share > best else None
        if narrowed is None or share * _most(narrowed) <= best:
            continue
        sentences = sentences or [fold(candidate.text[start:end]) for start, end in split_sentences(candidate.text)]
        scores = (score_folded(narrowed, sentence, opening=candidate.opening) for sentence in sentences)
        best = max(best, share * max(scores, default=0.0))
    return best


def _most(clause: ClauseType) -> float:
    """Return what a sentence with all cues of a type would score."""
    return 1.0 - prod(1.0 - weight for weight, _ in clause.cues)


def _narrowed(clause: ClauseType, whole: str) -> ClauseType | None:
    """Return a type with those of its cues alone that a text has: no other can be in a sentence of it."""
    found = tuple(place for place, (_, cue) in enumerate(clause.compiled) if cue.found(whole))
    if not found:
        return None
    against = tuple(place for place, (_, cue) in enumerate(clause.compiled_against) if cue.found(whole))
    return _with_cues(clause, found, against)


@lru_cache(maxsize=4096)
def _with_cues(clause: ClauseType, cues: tuple[int, ...], against: tuple[int, ...]) -> ClauseType:
    return replace(clause, cues=_kept(clause.cues, cues), against=_kept(clause.against, against))


def _kept(cues: Sequence[tuple[float, str]], places: tuple[int, ...]) -> tuple[tuple[float, str], ...]:
    # A cue bound to the start of a text may open any sentence.
    return tuple(cue for place, cue in enumerate(cues) if place in places or cue[1].startswith("<"))


def _look_around(ranked: Sequence[Ranked], own: Sequence[float], weights: Weights) -> None:
    around = [0.0] * len(ranked)
    for place, (left, right) in enumerate(pairwise(ranked)):
        if _beside(left, right):
            around[place] += own[place + 1]
            around[place + 1] += own[place]
    best_item: dict[int, float] = {}
    for place, lead in leads([one.candidate for one in ranked]).items():
        ranked[place].parts["lead"] = weights.lead * own[lead]
        best_item[lead] = max(best_item.get(lead, 0.0), own[place])
    for place, one in enumerate(ranked):
        one.parts["neighbour"] = weights.neighbour * around[place]
        if place in best_item:
            one.parts["items"] = weights.items * best_item[place]


def _beside(left: Ranked, right: Ranked) -> bool:
    one, other = left.candidate, right.candidate
    return other.row == one.row + 1 and one.group == other.group


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
