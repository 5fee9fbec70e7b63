"""LanceDB: a folder of columns on this machine."""

from agentkit.errors import MissingExtraError

try:
    import lancedb as lancedb
except ImportError as error:
    raise MissingExtraError("lancedb", needed_for="A store in LanceDB") from error

from agentkit.adapters.lancedb.table import LanceTable

__all__ = ["LanceTable"]
