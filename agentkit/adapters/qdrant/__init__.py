"""Qdrant: a server, or a folder on this machine."""

from agentkit.errors import MissingExtraError

try:
    import qdrant_client as qdrant_client
except ImportError as error:
    raise MissingExtraError("qdrant", needed_for="A store in Qdrant") from error

from agentkit.adapters.qdrant.table import QdrantTable

__all__ = ["QdrantTable"]
