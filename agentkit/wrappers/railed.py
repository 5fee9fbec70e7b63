"""What a model says in free conversation passes the rails before whoever asked reads it."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

from agentkit.calls import Chunk, Completion
from agentkit.errors import RefusedError
from agentkit.policy import EdgeGuards, is_rail_asking, objections
from agentkit.ports import ModelBackend
from agentkit.streams import stream_of
from agentkit.types import Prompt
from agentkit.wrappers.wrapping import WrappedBackend


class RailedBackend(WrappedBackend):
    """Holds every reply back until the rails of the edge *model → agent* have passed it, tool calls included.

    What a rail itself asks a model goes through as it is: nothing would check the checker.

    Args:
        inner: the door.
        guards: the run's.
    """

    def __init__(self, inner: ModelBackend, *, guards: EdgeGuards) -> None:
        super().__init__(inner)
        self._rails = guards.at("model_to_agent")

    async def complete(self, prompt: Prompt, /) -> Completion:
        completion = await self._inner.complete(prompt)
        return completion if is_rail_asking() else await self._passed(completion)

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        """Pass the whole on at once when it has passed: nothing is shown and then taken back."""
        async with aclosing(stream_of(self._inner, prompt)) as chunks:
            async for chunk in chunks:
                if is_rail_asking():
                    yield chunk
                elif chunk.completion:
                    whole = await self._passed(chunk.completion)
                    yield Chunk(whole.text, whole)

    async def _passed(self, completion: Completion) -> Completion:
        text = await self._word(completion.text)
        calls = [replace(call, arguments=await self._word(call.arguments)) for call in completion.tool_calls]
        return replace(completion, text=text, tool_calls=calls)

    async def _word(self, text: str) -> str:
        if not text.strip():
            return text
        report = await self._rails.check(text, stage="output")
        if report.allowed:
            return report.text
        raise RefusedError(f"A rail held back what {self.name} answered ({objections(report.results)}).")
