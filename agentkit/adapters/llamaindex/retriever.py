# pyright: reportUnknownMemberType=false, reportMissingTypeArgument=false, reportUnknownVariableType=false
# LlamaIndex's node metadata is untyped.
"""A LlamaIndex retriever behind our port, and a retriever of ours as LlamaIndex's."""

import hashlib
import json

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import MetadataMode, NodeWithScore, QueryBundle, TextNode

from agentkit.adapters.llamaindex.entries import kind_of, node_to_entry
from agentkit.blocking import Blocking
from agentkit.errors import RetrievalError
from agentkit.indexed import Principal
from agentkit.ports import Retriever
from agentkit.types import Passage

_blocking = Blocking()


class LlamaIndexRetriever:
    """Any LlamaIndex `BaseRetriever` as a `Retriever`.

    A node that carries our metadata (`agentkit_id`) is the passage it was made from; any other becomes a
    source of its own. A passage of an index (`entry_to_node`) is passed on to those who may see it.

    Args:
        inner: the retriever.
        principal: who asks; None sees what has neither matter nor labels.
    """

    def __init__(self, inner: BaseRetriever, *, principal: Principal | None = None) -> None:
        self._inner = inner
        self._principal = principal or Principal()

    def seen_by(self, principal: Principal | None) -> "LlamaIndexRetriever":
        """Return the same retriever for somebody else."""
        return LlamaIndexRetriever(self._inner, principal=principal)

    async def retrieve(self, query: str, /, *, top_k: int) -> list[Passage]:
        try:
            nodes = await self._inner.aretrieve(query)
        except Exception as error:
            raise RetrievalError(f"{type(self._inner).__name__} could not search its index: {error}.") from error
        seen = [node for node in nodes if self._may_see(node)]
        ranked = sorted(seen, key=lambda node: -node.get_score())
        return [to_passage(node) for node in ranked[:top_k]]

    def _may_see(self, node: NodeWithScore) -> bool:
        entry = node_to_entry(node.node)
        return entry is None or self._principal.may_see(entry.matter, entry.labels)


class AgentKitRetriever(BaseRetriever):
    """A `Retriever` of ours as LlamaIndex's `BaseRetriever`; nodes carry exact spans."""

    def __init__(self, inner: Retriever, *, top_k: int = 10) -> None:
        self._retriever = inner
        self._top_k = top_k
        super().__init__()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return _blocking.run(self._aretrieve(query_bundle))

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        passages = await self._retriever.retrieve(query_bundle.query_str, top_k=self._top_k)
        # Our port returns an order; LlamaIndex wants scores that say the same.
        return [NodeWithScore(node=to_node(p), score=1.0 / rank) for rank, p in enumerate(passages, start=1)]


def to_node(passage: Passage) -> TextNode:
    """Return a node with the passage's exact span, section, page and id as metadata."""
    return TextNode(
        id_=passage.id,
        text=passage.text,
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        metadata={
            "agentkit_id": passage.id,
            "agentkit_source": passage.source,
            "page": passage.page,
            "locator": passage.locator,
            "section": passage.section,
            "kind": passage.kind,
            "labels": json.dumps(passage.labels),
        },
        excluded_embed_metadata_keys=["agentkit_id", "agentkit_source", "kind", "labels", "page"],
        excluded_llm_metadata_keys=["agentkit_id", "agentkit_source", "kind", "labels"],
    )


def to_passage(node: NodeWithScore) -> Passage:
    """Return the passage a node stands for; a foreign node gets source -1, a digest for an id, and its own text."""
    data = node.node.metadata
    text = node.node.get_content(metadata_mode=MetadataMode.NONE)
    start = getattr(node.node, "start_char_idx", None)
    page = data.get("page", data.get("page_label"))
    known = isinstance(data.get("agentkit_id"), str) and isinstance(start, int)
    return Passage(
        id=str(data["agentkit_id"]) if known else hashlib.sha256(text.encode()).hexdigest()[:16],
        source=int(data.get("agentkit_source", -1)) if known else -1,
        start=start if known and isinstance(start, int) else 0,
        end=(start if known and isinstance(start, int) else 0) + len(text),
        text=text,
        page=int(page) if isinstance(page, int) or (isinstance(page, str) and page.isdigit()) else None,
        locator=data.get("locator") or data.get("file_name"),
        section=str(data.get("section") or ""),
        kind=kind_of(data.get("kind")) if known else "body",
        labels=list(json.loads(data.get("labels", "[]"))) if known else [],
    )
