"""Connections of a model's calls, held to the egress policy wherever the call is made."""

from collections.abc import AsyncGenerator

from agentkit.calls import Chunk
from agentkit.egress import EgressPolicy, enforced, held
from agentkit.ports import ModelBackend
from agentkit.streams import stream_of
from agentkit.types import Completion, Prompt
from agentkit.wrappers.wrapping import WrappedBackend


class HeldBackend(WrappedBackend):
    """Lets one model contact nobody but whom the policy allows, redirects, proxies and name servers' answers included.

    A run holds all its connections by itself; this is for a backend that is used in somebody else's program.
    """

    def __init__(self, inner: ModelBackend, *, egress: EgressPolicy) -> None:
        super().__init__(inner)
        self._egress = egress

    async def complete(self, prompt: Prompt, /) -> Completion:
        with enforced(self._egress):
            return await self._inner.complete(prompt)

    def stream(self, prompt: Prompt, /) -> AsyncGenerator[Chunk]:
        return held(self._egress, stream_of(self._inner, prompt))
