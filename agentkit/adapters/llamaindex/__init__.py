"""LlamaIndex: its retrievers as ours, and ours as its."""

from agentkit.errors import MissingExtraError

try:
    from llama_index.core.base.base_retriever import BaseRetriever
except ImportError as error:
    raise MissingExtraError("llamaindex", needed_for="A LlamaIndex retriever") from error

from agentkit.adapters.llamaindex.entries import entry_to_node, node_to_entry
from agentkit.adapters.llamaindex.reranker import AgentKitReranker
from agentkit.adapters.llamaindex.retriever import AgentKitRetriever, LlamaIndexRetriever

__all__ = [
    "AgentKitReranker",
    "AgentKitRetriever",
    "BaseRetriever",
    "LlamaIndexRetriever",
    "entry_to_node",
    "node_to_entry",
]
