"""What was not spent, step by step: counted where it is avoided, and nowhere twice."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from agentkit.calls import Price, Usage
from agentkit.prompts import render
from agentkit.report import SAVING_STEPS, Saving, SavingStep
from agentkit.types import Prompt

_CHARACTERS_PER_TOKEN = 4


@dataclass(slots=True)
class Savings:
    """The savings of one run, one sum for each step."""

    _sums: dict[SavingStep, Saving] = field(default_factory=dict[SavingStep, Saving])

    def add(self, saving: Saving) -> None:
        """Add one."""
        old = self._sums.get(saving.step, Saving(saving.step))
        self._sums[saving.step] = Saving(
            saving.step, old.calls + saving.calls, old.tokens + saving.tokens, old.usd + saving.usd
        )

    def recall(self, event: Mapping[str, object]) -> None:
        """Count what an earlier process recorded with an event."""
        told = event.get("saved")
        if not isinstance(told, dict):
            return
        data = cast(dict[str, object], told)
        calls, tokens = int(str(data.get("calls", 0))), int(str(data.get("tokens", 0)))
        for step in SAVING_STEPS:
            if step == data.get("step"):
                self.add(Saving(step, calls, tokens, float(str(data.get("usd", 0.0)))))

    def rows(self) -> list[Saving]:
        """Return the sums, in the order in which the steps come before a model."""
        return [self._sums[step] for step in SAVING_STEPS if step in self._sums]


def told(saving: Saving) -> dict[str, object]:
    """Return a saving as the run record has it."""
    return {"step": saving.step, "calls": saving.calls, "tokens": saving.tokens, "usd": saving.usd}


def likely(prompt: Prompt, answer: str) -> Usage:
    """Return about what a call that was never made would have taken: a token is taken for four characters."""
    sent = sum(len(message.content) for message in render(prompt))
    return Usage(sent // _CHARACTERS_PER_TOKEN, len(answer) // _CHARACTERS_PER_TOKEN)


def avoided(step: SavingStep, usage: Usage, *, price: Price) -> Saving:
    """Return the saving of one call that would have taken a usage; its cost is as told, else by the price."""
    cost = usage.cost_usd or price.of(input_tokens=usage.input_tokens, output_tokens=usage.output_tokens)
    return Saving(step, 1, usage.input_tokens + usage.output_tokens, cost)


def read_from_cache(usage: Usage, *, price: Price) -> Saving | None:
    """Return what a provider's own prompt cache spared a call, or None."""
    tokens = usage.cached_tokens
    cached = price.of(input_tokens=tokens, output_tokens=0, cached_tokens=tokens)
    spared = price.of(input_tokens=tokens, output_tokens=0) - cached
    return Saving("provider_cache", 0, tokens, max(0.0, spared)) if tokens else None
