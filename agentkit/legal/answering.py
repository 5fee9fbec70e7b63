"""Answers a question from passages with their own sentences, or says that they do not answer it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from agentkit.legal.answering_index import Index, Unit, build_index
from agentkit.legal.answering_ranking import Ranked, rank
from agentkit.legal.answering_words import WEAK_STEMS, stems
from agentkit.legal.cues import fold
from agentkit.legal.questions import Question, understand
from agentkit.legal.search import split_named
from agentkit.types import Limits, SafePassage

_MAX_CLAIMS = 4
_ANSWERED = 0.4
_NEAR_BEST = 0.7
_WORDS, _WORDS_AMONG_MANY = 0.2, 0.6
_FULL = 1.3
_OTHER_WORDS = 0.5
_WITHOUT_CLAUSE = 0.5
_TERM_SCORE = 0.7
_NAMES_A_THING, _SAME_FROM, _SURE = 2, 5, 0.7
_SHORT, _DANGLING_LENGTH = 30, 120
_ASKS = re.compile(
    r"^(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|has|have|can|could|may|might|must|shall"
    r"|should|will|would|on|in|to|by|at|for|from|under|until|within|if|name|list|state|tell|describe|explain|give|find)\b|\?$"
)
_DANGLING = re.compile(
    r"^(?:(?:and|but|however|therefore|thus|accordingly),? )?"
    r"(?:it|this (?:is|was|does|has|means|will)|that|these|those|they|he|she|such|the same|we hold)\b"
)


@dataclass(frozen=True, slots=True)
class AnswerClaim:
    """Words that answer. `text` is the passage's `text[start:end]`; `salience` in [0, 1], higher is better.

    `topic` is the id of the clause type they state, where the question meant one.
    """

    text: str
    passage: str
    start: int
    end: int
    salience: float
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the passages say; no claims where they do not say. Claims come best first."""

    answered: bool
    claims: list[AnswerClaim] = field(default_factory=list[AnswerClaim])


def answer(
    question: str, passages: Sequence[SafePassage], *, terms: Sequence[str] = (), limits: Limits | None = None
) -> Answer:
    """Answer a question from passages.

    Words in front that name a document ("Under the Lease with Acme, who repairs?") choose among several, and are
    not looked for. A question that means a clause and says nothing more ("Can it be assigned?") is answered by the
    sentences that state the clause. Any other is answered by the sentences that share its words, by themselves or
    with what surrounds them, and hold the kind of value asked for. Where no word of the terms, or of a question
    that only names a thing, occurs in any document, nothing answers but a clause of exactly that name.

    Args:
        question: in plain words, or the name of a checklist item.
        passages: all passages of all documents of the run; those in quarantine are not read.
        terms: key terms of a checklist item, any of which answers, after what answers the question itself.
        limits: at most so many claims (default 4) and words.
    """
    named, question = split_named(question)
    index = build_index(_named(passages, named))
    asked = understand(question, terms=terms)
    found = _by_question(index, asked) if not terms or asked.generic or _ASKS.search(asked.folded) else []
    found = found if _spoken_of(index, asked, terms) else _exactly(found, asked)
    known = {item.unit.place for item in found}
    found += [item for item in _by_terms(index, terms) if item.unit.place not in known]
    topic = asked.clauses[0][0].id if asked.generic else ""
    claims = _claims(index, found, topic, limits or Limits())
    return Answer(answered=bool(claims), claims=claims)


def _named(passages: Sequence[SafePassage], named: str) -> Sequence[SafePassage]:
    """Return the passages of the documents that hold most of the words with which a question names its document."""
    roots = set(stems(fold(named)))
    if not roots or len({passage.source for passage in passages}) == 1:
        return passages
    vocabulary = build_index(passages).vocabulary
    held = {source: len(roots & set(known)) for source, known in vocabulary.items()}
    return [passage for passage in passages if held.get(passage.source, 0) == max(held.values())]


def _by_question(index: Index, asked: Question) -> list[Ranked]:
    if asked.generic:
        return _by_clause(index, asked)
    ranked = rank(index, asked)
    floor = max(_ANSWERED, _NEAR_BEST * ranked[0].score) if ranked else _ANSWERED
    return [item for item in ranked if item.score >= floor]


def _spoken_of(index: Index, asked: Question, terms: Sequence[str]) -> bool:
    """Whether any document has a word of the terms or, without terms, of a question that only names a thing."""
    named = [concept for concept in asked.concepts if not concept.is_document]
    if terms:
        roots = {root for term in terms for root in stems(fold(term))}
        roots = roots - WEAK_STEMS or roots
    elif not asked.generic or len(named) > _NAMES_A_THING or any(concept.weight < 1.0 for concept in named):
        return True
    else:
        roots = {root for concept in named for root in (concept.stem, *concept.alternatives)}
    return not roots or any(
        _same(root, word) for known in index.vocabulary.values() for word in known for root in roots
    )


def _same(one: str, other: str) -> bool:
    """Whether two stems are one word's: "arbitr" and "arbitrat"."""
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= _SAME_FROM and long.startswith(short))


def _exactly(found: Sequence[Ranked], asked: Question) -> list[Ranked]:
    """Return the sentences that surely state a clause, if its name says no more than the question."""
    name = set(stems(fold(asked.clauses[0][0].name))) if asked.generic else set[str]()
    if not name or not name <= {concept.stem for concept in asked.concepts} | set(stems(asked.folded)):
        return []
    return [item for item in found if item.score >= _SURE]


