"""Where the words of a question occur: in a sentence itself, near it, in its document."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from agentkit.legal.answering_index import Index
from agentkit.legal.answering_kinds import has_kind
from agentkit.legal.questions import Concept, Question

_ALIAS, _SYNONYM, _RELATED, _HEADING, _OPENING = 0.9, 0.75, 0.6, 0.75, 0.5
_HIDDEN_NAME, _HIDDEN_WEIGHT, _HIDDEN_IN_DOCUMENT = 0.4, 0.6, 0.4
_NEAR, _NEAR_NAME = ((-1, 0.5), (1, 0.4), (-2, 0.3)), ((-1, 0.94), (1, 0.88), (-2, 0.87))
_NAME_IN_DOCUMENT, _SOMEWHERE, _ONLY_HERE = 0.85, 0.25, 0.25
_NEW_VERB = 0.6
_SECOND_CLAUSE = 0.5
_ADDRESSES = ("<street_address", "<location", "<address")
_OF_ITS_KIND = 0.9
_NEARLY_PRESENT = 0.8


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a concept occurs: sentences with a strength, headings, documents. `weight` counts its rarity, too.

    A name that no document spells is `hidden` where the documents have persons behind placeholders.
    """

    concept: Concept
    weight: float
    own: dict[int, float]
    under: frozenset[int]
    openings: frozenset[int]
    documents: frozenset[int]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """A question's evidence in an index. `clause` scores sentences by the clause types the question means."""

    index: Index
    question: Question
    evidence: list[Evidence]
    clause: dict[int, float]
    documents: dict[int, float]

    def match(self, item: Evidence, place: int) -> tuple[float, float]:
        """Return how well a concept is met at a place: by the sentence itself, and with what surrounds it."""
        own = item.own.get(place, 0.0)
        if item.concept.in_clause:
            own = max(own, 0.9 * self.clause.get(place, 0.0))
        if item.concept.is_kind and has_kind(self.index.units[place].text, self.question.kinds[0]):
            own = max(own, _OF_ITS_KIND)
        source = self.index.units[place].source
        around = _HEADING if place in item.under else 0.0
        for near, worth in _NEAR_NAME if item.concept.is_name else _NEAR:
            near += place
            if near in item.own and self.index.units[near].source == source:
                around = max(around, worth * item.own[near])
        if source in item.documents:
            around = max(around, self._in_document(item))
        if source in item.openings:
            around = max(around, _NAME_IN_DOCUMENT if item.concept.is_document else _OPENING)
        return own, max(own, around)

    def _in_document(self, item: Evidence) -> float:
        """Return what it is worth that a concept occurs somewhere in a document: more, the fewer have it."""
        if item.hidden:
            return _HIDDEN_IN_DOCUMENT
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
    return Search(index, question, evidence, _clause_scores(index, question), _document_shares(index, evidence))


def _document_shares(index: Index, evidence: list[Evidence]) -> dict[int, float]:
    """Return how well each document as a whole meets the question: 1 for the best, words in few documents tell most."""
    shares = dict.fromkeys(index.vocabulary, 0.0)
    for item in evidence:
        if item.hidden or not item.documents or item.concept.is_kind:
            continue
        told = item.concept.weight * math.log((len(shares) + 1) / len(item.documents))
        for source in item.documents:
            shares[source] += told * _spelled(item.concept, index.vocabulary[source])
    best = max(shares.values(), default=0.0)
    return {source: share / best if best else 1.0 for source, share in shares.items()}


def _spelled(concept: Concept, known: set[str]) -> float:
    if concept.stem in known:
        return 1.0
    return _SYNONYM if not concept.alternatives.isdisjoint(known) else _RELATED


def _gather(index: Index, concept: Concept) -> Evidence:
    own = dict.fromkeys(index.postings.get(concept.stem, ()), 1.0)
    hidden = _behind_placeholders(index, concept) if concept.is_address or not own else {}
    if concept.is_name:
        _add(own, _called(index, concept.stem), _ALIAS)
    for place, worth in hidden.items():
        own.setdefault(place, worth)
    for others, worth in ((concept.alternatives, _SYNONYM), (concept.related, _RELATED)):
        for other in others:
            _add(own, index.postings.get(other, ()), worth)
    under = {place for root in (concept.stem, *concept.alternatives) for place in index.headings.get(root, ())}
    known = {source for source, vocabulary in index.vocabulary.items() if _occurs(concept, vocabulary)}
    hides = bool(hidden) and not concept.is_address
    return Evidence(
        concept=concept,
        weight=concept.weight
        * (_HIDDEN_WEIGHT if hides else _rarity(index, own) if own or not concept.is_verb else _NEW_VERB),
        own=own,
        under=frozenset(under),
        openings=frozenset(source for source, known in index.openings.items() if concept.stem in known),
        documents=frozenset(known | {index.units[place].source for place in hidden}),
        hidden=hides,
    )


def _add(own: dict[int, float], places: Iterable[int], worth: float) -> None:
    for place in places:
        own.setdefault(place, worth)


def _called(index: Index, name: str) -> Iterator[int]:
    """Yield where a document calls the bearer of a name by a role."""
    for role, source in index.aliases.get(name, ()):
        yield from (place for place in index.postings.get(role, ()) if index.units[place].source == source)


def _behind_placeholders(index: Index, concept: Concept) -> dict[int, float]:
    """Return where a street or person that no document spells may stand behind a placeholder."""
    if concept.is_address:
        return dict.fromkeys(_hidden(index, *_ADDRESSES), _SYNONYM)
    return dict.fromkeys(_hidden(index, "<person_"), _HIDDEN_NAME) if concept.is_person else {}


def _rarity(index: Index, own: Mapping[int, float]) -> float:
    """Return what it tells that a concept is met, between 0.25 and 1: the more, the fewer sentences meet it."""
    total = len(index.units) + 1
    met = sum(worth * worth for worth in own.values()) + 0.5
    return min(1.0, max(0.25, math.log(total / met) / math.log(total + 1))) if total > 1 else 1.0


def _hidden(index: Index, *marks: str) -> Iterator[int]:
    return (place for word, places in index.postings.items() if word.startswith(marks) for place in places)


def _occurs(concept: Concept, known: set[str]) -> bool:
    return concept.stem in known or not (concept.alternatives | concept.related).isdisjoint(known)


def _clause_scores(index: Index, question: Question) -> dict[int, float]:
    scores: dict[int, float] = {}
    for position, (clause, strength) in enumerate(question.clauses[:2]):
        share = _SECOND_CLAUSE if position else 1.0
        for score, place in index.clause(clause):
            if score >= clause.threshold * _NEARLY_PRESENT:
                scores[place] = max(scores.get(place, 0.0), score * min(1.0, strength) * share)
    return scores
