"""The retriever: which passages a task reads."""

from collections.abc import Sequence

from agentkit.ports import Retriever
from agentkit.text.crowding import informative
from agentkit.types import Passage

_FURTHER = 8
"""Up to so many times `top_k` passages are asked for, where those before only say the question back."""


async def retrieve(
    query: str, passages: Sequence[Passage], *, retriever: Retriever | None, top_k: int | None
) -> list[Passage]:
    """Return the passages to read: all, in order, or the `top_k` most relevant to a query, best first.

    A summary reads everything, because one that never saw page 40 is wrong; so does a model that costs
    nothing (`top_k` None). Tables of contents are never read. Passages that only say a query back take no place
    (`agentkit.text.crowding`).

    Raises:
        RetrievalError: the retriever could not search.
    """
    readable = [passage for passage in passages if passage.kind != "contents"] or list(passages)
    if query and retriever is not None and top_k is not None:
        return await _most_relevant(query, retriever, top_k, most=len(readable) - 1)
    return (_informative(query, readable) or readable) if query else readable


async def _most_relevant(query: str, retriever: Retriever, top_k: int, *, most: int) -> list[Passage]:
    """Return what a search finds, and what comes after it in place of what only says the query back.

    Not more than `most` passages are asked for beyond `top_k`: who asks for all may get them in another order.
    """
    asked, last = top_k, min(_FURTHER * top_k, most) if most > 0 else _FURTHER * top_k
    while True:
        found = await retriever.retrieve(query, top_k=asked)
        told = _informative(query, found)
        if len(told) >= min(top_k, len(found)) or len(found) < asked or asked >= last:
            return (told or found)[:top_k]
        asked = min(2 * asked, last)


def _informative(query: str, passages: Sequence[Passage]) -> list[Passage]:
    return informative(query, passages, lambda passage: passage.text)
