# pyright: reportUnknownMemberType=false, reportUntypedFunctionDecorator=false
# Haystack's decorators are untyped.
"""Our retriever as a Haystack component."""

from collections.abc import Callable
from typing import Any

from haystack import Document, component, default_from_dict, default_to_dict

from agentkit.adapters.haystack.owning import Owning, read_in, written
from agentkit.ports import Retriever
from agentkit.types import Passage


@component
class AgentKitRetriever(Owning[Retriever]):
    """Finds passages with a `Retriever` of ours; documents carry exact spans in their meta data.

    Args:
        retriever: a function that makes one, as for `AgentKitChatGenerator`. What it finds is as it was read.
        top_k: how many passages at most.

    Raises:
        UsageError: Haystack's telemetry is on.
    """

    def __init__(self, retriever: Callable[[], Retriever], *, top_k: int = 10) -> None:
        Owning.__init__(self, retriever)  # `component` makes the class anew, so that super() would look for the old one
        self.top_k = top_k

    def to_dict(self) -> dict[str, Any]:
        """Return the component as data."""
        return default_to_dict(self, retriever=written(self._part.make), top_k=self.top_k)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "AgentKitRetriever":
        """Return a component from its data."""
        return default_from_dict(cls, read_in(data, "retriever"))

    @component.output_types(documents=list[Document])
    def run(self, query: str, top_k: int | None = None) -> dict[str, list[Document]]:
        """Find at most `top_k` passages, best first.

        Raises:
            RetrievalError: the index could not be searched.
        """
        return self._part.blocking.run(self._found(query, top_k))

    @component.output_types(documents=list[Document])
    async def run_async(self, query: str, top_k: int | None = None) -> dict[str, list[Document]]:
        """`run`, in a running loop."""
        return await self._found(query, top_k)

    async def _found(self, query: str, top_k: int | None) -> dict[str, list[Document]]:
        passages = await self._part.get().retrieve(query, top_k=self.top_k if top_k is None else top_k)
        # Our port returns an order; Haystack wants scores that say the same.
        return {"documents": [to_document(passage, 1.0 / rank) for rank, passage in enumerate(passages, start=1)]}


def to_document(passage: Passage, score: float) -> Document:
    """Return a document whose meta data say where its text stands: source, start and end in code points, page."""
    meta = {
        "source": passage.source,
        "start": passage.start,
        "end": passage.end,
        "page": passage.page,
        "locator": passage.locator,
        "section": passage.section,
        "kind": passage.kind,
    }
    return Document(id=passage.id, content=passage.text, meta=meta, score=score)