def _by_clause(index: Index, asked: Question) -> list[Ranked]:
    """Return the sentences that state the clause a question means.

    Among several documents, which need not be contracts, other words may say it: if they say it well.
    """
    hits = {place: score for score, place in index.present(asked.clauses[0][0])}
    if not hits:
        many = len(index.vocabulary) > 1
        return [item for item in rank(index, asked) if many and item.score >= _WITHOUT_CLAUSE]
    many = len(index.vocabulary) > 1
    also = {item.unit.place: item.score for item in rank(index, asked, among=None if many else hits)}
    share = _WORDS_AMONG_MANY if many else _WORDS
    ranked = [
        Ranked(index.units[place], (1.0 - share) * score + share * also.get(place, 0.0))
        for place, score in hits.items()
    ]
    if many:
        least = max(_OTHER_WORDS, _NEAR_BEST * max(item.score for item in ranked))
        ranked += [
            Ranked(index.units[place], score) for place, score in also.items() if place not in hits and score >= least
        ]
    return sorted(ranked, key=lambda item: (-item.score, item.unit.place))


def _by_terms(index: Index, terms: Sequence[str]) -> list[Ranked]:
    """Return the sentences that hold a key term, the ones with most of them first."""
    patterns = [_phrase(term) for term in terms if term.strip()]
    scored: list[Ranked] = []
    for unit in index.units if patterns else ():
        held = sum(pattern.search(unit.folded) is not None for pattern in patterns)
        if held and unit.kind not in {"contents", "heading", "numbered"}:
            scored.append(Ranked(unit, _TERM_SCORE + 0.3 * held / len(patterns)))
    return sorted(scored, key=lambda item: (-item.score, item.unit.place))


def _phrase(term: str) -> re.Pattern[str]:
    words = [re.escape(word) for word in re.findall(r"\w+", fold(term))]
    return re.compile(r"\b" + r"\W{1,4}".join(f"{word}(?:s|es|ed|ing)?" for word in words) + r"\b")


def _claims(index: Index, found: Sequence[Ranked], topic: str, limits: Limits) -> list[AnswerClaim]:
    """Return the best as claims that do not overlap, within the limits; only the first is cut to fit."""
    most = _MAX_CLAIMS if limits.max_claims is None else limits.max_claims
    claims: list[AnswerClaim] = []
    for item in found:
        if len(claims) == most:
            break
        claim = _claim(index, item, topic)
        if limits.max_words is not None and not claims:
            claim = _shorten(claim, limits.max_words)
        if not claim.text:
            break
        added = _add(index, claims, claim, item.unit)
        if limits.max_words is None or sum(len(one.text.split()) for one in added) <= limits.max_words:
            claims = added
        elif len(added) > len(claims):
            break
    return claims


def _add(index: Index, claims: list[AnswerClaim], claim: AnswerClaim, unit: Unit) -> list[AnswerClaim]:
    """Return the claims and one more; one that says the same is left out.

    One that would repeat words of another widens it if it needs them, or else goes without.
    """
    if any(claim.text == other.text for other in claims):
        return claims
    touched = [place for place, other in enumerate(claims) if _overlap(claim, other)]
    if touched and claim.end == unit.end and not _DANGLING.match(unit.folded):
        claim = replace(claim, text=index.texts[unit.passage][unit.start : unit.end], start=unit.start)
        touched = [place for place in touched if _overlap(claim, claims[place])]
    if not touched:
        return [*claims, claim]
    if len(touched) > 1:
        return claims
    place = touched[0]
    return [*claims[:place], _joined(index, claims[place], claim), *claims[place + 1 :]]


def _overlap(one: AnswerClaim, other: AnswerClaim) -> bool:
    return one.passage == other.passage and one.start < other.end and other.start < one.end


def _joined(index: Index, first: AnswerClaim, second: AnswerClaim) -> AnswerClaim:
    """Return the first claim, widened to the words of both."""
    start, end = min(first.start, second.start), max(first.end, second.end)
    return replace(first, text=index.texts[first.passage][start:end], start=start, end=end)


def _claim(index: Index, item: Ranked, topic: str) -> AnswerClaim:
    unit = item.unit
    start = _start(index, unit)
    text = index.texts[unit.passage][start : unit.end]
    return AnswerClaim(text, unit.passage, start, unit.end, min(1.0, item.score / _FULL), topic)


def _start(index: Index, unit: Unit) -> int:
    """Return where the claim begins: a sentence earlier where this one cannot be understood alone."""
    before = index.units[unit.place - 1] if unit.place else unit
    length = unit.end - unit.start
    dangling = _DANGLING.match(unit.folded) is not None and length < _DANGLING_LENGTH
    if before.passage != unit.passage or before is unit or ":" in unit.text or not (dangling or length < _SHORT):
        return unit.start
    return unit.start if "\n" in index.texts[unit.passage][before.end : unit.start] else before.start


def _shorten(claim: AnswerClaim, max_words: int) -> AnswerClaim:
    """Return the claim cut after so many words."""
    ends = [match.end() for match in re.finditer(r"\S+", claim.text)]
    if len(ends) <= max_words:
        return claim
    end = ends[max_words - 1] if max_words > 0 else 0
    return AnswerClaim(
        claim.text[:end], claim.passage, claim.start, claim.start + end, claim.salience, topic=claim.topic
    )
