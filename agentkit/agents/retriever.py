"""The retriever: which passages a task reads."""

from collections.abc import Sequence

from agentkit.ports import Retriever
from agentkit.types import Passage


async def retrieve(
    query: str, passages: Sequence[Passage], *, retriever: Retriever | None, top_k: int | None
) -> list[Passage]:
    """Return the passages to read: all, in order, or the `top_k` most relevant to a query, best first.

    A summary reads everything, because one that never saw page 40 is wrong; so does a model that costs
    nothing (`top_k` None). Tables of contents are never read.

    Raises:
        RetrievalError: the retriever could not search.
    """
    if query and retriever is not None and top_k is not None:
        return await retriever.retrieve(query, top_k=top_k)
    readable = [passage for passage in passages if passage.kind != "contents"]
    return readable or list(passages)
