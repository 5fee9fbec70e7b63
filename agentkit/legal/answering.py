"""Answers a question from passages with their own sentences, or says that they do not answer it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from agentkit.legal.answering_index import Index, Unit, build_index
from agentkit.legal.answering_ranking import Ranked, rank
from agentkit.legal.questions import Question, understand
from agentkit.types import Limits, SafePassage

_MAX_CLAIMS = 4
_ANSWERED = 0.36
_WORDS, _WORDS_AMONG_MANY = 0.4, 0.6
_NEAR_BEST = 0.7


@dataclass(frozen=True, slots=True)
class AnswerClaim:
    """A sentence that answers. `text` is `passage.text[start:end]`; `salience` in [0, 1], higher is better."""

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

    Args:
        question: in plain words; may be empty where `terms` are given.
        passages: all passages of all documents of the run; those in quarantine are not read.
        terms: key terms of a checklist item, any of which may answer.
        limits: at most so many claims and words.
    """
    index = build_index(passages)
    asked = understand(question, terms=terms)
    ranked = _by_clause(index, asked) if asked.generic else rank(index, asked)
    if not ranked or ranked[0].score < (0.0 if asked.generic else _ANSWERED):
        return Answer(answered=False)
    floor = 0.0 if asked.generic else max(_ANSWERED, _NEAR_BEST * ranked[0].score)
    most = (limits or Limits()).max_claims or _MAX_CLAIMS
    topic = asked.clauses[0][0].id if asked.generic else ""
    claims = [_claim(item.unit, item.score, topic) for item in ranked[:most] if item.score >= floor]
    return Answer(answered=True, claims=claims)


def _by_clause(index: Index, asked: Question) -> list[Ranked]:
    """Return the sentences that state the clause a question means, and nothing else."""
    hits = {place: score for score, place in index.present(asked.clauses[0][0])}
    if not hits:
        return []
    also = {item.unit.place: item.score for item in rank(index, asked, among=hits)}
    share = _WORDS_AMONG_MANY if len(index.vocabulary) > 1 else _WORDS
    ranked = [
        Ranked(index.units[place], (1.0 - share) * score + share * also.get(place, 0.0), 0.0)
        for place, score in hits.items()
    ]
    return sorted(ranked, key=lambda item: (-item.score, item.unit.place))


def _claim(unit: Unit, score: float, topic: str) -> AnswerClaim:
    return AnswerClaim(unit.text, unit.passage, unit.start, unit.end, score, topic)
