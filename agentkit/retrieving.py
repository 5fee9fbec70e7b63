"""What finds passages: a retriever of the user's, or the embedded one."""

from collections.abc import Callable, Sequence

from agentkit.errors import UsageError
from agentkit.ports import Retriever
from agentkit.types import Passage


def make_retriever(passages: Callable[[], Sequence[Passage]]) -> Retriever:
    """Return the embedded retriever over a run's passages; what fits as a whole, it returns as a whole."""
    return _Choosing(passages)


class _Choosing:
    """Chooses among passages where they do not all fit: a short letter is read, whatever words a question uses."""

    def __init__(self, passages: Callable[[], Sequence[Passage]]) -> None:
        self._passages = passages
        self._ranked: Retriever | None = None

    async def retrieve(self, query: str, /, *, top_k: int) -> list[Passage]:
        prose = [passage for passage in self._passages() if passage.kind != "contents"]
        if len(prose) <= top_k:
            return prose
        if self._ranked is None:
            from agentkit.adapters.memory.retriever import Bm25Retriever

            self._ranked = Bm25Retriever(self._passages)
        return await self._ranked.retrieve(query, top_k=top_k)


def as_retriever(given: object) -> Retriever | None:
    """Take a retriever of ours as it is; wrap LlamaIndex's.

    Raises:
        UsageError: it is neither.
    """
    if given is None or (hasattr(given, "retrieve") and not hasattr(given, "aretrieve")):
        return given  # pyright: ignore[reportReturnType]
    from agentkit.adapters.llamaindex import BaseRetriever, LlamaIndexRetriever

    if not isinstance(given, BaseRetriever):
        raise UsageError(f"{type(given).__name__} is no retriever: give a Retriever or a LlamaIndex BaseRetriever.")
    return LlamaIndexRetriever(given)
