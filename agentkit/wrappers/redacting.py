"""Free conversations made safe: personal data become placeholders on the way in, and come back on the way out."""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Protocol, cast

from agentkit.calls import Chunk, Completion, Message, ToolCall
from agentkit.ports import ModelBackend, Vault
from agentkit.privacy.placeholders import shapes
from agentkit.streams import stream_of
from agentkit.types import Prompt
from agentkit.wrappers.wrapping import WrappedBackend

# What may still become a placeholder when the next piece arrives.
_UNFINISHED = re.compile(r"(?:(?:<|&lt;)[A-Za-z_\\ \t]{0,120}\d{0,6}[ \t]{0,3}\\?(?:&(?:gt?)?)?|&(?:lt?)?)\Z")


class SafeStore(Protocol):
    """The part of a run's store that knows what is personal."""

    @property
    def vault(self) -> Vault:
        """Keeps the originals."""
        ...

    def safe_text(self, text: str, /) -> str:
        """Return a text with personal data replaced."""
        ...


class RedactingBackend(WrappedBackend):
    """Replaces personal data in a conversation and in what is offered with it, and restores it in the answer.

    Other tasks pass as they are: their passages were redacted when they were read.

    Args:
        inner: the door.
        store: the conversation's.
        restoring: whether answers get the originals back; else they keep their placeholders.
    """

    def __init__(self, inner: ModelBackend, *, store: SafeStore, restoring: bool = True) -> None:
        super().__init__(inner)
        self._store = store
        self._restoring = restoring

    async def complete(self, prompt: Prompt, /) -> Completion:
        return self._restored(await self._inner.complete(self._safe(prompt)), prompt)

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        """Pass pieces on; half a placeholder waits for its other half."""
        held = ""
        async with aclosing(stream_of(self._inner, self._safe(prompt))) as chunks:
            async for chunk in chunks:
                text = held + chunk.text
                half = None if chunk.completion else _UNFINISHED.search(text)
                held = half[0] if half else ""
                ready = text[: len(text) - len(held)]
                whole = self._restored(chunk.completion, prompt) if chunk.completion else None
                if ready or whole:
                    yield Chunk(self._words(ready, prompt), whole)

    def _safe(self, prompt: Prompt) -> Prompt:
        if prompt.task != "chat":
            return prompt
        safe = self._store.safe_text
        messages = [self._safe_message(message) for message in prompt.messages]
        tools = [
            replace(tool, description=safe(tool.description), parameters=_schema(tool.parameters, safe))
            for tool in prompt.tools
        ]
        schema = None if prompt.schema is None else _schema(prompt.schema, safe)
        options = replace(prompt.options, stop=tuple(safe(stop) for stop in prompt.options.stop))
        return replace(prompt, messages=messages, tools=tools, schema=schema, options=options)

    def _safe_message(self, message: Message) -> Message:
        safe = self._store.safe_text
        calls = [replace(call, arguments=_in_json(call.arguments, safe)) for call in message.tool_calls]
        return replace(message, content=_in_json(message.content, safe), tool_calls=calls)

    def _restored(self, completion: Completion, prompt: Prompt) -> Completion:
        if not self._restoring:
            return completion
        calls = [ToolCall(call.id, call.name, self._into_json(call.arguments)) for call in completion.tool_calls]
        return replace(completion, text=self._words(completion.text, prompt), tool_calls=calls)

    def _words(self, text: str, prompt: Prompt) -> str:
        """Return an answer, or a piece of one, with the originals in it."""
        if not self._restoring:
            return text
        return self._store.vault.restore(text) if prompt.schema is None else self._into_json(text)

    def _into_json(self, text: str) -> str:
        """Put the originals into a text that is JSON: a quotation mark or a new line in one must not end a string."""
        parts: list[str] = []
        position = 0
        for start, end, _, _ in shapes(text):
            original = self._store.vault.restore(text[start:end])
            if original != text[start:end]:
                parts += [text[position:start], json.dumps(original, ensure_ascii=False)[1:-1]]
                position = end
        return "".join([*parts, text[position:]])


def _schema(schema: Mapping[str, object], safe: Callable[[str], str]) -> Mapping[str, object]:
    """Return a JSON schema whose words are safe: descriptions, choices, examples and names alike."""
    words = "\n".join(_words(schema))
    # Looked at as a whole first: most schemas say nothing personal, and one look costs less than one for each word.
    return schema if safe(words) == words else cast(Mapping[str, object], _changed(schema, safe))


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, item in cast(Mapping[str, object], value).items():
            yield name
            yield from _words(item)
    elif isinstance(value, (list, tuple)):
        for item in cast(Sequence[object], value):
            yield from _words(item)


def _in_json(text: str, safe: Callable[[str], str]) -> str:
    """Return a safe text; of JSON, the words are made safe, not how they are written, which may hide a name."""
    if text.lstrip()[:1] not in {"{", "["}:
        return safe(text)
    try:
        data: object = json.loads(text)
        words = _changed(data, safe)
    except (ValueError, RecursionError):
        return safe(text)
    # A number can be personal, too, and its name tells which: the whole is looked at once more.
    return safe(json.dumps(words, ensure_ascii=False) if words != data or "\\u" in text else text)


def _changed(value: object, safe: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, (list, tuple)):
        return [_changed(item, safe) for item in cast(Sequence[object], value)]
    if isinstance(value, Mapping):
        return {safe(name): _changed(item, safe) for name, item in cast(Mapping[str, object], value).items()}
    return value
