"""Judgments: how to tell one, and which of its sentences a law reporter would use."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from agentkit.legal.tidy import MIN_WORDS, has_verb, plain

_LEADING = 6000
_CLOSING = 3000
_DISSENT = 0.4
_ROLES = {"holding": 0.5, "issue": 0.15, "argument": -0.7, "facts": 0.0}  # what a sentence's role is worth
_PAST = re.compile(r"\b[a-z]{2,}ed\b")
_STOP = re.compile(r"[.\])\n]\s+")
_OPENING, _ENDING = 0.1, 0.9
_SAMPLE = 100_000
_LEAST = 150  # words; fewer cannot show how a text talks
_TALK = 12.0  # words of a court in a thousand: judgments have 14 to 60, contracts and statutes 1 to 6
_SPEECH = ("litigants", "courts", "decided", "argued", "voice")
_LETTER = re.compile(
    r"(?:[^\n]*\n){0,15}?[^\w\n]*(?:dear\s[^\n]{1,60}|to whom it may concern)[,:.]?[ \t]*$", re.I | re.M
)


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
    if _LETTER.match(text):
        return 0
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


def is_argued(text: str) -> bool:
    """Tell whether a text reports an argument or speaks as a judge at least once, which no statute does."""
    sample = text[:_SAMPLE]
    return _strength("argued", sample) > 0 or _strength("voice", sample) > 0


def start_of_judgment(text: str) -> int:
    """Return where the sentence begins that gives the judge the floor, after the parties and counsel, or 0."""
    sample = text[: min(len(text), max(4000, len(text) // 4))]
    found = [match.start() for _, pattern in _table()["delivered"] if (match := pattern.search(sample))]
    if not found:
        return 0
    return max(end.end() for end in _STOP.finditer(" . " + sample, 0, min(found) + 3)) - 3


def floor_given(sentence: str) -> int:
    """Return how many characters of a sentence only say who delivers the judgment: 0 where none or all do."""
    found = next((match for _, pattern in _table()["delivered"] if (match := pattern.search(sentence))), None)
    if found is None:
        return 0
    rest = sentence[found.end() :].lstrip(" .:-–—")
    return len(sentence) - len(rest) if rest.count(" ") >= MIN_WORDS and rest[:1].isupper() else 0


def role_of(sentence: str) -> tuple[str, float]:
    """Return what a sentence does in a judgment, and how strongly its words say so, in [0, 1].

    Returns:
        "holding", "issue", "argument", or "facts" for everything else.
    """
    holding, issue = _strength("holding", sentence), _strength("issue", sentence)
    if max(holding, issue) > 0:
        return ("holding", holding) if holding >= issue else ("issue", issue)
    return ("argument", 0.3) if _strength("argument", sentence) else ("facts", 0.0)


def is_said(sentence: str) -> bool:
    """Tell whether a line has a verb that judges use, and so is a sentence and no caption or list of counsel."""
    return has_verb(sentence) or _PAST.search(sentence) is not None or _strength("verb", sentence) > 0


def _is_furniture(sentence: str) -> bool:
    if _strength("furniture", sentence):
        return True
    return _strength("caption", sentence) > 0 and not is_said(sentence)


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
    if sentence.count(" ") < 5 or _is_furniture(sentence):
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
