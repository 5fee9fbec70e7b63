"""What the ledger outlives: other processes, a killed one, and whoever would change it."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from agentkit.calls import LedgerQuery, PeriodLimit, Price
from agentkit.errors import BackendTimeoutError, BudgetExceededError, UnavailableError
from agentkit.records.ledger import SqlLedger
from agentkit.records.ledger_owners import Owner, this_process
from agentkit.records.ledger_sqlite import SqliteDatabase
from agentkit.testing.fakes import ScriptedBackend
from agentkit.testing.ledgers import NOON, ledger_hold, ledger_row
from agentkit.types import Prompt, SafePassage, Usage
from agentkit.wrappers import Accounts, Budget, BudgetedBackend, Meter, MeteredBackend, Payer

ROOT = Path(__file__).parents[2]
COST = Usage(input_tokens=100, output_tokens=20, cached_tokens=60, cost_usd=0.15)
PRICE = Price(0.001, 0.002)
SPENDER = """
import asyncio, sys
from pathlib import Path
from agentkit.calls import PeriodLimit
from agentkit.errors import BudgetExceededError
from agentkit.records.ledger import SqlLedger
from agentkit.records.ledger_sqlite import SqliteDatabase
from agentkit.testing.ledgers import NOON, ledger_hold, ledger_row

async def main(path, name):
    ledger = SqlLedger(SqliteDatabase(Path(path)), limits=[PeriodLimit("month", usd=30.0)], clock=lambda: NOON)
    await ledger.recover()
    print("ready", flush=True)
    sys.stdin.readline()
    made = 0
    async def call(number):
        nonlocal made
        try:
            await ledger.admit(ledger_hold(f"{name}{number}", usd=1.0))
        except BudgetExceededError:
            return
        made += 1
        await asyncio.sleep(0)
        await ledger.settle(f"{name}{number}", [ledger_row(cost_usd=0.5)])
    for start in range(0, 100, 10):
        await asyncio.gather(*(call(start + number) for number in range(10)))
    print(made)

asyncio.run(main(*sys.argv[1:]))
"""
VICTIM = """
import asyncio, os, signal, sys
from pathlib import Path
from agentkit.records.ledger import SqlLedger
from agentkit.records.ledger_sqlite import SqliteDatabase
from agentkit.testing.ledgers import NOON, ledger_hold, ledger_row

