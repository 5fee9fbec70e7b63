"""What every ledger must do, as a test class: subclass it and say how to make one."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from agentkit.calls import Hold, LedgerQuery, LedgerRow, PeriodLimit
from agentkit.errors import BudgetExceededError
from agentkit.ports import Ledger

NOON = datetime(2026, 3, 31, 12, 0, 0, tzinfo=UTC)
Clock = Callable[[], datetime]


def ledger_row(
    *, tenant: str = "acme", run: str = "r1", time: datetime = NOON, cost_usd: float = 1.0, outcome: str = "ok"
) -> LedgerRow:
    """Return a row of 100 tokens sent, 40 of them cached, and 20 received."""
    row = LedgerRow(time, run, tenant, "m1", "writer", "summarize", "model", "model#1", 100, 40, 20, cost_usd, 12.5)
    return replace(row, outcome=outcome, billed="no" if outcome == "cache_hit" else "yes")


def ledger_hold(number: str, *, usd: float = 1.0, tenant: str = "acme", calls: int = 1) -> Hold:
    """Return a hold of 120 tokens."""
    worst = replace(ledger_row(tenant=tenant, cost_usd=usd, outcome="lost"), billed="unknown")
    return Hold(number, worst, 120, usd, calls)


async def refused(ledger: Ledger, hold: Hold) -> BudgetExceededError:
    """Return the error with which a ledger refuses a hold."""
    try:
        await ledger.admit(hold)
    except BudgetExceededError as error:
        return error
    raise AssertionError("the ledger admitted what does not fit")


class LedgerContract(ABC):
    """The promises of `Ledger`."""

    @abstractmethod
    async def make(self, limits: Sequence[PeriodLimit] = (), clock: Clock = lambda: NOON) -> Ledger:
        """Return a ledger over the test's own, empty database; a second one shares it. The test closes both."""

    async def test_a_row_comes_back_as_it_was_written(self) -> None:
        ledger = await self.make()
        row = ledger_row(time=NOON.replace(microsecond=123456))
        await ledger.settle("", [row])
        assert await ledger.rows(LedgerQuery()) == [row]
        await ledger.aclose()

    async def test_rows_are_chosen_by_time_tenant_and_run(self) -> None:
        ledger = await self.make()
        later = ledger_row(time=NOON + timedelta(days=1))
        other, second = ledger_row(tenant="other"), ledger_row(run="r2")
        await ledger.settle("", [later, other, second])
        assert await ledger.rows(LedgerQuery(since=NOON + timedelta(hours=1))) == [later]
        assert await ledger.rows(LedgerQuery(until=NOON + timedelta(hours=1), tenant="acme")) == [second]
        assert await ledger.rows(LedgerQuery(until=NOON)) == []
        assert await ledger.rows(LedgerQuery(run="r2")) == [second]
        await ledger.aclose()

    async def test_totals_tell_calls_failures_and_hits_apart(self) -> None:
        ledger = await self.make()
        lost = replace(ledger_row(outcome="lost", cost_usd=3.0), billed="unknown")
        await ledger.settle("", [ledger_row(), ledger_row(outcome="cache_hit", cost_usd=0.0), lost])
        (total,) = await ledger.totals(LedgerQuery(), by="day")
        assert (total.key, total.calls, total.failed, total.cache_hits) == ("2026-03-31", 2, 1, 1)
        assert (total.input_tokens, total.cached_tokens, total.output_tokens) == (200, 80, 40)
        assert (total.cost_usd, total.unknown_usd) == (4.0, 3.0)
        await ledger.aclose()

    async def test_a_hold_that_does_not_fit_is_refused_and_says_why(self) -> None:
        ledger = await self.make([PeriodLimit("day", tenant="acme", usd=1.5)])
        await ledger.admit(ledger_hold("a"))
        error = await refused(ledger, ledger_hold("b"))
        assert (error.limit, error.needed, error.left) == ("usd per day", 1.0, 0.5)
        assert "1.5 per day for tenant acme" in str(error)
        assert "2026-04-01 00:00 UTC" in str(error)
        await ledger.admit(ledger_hold("c", tenant="other"))
        await ledger.aclose()

    async def test_settling_gives_back_what_was_not_taken(self) -> None:
        ledger = await self.make([PeriodLimit("month", usd=2.0)])
        await ledger.admit(ledger_hold("a", usd=2.0))
        await ledger.settle("a", [ledger_row(cost_usd=0.5)])
        (left,) = await ledger.left("anybody")
        assert left.usd == 1.5
        await ledger.admit(ledger_hold("b", usd=1.5))
        await refused(ledger, ledger_hold("c", usd=0.1))
        await ledger.aclose()

    async def test_a_hold_can_grow_but_not_beyond_the_limit(self) -> None:
        ledger = await self.make([PeriodLimit("month", usd=2.0)])
        await ledger.admit(ledger_hold("a", usd=1.0))
        await ledger.admit(ledger_hold("a", usd=2.0, calls=2))
        await refused(ledger, ledger_hold("a", usd=2.5, calls=3))
        await ledger.settle("a", [ledger_row(), ledger_row(cost_usd=0.9)])
        (left,) = await ledger.left("acme")
        assert abs((left.usd or 0) - 0.1) < 1e-9
        await ledger.aclose()

    async def test_a_limit_counts_for_everybody_for_each_tenant_or_for_one(self) -> None:
        each, everybody = PeriodLimit("day", tenant="*", calls=1), PeriodLimit("day", calls=2)
        ledger = await self.make([each, everybody])
        await ledger.admit(ledger_hold("a", tenant="one"))
        assert "for each tenant" in str(await refused(ledger, ledger_hold("b", tenant="one")))
        await ledger.settle("a", [ledger_row(tenant="one")])
        await refused(ledger, ledger_hold("b", tenant="one"))
        await ledger.admit(ledger_hold("c", tenant="two"))
        assert "for everybody" in str(await refused(ledger, ledger_hold("d", tenant="three")))
        await ledger.aclose()

    async def test_tokens_are_limited_too(self) -> None:
        ledger = await self.make([PeriodLimit("hour", tokens=200)])
        await ledger.admit(ledger_hold("a"))
        error = await refused(ledger, ledger_hold("b"))
        assert (error.limit, error.needed, error.left) == ("tokens per hour", 120, 80)
        await ledger.aclose()

    async def test_a_new_period_begins_afresh(self) -> None:
        now = [NOON]
        ledger = await self.make([PeriodLimit("month", usd=1.0)], lambda: now[0])
        await ledger.admit(ledger_hold("a"))
        await ledger.settle("a", [ledger_row()])
        now[0] = NOON + timedelta(hours=11, minutes=59)
        await refused(ledger, ledger_hold("b"))
        now[0] = NOON + timedelta(hours=12)
        await ledger.admit(ledger_hold("b"))
        await ledger.aclose()

    async def test_answers_from_a_cache_count_against_nothing(self) -> None:
        ledger = await self.make([PeriodLimit("day", calls=1)])
        await ledger.settle("", [ledger_row(outcome="cache_hit", cost_usd=0.0)] * 5)
        await ledger.admit(ledger_hold("a"))
        await ledger.aclose()

    async def test_the_holds_of_a_living_process_are_left_alone(self) -> None:
        ledger = await self.make()
        await ledger.admit(ledger_hold("a"))
        second = await self.make()
        assert await second.recover() == 0
        assert await second.rows(LedgerQuery()) == []
        await second.aclose()
        await ledger.aclose()

    async def test_calls_made_together_cannot_overdraw_together(self) -> None:
        limits = [PeriodLimit("month", usd=5.0), PeriodLimit("day", tenant="*", usd=100.0)]
        ledgers = [await self.make(limits), await self.make(limits)]
        holds = [ledgers[number % 2].admit(ledger_hold(f"h{number}")) for number in range(20)]
        results = await asyncio.gather(*holds, return_exceptions=True)
        assert sum(result is None for result in results) == 5
        assert sum(isinstance(result, BudgetExceededError) for result in results) == 15
        for ledger in ledgers:
            await ledger.aclose()
