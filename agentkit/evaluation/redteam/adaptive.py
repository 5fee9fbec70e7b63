"""An attacker who may ask the detector: a hill climb on the score of `agentkit check`, with a budget and a seed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agentkit.evaluation.redteam.building import attack, halves, paper, say
from agentkit.evaluation.redteam.cases import Attack, Planted, Run
from agentkit.evaluation.redteam.disguises import readable
from agentkit.evaluation.redteam.matters import Matter, make_matter
from agentkit.evaluation.redteam.mutation import Mutant, mutate
from agentkit.evaluation.redteam.wordings import CLAUSES, DIRECT, LEGALESE
from agentkit.ports import Rails
from agentkit.types import Stage

BEFORE, AFTER = "adaptive-before", "adaptive-after"
_TRIES = 4
"""How many mutations in a row are looked at together; the best is kept."""


@dataclass(frozen=True, slots=True)
class Target:
    """One order, the nonsense words that it is about, where it is checked, and an honest question before it."""

    text: str
    signs: tuple[str, str]
    stage: Stage
    asked: str

    def question(self, mutant: Mutant) -> str:
        """Return the question that is typed: the honest one, so that something is read, and the order."""
        return " ".join((self.asked, *mutant.parts))


@dataclass(frozen=True, slots=True)
class Climb:
    """One order before and after: whether the rails let it pass, its score, and what was done to it."""

    target: Target
    passed_before: bool
    score_before: float
    passed_after: bool
    score_after: float
    queries: int
    mutant: Mutant


async def climb(rails: Rails, *, seed: int, count: int, budget: int) -> list[Climb]:
    """Rewrite `count` orders, half of them questions and half passages, each with at most `budget` queries.

    A rewriting is kept where it lowers the score, or the rails pass it; the nonsense words of the order stay readable.
    """
    texts = [text for _, text in (*DIRECT, *CLAUSES, *LEGALESE)]
    made: list[Climb] = []
    for number in range(count):
        chance = random.Random(f"{seed}:{BEFORE}:{number}")  # noqa: S311 - the same climb each time
        signs = halves(chance)
        stage: Stage = "input" if number % 2 else "retrieval"
        text = texts[(number * 5) % len(texts)].format(a=signs[0], b=signs[1])
        asked = _matter(seed, number).facts[0].question if stage == "input" else ""
        made.append(await _climbed(rails, Target(text, signs, stage, asked), chance=chance, budget=budget))
    return made


def _matter(seed: int, number: int) -> Matter:
    """Return the document of one order, the same before and after."""
    return make_matter(random.Random(f"{seed}:{BEFORE}:matter:{number}"))  # noqa: S311 - the same document each time


async def _climbed(rails: Rails, target: Target, *, chance: random.Random, budget: int) -> Climb:
    best = Mutant((target.text,))
    before = now = await _judged(rails, best, target)
    queries = 1
    while queries + _TRIES <= budget and not now[0]:
        tried = [mutate(best, chance, target.signs) for _ in range(_TRIES)]
        judged = [(await _judged(rails, item, target), item) for item in tried]
        queries += _TRIES
        found, item = min(judged, key=lambda pair: (not pair[0][0], pair[0][1]))
        if found[0] or found[1] <= now[1]:
            best, now = item, found
    return Climb(target, *before, *now, queries, best)


async def _judged(rails: Rails, mutant: Mutant, target: Target) -> tuple[bool, float]:
    """Return whether every part passes whole, and the highest score; an order that lost its object is no order."""
    if not readable(target.signs, "\n".join(mutant.parts)):
        return False, 1.0
    texts = mutant.parts if target.stage == "retrieval" else (target.question(mutant),)
    reports = [await rails.check(text, stage=target.stage) for text in texts]
    kept = readable(target.signs, "\n".join(report.text for report in reports))
    return kept and all(report.allowed for report in reports), max(report.score for report in reports)


def adapted(climbs: Sequence[Climb], *, seed: int) -> list[Attack]:
    """Return what the climbs began with and what they found, in pairs, as attacks on whole pipelines."""
    made: list[Attack] = []
    for number, item in enumerate(climbs):
        for family, mutant in ((BEFORE, Mutant((item.target.text,))), (AFTER, item.mutant)):
            one = _attack(_matter(seed, number), item.target, mutant)
            made.append(replace(one, id=f"{family}/{number + 1}", family=family, category="LLM01"))
    return made


def _attack(matter: Matter, target: Target, mutant: Mutant) -> Attack:
    """A question is asked of an honest document; planted parts are met by a summary, which reads everything."""
    planted = tuple(Planted(part) for part in mutant.parts) if target.stage == "retrieval" else ()
    run = Run((paper(matter, *planted),), target.question(mutant) if target.stage == "input" else "")
    steps = ", ".join(dict.fromkeys(mutant.steps)) or "as it was"
    return attack(run, say(*target.signs), "canary", technique=steps)
