"""Meets a deployment's failures: retries with jittered backoff, deadlines, a circuit breaker, a limit of concurrency.

The backoff is "full jitter" (Brooker, *Exponential Backoff And Jitter*): a random share of an exponentially growing
pause, so that callers that failed together do not return together. A provider's Retry-After is the least pause.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from agentkit.calls import Chunk
from agentkit.errors import BackendError, BackendTimeoutError, OverloadedError, RateLimitError
from agentkit.ports import ModelBackend
from agentkit.streams import stream_of
from agentkit.types import Completion, Prompt
from agentkit.wrappers.circuit import Circuit
from agentkit.wrappers.gate import Gate
from agentkit.wrappers.wrapping import WrappedBackend

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When a call is made again, and how long one may take in all. Times are seconds.

    Args:
        attempts: how often a call is made at most.
        attempt_s: the longest a single attempt may take.
        deadline_s: the longest the whole call may take: waiting in line, attempts and pauses.
        first_pause_s: what the random pause after the first failure stays under; it doubles each time.
        longest_pause_s: what a pause stays under; a provider that asks for a longer one is not asked again.
    """

    attempts: int = 3
    attempt_s: float = 120.0
    deadline_s: float = 300.0
    first_pause_s: float = 0.5
    longest_pause_s: float = 20.0


@dataclass(slots=True)
class _Call:
    """One call's attempts so far."""

    policy: RetryPolicy
    chance: random.Random
    clock: Callable[[], float]
    made: int = 0
    begun: float = field(init=False)

    def __post_init__(self) -> None:
        self.begun = self.clock()

    def left(self) -> float:
        return max(0.0, self.policy.deadline_s - (self.clock() - self.begun))

    def pause_after(self, error: BackendError) -> float | None:
        """Return the seconds to wait before the next attempt; None where there is to be none."""
        self.made += 1
        if not error.passing or self.made >= self.policy.attempts:
            return None
        asked = error.retry_after_s or 0.0
        if asked > self.policy.longest_pause_s:
            return None
        ceiling = min(self.policy.longest_pause_s, self.policy.first_pause_s * 2 ** (self.made - 1))
        pause = asked + self.chance.uniform(0.0, ceiling)
        return pause if pause < self.left() else None


class ResilientBackend(WrappedBackend):
    """Makes a call as often as it takes, within limits; nothing is sent twice once a piece of an answer was passed on.

    Args:
        inner: one deployment, which makes one attempt per call and says in its errors whether they are passing.
        policy: how often and how long.
        gate: the deployment's limit of calls at once, shared by all who use it.
        circuit: the deployment's breaker, shared by all who use it.
        sleep: waits for seconds.
        chance: where the jitter comes from.
        clock: monotonic seconds.
    """

    def __init__(  # noqa: PLR0913 - the last three exist so that tests need not wait
        self,
        inner: ModelBackend,
        *,
        policy: RetryPolicy = RetryPolicy(),
        gate: Gate,
        circuit: Circuit,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: random.Random | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(inner)
        self._policy = policy
        self._gate = gate
        self._circuit = circuit
        self._sleep = sleep
        self._chance = chance or random.Random()  # noqa: S311 - no secret
        self._clock = clock

    async def complete(self, prompt: Prompt, /) -> Completion:
        call = _Call(self._policy, self._chance, self._clock)
        while True:
            try:
                async with self._admitted(call):
                    return await self._within(call, self._inner.complete(prompt), self._policy.attempt_s)
            except BackendError as error:
                pause = call.pause_after(error)
                if pause is None:
                    raise
            await self._sleep(pause)

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        """Answer in pieces; a failure after the first piece is the caller's to see."""
        call = _Call(self._policy, self._chance, self._clock)
        while True:
            passed_on = False
            try:
                async with self._admitted(call), aclosing(self._pieces(prompt, call)) as pieces:
                    async for chunk in pieces:
                        passed_on = True
                        yield chunk
                    return
            except BackendError as error:
                pause = None if passed_on else call.pause_after(error)
                if pause is None:
                    raise
            await self._sleep(pause)

    async def _pieces(self, prompt: Prompt, call: _Call) -> AsyncGenerator[Chunk]:
        """Wait for each piece under the deadline, never while the caller works on the last one."""
        async with aclosing(stream_of(self._inner, prompt)) as chunks:
            attempt_end = self._clock() + self._policy.attempt_s
            while True:
                try:
                    chunk = await self._within(call, anext(chunks), attempt_end - self._clock())
                except StopAsyncIteration:
                    return
                yield chunk

    async def _within(self, call: _Call, work: Awaitable[_T], most_s: float) -> _T:
        deadline = asyncio.timeout(max(0.0, min(most_s, call.left())))
        try:
            async with deadline:
                return await work
        except TimeoutError:
            if not deadline.expired():
                raise
        whole = call.left() <= 0
        limit, key = (self._policy.deadline_s, "gateway.deadline") if whole else (self._policy.attempt_s, "timeout")
        raise BackendTimeoutError(
            f"{self.name} did not answer within {limit:g} s: raise {key} or use a faster model.",
            model=self.name,
            passing=not whole,
            billed="unknown",
        )

    @asynccontextmanager
    async def _admitted(self, call: _Call) -> AsyncGenerator[None]:
        self._circuit.enter()
        try:
            await self._in_line(call)
        except BaseException:
            self._circuit.abandoned()
            raise
        try:
            yield
        except BackendError as error:
            if error.passing and not isinstance(error, RateLimitError):
                self._circuit.failed()
            else:
                self._circuit.abandoned()  # it is alive, whatever it thinks of this call
            raise
        except BaseException:
            self._circuit.abandoned()
            raise
        else:
            self._circuit.succeeded()
        finally:
            self._gate.leave()

    async def _in_line(self, call: _Call) -> None:
        try:
            async with asyncio.timeout(call.left()):
                await self._gate.enter()
        except TimeoutError:
            raise OverloadedError(
                f"{self.name} had no place for this call within {self._policy.deadline_s:g} s: try again later, or "
                "raise max_concurrency.",
                model=self.name,
            ) from None
