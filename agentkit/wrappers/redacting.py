"""Free conversations made safe: personal data become placeholders on the way in, and come back on the way out."""

import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Protocol

from agentkit.calls import Chunk, Completion, Message, ToolCall
from agentkit.ports import ModelBackend, Vault
from agentkit.types import Prompt
from agentkit.wrappers.streams import stream_of

# What may still become a placeholder when the next piece arrives.
_UNFINISHED = re.compile(r"<[A-Z_]{0,40}\d{0,8}\Z")


class SafeStore(Protocol):
    """The part of a run's store that knows what is personal."""

    @property
    def vault(self) -> Vault:
        """Keeps the originals."""
        ...

    def safe_text(self, text: str, /) -> str:
        """Return a text with personal data replaced."""
        ...


class RedactingBackend:
    """Replaces personal data in the messages of a conversation, and restores it in the answer.

    Other tasks pass as they are: their passages were redacted when they were read.

    Args:
        inner: the door.
        store: the conversation's.
    """

    def __init__(self, inner: ModelBackend, *, store: SafeStore) -> None:
        self._inner = inner
        self._store = store
        self.name = inner.name
        self.context_tokens = inner.context_tokens
        self.deterministic = inner.deterministic

    async def complete(self, prompt: Prompt, /) -> Completion:
        return self._restored(await self._inner.complete(self._safe(prompt)))

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        """Pass pieces on; half a placeholder waits for its other half."""
        held = ""
        async with aclosing(stream_of(self._inner, self._safe(prompt))) as chunks:
            async for chunk in chunks:
                text = held + chunk.text
                half = None if chunk.completion else _UNFINISHED.search(text)
                held = half[0] if half else ""
                ready = text[: len(text) - len(held)]
                whole = self._restored(chunk.completion) if chunk.completion else None
                if ready or whole:
                    yield Chunk(self._store.vault.restore(ready), whole)

    async def aclose(self) -> None:
        await self._inner.aclose()

    def _safe(self, prompt: Prompt) -> Prompt:
        if prompt.task != "chat":
            return prompt
        return replace(prompt, messages=[self._safe_message(message) for message in prompt.messages])

    def _safe_message(self, message: Message) -> Message:
        safe = self._store.safe_text
        calls = [replace(call, arguments=safe(call.arguments)) for call in message.tool_calls]
        return replace(message, content=safe(message.content), tool_calls=calls)

    def _restored(self, completion: Completion) -> Completion:
        restore = self._store.vault.restore
        calls = [ToolCall(call.id, call.name, restore(call.arguments)) for call in completion.tool_calls]
        return replace(completion, text=restore(completion.text), tool_calls=calls)
