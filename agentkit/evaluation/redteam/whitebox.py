"""How many words an attacker who knows the classifier's weights must change: a greedy attack on the linear model."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agentkit.evaluation.redteam.building import halves
from agentkit.evaluation.redteam.mutation import synonyms
from agentkit.evaluation.redteam.wordings import CLAUSES, DIRECT, LEGALESE, PERSONA
from agentkit.text.injection import score
from agentkit.text.injection_classifier import likelihood
from agentkit.text.normalize import normalize

_FILLERS = (
    "lease tenant rent invoice schedule notice clause counterpart premises payment party hereto insurance term thereof "
    "pursuant delivery warranty supplier borrower deposit herein accordance applicable costs interest quarter"
).split()
_DECISION = 0.5


@dataclass(frozen=True, slots=True)
class Evasion:
    """One text: edits until the classifier alone lets it pass, and until all layers together do; None where it held."""

    text: str
    before: float
    classifier_edits: int | None
    detector_edits: int | None
    after: str


def evade(*, seed: int, count: int, max_edits: int) -> list[Evasion]:
    """Attack texts that the classifier finds guilty, by exchanging words for synonyms and inserting honest ones.

    Each edit is the one that lowers the classifier's likelihood most: its weights are known, so every candidate is
    weighed exactly. Words that are the order's object are never touched.

    Source:
        Greedy word substitution under full knowledge, after Papernot et al., MILCOM 2016,
        doi:10.1109/MILCOM.2016.7795300.
    """
    chance = random.Random(f"{seed}:whitebox")  # noqa: S311 - the same attack each time
    found: list[Evasion] = []
    for _, template in (*DIRECT, *PERSONA, *CLAUSES, *LEGALESE):
        signs = halves(chance)
        text = template.format(a=signs[0], b=signs[1])
        if len(found) < count and _guess(text) >= _DECISION:
            found.append(_evaded(text, signs, max_edits))
    return found


def _guess(text: str) -> float:
    return likelihood(normalize(text).text)


def _evaded(text: str, signs: Sequence[str], max_edits: int) -> Evasion:
    before, now = _guess(text), text
    alone = 0 if before < _DECISION else None
    together = 0 if score(text).score < _DECISION else None
    for edit in range(1, max_edits + 1):
        candidates = list(_edits(now, signs))
        if not candidates or (alone is not None and together is not None):
            break
        now = min(candidates, key=_guess)
        alone = edit if alone is None and _guess(now) < _DECISION else alone
        together = edit if together is None and score(now).score < _DECISION else together
    return Evasion(text, before, alone, together, now)


def _edits(text: str, signs: Sequence[str]) -> Iterator[str]:
    """Yield every text that is one exchanged or one inserted word away; insertions stand at the ends of sentences."""
    for match in re.finditer(r"[A-Za-z]+", text):
        if match[0].lower() not in signs:
            for other in synonyms(match[0]):
                yield text[: match.start()] + other + text[match.end() :]
    spots = [match.end() for match in re.finditer(r"[.:!?](?=\s|$)|$", text)][:3]
    for spot in spots:
        for filler in _FILLERS:
            if filler not in text[max(0, spot - 120) : spot + 120]:
                yield f"{text[:spot]} {filler}{text[spot:]}"
