"""Any LlamaIndex reranker behind a retriever of ours."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore

from agentkit.adapters.llamaindex.retriever import to_node
from agentkit.errors import RetrievalError
from agentkit.indexed import Principal
from agentkit.ports import Retriever
from agentkit.types import Passage

_MORE = 4


class RerankedRetriever:
    """What a retriever finds, in the order of a `BaseNodePostprocessor`, which may leave some out.

    Args:
        inner: finds four times as many passages as are asked for.
        reranker: orders them. It reads the passages as they are, personal data included: let one that asks a language
            model ask it through a gateway (`AgentKitLLM`).
    """

    def __init__(self, inner: Retriever, reranker: BaseNodePostprocessor) -> None:
        self._inner = inner
        self._reranker = reranker

    def seen_by(self, principal: Principal | None) -> "RerankedRetriever":
        """Return the same over what somebody else may see."""
        see: Callable[[Principal | None], Retriever] | None = getattr(self._inner, "seen_by", None)
        return RerankedRetriever(see(principal), self._reranker) if see is not None else self

    async def retrieve(self, query: str, /, *, top_k: int) -> list[Passage]:
        passages = await self._inner.retrieve(query, top_k=_MORE * top_k)
        # Their ids need not differ: passages of two indexes may have the same.
        nodes = [
            NodeWithScore(node=to_node(replace(one, id=str(place))), score=1.0 / (place + 1))
            for place, one in enumerate(passages)
        ]
        try:
            found: Sequence[NodeWithScore] = await self._reranker.apostprocess_nodes(nodes, query_str=query)
        except Exception as error:
            name = type(self._reranker).__name__
            raise RetrievalError(f"The reranker {name} could not order passages: {type(error).__name__}.") from error
        places = dict.fromkeys(int(node.node.metadata["agentkit_id"]) for node in found)
        return [passages[place] for place in places][:top_k]

    async def aclose(self) -> None:
        """Release what is searched."""
        close = getattr(self._inner, "aclose", None)
        if close is not None:
            await close()
