"""A cache in front of a model. It holds redacted text only, and never crosses a tenant, a matter or a document."""

import dataclasses
import json
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from functools import partial

from agentkit.calls import Chunk, Completion, Message, Price, Usage
from agentkit.errors import InvalidResponseError
from agentkit.ports import ModelBackend, Vault
from agentkit.prompts import render, response_schema
from agentkit.report import SavingStep
from agentkit.streams import stream_of
from agentkit.types import Prompt
from agentkit.wrappers.cache_answers import AnswerCache, Kept, Place
from agentkit.wrappers.cache_flights import Flights
from agentkit.wrappers.metered import Meter
from agentkit.wrappers.redaction_checked import holds_any
from agentkit.wrappers.savings import avoided, likely
from agentkit.wrappers.wrapping import WrappedBackend

_PLACEHOLDER = re.compile(r"<[A-Z][A-Z_]*_\d+>")
_PIECE = re.compile(r"\s*\S{1,64}(?:\s+\S+){0,3}|\s+")
_FLIGHTS = Flights()
_STEPS: dict[bool, SavingStep] = {False: "cache", True: "semantic_cache"}


class CachedBackend(WrappedBackend):
    """Answers a prompt that was answered before.

    That is: for the same tenant and matter, by the same model, under the same rails, from the same documents, with
    the same people behind the placeholders. Identical prompts that are asked at the same time are asked once. A
    deterministic model is asked each time, as its answers cost nothing; so is every model when the prompt carries a
    label that forbids keeping.

    Args:
        inner: the model.
        cache: where answers are kept.
        scope: the tenant and the matter; answers of one are never seen in another.
        identity: everything that decides how the model answers (its real name, address, settings, the rails' version).
        vault: the names behind the placeholders.
        meter: hears of the hits.
        price: the model's, for what a hit saves where that was not recorded.
    """

    def __init__(  # noqa: PLR0913 - what a key depends on, one by one
        self,
        inner: ModelBackend,
        *,
        cache: AnswerCache,
        scope: str | tuple[str, ...],
        identity: str,
        vault: Vault,
        meter: Meter,
        price: Price = Price(),  # noqa: B008 - it is frozen
    ) -> None:
        super().__init__(inner)
        self._cache = cache
        self._identity = (inner.name, identity, scope)
        self._vault = vault
        self._meter = meter
        self._price = price

    async def complete(self, prompt: Prompt, /) -> Completion:
        if self.deterministic or not self._cache.allows(prompt.labels):
            return await self._inner.complete(prompt)
        begun, place = time.perf_counter(), self._place(prompt)
        hit = await self._kept(place)
        if hit is None:
            flight, first = _FLIGHTS.join(place.key, partial(self._whole, prompt, place))
            try:
                async with aclosing(flight.follow()) as pieces:
                    completion = await _last(pieces, model=self.name)
            except Exception:
                if first:
                    raise
                # Another run's call failed, perhaps for reasons of its own: its budget, its end.
                first, completion = True, await _last(self._whole(prompt, place), model=self.name)
            if first:
                return completion
            return self._count(prompt, completion, begun=begun)
        return self._count(prompt, hit, begun=begun)

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        if self.deterministic or not self._cache.allows(prompt.labels):
            async with aclosing(stream_of(self._inner, prompt)) as chunks:
                async for chunk in chunks:
                    yield chunk
            return
        begun, place = time.perf_counter(), self._place(prompt)
        hit = await self._kept(place)
        if hit is None:
            async with aclosing(self._followed(prompt, place)) as chunks:
                async for chunk in chunks:
                    yield chunk
            return
        for chunk in _pieces(self._count(prompt, hit, begun=begun)):
            yield chunk

    async def _followed(self, prompt: Prompt, place: Place) -> AsyncGenerator[Chunk]:
        begun, started = time.perf_counter(), False
        flight, first = _FLIGHTS.join(place.key, partial(self._piecewise, prompt, place))
        try:
            async with aclosing(flight.follow()) as pieces:
                async for chunk in pieces:
                    started = True
                    if chunk.completion is None or first:
                        yield chunk
                        continue
                    yield Chunk(chunk.text, self._count(prompt, chunk.completion, begun=begun))
        except Exception:
            if first or started:
                raise
            async with aclosing(self._piecewise(prompt, place)) as pieces:
                async for chunk in pieces:
                    yield chunk

    async def _kept(self, place: Place) -> Kept | None:
        return await self._cache.get(place)

    def _count(self, prompt: Prompt, kept: Kept | Completion, *, begun: float) -> Completion:
        """Return a hit, counted with what it saved: what the answer took when it was made, else an estimate."""
        text, step = (kept.answer, _STEPS[kept.like]) if isinstance(kept, Kept) else (kept.text, _STEPS[False])
        usage = kept.usage if kept.usage.input_tokens else likely(prompt, text)
        saved = avoided(step, usage, price=self._price)
        if isinstance(kept, Kept):
            hit = Completion(text=text, model=self.name, cache_hit=True)
        else:
            hit = dataclasses.replace(kept, usage=Usage(), cache_hit=True)
        self._meter.count(prompt, hit, duration_ms=(time.perf_counter() - begun) * 1000, saved=saved)
        return hit

    async def _whole(self, prompt: Prompt, place: Place) -> AsyncGenerator[Chunk]:
        completion = await self._inner.complete(prompt)
        await self._keep(place, completion)
        yield Chunk(completion.text, completion)

    async def _piecewise(self, prompt: Prompt, place: Place) -> AsyncGenerator[Chunk]:
        async with aclosing(stream_of(self._inner, prompt)) as chunks:
            async for chunk in chunks:
                if chunk.completion is not None:
                    await self._keep(place, chunk.completion)
                yield chunk

    async def _keep(self, place: Place, completion: Completion) -> None:
        if completion.finish_reason != "stop" or not completion.text or completion.tool_calls:
            return
        if not holds_any(completion.text, self._vault.originals()):
            await self._cache.put(place, completion.text, usage=completion.usage)

    def _place(self, prompt: Prompt) -> Place:
        """Hash what the answer depends on: once without the question (the partition), once with it (the key)."""
        rest, question = _apart(prompt)
        messages = render(rest)
        rows = [[m.role, m.content, m.tool_call_id, [dataclasses.astuple(c) for c in m.tool_calls]] for m in messages]
        tools = [[tool.name, tool.description, dict(tool.parameters)] for tool in prompt.tools]
        options = dataclasses.astuple(prompt.options)
        about = [prompt.role, prompt.task, prompt.version, sorted(set(prompt.labels)), sorted(set(prompt.documents))]
        names = self._names("\n".join(message.content for message in messages))
        material = json.dumps([self._identity, about, response_schema(prompt), tools, options, rows, names])
        partition, asked = self._cache.sign("partition", material), self._names(question)
        return Place(
            key=self._cache.sign("key", json.dumps([partition, question, asked])),
            partition=partition,
            question="" if prompt.tools else question,
            names=asked,
            documents=tuple(sorted(set(prompt.documents))),
        )

    def _names(self, text: str) -> str:
        """Return a keyed hash of the placeholders in a text and what they stand for."""
        mapping = {name: self._vault.restore(name) for name in sorted(set(_PLACEHOLDER.findall(text)))}
        return self._cache.sign("names", json.dumps(mapping)) if mapping else ""


def _apart(prompt: Prompt) -> tuple[Prompt, str]:
    """Return a prompt without its question, and the question: of a conversation, the user's last word.

    A question's passages come in order of rank, which its wording sways: the same ones in any order are the same.
    """
    if prompt.task == "ask":
        passages = sorted(prompt.passages, key=lambda passage: passage.id)
        return dataclasses.replace(prompt, question="", passages=passages), prompt.question
    last = prompt.messages[-1] if prompt.task == "chat" and prompt.messages else None
    if last is None or last.role != "user":
        return prompt, ""
    return dataclasses.replace(prompt, messages=[*prompt.messages[:-1], Message("user", "")]), last.content


async def _last(chunks: AsyncIterator[Chunk], *, model: str) -> Completion:
    completion = None
    async for chunk in chunks:
        completion = chunk.completion or completion
    if completion is None:
        raise InvalidResponseError("The answer ended before its end was announced: try again.", model=model)
    return completion


def _pieces(completion: Completion) -> Iterator[Chunk]:
    for match in _PIECE.finditer(completion.text):
        yield Chunk(match[0])
    yield Chunk("", completion)
