"""A server of ours over streamable HTTP, as an ASGI application."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import Receive, Scope, Send


def http_app(server: "Server[Any, Any]", *, path: str = "/mcp") -> Starlette:
    """Return an application that serves any number of sessions at `path`.

    Who may come in is for what stands before it to say; when a session that is idle ends, the SDK decides.
    """
    manager = StreamableHTTPSessionManager(server)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with manager.run():
            yield

    return Starlette(routes=[Route(path, _Endpoint(manager))], lifespan=lifespan)


class _Endpoint:
    """Any method of HTTP, handed to the SDK."""

    def __init__(self, manager: StreamableHTTPSessionManager) -> None:
        self._manager = manager

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._manager.handle_request(scope, receive, send)
