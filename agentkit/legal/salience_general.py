"""Draft claims about a judgment, a statute or any other prose."""

import re
from collections.abc import Sequence
from dataclasses import replace

from agentkit.legal.judgments import floor_given, is_said, role_of
from agentkit.legal.judgments import priors as judgment_priors
from agentkit.legal.judgments_rank import rank_judgment
from agentkit.legal.salience_drafts import Draft
from agentkit.legal.salience_focus import Focus
from agentkit.legal.salience_rank import rank
from agentkit.legal.salience_units import Unit, is_junk, leans, starts_well
from agentkit.legal.tidy import MIN_WORDS, has_verb, readable, strip_opening

_FEW = 12
# Says where the writer is, not what is so: "The second question is harder."
_SIGNPOST = re.compile(
    r"(?:We|I) (?:now |next )?turn\b|The (?:first|second|third|next|last|remaining|other) "
    r"(?:question|issue|point|ground|argument)\b.{0,30}$",
    re.IGNORECASE,
)
# A title that says what its part finds: "A. The limit was part of the contract."
_LETTERED = re.compile(r"(?:[A-HJ-Z]|[IVX]{1,5})\.\s+[A-Z][\w’'-]*\s+[a-z]")
_TITLE_WORDS = 16
_PAST = re.compile(r"\b[a-z]{2,}ed\b")
_AMENDING = re.compile(
    r"\bis (?:amended|repealed)\b|\b(?:striking|strike|inserting|insert) the (?:word|phrase|acronym|figure)|"
    r"\bmay be cited as\b",
    re.IGNORECASE,
)


def judgment_drafts(units: Sequence[Unit], *, focus: Focus, limit: int) -> list[Draft]:
    """Draft claims from a judgment's sentences: facts, issue, holding and reasons, disposition."""
    units = [_begun(unit) for unit in units if not _LETTERED.match(unit.text) or unit.words > _TITLE_WORDS]
    texts = [readable(unit.text, headings=False) for unit in units]
    priors = judgment_priors([unit.text for unit in units])
    fit = [_spoken(unit, text) for unit, text in zip(units, texts, strict=True)]
    weights = _weights(units, fit, priors, focus)
    best = rank_judgment([unit.text for unit in units], weights, limit=limit)
    return [replace(draft, topic=role_of(draft.text)[0]) for draft in _drafts(units, texts, best)]


def _begun(unit: Unit) -> Unit:
    """Leave out the words that say who delivers the judgment, where its first sentence runs on from them."""
    skip = floor_given(unit.text)
    if skip == 0 or unit.end - unit.start != len(unit.text):
        return unit
    return replace(unit, start=unit.start + skip, text=unit.text[skip:])


def general_drafts(units: Sequence[Unit], *, focus: Focus, limit: int) -> list[Draft]:
    """Draft claims from any prose: what is central, stands early, and is not said twice."""
    count = max(1, len(units))
    lean = 0.8 if count <= _FEW else 0.25  # the first sentence of a short text says what it is about
    early = [1.0 + lean * (1 - i / count) for i in range(len(units))]
    texts = [readable(unit.text, headings=True) for unit in units]
    fit = [_fitness(unit, text) for unit, text in zip(units, texts, strict=True)]
    best = rank([unit.text for unit in units], _weights(units, fit, early, focus), limit=limit)
    return _drafts(units, texts, best)


def _weights(units: Sequence[Unit], fit: Sequence[float], priors: Sequence[float], focus: Focus) -> list[float]:
    return [
        prior * worth * focus.factor(unit.text, unit.heading, ())
        for prior, worth, unit in zip(priors, fit, units, strict=True)
    ]


def _drafts(units: Sequence[Unit], texts: Sequence[str], best: Sequence[tuple[int, float]]) -> list[Draft]:
    drafts: list[Draft] = []
    for index, worth in best:
        unit = units[index]
        drafts.append(Draft(texts[index], ((unit.passage, unit.start, unit.end),), {}, round(worth, 4), ""))
    return sorted(drafts, key=lambda draft: draft.quotes[-1])


def _fitness(unit: Unit, text: str) -> float:
    """Return how well a sentence stands alone: 0 for what is no prose."""
    if unit.words < MIN_WORDS or is_junk(unit.text):
        return 0.0
    if not starts_well(unit) or "WHEREAS" in unit.text:
        return 0.3
    if _SIGNPOST.match(text) or (not has_verb(text) and not _PAST.search(text)):
        return 0.05
    return (0.95 if leans(text) else 1.0) * (0.1 if _AMENDING.search(text) else 1.0)


def _spoken(unit: Unit, text: str) -> float:
    """Return how well a judgment's sentence stands alone; judges begin as they please, and use any verb."""
    if unit.words < MIN_WORDS or is_junk(unit.text):
        return 0.0
    if not starts_well(unit) and not strip_opening(unit.text)[:1].isupper():
        return 0.3
    if _SIGNPOST.match(text) or not is_said(text):
        return 0.05
    return 0.95 if leans(text) else 1.0
