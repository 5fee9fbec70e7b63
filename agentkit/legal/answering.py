"""Answers a question from passages with their own sentences, or says that they do not answer it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from agentkit.legal.answering_index import Index, Unit, build_index
from agentkit.legal.answering_ranking import rank
from agentkit.legal.clauses import ClauseType
from agentkit.legal.questions import understand
from agentkit.types import Limits, SafePassage

_MAX_CLAIMS = 4
_ANSWERED = 0.5
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
    if asked.generic:
        return _from_clause(index, asked.clauses[0][0], limits or Limits())
    ranked = rank(index, asked)
    if not ranked or ranked[0].score < _ANSWERED:
        return Answer(answered=False)
    floor = max(_ANSWERED, _NEAR_BEST * ranked[0].score)
    most = (limits or Limits()).max_claims or _MAX_CLAIMS
    return Answer(
        answered=True,
        claims=[_claim(item.unit, item.score, "") for item in ranked[:most] if item.score >= floor],
    )


def _from_clause(index: Index, clause: ClauseType, limits: Limits) -> Answer:
    hits = [(score, index.units[place]) for score, place in index.clause(clause) if score >= clause.threshold]
    claims = [_claim(unit, score, clause.id) for score, unit in hits[: limits.max_claims or _MAX_CLAIMS]]
    return Answer(answered=bool(claims), claims=claims)


def _claim(unit: Unit, score: float, topic: str) -> AnswerClaim:
    return AnswerClaim(unit.text, unit.passage, unit.start, unit.end, score, topic)
