"""A call is made as often as it takes, within limits, and never in secret."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from agentkit.calls import Chunk, Completion
from agentkit.errors import (
    AuthenticationError,
    BackendError,
    BackendTimeoutError,
    CircuitOpenError,
    InvalidResponseError,
    OverloadedError,
    RateLimitError,
)
from agentkit.testing.fakes import ScriptedBackend
from agentkit.types import Prompt
from agentkit.wrappers.circuit import Circuit
from agentkit.wrappers.gate import Gate
from agentkit.wrappers.resilient import ResilientBackend, RetryPolicy

PROMPT = Prompt(role="writer", task="chat", version="t", instructions="")
BROKEN = BackendError("it broke.", model="m", passing=True)


class Clock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def resilient(inner: object, clock: Clock | None = None, **settings: object) -> ResilientBackend:
    clock = clock or Clock()
    parts = {
        "gate": Gate("m"),
        "circuit": Circuit("m", clock=clock),
        "policy": RetryPolicy(),
        "chance": random.Random(1),
        **settings,
    }
    return ResilientBackend(inner, sleep=clock.sleep, clock=clock, **parts)


class Held:
    """A model that answers when it is let."""

    name, context_tokens, deterministic = "held", 8192, False

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.arrived = asyncio.Event()
        self.asked = 0
        self.cancelled = 0

    async def complete(self, prompt: Prompt, /) -> Completion:
        self.asked += 1
        self.arrived.set()
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return Completion("done", "held")

    async def aclose(self) -> None: ...


class Streamed:
    """A model whose streams are scripted: text pieces, then an error or the end."""

    name, context_tokens, deterministic = "streamed", 8192, False

    def __init__(self, *scripts: list[str | Exception]) -> None:
        self.scripts = list(scripts)
        self.closed = 0

    async def complete(self, prompt: Prompt, /) -> Completion:
        raise AssertionError("it should have been streamed")

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        script = self.scripts.pop(0)
        try:
            for piece in script:
                if isinstance(piece, Exception):
                    raise piece
                yield Chunk(piece)
            yield Chunk("", Completion("".join(str(piece) for piece in script), self.name))
        finally:
            self.closed += 1

    async def aclose(self) -> None: ...


async def test_a_passing_failure_is_tried_again_after_a_pause() -> None:
    clock, inner = Clock(), ScriptedBackend(BROKEN, BROKEN, "fine")
    assert (await resilient(inner, clock).complete(PROMPT)).text == "fine"
    assert len(inner.prompts) == 3
    assert 0 < clock.pauses[0] <= 0.5
    assert 0 < clock.pauses[1] <= 1.0


async def test_pauses_differ_between_callers() -> None:
    clocks = [Clock(), Clock()]
    for number, clock in enumerate(clocks):
        await resilient(ScriptedBackend(BROKEN, "fine"), clock, chance=random.Random(number)).complete(PROMPT)
    assert clocks[0].pauses != clocks[1].pauses


async def test_a_lasting_failure_is_not_tried_again() -> None:
    inner = ScriptedBackend(AuthenticationError("wrong key.", model="m"), "fine")
    with pytest.raises(AuthenticationError):
        await resilient(inner).complete(PROMPT)
    assert len(inner.prompts) == 1


async def test_attempts_are_bounded_and_the_last_failure_is_told() -> None:
    inner = ScriptedBackend(BROKEN, BROKEN, BackendError("broken for good.", model="m", passing=True))
    with pytest.raises(BackendError, match="for good"):
        await resilient(inner).complete(PROMPT)
    assert len(inner.prompts) == 3


async def test_retry_after_is_the_least_pause() -> None:
    clock = Clock()
    limited = RateLimitError("later.", model="m", passing=True, retry_after_s=7)
    await resilient(ScriptedBackend(limited, "fine"), clock).complete(PROMPT)
    assert 7 <= clock.pauses[0] <= 7.5


async def test_a_provider_that_asks_for_too_long_a_pause_is_not_waited_for() -> None:
    clock = Clock()
    limited = RateLimitError("tomorrow.", model="m", passing=True, retry_after_s=3600)
    with pytest.raises(RateLimitError):
        await resilient(ScriptedBackend(limited, "fine"), clock).complete(PROMPT)
    assert clock.pauses == []


async def test_no_pause_outlasts_the_deadline() -> None:
    clock = Clock()
    limited = RateLimitError("later.", model="m", passing=True, retry_after_s=5)
    policy = RetryPolicy(deadline_s=4)
    with pytest.raises(RateLimitError):
        await resilient(ScriptedBackend(limited, "fine"), clock, policy=policy).complete(PROMPT)
    assert clock.pauses == []


async def test_a_call_that_hangs_is_cut_off_and_cancelled() -> None:
    inner = Held()
    policy = RetryPolicy(attempts=1, attempt_s=0.01)
    with pytest.raises(BackendTimeoutError, match=r"within 0\.01 s") as caught:
        await resilient(inner, policy=policy).complete(PROMPT)
    assert caught.value.billed == "unknown"
    assert inner.cancelled == 1


async def test_cancelling_a_call_cancels_the_model_and_frees_its_place() -> None:
    inner, gate = Held(), Gate("m", max_concurrent=1)
    door = resilient(inner, gate=gate)
    task = asyncio.create_task(door.complete(PROMPT))
    await inner.arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert inner.cancelled == 1
    inner.go.set()
    assert (await door.complete(PROMPT)).text == "done"


async def test_no_more_calls_at_once_than_allowed_and_the_line_is_bounded() -> None:
    inner = Held()
    door = resilient(inner, gate=Gate("m", max_concurrent=2, max_waiting=1))
    tasks = [asyncio.create_task(door.complete(PROMPT)) for _ in range(4)]
    with pytest.raises(OverloadedError, match="2 calls under way and 1 waiting"):
        await tasks[3]
    assert inner.asked == 2
    inner.go.set()
    assert [task.text for task in await asyncio.gather(*tasks[:3])] == ["done"] * 3


async def test_a_caller_that_leaves_the_line_loses_no_place() -> None:
    gate = Gate("m", max_concurrent=1, max_waiting=5)
    await gate.enter()
    waiting = [asyncio.create_task(gate.enter()) for _ in range(2)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.gather(waiting[0], return_exceptions=True)
    gate.leave()
    await waiting[1]
    gate.leave()
    await gate.enter()  # the one place is free again


async def test_a_caller_cancelled_as_its_turn_comes_passes_the_place_on() -> None:
    gate = Gate("m", max_concurrent=1, max_waiting=5)
    await gate.enter()
    waiting = [asyncio.create_task(gate.enter()) for _ in range(2)]
    await asyncio.sleep(0)
    gate.leave()
    waiting[0].cancel()
    await asyncio.gather(waiting[0], return_exceptions=True)
    await asyncio.wait_for(waiting[1], 120)


def test_one_gate_serves_several_event_loops() -> None:
    gate = Gate("m", max_concurrent=1, max_waiting=50)
    seen: list[int] = []

    async def use(number: int) -> None:
        await gate.enter()
        seen.append(number)
        await asyncio.sleep(0)
        gate.leave()

    async def many(base: int) -> None:
        await asyncio.gather(*(use(base + number) for number in range(20)))

    async def both() -> None:
        await asyncio.gather(*(asyncio.to_thread(asyncio.run, many(base)) for base in (0, 100)))

    asyncio.run(both())
    assert len(seen) == 40


async def test_a_deployment_that_keeps_failing_is_left_alone_then_tried_with_one_call() -> None:
    clock = Clock()
    circuit = Circuit("m", failures=2, open_s=30, clock=clock)
    inner = ScriptedBackend(BROKEN, BROKEN, "fine")
    door = resilient(inner, clock, circuit=circuit, policy=RetryPolicy(attempts=1))
    for _ in range(2):
        with pytest.raises(BackendError):
            await door.complete(PROMPT)
    assert circuit.is_open
    with pytest.raises(CircuitOpenError, match="failed 2 times in a row"):
        await door.complete(PROMPT)
    assert len(inner.prompts) == 2
    clock.now += 31
    circuit.enter()  # somebody tries it
    with pytest.raises(CircuitOpenError, match="until the call that tries it is back"):
        await door.complete(PROMPT)
    circuit.abandoned()
    assert (await door.complete(PROMPT)).text == "fine"
    assert not circuit.is_open


async def test_a_failed_trial_opens_the_circuit_again() -> None:
    clock = Clock()
    circuit = Circuit("m", failures=1, open_s=30, clock=clock)
    door = resilient(ScriptedBackend(BROKEN), clock, circuit=circuit, policy=RetryPolicy(attempts=1))
    for _ in range(2):
        with pytest.raises(BackendError, match="it broke"):
            await door.complete(PROMPT)
        assert circuit.is_open
        clock.now += 31


@pytest.mark.parametrize(
    "error",
    [InvalidResponseError("no JSON.", model="m"), RateLimitError("later.", model="m", passing=True, retry_after_s=1)],
)
async def test_a_bad_answer_or_a_full_server_opens_no_circuit(error: BackendError) -> None:
    circuit = Circuit("m", failures=1)
    with pytest.raises(type(error)):
        await resilient(ScriptedBackend(error), circuit=circuit, policy=RetryPolicy(attempts=1)).complete(PROMPT)
    assert not circuit.is_open


async def test_a_stream_is_begun_again_only_before_its_first_piece() -> None:
    early = Streamed([BROKEN], ["a", "b"])
    pieces = [chunk async for chunk in resilient(early).stream(PROMPT)]
    assert "".join(chunk.text for chunk in pieces) == "ab"
    assert pieces[-1].completion is not None
    late = Streamed(["a", BROKEN], ["never"])
    seen: list[str] = []

    async def read() -> None:
        async for chunk in resilient(late).stream(PROMPT):
            seen.append(chunk.text)  # noqa: PERF401 - what arrived before the failure counts

    with pytest.raises(BackendError, match="it broke"):
        await read()
    assert seen == ["a"]
    assert len(late.scripts) == 1


async def test_leaving_a_stream_early_closes_it_and_frees_its_place() -> None:
    inner = Streamed(["a", "b"], ["c"])
    door = resilient(inner, gate=Gate("m", max_concurrent=1, max_waiting=0))
    stream = door.stream(PROMPT)
    assert (await anext(aiter(stream))).text == "a"
    await stream.aclose()
    assert inner.closed == 1
    assert [chunk.text async for chunk in door.stream(PROMPT)] == ["c", ""]


async def test_a_model_that_cannot_stream_answers_in_one_piece() -> None:
    pieces = [chunk async for chunk in resilient(ScriptedBackend("whole")).stream(PROMPT)]
    assert [chunk.text for chunk in pieces] == ["whole"]
    assert pieces[0].completion is not None
