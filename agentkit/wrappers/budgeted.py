"""Holds a run to its budget: the worst case is reserved before a call and settled after it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from agentkit.errors import BackendError, BackendTimeoutError, BudgetExceededError
from agentkit.ports import ModelBackend
from agentkit.prompts import render
from agentkit.types import Completion, Prompt, Usage

_MESSAGE_TOKENS = 16  # what a chat template wraps around one message


@dataclass(frozen=True, slots=True)
class Reservation:
    """The most that one call can take."""

    tokens: int = 0
    usd: float = 0.0


class Budget:
    """What one run may still spend. None is no limit.

    Args:
        usd: dollars.
        tokens: tokens of prompts and answers together.
        calls: model calls.
        seconds: from now on, by `clock`.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        *,
        usd: float | None = None,
        tokens: int | None = None,
        calls: int | None = None,
        seconds: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits: dict[str, float | None] = {"usd": usd, "tokens": tokens, "calls": calls}
        self._taken: dict[str, float] = {"usd": 0.0, "tokens": 0, "calls": 0}
        self._clock = clock
        self._end = None if seconds is None else clock() + seconds
        self._seconds = seconds

    def left(self, limit: str) -> float | None:
        """Return what remains of "usd", "tokens" or "calls", reservations taken off; None where unlimited."""
        most = self._limits[limit]
        return None if most is None else most - self._taken[limit]

    def seconds_left(self) -> float | None:
        """Return the remaining seconds, 0 at least; None where unlimited."""
        return None if self._end is None else max(0.0, self._end - self._clock())

    def reserve(self, reservation: Reservation) -> None:
        """Take the worst case of one call off the budget.

        Raises:
            BudgetExceededError: it does not fit; nothing was taken.
        """
        if self.seconds_left() == 0.0:
            raise self.out_of_time()
        needs = {"calls": 1, "tokens": reservation.tokens, "usd": reservation.usd}
        for limit, needed in needs.items():
            left = self.left(limit)
            if left is not None and needed > left + 1e-12:
                raise _exceeded(limit, needed=needed, left=left, most=self._limits[limit] or 0)
        for limit, needed in needs.items():
            self._taken[limit] += needed

    def settle(self, reservation: Reservation, usage: Usage) -> None:
        """Replace a reservation by what the call took."""
        self._taken["tokens"] += usage.input_tokens + usage.output_tokens - reservation.tokens
        self._taken["usd"] += usage.cost_usd - reservation.usd

    def out_of_time(self) -> BudgetExceededError:
        """Return the error for a run whose seconds are over."""
        return _exceeded("seconds", needed=0, left=0, most=self._seconds or 0)


class BudgetedBackend:
    """Makes a call only if its worst case fits the run's budget; calls made together cannot overdraw it together.

    A deterministic model costs no tokens and no dollars beforehand; its calls and seconds count.

    Args:
        inner: the model.
        budget: the run's.
        max_output_tokens: the longest answer the model may give.
        input_usd: dollars per token of the prompt.
        output_usd: dollars per token of the answer.
    """

    def __init__(
        self,
        inner: ModelBackend,
        *,
        budget: Budget,
        max_output_tokens: int = 0,
        input_usd: float = 0.0,
        output_usd: float = 0.0,
    ) -> None:
        self._inner = inner
        self._budget = budget
        self._max_output_tokens = max_output_tokens
        self._input_usd = input_usd
        self._output_usd = output_usd
        self.name = inner.name
        self.context_tokens = inner.context_tokens
        self.deterministic = inner.deterministic

    async def complete(self, prompt: Prompt, /) -> Completion:
        reservation = self._worst_case(prompt)
        self._budget.reserve(reservation)
        deadline = asyncio.timeout(self._budget.seconds_left())
        try:
            async with deadline:
                completion = await self._inner.complete(prompt)
        except TimeoutError:
            if deadline.expired():
                raise self._budget.out_of_time() from None
            raise
        except BackendTimeoutError:
            raise  # the provider may have worked, and billed, all the same: the reservation stays
        except (BackendError, BudgetExceededError):
            self._budget.settle(reservation, Usage())
            raise
        self._budget.settle(reservation, completion.usage)
        return completion

    async def aclose(self) -> None:
        await self._inner.aclose()

    def _worst_case(self, prompt: Prompt) -> Reservation:
        if self.deterministic:
            return Reservation()
        sent = sum(_MESSAGE_TOKENS + most_tokens(message.content) for message in render(prompt))
        received = min(self._max_output_tokens or self.context_tokens, self.context_tokens)
        return Reservation(tokens=sent + received, usd=sent * self._input_usd + received * self._output_usd)


def most_tokens(text: str) -> int:
    """Return a number of tokens that no common tokenizer exceeds on real text.

    Prose takes a token for about four ASCII characters and none takes more than one for two; outside of
    ASCII the bytes of UTF-8 are the bound.
    """
    octets = len(text.encode("utf-8", "replace"))
    ascii_characters = len(text.encode("ascii", "ignore"))
    return (ascii_characters + 1) // 2 + octets - ascii_characters


def _exceeded(limit: str, *, needed: float, left: float, most: float) -> BudgetExceededError:
    if limit == "seconds":
        message = f"The run took longer than its budget of {most:g} seconds."
    elif limit == "calls":
        message = f"The run's budget of {most:g} model calls is used up."
    else:
        unit = {"usd": "US dollars", "tokens": "tokens"}[limit]
        message = f"The next model call may take {needed:.6g} {unit}, and {max(left, 0):.6g} of {most:.6g} are left."
    return BudgetExceededError(message, limit=limit, needed=needed, left=max(left, 0.0))
