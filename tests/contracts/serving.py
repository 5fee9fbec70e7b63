"""A real uvicorn on the loopback, for tests: started, stopped, and on a port of its own."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import uvicorn


@asynccontextmanager
async def served(app: object = None, *, at: Callable[[str], object] | None = None) -> AsyncIterator[str]:
    """Serve an ASGI application, or what `at` makes for an address; the value is that address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        at(url) if at else app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve([listener]))
    while not server.started:
        await asyncio.sleep(0)
        if task.done():
            task.result()
    try:
        yield url
    finally:
        server.should_exit = True
        await task
        listener.close()
