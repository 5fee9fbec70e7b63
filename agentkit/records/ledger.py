"""The ledger: every call one row, and a hold for each call that is not finished, in a SQL database."""

import json
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Protocol, cast

from agentkit.calls import (
    Hold,
    LedgerKey,
    LedgerQuery,
    LedgerRow,
    LedgerTotal,
    LimitLeft,
    PeriodLimit,
)
from agentkit.errors import BudgetExceededError
from agentkit.records import ledger_sql as sql
from agentkit.records.ledger_owners import Owner, this_process

Value = str | int | float
# Only for holds of other machines, which cannot be asked whether a process lives; calls end long before.
_HOLD_LASTS = timedelta(hours=1)
_LAST = "~"  # after every time
_ALL_BUT_TIME: Callable[[LedgerRow], tuple[Value, ...]] = attrgetter(*(field.name for field in fields(LedgerRow)[1:]))


class Statements(Protocol):
    """A transaction that is open."""

    async def run(self, statement: str, values: Sequence[Value] = (), /) -> Sequence[Sequence[object]]:
        """Run one statement, whose parameters are written "?", and return its rows."""
        ...


class Database(Protocol):
    """Where the tables are."""

    def transaction(self, *, alone: bool = True) -> AbstractAsyncContextManager[Statements]:
        """Open a transaction; an exception undoes it.

        Args:
            alone: whether no other such transaction, of any process, is open beside it; False is for reading.

        Raises:
            UnavailableError: the database cannot be reached.
        """
        ...

    async def aclose(self) -> None:
        """Release files and connections."""
        ...


