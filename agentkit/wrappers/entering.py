"""What enters a free conversation passes the rails before a model reads it."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

from agentkit.calls import Chunk, Completion, Message
from agentkit.errors import RefusedError
from agentkit.policy import EdgeGuards, is_rail_asking, objections
from agentkit.ports import ModelBackend
from agentkit.streams import stream_of
from agentkit.types import Edge, Prompt
from agentkit.wrappers.wrapping import WrappedBackend

WITHHELD = "[withheld by a rail]"
_EDGES: dict[str, Edge] = {"user": "user_to_graph", "assistant": "user_to_graph", "tool": "tool_to_agent"}


class EnteringBackend(WrappedBackend):
    """Checks the turns of a conversation: what a *user* typed is refused, what a *tool* brought is withheld.

    An *assistant* turn comes from whoever keeps the conversation, who may have changed it: it counts as typed, and so
    do the arguments of the calls in it. A *system* turn is the host program's own word, and is not checked.

    Args:
        inner: the door.
        guards: the run's.
    """

    def __init__(self, inner: ModelBackend, *, guards: EdgeGuards) -> None:
        super().__init__(inner)
        self._guards = guards

    async def complete(self, prompt: Prompt, /) -> Completion:
        return await self._inner.complete(await self._entered(prompt))

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        """Answer in pieces, once everything that enters was checked."""
        async with aclosing(stream_of(self._inner, await self._entered(prompt))) as chunks:
            async for chunk in chunks:
                yield chunk

    async def _entered(self, prompt: Prompt) -> Prompt:
        if is_rail_asking():
            return prompt
        return replace(prompt, messages=[await self._turn(message) for message in prompt.messages])

    async def _turn(self, message: Message) -> Message:
        edge = _EDGES.get(message.role)
        if edge is None:
            return message
        calls = [replace(call, arguments=await self._word(call.arguments, edge)) for call in message.tool_calls]
        return replace(message, content=await self._word(message.content, edge), tool_calls=calls)

    async def _word(self, text: str, edge: Edge) -> str:
        if not text.strip():
            return text
        report = (await self._guards.check([text], edge, ()))[0]
        if report.allowed:
            return report.text
        if edge == "tool_to_agent":
            return WITHHELD
        raise RefusedError(f"A rail held back what was asked ({objections(report.results)}).")
