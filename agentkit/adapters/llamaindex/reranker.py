# pyright: reportUnknownMemberType=false
# LlamaIndex's node metadata is untyped.
"""Our ranking over the nodes of any LlamaIndex retriever."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle
from pydantic import PrivateAttr

from agentkit.adapters.llamaindex.retriever import to_passage
from agentkit.blocking import Blocking
from agentkit.ports import Retriever
from agentkit.types import Passage

_blocking = Blocking()
MakeRetriever = Callable[[Callable[[], Sequence[Passage]]], Retriever]


class AgentKitReranker(BaseNodePostprocessor):
    """Orders nodes as a `Retriever` of ours ranks their passages; the nodes themselves are passed on as they are.

    Args:
        make_retriever: makes a retriever over passages, such as `Bm25Retriever`.
        top_n: how many nodes stay at most; those in which nothing of the query is found go, too.
    """

    top_n: int = 10
    _make: MakeRetriever = PrivateAttr()

    def __init__(self, make_retriever: MakeRetriever, *, top_n: int = 10) -> None:
        super().__init__()
        self.top_n = top_n
        self._make = make_retriever

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        return _blocking.run(self._apostprocess_nodes(nodes, query_bundle))

    async def _apostprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        if query_bundle is None:
            return nodes[: self.top_n]
        passages = [replace(to_passage(node), id=str(place)) for place, node in enumerate(nodes)]
        # Where passages stand in their document says which stand beside each other.
        ordered = sorted(passages, key=lambda passage: (passage.source, passage.start))
        found = await self._make(lambda: ordered).retrieve(query_bundle.query_str, top_k=self.top_n)
        # Our port returns an order; LlamaIndex wants scores that say the same.
        return [
            NodeWithScore(node=nodes[int(passage.id)].node, score=1.0 / rank)
            for rank, passage in enumerate(found, start=1)
        ]
