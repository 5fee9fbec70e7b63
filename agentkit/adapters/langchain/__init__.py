"""LangChain: the door to models as a `BaseChatModel`. It needs langchain-core alone, which LangGraph brings."""

from agentkit.adapters.langchain.chat import ChatAgentKit

__all__ = ["ChatAgentKit"]
