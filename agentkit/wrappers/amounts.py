"""What a run may spend: amounts, and the budget they are taken from."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from agentkit.errors import BudgetExceededError


@dataclass(frozen=True, slots=True)
class Reservation:
    """An amount: tokens of prompts and answers, dollars, calls."""

    input_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0
    calls: int = 1

    @property
    def tokens(self) -> int:
        """Prompts and answers together."""
        return self.input_tokens + self.output_tokens

    def plus(self, other: "Reservation", *, times: int = 1) -> "Reservation":
        """Return the sum with `times` the other amount."""
        return Reservation(
            self.input_tokens + times * other.input_tokens,
            self.output_tokens + times * other.output_tokens,
            self.usd + times * other.usd,
            self.calls + times * other.calls,
        )

    def at_least(self, other: "Reservation") -> "Reservation":
        """Return the larger of both, each figure by itself."""
        return Reservation(
            max(self.input_tokens, other.input_tokens),
            max(self.output_tokens, other.output_tokens),
            max(self.usd, other.usd),
            max(self.calls, other.calls),
        )


NOTHING = Reservation(calls=0)


class Budget:
    """What one run may still spend. None is no limit.

    Args:
        usd: dollars.
        tokens: tokens of prompts and answers together.
        calls: attempts at model calls.
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

    def most(self, limit: str) -> float | None:
        """Return the limit in "usd", "tokens" or "calls"; None where there is none."""
        return self._limits[limit]

    def left(self, limit: str) -> float | None:
        """Return what remains of "usd", "tokens" or "calls", reservations taken off; None where unlimited."""
        most = self._limits[limit]
        return None if most is None else most - self._taken[limit]

    def seconds_left(self) -> float | None:
        """Return the remaining seconds, 0 at least; None where unlimited."""
        return None if self._end is None else max(0.0, self._end - self._clock())

    def reserve(self, amount: Reservation) -> None:
        """Take an amount off the budget.

        Raises:
            BudgetExceededError: it does not fit; nothing was taken.
        """
        if self.seconds_left() == 0.0:
            raise self.out_of_time()
        needs = {"calls": amount.calls, "tokens": amount.tokens, "usd": amount.usd}
        for limit, needed in needs.items():
            left = self.left(limit)
            if left is not None and needed > left + 1e-12:
                raise _exceeded(limit, needed=needed, left=left, most=self._limits[limit] or 0)
        self._take(amount)

    def settle(self, held: Reservation, taken: Reservation) -> None:
        """Replace what was reserved by what was taken."""
        self._take(taken.plus(held, times=-1))

    def out_of_time(self) -> BudgetExceededError:
        """Return the error for a run whose seconds are over."""
        return _exceeded("seconds", needed=0, left=0, most=self._seconds or 0)

    def _take(self, amount: Reservation) -> None:
        for limit, taken in (("calls", amount.calls), ("tokens", amount.tokens), ("usd", amount.usd)):
            self._taken[limit] += taken


def _exceeded(limit: str, *, needed: float, left: float, most: float) -> BudgetExceededError:
    if limit == "seconds":
        message = f"The run took longer than its budget of {most:g} seconds."
    elif limit == "calls":
        message = f"The run's budget of {most:g} model calls is used up."
    else:
        unit = {"usd": "US dollars", "tokens": "tokens"}[limit]
        message = f"The next model call may take {needed:.6g} {unit}, and {max(left, 0):.6g} of {most:.6g} are left."
    return BudgetExceededError(message, limit=limit, needed=needed, left=max(left, 0.0))
