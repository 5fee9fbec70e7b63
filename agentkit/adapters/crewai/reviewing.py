"""A crew as a reviewer: its verdict on each claim, and several reviewers' verdicts as one."""

import asyncio
from collections.abc import Mapping, Sequence

from agentkit.adapters.crewai.guest import Source
from agentkit.adapters.crewai.house import House
from agentkit.adapters.crewai.running import run_crew
from agentkit.prompts.parse import parse_verdict
from agentkit.types import Claim, Label, SafePassage, Verdict

_WORST: tuple[Label, ...] = ("contradicted", "unsupported", "unverified", "supported")
_AT_ONCE = 4


class CrewReviewer:
    """Asks a crew about each claim; its inputs are `claim` and `source`, both in placeholders.

    It answers with an object `{"label", "score", "reason"}`, where `label` is supported, unsupported, contradicted or
    unverified; any other answer leaves the claim unverified.
    """

    def __init__(self, crew: Source, *, house: House, models: Mapping[str, str] | None = None) -> None:
        self._crew, self._house, self._models = crew, house, models

    async def review(self, claims: Sequence[Claim], passages: Sequence[SafePassage]) -> list[Verdict]:
        """Return a verdict on each claim, in order.

        Raises:
            BudgetExceededError: a call did not fit the budget.
        """
        gate = asyncio.Semaphore(_AT_ONCE)
        tasks = [asyncio.create_task(self._judged(claim, passages, gate)) for claim in claims]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()

    async def _judged(self, claim: Claim, passages: Sequence[SafePassage], gate: asyncio.Semaphore) -> Verdict:
        named = {citation.passage for citation in claim.citations}
        source = "\n\n".join(item.text for item in passages if item.id in named and not item.quarantined)
        if not source:
            return Verdict(claim.id, "unverified", 0.0, "crew", "It cites no passage that may be shown.")
        async with gate:
            inputs = {"claim": claim.text, "source": source}
            result = await run_crew(self._crew, inputs, house=self._house, models=self._models)
        answer = parse_verdict(result.text)
        if answer is None:
            return Verdict(claim.id, "unverified", 0.0, "crew", "The crew gave no usable answer.")
        label, score, reason = answer
        return Verdict(claim.id, label, score, "crew", reason)


def combine_verdicts(*panels: Sequence[Verdict]) -> list[Verdict]:
    """Return one verdict a claim: the worst of any reviewer's, with every reviewer's reason for it.

    Contradicted is worse than unsupported, that worse than unverified, and that worse than supported; among equals the
    lowest score counts. Claims come in the order in which they are first named.
    """
    by_claim: dict[str, list[Verdict]] = {}
    for verdict in (verdict for panel in panels for verdict in panel):
        by_claim.setdefault(verdict.claim_id, []).append(verdict)
    return [_worst(verdicts) for verdicts in by_claim.values()]


def _worst(verdicts: Sequence[Verdict]) -> Verdict:
    said = {verdict.label for verdict in verdicts}
    label: Label = next(label for label in _WORST if label in said)
    chosen = [verdict for verdict in verdicts if verdict.label == label]
    methods = "+".join(dict.fromkeys(verdict.method for verdict in chosen))
    reasons = " ".join(dict.fromkeys(verdict.reason for verdict in chosen if verdict.reason))
    return Verdict(chosen[0].claim_id, label, min(verdict.score for verdict in chosen), methods, reasons)
