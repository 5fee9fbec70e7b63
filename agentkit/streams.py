"""Answers piece by piece: a model that cannot stream is asked for the whole."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from agentkit.calls import Chunk
from agentkit.ports import ModelBackend, StreamingBackend
from agentkit.types import Prompt


async def stream_of(backend: ModelBackend, prompt: Prompt) -> AsyncGenerator[Chunk]:
    """Yield a model's answer in pieces, or in one piece where it knows no other way; closes what it opened.

    Raises:
        BackendError: as the port says.
    """
    if not isinstance(backend, StreamingBackend):
        completion = await backend.complete(prompt)
        yield Chunk(completion.text, completion)
        return
    chunks = backend.stream(prompt)
    try:
        async for chunk in chunks:
            yield chunk
    finally:
        if isinstance(chunks, AsyncGenerator):
            await chunks.aclose()


async def pumped(source: AsyncGenerator[Chunk]) -> AsyncGenerator[Chunk]:
    """Yield from a stream that runs in a task of its own, in one context from its first piece to its last.

    A generator otherwise resumes in the context of whoever asks for the next piece: a span that it holds open would
    become the caller's, and close in a context where it was not opened.
    """
    pieces: asyncio.Queue[Chunk | None] = asyncio.Queue()

    async def pump() -> None:
        try:
            async with aclosing(source) as chunks:
                async for chunk in chunks:
                    pieces.put_nowait(chunk)
        finally:
            pieces.put_nowait(None)

    task = asyncio.create_task(pump())
    try:
        while (piece := await pieces.get()) is not None:
            yield piece
        await task
    finally:
        task.cancel()
        await asyncio.wait([task])
