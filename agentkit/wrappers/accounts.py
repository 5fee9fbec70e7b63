"""The money side of one run: what a call may take is held before it, what its attempts took replaces that.

Two accounts are asked for each call: the run's own budget, in memory, and the ledger, which holds tenants to
their limits over periods and outlives the process.
"""

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from agentkit.calls import LOST, Hold, LedgerRow, Usage
from agentkit.errors import AgentKitError, UnavailableError
from agentkit.ports import Ledger
from agentkit.types import Prompt
from agentkit.wrappers.amounts import NOTHING, Budget, Reservation
from agentkit.wrappers.charges import Taken

_UNWRITTEN_ROWS = 64
_current: ContextVar["Tab | None"] = ContextVar("agentkit_tab", default=None)


@dataclass(frozen=True, slots=True)
class Payer:
    """Whom calls are booked to."""

    run: str = ""
    tenant: str = "default"
    matter: str = ""


class Tab:
    """One call as its caller sees it: what is held for it, and what its attempts took."""

    def __init__(self, accounts: "Accounts", *, hold: Hold | None, held: Reservation, input_tokens: int) -> None:
        self.accounts = accounts
        self.hold = hold
        self.input_tokens = input_tokens
        self.opened = time.perf_counter()
        self.attempts = 0
        self.rows: list[LedgerRow] = []
        self.spent = NOTHING
        self.held = held
        self._running = NOTHING
        self._lock = asyncio.Lock()

    async def admit(self, worst: Reservation) -> None:
        """Make sure that one more attempt fits what is held, which grows if it must.

        Raises:
            BudgetExceededError: it does not fit; the attempt must not be made.
        """
        self._running = self._running.plus(worst)
        try:
            async with self._lock:
                needed = self.held.at_least(self.spent.plus(self._running))
                if needed != self.held:
                    self.hold = await self.accounts.change(self.hold, held=self.held, needed=needed)
                    self.held = needed
        except BaseException:
            self._running = self._running.plus(worst, times=-1)
            raise
        self.attempts += 1

    def charge(self, worst: Reservation, row: LedgerRow) -> None:
        """Book what an admitted attempt took."""
        self._running = self._running.plus(worst, times=-1)
        self.spent = self.spent.plus(Reservation(row.input_tokens, row.output_tokens, row.cost_usd))
        self.rows.append(row)

    def charge_whole(self, row: LedgerRow) -> None:
        """Book a call whose model books no attempts of its own."""
        self.spent = Reservation(row.input_tokens, row.output_tokens, row.cost_usd)
        self.rows.append(row)


