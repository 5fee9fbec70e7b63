"""A crew as a reviewer: its verdict on each claim."""

import asyncio
from collections.abc import Mapping, Sequence

from agentkit.adapters.crewai.guest import Source
from agentkit.adapters.crewai.house import House
from agentkit.adapters.crewai.running import run_crew
from agentkit.prompts.parse import parse_verdict
from agentkit.types import Claim, SafePassage, Verdict

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
