"""What every adapter of a port must do, as test classes: subclass one and say how to make the adapter."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator

from agentkit.calls import Chunk
from agentkit.ports import ModelBackend, StreamingBackend
from agentkit.prompts.parse import read_json
from agentkit.types import Prompt, SafePassage

_TEXT = "The Tenant shall pay rent of EUR 1,250 on the first day of each month to <PERSON_1>."
PROMPT = Prompt(
    role="writer",
    task="summarize",
    version="contract",
    instructions="Summarize the passages in one claim.",
    passages=[SafePassage(id="d0p0", source=0, start=0, end=len(_TEXT), text=_TEXT)],
)


class BackendContract(ABC):
    """The promises of `ModelBackend`. `slow` models are asked less often."""

    slow = False

    @abstractmethod
    async def make(self) -> ModelBackend:
        """Return a new backend; the test closes it."""

    async def test_it_has_a_name_and_a_window(self) -> None:
        backend = await self.make()
        assert backend.name.strip()
        assert backend.context_tokens > 0
        await backend.aclose()

    async def test_it_answers_in_json_under_its_own_name(self) -> None:
        backend = await self.make()
        completion = await backend.complete(PROMPT)
        assert read_json(completion.text)
        assert completion.model == backend.name
        assert completion.usage.input_tokens >= 0
        assert completion.usage.output_tokens >= 0
        assert completion.usage.cost_usd >= 0
        assert not completion.cache_hit
        await backend.aclose()

    async def test_it_answers_several_prompts_at_once(self) -> None:
        backend = await self.make()
        completions = await asyncio.gather(*(backend.complete(PROMPT) for _ in range(2 if self.slow else 8)))
        assert all(completion.text.strip() for completion in completions)
        if backend.deterministic:
            assert len({completion.text for completion in completions}) == 1
        await backend.aclose()

    async def test_a_cancelled_call_does_not_spoil_the_next(self) -> None:
        backend = await self.make()
        task = asyncio.create_task(backend.complete(PROMPT))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (await backend.complete(PROMPT)).text.strip()
        await backend.aclose()

    async def test_it_can_be_closed_twice(self) -> None:
        backend = await self.make()
        await backend.aclose()
        await backend.aclose()


class StreamingContract(ABC):
    """The promises of `StreamingBackend`. `at_once` streams are open together: 1 for a model with a single place."""

    at_once = 64

    @abstractmethod
    async def make(self) -> ModelBackend:
        """Return a new backend that can stream; the test closes it."""

    async def test_the_pieces_join_to_the_text_and_the_last_holds_the_whole(self) -> None:
        backend = await self.make()
        chunks = await _read(backend)
        completion = chunks[-1].completion
        assert completion is not None
        assert "".join(chunk.text for chunk in chunks) == completion.text != ""
        assert all(chunk.completion is None for chunk in chunks[:-1])
        assert (completion.model, completion.cache_hit) == (backend.name, False)
        await backend.aclose()

    async def test_a_stream_that_is_left_does_not_spoil_the_next(self) -> None:
        backend = await self.make()
        stream = _stream(backend)
        assert await anext(stream)
        await stream.aclose()
        assert (await _read(backend))[-1].completion is not None
        await backend.aclose()

    async def test_a_cancelled_stream_does_not_spoil_the_next(self) -> None:
        backend = await self.make()
        begun = asyncio.Event()

        async def read() -> None:
            async for _ in _stream(backend):
                begun.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(read())
        await begun.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (await _read(backend))[-1].completion is not None
        await backend.aclose()

    async def test_a_stream_that_nobody_reads_on_holds_up_no_other(self) -> None:
        backend = await self.make()
        waiting = [_stream(backend)] if self.at_once > 1 else []
        first = [await anext(stream) for stream in waiting]
        answers = await asyncio.gather(*(_read(backend) for _ in range(max(1, self.at_once - 1))))
        assert all(chunks[-1].completion is not None for chunks in answers)
        for stream in waiting:
            rest = [chunk async for chunk in stream]
            completion = rest[-1].completion
            assert completion is not None
            assert "".join(chunk.text for chunk in first + rest) == completion.text
        await backend.aclose()


async def _stream(backend: ModelBackend) -> AsyncGenerator[Chunk]:
    assert isinstance(backend, StreamingBackend)
    stream = backend.stream(PROMPT)
    try:
        async for chunk in stream:
            yield chunk
    finally:
        if isinstance(stream, AsyncGenerator):
            await stream.aclose()


async def _read(backend: ModelBackend) -> list[Chunk]:
    return [chunk async for chunk in _stream(backend)]
