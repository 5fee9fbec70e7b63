"""LlamaIndex: its parts as ours, and ours as its: models, retrievers, pipelines, tools."""

from agentkit.errors import MissingExtraError

try:
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.postprocessor.types import BaseNodePostprocessor
    from llama_index.core.vector_stores.types import BasePydanticVectorStore
except ImportError as error:
    raise MissingExtraError("llamaindex", needed_for="A part of LlamaIndex") from error

from agentkit.adapters.llamaindex.entries import entry_to_node, node_to_entry
from agentkit.adapters.llamaindex.llm import AgentKitLLM
from agentkit.adapters.llamaindex.query_engine import AgentKitQueryEngine
from agentkit.adapters.llamaindex.reranked import RerankedRetriever
from agentkit.adapters.llamaindex.reranker import AgentKitReranker
from agentkit.adapters.llamaindex.retriever import AgentKitRetriever, LlamaIndexRetriever
from agentkit.adapters.llamaindex.splitting import AgentKitNodeParser, AgentKitReader
from agentkit.adapters.llamaindex.tools import offered_tools
from agentkit.adapters.llamaindex.vectors import VectorStoreRetriever

__all__ = [
    "AgentKitLLM",
    "AgentKitNodeParser",
    "AgentKitQueryEngine",
    "AgentKitReader",
    "AgentKitReranker",
    "AgentKitRetriever",
    "BaseNodePostprocessor",
    "BasePydanticVectorStore",
    "BaseRetriever",
    "LlamaIndexRetriever",
    "RerankedRetriever",
    "VectorStoreRetriever",
    "entry_to_node",
    "node_to_entry",
    "offered_tools",
]
