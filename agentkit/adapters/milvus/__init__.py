"""Milvus: a server, or a file on this machine (Milvus Lite)."""

from agentkit.errors import MissingExtraError

try:
    import pymilvus as pymilvus
except ImportError as error:
    raise MissingExtraError("milvus", needed_for="A store in Milvus") from error

from agentkit.adapters.milvus.table import MilvusTable

__all__ = ["MilvusTable"]
