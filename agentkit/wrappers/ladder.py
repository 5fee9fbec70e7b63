"""The cheapest model that does the job: a dearer one is asked where an answer failed validation or review."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing

from agentkit.calls import Chunk
from agentkit.ports import ModelBackend, RunRecord
from agentkit.types import Completion, Prompt
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
    """

    def __init__(
        self, rungs: Sequence[ModelBackend], *, fault: Callable[[Prompt, Completion], str], record: RunRecord
    ) -> None:
        self._rungs = list(rungs)
        self._fault = fault
        self._record = record
        self.name = rungs[0].name
        self.context_tokens = min(rung.context_tokens for rung in rungs)
        self.deterministic = all(rung.deterministic for rung in rungs)

    async def complete(self, prompt: Prompt, /) -> Completion:
        start = self._start(prompt)
        for number in range(start, len(self._rungs) - 1):
            completion = await self._rungs[number].complete(prompt)
            reason = self._fault(prompt, completion)
            if not reason:
                return completion
            self._escalate(prompt, number, reason)
        return await self._rungs[-1].complete(prompt)

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        """Answer in pieces."""
        async with aclosing(stream_of(self._rungs[self._start(prompt)], prompt)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def aclose(self) -> None:
        for rung in self._rungs:
            await rung.aclose()

    def _start(self, prompt: Prompt) -> int:
        if prompt.task != "revise" or len(self._rungs) == 1:
            return 0
        self._escalate(prompt, 0, "the reviewer sent it back")
        return 1

    def _escalate(self, prompt: Prompt, number: int, reason: str) -> None:
        below, above = self._rungs[number].name, self._rungs[number + 1].name
        self._record.add(
            "escalated", fields={"task": prompt.task, "role": prompt.role, "from": below, "to": above, "reason": reason}
        )
