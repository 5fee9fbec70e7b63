"""Draft claims about a contract: for each sentence worth it, what it says, in its own words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from agentkit.legal.salience import best_topics, topic_scores, weight_of
from agentkit.legal.salience_choice import Candidate, choose
from agentkit.legal.salience_conflicts import contradictions
from agentkit.legal.salience_drafts import OPENING, WIDE, Draft
from agentkit.legal.salience_focus import Focus
from agentkit.legal.salience_general import general_drafts
from agentkit.legal.salience_preamble import Opening
from agentkit.legal.salience_units import Unit, is_boilerplate, is_junk, leans, starts_well
from agentkit.legal.tidy import MIN_WORDS, has_verb, readable, strip_opening

_ELSEWHERE = 0.15  # what a sentence is worth that speaks to no topic, beside one that does
_TYPICAL = 36  # words that a long sentence may come down to
_LEANING = 0.6  # what is left of a score where the sentence is no clause of its own
_RECITAL = re.compile(
    r"WHEREAS\b|(?!.*\b(?:shall|will|must|may|hereby)\b).*\b(?:wish(?:es)?|desires?|intends?|wants?) to\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"(?:It|They|Such|These|Those|He|She) (?:\w+ ){0,4}(?:shall|will|may|must|is|are|has|have)\b")
_TITLE = 8  # words
_GAP = 3  # characters between a sentence and one that follows it in the same paragraph
_BASE, _FOCUSED = 0.02, 0.5  # what a draft is worth beside its topics, without and with a focus


def contract_drafts(units: Sequence[Unit], openings: Sequence[Opening], *, focus: Focus, limit: int) -> list[Draft]:
    """Draft claims from the sentences of one contract.

    Args:
        units: its sentences, in order.
        openings: the claims that name the document, its date and its parties.
        focus: what to concentrate on.
        limit: about how many words to return; more than a summary needs.
    Returns:
        One draft a sentence, in order.
    """
    spoken = [unit for opening in openings for unit in opening.used]
    rest = [unit for unit in units if unit not in spoken and not is_junk(unit.text) and starts_well(unit)]
    drafts = [_opening(opening) for opening in openings]
    silent: list[Unit] = []
    for unit in _with_antecedents(rest):
        draft = _draft(unit)
        if draft is not None:
            drafts.append(draft)
        elif not is_boilerplate(unit.text):
            silent.append(unit)
    kept = _thin(drafts, focus, limit)
    for draft in general_drafts(silent, focus=focus, limit=limit // 4):
        kept.append(Draft(draft.text, draft.quotes, draft.scores, round(draft.worth * _ELSEWHERE, 4), draft.topic))
    return sorted(kept, key=lambda draft: draft.quotes[-1])


def _with_antecedents(units: Sequence[Unit]) -> Iterator[Unit]:
    """Yield units, those that lean on the sentence before them together with it where that is short."""
    before: Unit | None = None
    for unit in units:
        merged = None
        if before is not None and _PRONOUN.match(strip_opening(unit.text)):
            near = before.passage == unit.passage and 0 <= unit.start - before.end <= _GAP
            if near and not unit.before and before.words + unit.words <= WIDE:
                merged = replace(unit, start=before.start, text=f"{before.text} {unit.text}")
        yield merged or unit
        before = unit


def _opening(opening: Opening) -> Draft:
    scores = {OPENING: 1.0, **{k: v for k, v in topic_scores(opening.text).items() if k.endswith("date")}}
    return Draft(opening.text, opening.quotes, scores, 1.0, OPENING)


def clause_scores(sentence: str, heading: str = "") -> dict[str, float]:
    """Score the topics of a sentence as `topic_scores` does, less where it is no clause of its own.

    Boilerplate, recitals, and sentences that lean on the one before ("Such audit …") count for less.
    """
    scores = topic_scores(sentence, heading)
    if is_boilerplate(sentence):
        scores = {name: value - 0.3 for name, value in scores.items() if value > 0.8}
    if scores and (_RECITAL.match(sentence) or leans(readable(sentence))):
        scores = {name: value * _LEANING for name, value in scores.items()}
    return scores


def _draft(unit: Unit) -> Draft | None:
    scores = clause_scores(unit.text, unit.heading)
    names = [name for name in best_topics(scores) if name != OPENING]
    text = readable(unit.text) if names else ""
    if text.count(" ") < MIN_WORDS - 1 or not (has_verb(text[:400]) or _is_sentence(unit)):
        return None
    worth = min(1.0, 0.1 + sum(weight_of(name) * scores[name] for name in names) / 2)
    kept = {name: scores[name] for name in names}
    return Draft(text, unit.quotes, kept, round(worth, 4), names[0])


def _is_sentence(unit: Unit) -> bool:
    """Tell whether a unit whose verb nobody knows is a sentence all the same: closed, and longer than a title."""
    return unit.text.endswith(".") and unit.words > _TITLE


def _thin(drafts: Sequence[Draft], focus: Focus, limit: int) -> list[Draft]:
    """Keep the drafts that a summary of `limit` words would choose."""
    marks = contradictions([draft.text for draft in drafts], [draft.quotes[-1] for draft in drafts])
    candidates = [
        Candidate(
            min(_TYPICAL, draft.text.count(" ") + 1),
            {**draft.scores, **marks.get(number, {})},
            _FOCUSED if focus.stems else _BASE,
            draft.quotes[-1],
            factor=focus.factor(draft.text, "", draft.scores),
            opens=draft.topic == OPENING,
        )
        for number, draft in enumerate(drafts)
    ]
    chosen = {drafts[i].quotes[-1] for i in choose(candidates, max_words=limit)}
    return [draft for draft in drafts if draft.quotes[-1] in chosen]
