"""Haystack: our door as a chat generator, our retriever and pipeline as components, our pipeline as tools."""

from agentkit.errors import MissingExtraError
from agentkit.quiet import importing_quietly

try:
    with importing_quietly("HAYSTACK_TELEMETRY_ENABLED"):  # Haystack decides about it when it is imported
        from haystack import component
except ImportError as error:
    raise MissingExtraError("haystack", needed_for="A Haystack component") from error

from agentkit.adapters.haystack.generator import AgentKitChatGenerator
from agentkit.adapters.haystack.pipeline import AgentKitAnswerer, AgentKitSummarizer
from agentkit.adapters.haystack.retriever import AgentKitRetriever
from agentkit.adapters.haystack.tools import offered_tools

__all__ = [
    "AgentKitAnswerer",
    "AgentKitChatGenerator",
    "AgentKitRetriever",
    "AgentKitSummarizer",
    "component",
    "offered_tools",
]
