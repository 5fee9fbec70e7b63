"""Our retriever as LangChain's."""

from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field, PrivateAttr, SkipValidation

from agentkit.blocking import Blocking
from agentkit.ports import Retriever
from agentkit.types import Passage


class AgentKitRetriever(BaseRetriever):
    """A `BaseRetriever` over a `Retriever` of ours; documents carry exact spans in their metadata.

    Args:
        retriever: ours. What it finds is as it was read: give it to a model through a governed door only.
        k: how many passages at most; a call may ask for another number (`invoke(query, k=3)`).
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    retriever: SkipValidation[Retriever] = Field(exclude=True, repr=False)
    k: int = 5
    _blocking: Blocking = PrivateAttr(default_factory=Blocking)

    def close(self) -> None:
        """Stop the thread that synchronous calls run in."""
        self._blocking.close()

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002  (LangChain's signature)
        **kwargs: Any,
    ) -> list[Document]:
        return self._blocking.run(self._found(query, **kwargs))

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,  # noqa: ARG002  (LangChain's signature)
        **kwargs: Any,
    ) -> list[Document]:
        return await self._found(query, **kwargs)

    async def _found(self, query: str, *, k: int | None = None) -> list[Document]:
        passages = await self.retriever.retrieve(query, top_k=self.k if k is None else k)
        return [to_document(passage) for passage in passages]


def to_document(passage: Passage) -> Document:
    """Return a document whose metadata say where its text stands: source, start and end in code points, page."""
    return Document(
        id=passage.id,
        page_content=passage.text,
        metadata={
            "source": passage.source,
            "start": passage.start,
            "end": passage.end,
            "page": passage.page,
            "locator": passage.locator,
            "section": passage.section,
            "kind": passage.kind,
        },
    )