class Accounts:
    """Opens a tab for each call of a run, and settles it.

    Args:
        budget: the run's.
        ledger: where calls are booked, for good; None books nothing.
        payer: whom they are booked to.
        clock: the time, in UTC.
    """

    def __init__(
        self,
        budget: Budget | None = None,
        *,
        ledger: Ledger | None = None,
        payer: Payer = Payer(),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.budget = budget or Budget()
        self.payer = payer
        self.clock = clock
        self._ledger = ledger
        # A free call needs no hold, except where calls themselves are limited.
        self._calls_limited = ledger is not None and any(
            limit.calls is not None and limit.applies(payer.tenant) for limit in ledger.limits
        )
        self._pending: list[LedgerRow] = []
        self._unsettled: deque[tuple[str, list[LedgerRow]]] = deque()

    async def open(self, prompt: Prompt, *, model: str, worst: Reservation) -> Tab:
        """Set the worst case of a call aside.

        Raises:
            BudgetExceededError: it does not fit the run's budget or a limit of the tenant; nothing is set aside.
            UnavailableError: the ledger cannot be reached.
        """
        self.budget.reserve(worst)
        hold = None
        if self._ledger is not None and (worst.tokens or self._calls_limited):
            hold = self._hold(prompt, model, worst)
            try:
                await self._ledger.admit(hold)
            except BaseException as error:
                self.budget.settle(worst, NOTHING)
                if not isinstance(error, AgentKitError):  # cancelled: nobody knows whether it was entered
                    self._unsettled.append((hold.id, []))
                raise
        return Tab(self, hold=hold, held=worst, input_tokens=worst.input_tokens)

    async def change(self, hold: Hold | None, *, held: Reservation, needed: Reservation) -> Hold | None:
        """Hold more for a call than was held.

        Raises:
            BudgetExceededError: it does not fit; as much is held as before.
        """
        more = needed.plus(held, times=-1)
        self.budget.reserve(more)
        if hold is None or self._ledger is None:
            return hold
        worst = replace(
            hold.worst, input_tokens=needed.input_tokens, output_tokens=needed.output_tokens, cost_usd=needed.usd
        )
        larger = Hold(hold.id, worst, needed.tokens, needed.usd, needed.calls)
        try:
            await self._ledger.admit(larger)
        except BaseException:
            self.budget.settle(more, NOTHING)
            raise
        return larger

    async def close(self, tab: Tab) -> None:
        """Settle a call: what its attempts took replaces what was held, here and in the ledger, in one step."""
        self.budget.settle(tab.held, tab.spent)
        if tab.hold is None:
            for row in tab.rows:
                self.note(row)
        else:
            self._unsettled.append((tab.hold.id, tab.rows))
        if self._unsettled or len(self._pending) >= _UNWRITTEN_ROWS:
            # An answer that is paid for is not thrown away because it cannot be booked: its hold goes on
            # counting, the next call asks the ledger first, and `flush` says what is wrong.
            with suppress(UnavailableError):
                await self.flush()

    def note(self, row: LedgerRow) -> None:
        """Book a row with the next that are written: an answer from the cache, or a call that costs nothing."""
        self._pending.append(row)

    async def flush(self) -> None:
        """Write what is not in the ledger yet.

        Raises:
            UnavailableError: the ledger cannot be reached; the rows are kept.
        """
        if self._ledger is None:
            self._pending.clear()
            self._unsettled.clear()
            return
        if self._pending:
            self._join_pending()
        while self._unsettled:
            item = self._unsettled.popleft()
            try:
                # A caller who is cancelled must not leave a transaction of which nobody knows the end.
                await asyncio.shield(asyncio.ensure_future(self._ledger.settle(item[0], item[1])))
            except AgentKitError:
                self._unsettled.appendleft(item)
                raise

    def row(self, prompt: Prompt, taken: Taken, *, model: str, deployment: str = "", latency_ms: float) -> LedgerRow:
        """Return the row of an attempt that ends now."""
        return LedgerRow(
            time=self.clock() - timedelta(milliseconds=latency_ms),
            run=self.payer.run,
            tenant=self.payer.tenant,
            matter=self.payer.matter,
            role=prompt.role,
            task=prompt.task,
            model=model,
            deployment=deployment,
            input_tokens=taken.usage.input_tokens,
            cached_tokens=taken.usage.cached_tokens,
            output_tokens=taken.usage.output_tokens,
            cost_usd=taken.usage.cost_usd,
            latency_ms=round(latency_ms, 3),
            outcome=taken.outcome,
            billed=taken.billed,
        )

    def _join_pending(self) -> None:
        """Let rows that wait share the transaction of a settlement, where there is one."""
        pending, self._pending = self._pending, []
        if self._unsettled:
            hold_id, rows = self._unsettled.pop()
            self._unsettled.append((hold_id, [*rows, *pending]))
        else:
            self._unsettled.append(("", pending))

    def _hold(self, prompt: Prompt, model: str, worst: Reservation) -> Hold:
        lost = Taken(Usage(worst.input_tokens, worst.output_tokens, 0, worst.usd), "unknown", LOST)
        row = self.row(prompt, lost, model=model, latency_ms=0.0)
        return Hold(secrets.token_hex(8), row, worst.tokens, worst.usd, worst.calls)


def current_tab() -> Tab | None:
    """Return the tab of the call that goes on around the caller."""
    return _current.get()


@contextmanager
def on_tab(tab: Tab) -> Generator[None]:
    """Let what is called inside the block find the tab."""
    token = _current.set(tab)
    try:
        yield
    finally:
        _current.reset(token)
