"""An answer in server-sent events, whose connection is kept open while nothing is there to send."""

import asyncio
from collections.abc import AsyncGenerator

from starlette.types import Send

from agentkit.adapters.serving import replies
from agentkit.calls import Chunk
from agentkit.errors import AgentKitError

_HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store")]


class Events:
    """A response of server-sent events, which begins with the first of them.

    `begun` tells whether the status is sent, so that an error needs another way.

    Args:
        send: the server's.
    """

    def __init__(self, send: Send) -> None:
        self._sending = send
        self.begun = False

    async def send(self, data: bytes) -> None:
        """Send one; the status and the headers go before the first."""
        if not self.begun:
            self.begun = True
            await self._sending({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await self._sending({"type": "http.response.body", "body": data, "more_body": True})

    async def after(self, chunks: AsyncGenerator[Chunk], keep_alive_s: float) -> Chunk:
        """Return the next piece; while it is long in coming, send a comment every `keep_alive_s` seconds.

        Raises:
            AgentKitError: there is none; also as whatever makes the pieces.
        """
        task = asyncio.create_task(_next(chunks))
        try:
            while not (await asyncio.wait([task], timeout=keep_alive_s))[0]:
                await self.send(replies.KEEP_ALIVE)
            return await task
        finally:
            task.cancel()
            await asyncio.wait([task])


async def _next(chunks: AsyncGenerator[Chunk]) -> Chunk:
    chunk = await anext(chunks, None)
    if chunk is None:
        raise AgentKitError("The answer broke off.")
    return chunk


def told(chunk: Chunk, named: replies.Named, *, include_usage: bool) -> list[bytes]:
    """Return the events that a piece is told in."""
    text = [replies.event(replies.piece({"content": chunk.text}, named))] if chunk.text else []
    return text + (replies.ending(chunk.completion, named, include_usage=include_usage) if chunk.completion else [])
