"""What finds passages: a retriever of the user's, or the embedded one."""

from collections.abc import Callable, Sequence

from agentkit.errors import UsageError
from agentkit.ports import Retriever
from agentkit.types import Passage


def make_retriever(passages: Callable[[], Sequence[Passage]]) -> Retriever:
    """Return the embedded retriever over a run's passages."""
    from agentkit.adapters.memory.retriever import Bm25Retriever

    return Bm25Retriever(passages)


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
