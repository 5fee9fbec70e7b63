"""How well each sentence answers a question: the words it shares, what surrounds it, the kind of value it holds."""

import math
import re
from collections.abc import Collection
from dataclasses import dataclass

from agentkit.legal.answering_index import Index, Unit
from agentkit.legal.answering_kinds import has_kind
from agentkit.legal.questions import Concept, Question

_ALIAS, _SYNONYM, _HEADING, _NEAR, _OPENING, _DOCUMENT = 0.9, 0.8, 0.75, 0.5, 0.5, 0.25
_NAME_IN_DOCUMENT = 0.85
_CANDIDATES = 40
_MISSING = 0.2
_OTHER_DOCUMENT = 0.5
_AROUND = 0.6


@dataclass(frozen=True, slots=True)
class Ranked:
    """A sentence and how well it answers, in [0, 1]; `own` is the share of the question it holds itself."""

    unit: Unit
    score: float
    own: float


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Where a concept occurs: sentences with a strength, headings, documents. `weight` counts its rarity."""

    concept: Concept
    weight: float
    own: dict[int, float]
    under: frozenset[int]
    openings: frozenset[int]
    documents: frozenset[int]


def rank(index: Index, question: Question, *, among: Collection[int] | None = None) -> list[Ranked]:
    """Return sentences that share words with a question, best first; `among` (places) limits which."""
    evidence = [_gather(index, concept) for concept in question.concepts]
    clause = _clause_scores(index, question)
    places = set(among) if among is not None else {place for item in evidence for place in item.own} | clause.keys()
    rough = sorted(places, key=lambda place: (-_coverage(index, evidence, clause, place)[0], place))
    ranked = [_judge(index, question, evidence, clause, place) for place in rough[:_CANDIDATES]]
    return sorted(ranked, key=lambda item: (-item.score, item.unit.place))


def _gather(index: Index, concept: Concept) -> _Evidence:
    own = dict.fromkeys(index.postings.get(concept.stem, ()), 1.0)
    for role, source in index.aliases.get(concept.stem, ()) if concept.is_name else ():
        for place in index.postings.get(role, ()):
            if index.units[place].source == source:
                own.setdefault(place, _ALIAS)
    for other in concept.alternatives:
        for place in index.postings.get(other, ()):
            own.setdefault(place, _SYNONYM)
    under = {place for root in (concept.stem, *concept.alternatives) for place in index.headings.get(root, ())}
    total = len(index.units) + 1
    rarity = math.log(total / (len(own) + 0.5)) / math.log(total + 1) if total > 1 else 1.0
    return _Evidence(
        concept=concept,
        weight=concept.weight * min(1.0, max(0.25, rarity)),
        own=own,
        under=frozenset(under),
        openings=frozenset(source for source, known in index.openings.items() if concept.stem in known),
        documents=frozenset(source for source, known in index.vocabulary.items() if _occurs(concept, known)),
    )


def _occurs(concept: Concept, known: set[str]) -> bool:
    return concept.stem in known or not concept.alternatives.isdisjoint(known)


def _clause_scores(index: Index, question: Question) -> dict[int, float]:
    scores: dict[int, float] = {}
    for clause, strength in question.clauses[:2]:
        for score, place in index.clause(clause):
            if score >= clause.threshold * 0.8:
                scores[place] = max(scores.get(place, 0.0), score * strength)
    return scores


def _match(index: Index, item: _Evidence, clause: dict[int, float], place: int) -> tuple[float, float]:
    """Return how well a concept is met at a place: by the sentence itself, and by all that surrounds it."""
    own = item.own.get(place, 0.0)
    if item.concept.in_clause:
        own = max(own, 0.9 * clause.get(place, 0.0))
    unit = index.units[place]
    around = _HEADING if place in item.under else 0.0
    for near in (place - 1, place + 1):
        if near in item.own and index.units[near].source == unit.source:
            around = max(around, _NEAR * item.own[near])
    if unit.source in item.documents:
        around = max(around, _in_document(index, item))
    if unit.source in item.openings:
        around = max(around, _NAME_IN_DOCUMENT if item.concept.is_document else _OPENING)
    return own, max(own, around)


def _in_document(index: Index, item: _Evidence) -> float:
    """Return what it is worth that a concept occurs somewhere in a document: more, the fewer documents have it."""
    if item.concept.is_name:
        return _NAME_IN_DOCUMENT
    others = len(index.vocabulary) - 1
    return _DOCUMENT + (0.35 * (1.0 - (len(item.documents) - 1) / others) if others else 0.0)


def _coverage(index: Index, evidence: list[_Evidence], clause: dict[int, float], place: int) -> tuple[float, float]:
    """Return the share of the question's weight met at a place: with what surrounds it, and alone."""
    total = sum(item.weight for item in evidence) or 1.0
    pairs = [(item.weight, *_match(index, item, clause, place)) for item in evidence]
    return sum(w * both for w, _, both in pairs) / total, sum(w * own for w, own, _ in pairs) / total


def _judge(index: Index, question: Question, evidence: list[_Evidence], clause: dict[int, float], place: int) -> Ranked:
    unit = index.units[place]
    covered, own = _coverage(index, evidence, clause, place)
    missing = sum(item.weight for item in evidence if _match(index, item, clause, place)[1] < _MISSING)
    score = (_AROUND * covered + (1.0 - _AROUND) * own) * (
        1.0 - 0.5 * missing / (sum(item.weight for item in evidence) or 1.0)
    )
    if any(item.concept.is_name and unit.source not in item.documents for item in evidence):
        score *= _OTHER_DOCUMENT
    score *= _kind_factor(question, unit)
    score *= _focus_factor(index, evidence, clause, place)
    score *= _defining(question, unit)
    score *= 0.6 if unit.kind in {"heading", "contents", "signatures"} or len(unit.folded) < 12 else 1.0
    return Ranked(unit, min(1.0, score + 0.15 * clause.get(place, 0.0)), own)


def _kind_factor(question: Question, unit: Unit) -> float:
    """Return 1.1 where the sentence holds the best kind of value, less where another or none."""
    if not question.kinds:
        return 1.0
    for position, kind in enumerate(question.kinds):
        if has_kind(unit.text, kind):
            return 1.15 - 0.1 * position
    hard = question.kinds[0] in {"contact", "measure"} or (question.identity and question.kinds[0] == "name")
    return 0.3 if hard else 0.6


def _focus_factor(index: Index, evidence: list[_Evidence], clause: dict[int, float], place: int) -> float:
    """Return less than 1 where what is asked for is not mentioned here."""
    heads = [item for item in evidence if item.concept.in_focus and item.concept.weight > 0.5]
    if not heads:
        return 1.0
    met = [_mention(item, *_match(index, item, clause, place), place) for item in heads]
    head = max((m for m, item in zip(met, heads, strict=True) if item.concept.is_head), default=max(met))
    return 0.55 + 0.45 * (0.6 * head + 0.4 * sum(met) / len(met))


def _mention(item: _Evidence, own: float, both: float, place: int) -> float:
    """Return how well a word is met nearby: what the document says elsewhere counts half."""
    if own:
        return min(1.0, own)
    return 0.9 * both if place in item.under else 0.5 * both


def _defining(question: Question, unit: Unit) -> float:
    if not question.defines:
        return 1.0
    term = re.escape(question.defines)
    return (
        1.5
        if re.search(rf"\"[\w -]{{0,40}}{term}\w*[^\"]{{0,30}}\" (?:means|includes|shall mean|is|has)", unit.folded)
        else 0.8
    )
