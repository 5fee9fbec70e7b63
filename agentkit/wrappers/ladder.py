"""The cheapest model that does the job: a dearer one is asked where an answer failed validation or review."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing

from agentkit.calls import Chunk, Price
from agentkit.ports import ModelBackend, RunRecord
from agentkit.report import Saving
from agentkit.types import Completion, Prompt, Usage
from agentkit.wrappers.charges import priced
from agentkit.wrappers.metered import Meter
from agentkit.wrappers.savings import likely
from agentkit.wrappers.streams import stream_of


class LadderBackend:
    """Asks the models of a role from the cheapest upwards.

    An answer that `fault` finds unusable is asked for again one rung higher; a revision, which answers a
    reviewer's reasons, begins one rung above the draft. A stream begins at the lowest rung and stays there,
    because what was passed on cannot be taken back.

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
        start, wasted = self._start(prompt), 0.0
        for number in range(start, len(self._rungs) - 1):
            completion = await self._rungs[number].complete(prompt)
            reason = self._fault(prompt, completion)
            if not reason:
                self._save(prompt, completion, number, wasted=wasted)
                return completion
            wasted += self._cost(completion.usage, number)
            self._escalate(prompt, number, reason)
        completion = await self._rungs[-1].complete(prompt)
        self._save(prompt, completion, len(self._rungs) - 1, wasted=wasted)
        return completion

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        """Answer in pieces."""
        start = self._start(prompt)
        async with aclosing(stream_of(self._rungs[start], prompt)) as chunks:
            async for chunk in chunks:
                if chunk.completion is not None:
                    self._save(prompt, chunk.completion, start, wasted=0.0)
                yield chunk

    async def aclose(self) -> None:
        for rung in self._rungs:
            await rung.aclose()

    def _start(self, prompt: Prompt) -> int:
        if prompt.task != "revise" or len(self._rungs) == 1:
            return 0
        self._escalate(prompt, 0, "the reviewer sent it back")
        return 1

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

    def _escalate(self, prompt: Prompt, number: int, reason: str) -> None:
        below, above = self._rungs[number].name, self._rungs[number + 1].name
        self._record.add(
            "escalated", fields={"task": prompt.task, "role": prompt.role, "from": below, "to": above, "reason": reason}
        )
