"""What every wrapper of one model is, besides what it adds."""

from agentkit.ports import ModelBackend


class WrappedBackend:
    """A model with something around it: it has the model's name, window and kind, and is closed with it.

    Args:
        inner: the model, or another wrapper of it.
    """

    def __init__(self, inner: ModelBackend) -> None:
        self._inner = inner
        self.name = inner.name
        self.context_tokens = inner.context_tokens
        self.deterministic = inner.deterministic

    async def aclose(self) -> None:
        await self._inner.aclose()
