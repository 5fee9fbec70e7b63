"""Writes on every prompt what it carries: confidentiality labels and the documents it rests on."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from agentkit.calls import Chunk
from agentkit.ports import ModelBackend
from agentkit.streams import stream_of
from agentkit.types import Completion, Prompt
from agentkit.wrappers.wrapping import WrappedBackend


@dataclass(frozen=True, slots=True)
class Contents:
    """What a passage brings with it into a prompt: its labels, and the SHA-256 of its document."""

    labels: Sequence[str] = ()
    document: str = ""


class StampedBackend(WrappedBackend):
    """Adds the labels of the run and of every passage that a prompt shows or cites, and their documents' hashes.

    Args:
        inner: the door.
        labels: what the whole run is labelled with.
        contents: what a passage carries, by its id.
    """

    def __init__(self, inner: ModelBackend, *, labels: Sequence[str], contents: Callable[[str], Contents]) -> None:
        super().__init__(inner)
        self._labels = list(labels)
        self._contents = contents

    async def complete(self, prompt: Prompt, /) -> Completion:
        return await self._inner.complete(self._stamp(prompt))

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        """Answer in pieces."""
        async with aclosing(stream_of(self._inner, self._stamp(prompt))) as chunks:
            async for chunk in chunks:
                yield chunk

    def _stamp(self, prompt: Prompt) -> Prompt:
        ids = {passage.id for passage in prompt.passages}
        claims = [*prompt.claims, *(item.claim for item in prompt.rejected)]
        ids.update(citation.passage for claim in claims for citation in claim.citations)
        carried = [self._contents(item) for item in sorted(ids)]
        labels = {*prompt.labels, *self._labels, *(label for item in carried for label in item.labels)}
        documents = {*prompt.documents, *(item.document for item in carried if item.document)}
        return replace(prompt, labels=sorted(labels), documents=sorted(documents))
