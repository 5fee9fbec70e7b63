# pyright: reportUnknownMemberType=false
# LlamaIndex's stores are partly untyped.
"""Any LlamaIndex vector store as a retriever of theirs: the query's vector is made by an embedding of ours."""

from typing import Protocol

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle
from llama_index.core.vector_stores.types import BasePydanticVectorStore, VectorStoreQuery

from agentkit.blocking import Blocking

_blocking = Blocking()


class Embedding(Protocol):
    """What embeds queries."""

    async def embed_query(self, text: str, /) -> list[float]:
        """Return the vector of a query."""
        ...


class VectorStoreRetriever(BaseRetriever):
    """The nodes nearest to a query in a store that keeps their text.

    Args:
        store: the store.
        embedding: the one it was filled with.
        top_k: how many nodes.
    """

    def __init__(self, store: BasePydanticVectorStore, *, embedding: Embedding, top_k: int = 10) -> None:
        self._store = store
        self._embedding = embedding
        self._top_k = top_k
        super().__init__()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return _blocking.run(self._aretrieve(query_bundle))

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        vector = await self._embedding.embed_query(query_bundle.query_str)
        asked = VectorStoreQuery(query_embedding=vector, query_str=query_bundle.query_str, similarity_top_k=self._top_k)
        found = await self._store.aquery(asked)
        nodes, scores = found.nodes or [], found.similarities or []
        return [
            NodeWithScore(node=node, score=scores[place] if place < len(scores) else 0.0)
            for place, node in enumerate(nodes)
        ]