class SqlLedger:
    """A `Ledger` in a database that any number of processes share.

    An open hold counts in every period until it is settled, so that a call which begins in one and ends in the
    next overdraws neither. The holds of processes that died become rows "lost" when a ledger is first used,
    and before a call is refused.

    Args:
        database: where the tables are.
        limits: what every tenant is held to.
        clock: the time.
    """

    def __init__(
        self,
        database: Database,
        *,
        limits: Sequence[PeriodLimit] = (),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.limits = list(limits)
        self._database = database
        self._clock = clock
        self._owner: Owner | None = None
        self._pid = 0

    async def admit(self, hold: Hold, /) -> None:
        """Set the worst case of a call aside, if every limit allows it."""
        owner = await self._me()
        try:
            await self._enter(hold, owner)
        except BudgetExceededError:
            if not await self.recover():
                raise
            await self._enter(hold, owner)

    async def settle(self, hold_id: str, rows: Sequence[LedgerRow], /) -> None:
        """Replace a hold by rows, in one transaction."""
        async with self._database.transaction() as transaction:
            if hold_id:
                await transaction.run(sql.DELETE_HOLD, (hold_id,))
            for row in rows:
                await transaction.run(sql.INSERT_ROW, _values(row))

    async def recover(self) -> int:
        """Turn the holds of dead processes, and old ones of other machines, into rows "lost"."""
        now, found = _text(self._clock()), 0
        async with self._database.transaction() as transaction:
            for hold_id, worst, *owner, expires in await transaction.run(sql.HOLDS):
                host, pid, started = owner
                dead = Owner(str(host), int(str(pid)), str(started)).is_dead()
                if dead or (dead is None and str(expires) < now):
                    await transaction.run(sql.INSERT_ROW, cast(list[Value], json.loads(str(worst))))
                    await transaction.run(sql.DELETE_HOLD, (str(hold_id),))
                    found += 1
        return found

    async def rows(self, query: LedgerQuery, /) -> list[LedgerRow]:
        """Return rows, oldest first."""
        await self._me()
        async with self._database.transaction(alone=False) as transaction:
            return [_row(values) for values in await transaction.run(sql.ROWS, _chosen(query))]

    async def totals(self, query: LedgerQuery, /, *, by: LedgerKey) -> list[LedgerTotal]:
        """Return sums of rows, by key."""
        await self._me()
        async with self._database.transaction(alone=False) as transaction:
            found = await transaction.run(sql.totals(by), _chosen(query))
        return [LedgerTotal(*cast(tuple[str, int], tuple(values))) for values in found]

    async def left(self, tenant: str, /) -> list[LimitLeft]:
        """Return what each limit that applies leaves the tenant now."""
        await self._me()
        now = self._clock()
        async with self._database.transaction(alone=False) as transaction:
            taken = [await _taken(transaction, limit, tenant, now) for limit in self._limits_of(tenant)]
        return [_left(limit, now, *amounts) for limit, amounts in zip(self._limits_of(tenant), taken, strict=True)]

    async def aclose(self) -> None:
        """Release the database."""
        self._owner = None
        await self._database.aclose()

    async def _enter(self, hold: Hold, owner: Owner) -> None:
        tenant, now = hold.worst.tenant, self._clock()
        async with self._database.transaction() as transaction:
            for limit in self._limits_of(tenant):
                _check(hold, _left(limit, now, *await _taken(transaction, limit, tenant, now, apart_from=hold.id)))
            expires = _text(now + _HOLD_LASTS)
            worst = json.dumps(_values(hold.worst))
            amounts = (hold.id, tenant, hold.usd, hold.tokens, hold.calls, worst)
            await transaction.run(sql.INSERT_HOLD, (*amounts, owner.host, owner.pid, owner.started, expires))

    async def _me(self) -> Owner:
        """Return who holds; before the first use, recover what dead processes held. A fork is another process."""
        if self._owner is None or self._pid != os.getpid():
            self._owner, self._pid = this_process(), os.getpid()
            await self.recover()
        return self._owner

    def _limits_of(self, tenant: str) -> list[PeriodLimit]:
        return [limit for limit in self.limits if limit.applies(tenant)]


async def _taken(
    transaction: Statements, limit: PeriodLimit, tenant: str, now: datetime, *, apart_from: str = ""
) -> tuple[float, int, int]:
    """Return dollars, tokens and calls that count against a limit: rows of the period, and every open hold."""
    scope = tenant if limit.tenant else ""
    usd, tokens, calls = 0.0, 0, 0
    for amounts in await transaction.run(sql.TAKEN, (limit.period(now), scope, apart_from, scope, scope)):
        more_usd, more_tokens, more_calls = cast(tuple[float, int, int], amounts)
        usd, tokens, calls = usd + more_usd, tokens + more_tokens, calls + more_calls
    return usd, tokens, calls


def _left(limit: PeriodLimit, now: datetime, usd: float, tokens: int, calls: int) -> LimitLeft:
    return LimitLeft(
        limit,
        limit.ends(now),
        usd=None if limit.usd is None else limit.usd - usd,
        tokens=None if limit.tokens is None else limit.tokens - tokens,
        calls=None if limit.calls is None else limit.calls - calls,
    )


def _check(hold: Hold, left: LimitLeft) -> None:
    needs = (("calls", hold.calls, left.calls), ("tokens", hold.tokens, left.tokens), ("usd", hold.usd, left.usd))
    for name, needed, remaining in needs:
        if remaining is not None and needed > remaining + 1e-9:
            raise _refusal(name, needed, max(remaining, 0), left)


def _refusal(name: str, needed: float, remaining: float, left: LimitLeft) -> BudgetExceededError:
    limit = left.limit
    most = {"usd": limit.usd, "tokens": limit.tokens, "calls": limit.calls}[name] or 0
    whose = {"": "everybody", "*": "each tenant"}.get(limit.tenant, f"tenant {limit.tenant}")
    ends = f"the {limit.per} ends {left.ends:%Y-%m-%d %H:%M} UTC."
    if name == "calls":
        message = f"The budget of {most:g} model calls per {limit.per} for {whose} is used up; {ends}"
    else:
        unit = {"usd": "US dollars", "tokens": "tokens"}[name]
        message = (
            f"The next model call may take {needed:.6g} {unit}, and {remaining:.6g} of the {most:.6g} per {limit.per} "
            f"for {whose} are left; {ends}"
        )
    return BudgetExceededError(message, limit=f"{name} per {limit.per}", needed=needed, left=remaining)


def _text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def _values(row: LedgerRow) -> list[Value]:
    return [_text(row.time), *_ALL_BUT_TIME(row)]


def _row(values: Sequence[object]) -> LedgerRow:
    time, *rest = values
    return LedgerRow(datetime.fromisoformat(str(time)), *cast(tuple[str, str, str, str, str, str, str], tuple(rest)))


def _chosen(query: LedgerQuery) -> list[Value]:
    tenant, run = query.tenant or "", query.run or ""
    since = _text(query.since) if query.since else ""
    until = _text(query.until) if query.until else _LAST
    return [since, until, tenant, tenant, run, run]
