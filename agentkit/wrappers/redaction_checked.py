"""The last look before a model: a prompt that holds personal data which was redacted is not sent."""

import json
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing

from agentkit.calls import Chunk, Message
from agentkit.errors import RefusedError
from agentkit.ports import ModelBackend, Vault
from agentkit.prompts import render
from agentkit.streams import stream_of
from agentkit.types import Completion, Prompt
from agentkit.wrappers.wrapping import WrappedBackend

_WORD = re.compile(r"\w+")
_MIN_CHARACTERS = 6


class RedactionCheckedBackend(WrappedBackend):
    """Refuses a prompt whose rendered text contains an original that the vault keeps.

    Originals are compared as whole words with white space ignored. One that is a single word without
    digits ("Price", "May"), or very short, is no evidence of a leak and is not looked for.
    """

    def __init__(self, inner: ModelBackend, *, vault: Vault) -> None:
        super().__init__(inner)
        self._vault = vault

    async def complete(self, prompt: Prompt, /) -> Completion:
        self._check(prompt)
        return await self._inner.complete(prompt)

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        """Answer in pieces, once the prompt was looked at."""
        self._check(prompt)
        async with aclosing(stream_of(self._inner, prompt)) as chunks:
            async for chunk in chunks:
                yield chunk

    def _check(self, prompt: Prompt) -> None:
        offered = [
            f"{tool.name}\n{tool.description}\n{json.dumps(tool.parameters, ensure_ascii=False)}"
            for tool in prompt.tools
        ]
        if prompt.schema is not None:
            offered.append(json.dumps(prompt.schema, ensure_ascii=False))
        text = "\n".join([*(_words_of(message) for message in render(prompt)), *offered, *prompt.options.stop])
        if holds_any(text, self._vault.originals()):
            raise RefusedError(
                "A prompt still held personal data after redaction and was not sent: "
                "this is a fault of ours, please report the kind of document."
            )


def _words_of(message: Message) -> str:
    calls = [f"{call.id}\n{call.name}\n{call.arguments}" for call in message.tool_calls]
    return "\n".join([message.content, message.tool_call_id, *calls])


def holds_any(text: str, originals: Iterable[str]) -> bool:
    """Return whether a text contains one of the originals that are distinctive enough to tell.

    One pass over the text and a look-up per word of an original: only an original all of whose words
    occur in the text is searched for.
    """
    words = set(_WORD.findall(text))
    flat: str | None = None
    for original in originals:
        parts = _WORD.findall(original)
        if not _is_distinctive(original, parts) or not words.issuperset(parts):
            continue
        flat = " ".join(text.split()) if flat is None else flat
        if re.search(rf"(?<!\w){re.escape(' '.join(original.split()))}(?!\w)", flat):
            return True
    return False


def _is_distinctive(original: str, parts: list[str]) -> bool:
    characters = sum(len(part) for part in parts)
    return characters >= _MIN_CHARACTERS and (len(parts) > 1 or any(c.isdigit() for c in original))
