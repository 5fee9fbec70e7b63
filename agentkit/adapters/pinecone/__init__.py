"""Pinecone, over its documented HTTP interface."""

from agentkit.adapters.pinecone.table import PineconeTable

__all__ = ["PineconeTable"]
