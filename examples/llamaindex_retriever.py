"""Use a LlamaIndex retriever in agentkit, and agentkit's passages in LlamaIndex."""

import asyncio
from pathlib import Path

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from agentkit.adapters.llamaindex import AgentKitRetriever, LlamaIndexRetriever
from agentkit.adapters.memory.retriever import Bm25Retriever
from agentkit.reading import read_document
from agentkit.text.splitting import split_document

NDA = Path(__file__).parent / "documents" / "nda.md"


class ClauseBank(BaseRetriever):
    """A store of your own; here, two model clauses that are found by the words they share with the query."""

    clauses = ("Notices must be in writing.", "German law governs this Agreement.")

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        words = set(query_bundle.query_str.lower().split())
        return [NodeWithScore(node=TextNode(text=c), score=len(words & set(c.lower().split()))) for c in self.clauses]


async def main() -> None:
    """Search one way, then the other."""
    print("LlamaIndex in agentkit:")
    for passage in await LlamaIndexRetriever(ClauseBank()).retrieve("which law governs", top_k=1):
        print(f"  {passage.text}")

    passages = split_document(read_document(NDA, index=0))
    retriever = AgentKitRetriever(Bm25Retriever(lambda: passages), top_k=1)
    print("agentkit in LlamaIndex, with exact spans:")
    for found in await retriever.aretrieve("which law governs"):
        if isinstance(found.node, TextNode):
            print(f"  {found.node.start_char_idx}-{found.node.end_char_idx}: {found.text}")


if __name__ == "__main__":
    asyncio.run(main())
