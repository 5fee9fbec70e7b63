# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# LlamaIndex's query engine is only partly typed.
"""Our pipeline as a LlamaIndex query engine."""

from collections.abc import Sequence
from pathlib import Path

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.response.schema import Response
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from agentkit.blocking import Blocking
from agentkit.offering import Counter, Kit, told
from agentkit.report import Report, ReportCitation, ReportClaim


class AgentKitQueryEngine(BaseQueryEngine):
    """Answers a query from documents with our graph; every citation is a source node with its exact span.

    Args:
        kit: an `AgentKit`; each query is a run of its own.
        paths: the documents.
        gateway: keeps the answer in placeholders (`Gateway`), where an agent's model is to read it; without one, the
            answer holds originals, as `AgentKit.ask`'s does, and is for people.
    """

    def __init__(self, kit: Kit, paths: Sequence[str | Path], *, gateway: Counter | None = None) -> None:
        super().__init__(callback_manager=None)
        self._kit = kit
        self._paths = list(paths)
        self._gateway = gateway
        self._blocking = Blocking()

    def close(self) -> None:
        """Stop the thread that synchronous queries run in. The kit belongs to whoever made it."""
        self._blocking.close()

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}

    def _query(self, query_bundle: QueryBundle) -> Response:
        return self._blocking.run(self._aquery(query_bundle))

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        gateway, question = self._gateway, query_bundle.query_str
        report = await self._kit.ask(self._paths, gateway.restore(question) if gateway else question)
        response = to_response(report)
        if gateway is None:
            return response
        for found in response.source_nodes:
            if isinstance(found.node, TextNode):
                found.node.text = gateway.safe_text(found.node.text)
        return Response(gateway.safe_text(told(report)), response.source_nodes, response.metadata)


def to_response(report: Report) -> Response:
    """Return a report as a response: claims, and a node for each citation, scored as its claim was.

    A node's `start_char_idx` and `end_char_idx` are offsets into the source's text, in code points.
    """
    nodes = [
        NodeWithScore(node=_node(report, claim, citation), score=claim.verdict.score)
        for claim in report.claims
        for citation in claim.citations
    ]
    facts = {"run_id": report.run_id, "status": report.status}
    words = "\n".join(claim.text for claim in report.claims) or f"The documents do not say ({report.status})."
    return Response(words, nodes, facts)


def _node(report: Report, claim: ReportClaim, citation: ReportCitation) -> TextNode:
    metadata = {
        "claim": claim.id,
        "verdict": claim.verdict.label,
        "source": citation.source,
        "file_name": report.sources[citation.source].path,
        "page": citation.page,
        "locator": citation.locator,
    }
    return TextNode(
        text=citation.quote,
        start_char_idx=citation.start,
        end_char_idx=citation.end,
        metadata=metadata,
        excluded_embed_metadata_keys=list(metadata),
        excluded_llm_metadata_keys=["claim", "source"],
    )
