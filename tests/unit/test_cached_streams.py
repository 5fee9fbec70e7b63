"""Streams over a cache, and the same call at the same time."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from caches import REWORDED, Cached, prompt

from agentkit.calls import Chunk, Usage
from agentkit.errors import BackendError, BudgetExceededError
from agentkit.testing.fakes import ScriptedBackend
from agentkit.types import Completion, Prompt
from agentkit.wrappers import Meter

# --- streams


class Streaming(ScriptedBackend):
    """Answers in three pieces, when told to; can end without an end."""

    def __init__(self, *, whole: bool = True, gate: asyncio.Event | None = None) -> None:
        super().__init__("one two three")
        self.whole = whole
        self.gate = gate
        self.streams = 0
        self.closed_early = False

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        self.streams += 1
        try:
            for piece in ("one ", "two ", "three"):
                if self.gate is not None:
                    await self.gate.wait()
                yield Chunk(piece)
        except (GeneratorExit, asyncio.CancelledError):
            self.closed_early = True
            raise
        if not self.whole:
            raise BackendError("the line went dead", model="scripted")
        yield Chunk("", Completion("one two three", "scripted", usage=Usage(10, 3)))


async def test_a_whole_stream_is_kept_and_replayed_in_pieces(cached: Cached) -> None:
    model, meter = Streaming(), Meter()
    door = cached.door(model, meter=meter)
    fresh = [chunk async for chunk in door.stream(prompt())]
    again = [chunk async for chunk in door.stream(prompt(REWORDED))]
    assert "".join(chunk.text for chunk in fresh) == "".join(chunk.text for chunk in again) == "one two three"
    assert fresh[-1].completion == Completion("one two three", "scripted", usage=Usage(10, 3))
    assert again[-1].completion == Completion("one two three", "scripted", cache_hit=True)
    assert (model.streams, meter.usage().cache_hits, (await door.complete(prompt())).cache_hit) == (1, 1, True)


@pytest.mark.parametrize("text", ["", "word", "  two  words\n\n", "x" * 300, "a b c d e f g h i\nj"])
async def test_a_replayed_answer_is_whole(text: str, cached: Cached) -> None:
    door = cached.door(ScriptedBackend(text))
    await door.complete(prompt())
    assert "".join([chunk.text async for chunk in door.stream(prompt())]) == text


async def test_a_broken_stream_is_not_kept(cached: Cached) -> None:
    model = Streaming(whole=False)
    door = cached.door(model)
    with pytest.raises(BackendError):
        [chunk async for chunk in door.stream(prompt())]
    assert (await door.complete(prompt())).cache_hit is False


async def test_a_stream_that_nobody_reads_to_its_end_is_closed_and_not_kept(cached: Cached) -> None:
    model = Streaming(gate=asyncio.Event())
    door = cached.door(model)
    chunks = door.stream(prompt())
    reading = asyncio.create_task(anext(chunks))
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert model.closed_early
    assert (await door.complete(prompt())).cache_hit is False


# --- the same call at the same time


class Slow(ScriptedBackend):
    """Answers when the gate opens."""

    def __init__(self, *replies: str | Exception) -> None:
        super().__init__(*replies)
        self.gate = asyncio.Event()
        self.cancelled = 0

    async def complete(self, prompt: Prompt, /) -> Completion:
        self.prompts.append(prompt)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        self.prompts.pop()
        return await super().complete(prompt)


async def started(*tasks: "asyncio.Task[Completion]") -> None:
    for _ in range(5 + len(tasks)):
        await asyncio.sleep(0)


async def test_identical_prompts_at_the_same_time_are_asked_once(cached: Cached) -> None:
    model, meter = Slow("one", "two"), Meter()
    door = cached.door(model, meter=meter)
    tasks = [asyncio.create_task(door.complete(prompt())) for _ in range(5)]
    await started(*tasks)
    model.gate.set()
    answers = await asyncio.gather(*tasks)
    assert ([answer.text for answer in answers], len(model.prompts)) == (["one"] * 5, 1)
    assert sorted(answer.cache_hit for answer in answers) == [False, True, True, True, True]
    assert meter.usage().cache_hits == 4


async def test_tenants_who_ask_at_the_same_time_are_asked_for_apart(cached: Cached) -> None:
    model = Slow("one", "two")
    doors = [cached.door(model, scope=(tenant, "matter 1")) for tenant in "ab"]
    tasks = [asyncio.create_task(door.complete(prompt())) for door in doors]
    await started(*tasks)
    model.gate.set()
    assert sorted(answer.text for answer in await asyncio.gather(*tasks)) == ["one", "two"]


async def test_the_first_who_gives_up_does_not_take_the_others_along(cached: Cached) -> None:
    model = Slow("one", "two")
    door = cached.door(model)
    first, second = (asyncio.create_task(door.complete(prompt())) for _ in range(2))
    await started(first, second)
    first.cancel()
    await started(first, second)
    model.gate.set()
    assert (await second).text == "one"
    assert (first.cancelled(), model.cancelled, len(model.prompts)) == (True, 0, 1)


async def test_a_call_that_everybody_gave_up_is_cancelled(cached: Cached) -> None:
    model = Slow("one")
    door = cached.door(model)
    tasks = [asyncio.create_task(door.complete(prompt())) for _ in range(2)]
    await started(*tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (model.cancelled, [task.cancelled() for task in tasks]) == (1, [True, True])


async def test_one_whose_budget_is_spent_does_not_spend_the_others(cached: Cached) -> None:
    model = Slow(BudgetExceededError("spent", limit="usd", needed=1.0, left=0.0), "two")
    door = cached.door(model)
    first, second = (asyncio.create_task(door.complete(prompt())) for _ in range(2))
    await started(first, second)
    model.gate.set()
    answers = await asyncio.gather(first, second, return_exceptions=True)
    assert isinstance(answers[0], BudgetExceededError)
    assert isinstance(answers[1], Completion)
    assert (answers[1].text, answers[1].cache_hit) == ("two", False)


async def test_streams_at_the_same_time_share_one_call_each_at_its_own_pace(cached: Cached) -> None:
    model = Streaming(gate=asyncio.Event())
    door = cached.door(model)
    idle = door.stream(prompt())
    waiting = asyncio.create_task(anext(idle))
    await asyncio.sleep(0)
    busy = asyncio.create_task(_text(door.stream(prompt())))
    await asyncio.sleep(0)
    assert model.gate is not None
    model.gate.set()
    assert await busy == "one two three"
    assert (await waiting).text + await _text(idle) == "one two three"
    assert model.streams == 1


async def _text(chunks: AsyncIterator[Chunk]) -> str:
    return "".join([chunk.text async for chunk in chunks])
