"""A whole red-team run: every attack on every pipeline, an attacker who adapts, and honest runs beside them."""

import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agentkit.config import Config
from agentkit.evaluation.redteam.adaptive import Climb, adapted, climb
from agentkit.evaluation.redteam.building import SUFFIXES, attack, paper
from agentkit.evaluation.redteam.cases import Attack, Order, Run
from agentkit.evaluation.redteam.corpus import corpus
from agentkit.evaluation.redteam.matters import make_matter
from agentkit.evaluation.redteam.stand import Against, Stand, standing
from agentkit.evaluation.redteam.trial import Attempt, attempt, control
from agentkit.evaluation.redteam.whitebox import Evasion, evade
from agentkit.report import Report

Progress = Callable[[str, int, int], None]
_CLIMBS = 16
_QUERIES = 60
_EVASIONS, _EDITS = 12, 12
_HONEST = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """What is tried.

    Args:
        seed: the same seed makes the same attacks.
        limit: attempts of each family.
        families: by default all, and the adaptive attacker.
        against: the pipelines that are attacked.
    """

    seed: int = 0
    limit: int = 6
    families: Sequence[str] = ()
    against: Sequence[Against] = ("configured", "obedient", "hostile")


@dataclass(slots=True)
class Outcome:
    """What came of a run: attempts of the corpus, those of the adaptive attacker, and of honest documents.

    `honest` counts honest runs by pipeline, and those of them that were refused, unanswered or had text withheld.
    """

    plan: Plan
    models: dict[Against, str] = field(default_factory=dict[Against, str])
    attempts: list[Attempt] = field(default_factory=list[Attempt])
    adaptive: list[Attempt] = field(default_factory=list[Attempt])
    climbs: list[Climb] = field(default_factory=list[Climb])
    evasions: list[Evasion] = field(default_factory=list[Evasion])
    honest: dict[Against, tuple[int, int]] = field(default_factory=dict[Against, tuple[int, int]])


async def run_redteam(config: Config, plan: Plan, *, progress: Progress | None = None) -> Outcome:
    """Attack a configured pipeline; everything that is written goes to a folder that is deleted.

    Raises:
        UsageError: there is no such family.
        ConfigError: the configuration or its rails folder is wrong.
        UnavailableError: the configured model cannot be used.
    """
    attacks = corpus(seed=plan.seed, families=plan.families, limit=plan.limit)
    outcome = Outcome(plan)
    with tempfile.TemporaryDirectory(prefix="agentkit-redteam-") as folder:
        for against in plan.against:
            async with standing(config, against, Path(folder)) as stand:
                outcome.models[against] = stand.name
                await _attacked(outcome, attacks, stand, against, progress or _silent)
                outcome.honest[against] = await _honest(stand, plan.seed)
    if not plan.families:
        outcome.evasions = evade(seed=plan.seed, count=_EVASIONS, max_edits=_EDITS)
    return outcome


async def _attacked(
    outcome: Outcome, attacks: Sequence[Attack], stand: Stand, against: Against, progress: Progress
) -> None:
    if not outcome.plan.families and not outcome.climbs:
        count = min(_CLIMBS, 4 * outcome.plan.limit)
        outcome.climbs = await climb(stand.kit.rails, seed=outcome.plan.seed, count=count, budget=_QUERIES)
    searched = adapted(outcome.climbs, seed=outcome.plan.seed)
    # A setting is loaded or refused whatever model stands behind it.
    own = [item for item in attacks if not item.setting or against == outcome.plan.against[0]]
    for number, item in enumerate(own, 1):
        outcome.attempts.append(await attempt(item, stand, against))
        progress(against, number, len(own) + len(searched))
    for number, item in enumerate(searched, len(own) + 1):
        outcome.adaptive.append(await attempt(item, stand, against))
        progress(against, number, len(own) + len(searched))


async def _honest(stand: Stand, seed: int) -> tuple[int, int]:
    """Run honest documents of every format; return how many, and how many of them were treated as hostile."""
    spoiled = 0
    for number in range(_HONEST):
        chance = random.Random(f"{seed}:honest:{number}")  # noqa: S311 - the same documents each time
        matter = make_matter(chance)
        question = matter.facts[0].question if number % 2 else ""
        document = paper(matter, suffix=SUFFIXES[number % len(SUFFIXES)])
        report = await control(attack(Run((document,), question), Order(), technique="honest"), stand)
        spoiled += report is None or _spoiled(report)
    return _HONEST, spoiled


def _spoiled(report: Report) -> bool:
    withheld = any(item.stage == "retrieval" and item.action != "passed" for item in report.rails)
    return withheld or report.status in ("refused", "unanswered")


def _silent(against: str, done: int, total: int) -> None:
    """Say nothing."""
