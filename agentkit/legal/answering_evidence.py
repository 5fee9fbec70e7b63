"""Where the words of a question occur: in a sentence itself, near it, in its document."""

import math
from dataclasses import dataclass

from agentkit.legal.answering_index import Index
from agentkit.legal.answering_kinds import has_kind
from agentkit.legal.questions import Concept, Question

_ALIAS, _SYNONYM, _HEADING, _NEAR, _OPENING = 0.9, 0.75, 0.75, 0.5, 0.5
_NAME_IN_DOCUMENT, _SOMEWHERE, _ONLY_HERE = 0.85, 0.25, 0.25
_SECOND_CLAUSE = 0.5
_OF_ITS_KIND = 0.9
_NEARLY_PRESENT = 0.8


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a concept occurs: sentences with a strength, headings, documents. `weight` counts its rarity, too."""

    concept: Concept
    weight: float
    own: dict[int, float]
    under: frozenset[int]
    openings: frozenset[int]
    documents: frozenset[int]


@dataclass(frozen=True, slots=True)
class Search:
    """A question's evidence in an index. `clause` scores sentences by the clause types the question means."""

    index: Index
    question: Question
    evidence: list[Evidence]
    clause: dict[int, float]

    def match(self, item: Evidence, place: int) -> tuple[float, float]:
        """Return how well a concept is met at a place: by the sentence itself, and with what surrounds it."""
        own = item.own.get(place, 0.0)
        if item.concept.in_clause:
            own = max(own, 0.9 * self.clause.get(place, 0.0))
        if item.concept.is_kind and has_kind(self.index.units[place].text, self.question.kinds[0]):
            own = max(own, _OF_ITS_KIND)
        source = self.index.units[place].source
        around = _HEADING if place in item.under else 0.0
        for near in (place - 1, place + 1):
            if near in item.own and self.index.units[near].source == source:
                around = max(around, _NEAR * item.own[near])
        if source in item.documents:
            around = max(around, self._in_document(item))
        if source in item.openings:
            around = max(around, _NAME_IN_DOCUMENT if item.concept.is_document else _OPENING)
        return own, max(own, around)

    def _in_document(self, item: Evidence) -> float:
        """Return what it is worth that a concept occurs somewhere in a document: more, the fewer have it."""
        if item.concept.is_name:
            return _NAME_IN_DOCUMENT
        others = len(self.index.vocabulary) - 1
        return _SOMEWHERE + (_ONLY_HERE * (1.0 - (len(item.documents) - 1) / others) if others else 0.0)

    def coverage(self, place: int) -> tuple[float, float]:
        """Return the share of the question's weight met at a place: with what surrounds it, and alone."""
        total = sum(item.weight for item in self.evidence) or 1.0
        pairs = [(item.weight, *self.match(item, place)) for item in self.evidence]
        return sum(w * both for w, _, both in pairs) / total, sum(w * own for w, own, _ in pairs) / total


def search(index: Index, question: Question) -> Search:
    """Gather a question's evidence."""
    evidence = [_gather(index, concept) for concept in question.concepts]
    return Search(index, question, evidence, _clause_scores(index, question))


def _gather(index: Index, concept: Concept) -> Evidence:
    own = dict.fromkeys(index.postings.get(concept.stem, ()), 1.0)
    for role, source in index.aliases.get(concept.stem, ()) if concept.is_name else ():
        for place in index.postings.get(role, ()):
            if index.units[place].source == source:
                own.setdefault(place, _ALIAS)
    for hidden in _hidden_addresses(index) if concept.is_address and not own else ():
        for place in index.postings[hidden]:
            own.setdefault(place, _SYNONYM)
    for other in concept.alternatives:
        for place in index.postings.get(other, ()):
            own.setdefault(place, _SYNONYM)
    under = {place for root in (concept.stem, *concept.alternatives) for place in index.headings.get(root, ())}
    total = len(index.units) + 1
    rarity = math.log(total / (len(own) + 0.5)) / math.log(total + 1) if total > 1 else 1.0
    return Evidence(
        concept=concept,
        weight=concept.weight * min(1.0, max(0.25, rarity)),
        own=own,
        under=frozenset(under),
        openings=frozenset(source for source, known in index.openings.items() if concept.stem in known),
        documents=frozenset(
            {source for source, known in index.vocabulary.items() if _occurs(concept, known)}
            | {index.units[place].source for place in own if concept.is_address}
        ),
    )


def _hidden_addresses(index: Index) -> list[str]:
    return [word for word in index.postings if word.startswith(("<street_address", "<location", "<address"))]


def _occurs(concept: Concept, known: set[str]) -> bool:
    return concept.stem in known or not concept.alternatives.isdisjoint(known)


def _clause_scores(index: Index, question: Question) -> dict[int, float]:
    scores: dict[int, float] = {}
    for position, (clause, strength) in enumerate(question.clauses[:2]):
        share = _SECOND_CLAUSE if position else 1.0
        for score, place in index.clause(clause):
            if score >= clause.threshold * _NEARLY_PRESENT:
                scores[place] = max(scores.get(place, 0.0), score * min(1.0, strength) * share)
    return scores
