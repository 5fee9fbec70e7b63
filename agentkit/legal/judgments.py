"""Judgments: how to tell one, and which of its sentences a law reporter would use."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from agentkit.legal.tidy import plain

_LEADING = 6000
_CLOSING = 3000
_DISSENT = 0.4
_ROLES = {"holding": 0.5, "issue": 0.15, "argument": -0.8, "facts": 0.0}  # what a sentence's role is worth
_OPENING, _ENDING = 0.1, 0.9
_SAMPLE = 100_000
_LEAST = 150  # words; fewer cannot show how a text talks
_TALK = 12.0  # words of a court in a thousand: judgments have 14 to 60, contracts and statutes 1 to 6
_SPEECH = ("litigants", "courts", "decided", "argued", "voice")
_LETTER = re.compile(r"\W*(?:[^\n]*\n){0,12}?\s*(?:dear|to whom it may concern)\b", re.IGNORECASE)


@cache
def _table() -> dict[str, list[tuple[float, re.Pattern[str]]]]:
    """Return the evidence of `judgments.txt` by group."""
    groups: dict[str, list[tuple[float, re.Pattern[str]]]] = {}
    rows: list[tuple[float, re.Pattern[str]]] = []
    for line in Path(__file__).with_name("judgments.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            rows = groups.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            weight, pattern = line.split(" ", 1)
            rows.append((float(weight), re.compile(pattern, re.IGNORECASE)))
    return groups


def _strength(group: str, text: str) -> float:
    return max((weight for weight, pattern in _table()[group] if pattern.search(text)), default=0.0)


def signs_of_judgment(text: str) -> int:
    """Count the signs, from 0 to 9, that a document is a court's decision, in its first and last characters."""
    sample = plain(text[:_LEADING]) + " " + plain(text[-_CLOSING:])
    return sum(bool(sign.search(sample)) for _, sign in _table()["sign"])


def speaks_as_court(text: str) -> bool:
    """Tell whether a text talks all along as judgments do, whatever became of its headings.

    Contracts, statutes and letters name courts and judgments now and then; only a court reports at length what
    was argued before it, what was decided, and what it thinks of that.
    """
    if _LETTER.match(text):
        return False
    sample = text[:_SAMPLE]
    per = 1000 / max(_LEAST, sample.count(" ") + sample.count("\n"))
    rates = [per * sum(sum(1 for _ in pattern.finditer(sample)) for _, pattern in _table()[group]) for group in _SPEECH]
    *_, decided, argued, voice = rates
    return sum(rates) >= _TALK and decided >= 1.0 and argued + voice >= 1.0 and min(argued, voice) > 0


def start_of_judgment(text: str) -> int:
    """Return where the judge begins to speak, after the list of parties and counsel, or 0."""
    sample = text[: min(len(text), max(4000, len(text) // 4))]
    ends = [match.end() for _, pattern in _table()["delivered"] if (match := pattern.search(sample))]
    return min(ends, default=0)


def role_of(sentence: str) -> tuple[str, float]:
    """Return what a sentence does in a judgment, and how strongly its words say so, in [0, 1].

    Returns:
        "holding", "issue", "argument", or "facts" for everything else.
    """
    holding, issue = _strength("holding", sentence), _strength("issue", sentence)
    if max(holding, issue) > 0:
        return ("holding", holding) if holding >= issue else ("issue", issue)
    return ("argument", 0.3) if _strength("argument", sentence) else ("facts", 0.0)


def priors(sentences: Sequence[str]) -> list[float]:
    """Return for each sentence of a judgment, in order, how much a reporter would want it; 1 is ordinary."""
    count = len(sentences)
    dissents = [i for i, sentence in enumerate(sentences) if _strength("dissent", sentence)]
    last = dissents[0] if dissents and dissents[0] > count // 3 else count
    return [
        _prior(sentence, (i + 0.5) / count) * (1.0 if i < last else _DISSENT) for i, sentence in enumerate(sentences)
    ]


def _prior(sentence: str, position: float) -> float:
    """Holdings count for more towards the end, the first facts for more than later ones, statutes anywhere."""
    if sentence.count(" ") < 5 or _strength("furniture", sentence):
        return 0.0
    name, strength = role_of(sentence)
    later = 0.6 * (1 + position) if name == "holding" else 1.0
    prior = 1.0 + _ROLES[name] * strength * later
    if _strength("statute", sentence):
        prior += 0.1
    prior -= sum(weight for weight, pattern in _table()["borrowed"] if pattern.search(sentence))
    return max(0.1, prior + _standing(sentence, position))


def _standing(sentence: str, position: float) -> float:
    """Return what a sentence's place is worth: the opening tells who and what, the end what was ordered and costs."""
    if position < _OPENING:
        return 0.3
    result = 0.8 if position > _ENDING - 0.05 and _strength("result", sentence) else 0.0
    return result - (0.2 if position > _ENDING else 0.0)
