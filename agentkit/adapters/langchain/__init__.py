"""LangChain: our door, retriever and pipeline as its parts. It needs langchain-core alone, which LangGraph brings."""

from agentkit.adapters.langchain.chat import ChatAgentKit
from agentkit.adapters.langchain.pipeline import ask_runnable, offered_tools, summarize_runnable
from agentkit.adapters.langchain.retriever import AgentKitRetriever

__all__ = ["AgentKitRetriever", "ChatAgentKit", "ask_runnable", "offered_tools", "summarize_runnable"]
