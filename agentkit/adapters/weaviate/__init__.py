"""Weaviate, over its documented HTTP interface."""

from agentkit.adapters.weaviate.table import WeaviateTable

__all__ = ["WeaviateTable"]
