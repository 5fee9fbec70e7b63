"""The cheapest model that does the job: a dearer one is asked where an answer failed validation or review."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing

from agentkit.calls import Chunk, Price
from agentkit.errors import ContextWindowError, NoDeploymentError
from agentkit.ports import ModelBackend, RunRecord
from agentkit.report import Saving
from agentkit.streams import stream_of
from agentkit.types import Completion, Prompt, Usage
from agentkit.wrappers.charges import priced
from agentkit.wrappers.metered import Meter
from agentkit.wrappers.savings import likely


class LadderBackend:
    """Asks the models of a role from the cheapest upwards.

    An answer that `fault` finds unusable is asked for again one rung higher; a revision, which answers a
    reviewer's reasons, begins one rung above the draft. A stream begins at the lowest rung and stays there,
    because what was passed on cannot be taken back. A rung that may not see what the prompt is labelled with is
    stepped over; where none above may see it, the answer from below stands, and is reviewed like any.

    Args:
        rungs: at least one, cheapest first.
        fault: says what is wrong with an answer, or nothing.
        record: hears of each escalation.
        prices: of the rungs; empty where they are not known, and nothing is saved.
        meter: hears what an answer of a lower rung saved: the price of the highest one, less what it took.
    """

    def __init__(
        self,
        rungs: Sequence[ModelBackend],
        *,
        fault: Callable[[Prompt, Completion], str],
        record: RunRecord,
        prices: Sequence[Price] = (),
        meter: Meter | None = None,
    ) -> None:
        self._rungs = list(rungs)
        self._fault = fault
        self._record = record
        self._prices = list(prices) or [Price() for _ in rungs]
        self._meter = meter
        self.name = rungs[0].name
        self.context_tokens = min(rung.context_tokens for rung in rungs)
        self.deterministic = all(rung.deterministic for rung in rungs)

    async def complete(self, prompt: Prompt, /) -> Completion:
        start, last = self._start(prompt), len(self._rungs) - 1
        found: Completion | None = None
        denied: NoDeploymentError | ContextWindowError | None = None
        below, reason, wasted = 0, "the reviewer sent it back", 0.0
        for number in self._order(start):
            if found is not None and number < start:
                break
            try:
                completion = await self._rungs[number].complete(prompt)
            except (NoDeploymentError, ContextWindowError) as error:
                denied = error
                continue
            if number > below and (found is not None or start):
                self._escalate(prompt, below, number, reason)
            wasted += 0.0 if found is None else self._cost(found.usage, below)
            found, below = completion, number
            reason = self._fault(prompt, completion) if start <= number < last else ""
            if not reason:
                break
        if found is None:
            raise denied or NoDeploymentError(f"{self.name} has no deployment.")
        self._save(prompt, found, below, wasted=wasted)
        return found

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        """Answer in pieces."""
        denied: NoDeploymentError | ContextWindowError | None = None
        for number in self._order(self._start(prompt)):
            try:
                async with aclosing(stream_of(self._rungs[number], prompt)) as chunks:
                    async for chunk in chunks:
                        if chunk.completion is not None:
                            self._save(prompt, chunk.completion, number, wasted=0.0)
                        yield chunk
            except (NoDeploymentError, ContextWindowError) as error:  # they come before the first piece
                denied = error
                continue
            return
        raise denied or NoDeploymentError(f"{self.name} has no deployment.")

    async def aclose(self) -> None:
        for rung in self._rungs:
            await rung.aclose()

    def _start(self, prompt: Prompt) -> int:
        return 0 if prompt.task != "revise" else min(1, len(self._rungs) - 1)

    def _order(self, start: int) -> list[int]:
        """Return the rungs from the first that is asked upwards, then those below it."""
        return [*range(start, len(self._rungs)), *reversed(range(start))]

    def _cost(self, usage: Usage, number: int) -> float:
        return priced(usage, price=self._prices[number]).cost_usd

    def _save(self, prompt: Prompt, completion: Completion, number: int, *, wasted: float) -> None:
        """Count what the highest rung would have taken for the same tokens, less what was taken in all."""
        usage, last = completion.usage, len(self._rungs) - 1
        spared = self._rungs[number].deterministic and not self._rungs[last].deterministic
        if spared:  # no language model was called at all
            usage = likely(prompt, completion.text)
        above = self._prices[last].of(
            input_tokens=usage.input_tokens, output_tokens=usage.output_tokens, cached_tokens=usage.cached_tokens
        )
        taken = 0.0 if spared else above if number == last else self._cost(completion.usage, number)
        tokens = usage.input_tokens + usage.output_tokens if spared else 0
        saving = Saving("ladder", int(spared), tokens, above - taken - wasted)
        if self._meter is not None and (saving.usd or saving.calls):
            self._meter.spare(saving, prompt)

    def _escalate(self, prompt: Prompt, below: int, above: int, reason: str) -> None:
        told = {"from": self._rungs[below].name, "to": self._rungs[above].name, "reason": reason}
        self._record.add("escalated", fields={"task": prompt.task, "role": prompt.role, **told})