async def main(path):
    ledger = SqlLedger(SqliteDatabase(Path(path)), clock=lambda: NOON)
    await ledger.admit(ledger_hold("a"))
    await ledger.settle("a", [ledger_row()])
    await ledger.admit(ledger_hold("b", usd=3.0))
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main(*sys.argv[1:]))
"""


def open_ledger(path: Path, *limits: PeriodLimit) -> SqlLedger:
    return SqlLedger(SqliteDatabase(path), limits=limits, clock=lambda: NOON)


def prompt() -> Prompt:
    passage = SafePassage(id="d0p0", source=0, start=0, end=8, text="Rent: 5.")
    return Prompt(role="writer", task="summarize", version="1", instructions="Summarize.", passages=[passage])


PIPE = subprocess.PIPE


def spawn(code: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdin=PIPE, stdout=PIPE, text=True, cwd=ROOT)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


# --- other processes


async def test_two_processes_cannot_overdraw_a_limit_together(path: Path) -> None:
    children = [spawn(SPENDER, str(path), name) for name in ("x", "y")]
    for child in children:
        assert child.stdout.readline() == "ready\n"
    for child in children:  # both are there before either begins
        child.stdin.write("go\n")
        child.stdin.flush()
    made = [int(child.communicate()[0]) for child in children]
    ledger = open_ledger(path, PeriodLimit("month", usd=30.0))
    (total,) = await ledger.totals(LedgerQuery(), by="tenant")
    assert total.calls == sum(made)
    assert 29.0 < total.cost_usd <= 30.0
    await ledger.aclose()


async def test_what_a_killed_process_held_is_booked_as_lost_at_its_worst_case(path: Path) -> None:
    child = spawn(VICTIM, str(path))
    child.communicate()
    assert child.returncode == -signal.SIGKILL
    ledger = open_ledger(path, PeriodLimit("month", usd=5.0))
    first, lost = await ledger.rows(LedgerQuery())
    assert (first.outcome, first.cost_usd, first.billed) == ("ok", 1.0, "yes")
    assert (lost.outcome, lost.cost_usd, lost.billed, lost.tenant) == ("lost", 3.0, "unknown", "acme")
    (left,) = await ledger.left("acme")
    assert left.usd == pytest.approx(1.0)
    assert await ledger.recover() == 0
    await ledger.aclose()


async def test_a_process_that_waits_for_a_living_one_gives_up_with_a_sentence(path: Path) -> None:
    other = SqliteDatabase(path)
    async with other.transaction():
        hasty = SqlLedger(SqliteDatabase(path, patience_s=0.05))
        with pytest.raises(UnavailableError, match="another process holds it"):
            await hasty.admit(ledger_hold("a"))
        await hasty.aclose()
    await other.aclose()


def test_a_process_is_known_by_its_number_and_its_start() -> None:
    me = this_process()
    assert me.is_dead() is False
    assert replace(me, started="1").is_dead() is True
    assert Owner("elsewhere", me.pid, me.started).is_dead() is None


async def test_a_hold_of_another_machine_is_lost_when_it_is_an_hour_old(path: Path) -> None:
    ledger = open_ledger(path)
    await ledger.admit(ledger_hold("a"))
    await ledger.aclose()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE holds SET host = 'elsewhere'")
    connection.close()
    now = [NOON + timedelta(minutes=59)]
    later = SqlLedger(SqliteDatabase(path), clock=lambda: now[0])
    assert await later.rows(LedgerQuery()) == []
    now[0] = NOON + timedelta(minutes=61)
    assert await later.recover() == 1
    await later.aclose()


async def test_a_file_that_is_no_database_refuses_calls(path: Path) -> None:
    path.write_bytes(b"no database at all, but a text" * 50)
    with pytest.raises(UnavailableError, match="ledger"):
        await open_ledger(path).admit(ledger_hold("a"))


# --- append-only


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE calls SET cost_usd = 0",
        "DELETE FROM calls",
        "REPLACE INTO calls SELECT * FROM calls",
        "INSERT OR REPLACE INTO calls SELECT * FROM calls",
    ],
)
async def test_a_row_can_be_neither_changed_nor_deleted(statement: str, path: Path) -> None:
    ledger = open_ledger(path)
    await ledger.settle("", [ledger_row()])
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()
    assert await ledger.rows(LedgerQuery()) == [ledger_row()]
    await ledger.aclose()


async def test_only_its_owner_may_read_the_file(path: Path) -> None:
    ledger = open_ledger(path)
    await ledger.settle("", [ledger_row()])
    assert path.stat().st_mode & 0o077 == 0
    await ledger.aclose()


# --- what the wrappers book


def door(ledger: SqlLedger, *replies: object, budget: Budget | None = None) -> BudgetedBackend:
    accounts = Accounts(budget, ledger=ledger, payer=Payer("r1", "acme", "m1"), clock=lambda: NOON)
    model = ScriptedBackend(*replies, usage=COST)
    metered = MeteredBackend(
        model, meter=Meter(accounts=accounts), price=PRICE, max_output_tokens=100, deployment="scripted#2"
    )
    return BudgetedBackend(metered, accounts=accounts, candidates=[(PRICE, 100)])


async def test_a_call_is_one_row_without_any_text(path: Path) -> None:
    ledger = open_ledger(path)
    await door(ledger, "the rent is due").complete(prompt())
    (row,) = await ledger.rows(LedgerQuery())
    assert (row.run, row.tenant, row.matter, row.role, row.task) == ("r1", "acme", "m1", "writer", "summarize")
    assert (row.model, row.deployment, row.outcome, row.billed) == ("scripted", "scripted#2", "ok", "yes")
    assert (row.input_tokens, row.cached_tokens, row.output_tokens, row.cost_usd) == (100, 60, 20, 0.15)
    assert row.latency_ms > 0
    await ledger.aclose()
    written = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"rent" not in written
    assert b"Rent" not in written


async def test_a_time_out_is_booked_at_its_worst_case(path: Path) -> None:
    ledger = open_ledger(path, PeriodLimit("day", usd=100))
    with pytest.raises(BackendTimeoutError):
        await door(ledger, BackendTimeoutError("slow", model="m", billed="unknown")).complete(prompt())
    (row,) = await ledger.rows(LedgerQuery())
    assert (row.outcome, row.billed, row.output_tokens) == ("BackendTimeoutError", "unknown", 100)
    assert row.cost_usd == pytest.approx(PRICE.of(input_tokens=row.input_tokens, output_tokens=100))
    await ledger.aclose()


async def test_a_call_that_no_period_covers_is_not_made_and_leaves_the_runs_budget_alone(path: Path) -> None:
    ledger, budget = open_ledger(path, PeriodLimit("day", tenant="acme", tokens=50)), Budget(calls=5)
    with pytest.raises(BudgetExceededError, match="per day for tenant acme"):
        await door(ledger, "a", budget=budget).complete(prompt())
    assert budget.left("calls") == 5
    assert await ledger.rows(LedgerQuery()) == []
    await ledger.aclose()


async def test_concurrent_calls_of_a_tenant_stay_within_its_limit(path: Path) -> None:
    ledger = open_ledger(path, PeriodLimit("month", tenant="*", calls=3))
    backend = door(ledger, "a")
    results = await asyncio.gather(*(backend.complete(prompt()) for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(result, BudgetExceededError) for result in results) == 7
    assert len(await ledger.rows(LedgerQuery())) == 3
    await ledger.aclose()


async def test_a_call_in_flight_is_held_and_a_cancelled_one_is_booked(path: Path) -> None:
    class Hanging(ScriptedBackend):
        async def complete(self, prompt: Prompt, /) -> object:
            await asyncio.Event().wait()

    ledger = open_ledger(path, PeriodLimit("month", tokens=100_000))
    accounts = Accounts(ledger=ledger, payer=Payer("r1", "acme"), clock=lambda: NOON)
    metered = MeteredBackend(Hanging("a"), meter=Meter(accounts=accounts), max_output_tokens=100)
    backend = BudgetedBackend(metered, accounts=accounts, candidates=[(Price(), 100)])
    call = asyncio.create_task(backend.complete(prompt()))
    await asyncio.sleep(0.01)
    (held,) = await ledger.left("acme")
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    (row,) = await ledger.rows(LedgerQuery())
    assert (row.outcome, row.billed) == ("cancelled", "unknown")
    assert held.tokens == 100_000 - row.input_tokens - row.output_tokens
    await ledger.aclose()


async def test_answers_from_the_cache_are_booked_with_the_next_call_or_at_the_end(path: Path) -> None:
    ledger = open_ledger(path)
    accounts = Accounts(ledger=ledger, payer=Payer("r1", "acme"), clock=lambda: NOON)
    completion = replace(await ScriptedBackend("a").complete(prompt()), cache_hit=True, usage=Usage())
    Meter(accounts=accounts).count(prompt(), completion, duration_ms=0.5)
    await accounts.flush()
    await accounts.flush()
    (row,) = await ledger.rows(LedgerQuery())
    assert (row.outcome, row.billed, row.cost_usd) == ("cache_hit", "no", 0.0)
    await ledger.aclose()


async def test_an_answer_is_not_thrown_away_because_it_cannot_be_booked(path: Path) -> None:
    class Failing(SqlLedger):
        broken = False

        async def settle(self, hold_id: str, rows: object, /) -> None:
            if self.broken:
                raise UnavailableError("the disk is full")
            await super().settle(hold_id, rows)

    ledger = Failing(SqliteDatabase(path), clock=lambda: NOON)
    accounts = Accounts(ledger=ledger, payer=Payer("r1", "acme"), clock=lambda: NOON)
    metered = MeteredBackend(ScriptedBackend("a", usage=COST), meter=Meter(accounts=accounts))
    backend = BudgetedBackend(metered, accounts=accounts)
    ledger.broken = True
    assert (await backend.complete(prompt())).text == "a"
    with pytest.raises(UnavailableError):
        await accounts.flush()
    ledger.broken = False
    await backend.complete(prompt())
    assert [row.outcome for row in await ledger.rows(LedgerQuery())] == ["ok", "ok"]
    await ledger.aclose()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_uses_a_connection_of_its_own(path: Path) -> None:
    ledger = open_ledger(path)
    asyncio.run(ledger.settle("", [ledger_row()]))
    child = os.fork()
    if not child:
        try:
            asyncio.run(ledger.settle("", [ledger_row(run="child")]))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    asyncio.run(ledger.settle("", [ledger_row(run="parent")]))
    rows = asyncio.run(ledger.rows(LedgerQuery()))
    assert [row.run for row in rows] == ["r1", "child", "parent"]
    asyncio.run(ledger.aclose())
