"""MCP: our work as the tools of a server, and any server's tools for our agents, under rails and approval."""

from agentkit.errors import MissingExtraError

try:
    from mcp import types as _types
except ImportError as error:
    raise MissingExtraError("mcp", needed_for="MCP") from error

from agentkit.adapters.mcp.client import McpTools, Proposal
from agentkit.adapters.mcp.http import http_app
from agentkit.adapters.mcp.server import Services, make_server, serve_stdio

__all__ = ["McpTools", "Proposal", "Services", "http_app", "make_server", "serve_stdio"]
PROTOCOL = _types.LATEST_PROTOCOL_VERSION
