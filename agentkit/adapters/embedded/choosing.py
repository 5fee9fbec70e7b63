"""The task *combine* of the embedded model: which candidate claims make the best summary."""

import re
from collections.abc import Sequence
from dataclasses import replace
from math import log2

from agentkit.adapters.embedded.drafting import Json
from agentkit.legal.salience import topics
from agentkit.legal.salience_choice import OVERHEAD, Candidate, choose
from agentkit.legal.salience_conflicts import contradictions
from agentkit.legal.salience_contracts import clause_scores
from agentkit.legal.salience_drafts import OPENING, SHORT
from agentkit.legal.salience_focus import Focus, focus_of
from agentkit.text.sentences import count_words as words_of
from agentkit.types import Claim, Limits, Prompt

_TOKEN = re.compile(r"[a-z0-9]{3,}")
_PLACEHOLDER = re.compile(r"<([A-Z_]+)_\d+>")
_HIDDEN_WORDS = {"STREET_ADDRESS": 9, "PERSON": 2, "PHONE_NUMBER": 2, "DATE_OF_BIRTH": 2}
_DEFAULT_WORDS = 400
_CHARS_PER_WORD = 6.2
_BASE = 0.02
_FOCUSED = 0.5  # what concerns the focus is worth something whatever else it says
_RELEVANT = 0.2
_ORDINARY_CLAIM = 30  # words of a claim whose worth of 1 weighs as much as an important topic


def combine_claims(prompt: Prompt) -> Json:
    """Answer *combine*: the ids to keep, in reading order, within the limits."""
    claims = prompt.claims
    budget = prompt.limits.max_words if prompt.limits.max_words is not None else default_words(claims)
    focus = focus_of(prompt.question)
    usable = [claim for claim in claims if _wanted(claim, budget, prompt.limits)]
    candidates = _marked(usable, [_candidate(claim, focus) for claim in usable])
    if any(item.factor >= _RELEVANT for item in candidates):
        pairs = [(c, i) for c, i in zip(usable, candidates, strict=True) if i.factor >= _RELEVANT]
        usable, candidates = [claim for claim, _ in pairs], [item for _, item in pairs]
    kept = choose(candidates, max_words=budget, max_claims=prompt.limits.max_claims)
    return {"keep": [usable[i].id for i in kept]}


def _marked(claims: Sequence[Claim], candidates: Sequence[Candidate]) -> list[Candidate]:
    """Mark the claims of a contract that contradict one another, so that both halves are worth showing."""
    clauses = [i for i, claim in enumerate(claims) if claim.topic in topics()]
    found = contradictions([claims[i].text for i in clauses], [candidates[i].span for i in clauses])
    marks = {clauses[i]: scores for i, scores in found.items()}
    return [replace(item, scores={**item.scores, **marks.get(i, {})}) for i, item in enumerate(candidates)]


def default_words(claims: Sequence[Claim]) -> int:
    """Return a fitting length for the documents that claims come from: a seventh of a short one, 400 to 800 words."""
    ends: dict[int, int] = {}
    for claim in claims:
        for citation in claim.citations:
            ends[citation.source] = max(ends.get(citation.source, 0), citation.end)
    texts = "".join(claim.text for claim in claims)
    per_word = min(_CHARS_PER_WORD, len(texts) / max(1, words_of(texts)))
    total = 0.0
    for end in ends.values():
        words = end / per_word
        total += max(60.0, min(_DEFAULT_WORDS, words / 6) + (120 * log2(words / 8000) if words > 8000 else 0.0))
    return round(min(total, 2.0 * _DEFAULT_WORDS * max(1.0, len(ends) ** 0.5)))


def count_words(text: str) -> int:
    """Count the words a reader will see once the originals are put back for their placeholders."""
    hidden = sum(_HIDDEN_WORDS.get(match.group(1), 1) - 1 for match in _PLACEHOLDER.finditer(text))
    return words_of(text) + hidden


def _wanted(claim: Claim, budget: int, limits: Limits) -> bool:
    """A form cut hard to a few words serves only where there is room for nothing else."""
    if limits.max_claims is not None and limits.max_words is None:
        return not _cut_hard(claim)
    return budget < 2 * SHORT or not _cut_hard(claim)


def _cut_hard(claim: Claim) -> bool:
    return claim.text.endswith("…") and claim.text.count(" ") < SHORT


def _candidate(claim: Claim, focus: Focus) -> Candidate:
    words = count_words(claim.text)
    scores: dict[str, float] = {}
    base = _FOCUSED if focus.stems else _BASE
    if claim.topic in topics():
        scores = clause_scores(claim.text, claim.section)
        if claim.topic == OPENING:
            scores = {OPENING: 1.0, **{k: v for k, v in scores.items() if k.endswith("date")}}
    else:
        base = claim.salience * (words + OVERHEAD) / _ORDINARY_CLAIM
    span = (-1, 0, 0)
    if claim.citations:
        last = claim.citations[-1]
        span = (last.source, last.start, last.end)
    tokens = frozenset(_TOKEN.findall(claim.text.lower()))
    factor = focus.factor(claim.text, claim.section, scores)
    return Candidate(words, scores, base, span, tokens, factor, opens=claim.topic == OPENING and factor >= 1.0)
