"""Streams through wrappers: a model that cannot stream is asked for the whole."""

from collections.abc import AsyncGenerator

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
