"""What the ledger adds to a model call: CPU and wall time of admission and settlement, with what a call costs alone.

    python benchmarks/ledger.py [--calls 2000] [--rounds 5]

Baselines in the same run: the same call without a ledger, and a bare SQLite insert and commit per call. The file is
on disk, with `synchronous = NORMAL`, and holds a month of rows before the measurement begins.
"""

import argparse
import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from agentkit.calls import PeriodLimit, Price, Usage
from agentkit.records.ledger import SqlLedger
from agentkit.records.ledger_sqlite import SqliteDatabase
from agentkit.testing.fakes import ScriptedBackend
from agentkit.testing.ledgers import ledger_row
from agentkit.types import Prompt, SafePassage
from agentkit.wrappers import Accounts, BudgetedBackend, Meter, MeteredBackend, Payer

TEXT = "The Tenant shall pay rent of EUR 1,250 on the first day of each month. " * 40
PROMPT = Prompt(
    role="writer",
    task="summarize",
    version="1",
    instructions="Summarize.",
    passages=[SafePassage(id="d0p0", source=0, start=0, end=len(TEXT), text=TEXT)],
)
PRICE = Price(1e-6, 4e-6)
LIMITS = [
    PeriodLimit("month", usd=1e9),
    PeriodLimit("day", tenant="*", usd=1e9, tokens=10**12),
    PeriodLimit("hour", tenant="acme", calls=10**9),
]
Timed = tuple[float, float]


def door(ledger: SqlLedger | None) -> BudgetedBackend:
    accounts = Accounts(ledger=ledger, payer=Payer("r1", "acme", "m1"))
    model = ScriptedBackend("a", usage=Usage(input_tokens=900, output_tokens=80, cost_usd=0.001))
    metered = MeteredBackend(model, meter=Meter(accounts=accounts), price=PRICE, max_output_tokens=1024)
    return BudgetedBackend(metered, accounts=accounts, candidates=[(PRICE, 1024)])


async def calls(number: int, backend: BudgetedBackend | ScriptedBackend) -> None:
    for _ in range(number):
        await backend.complete(PROMPT)


async def timed(number: int, work: Callable[[], Awaitable[None]]) -> Timed:
    cpu, wall = time.process_time(), time.perf_counter()
    await work()
    return (time.process_time() - cpu) / number * 1000, (time.perf_counter() - wall) / number * 1000


async def bare(number: int, path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c REAL)")
    for _ in range(number):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO rows (a, b, c) VALUES (?, ?, ?)", ("run", "model", 0.1))
        connection.execute("COMMIT")
    connection.close()


async def measure(folder: Path, number: int, rounds: int, before: int) -> dict[str, list[Timed]]:
    unlimited = SqlLedger(SqliteDatabase(folder / "unlimited.db"))
    limited = SqlLedger(SqliteDatabase(folder / "limited.db"), limits=LIMITS)
    for ledger in (unlimited, limited):
        for _ in range(before // 1000):
            await ledger.settle("", [ledger_row(time=datetime.now(UTC))] * 1000)
    doors = {
        "budget and meter, no ledger": door(None),
        "and a ledger": door(unlimited),
        "and a ledger with three limits": door(limited),
    }
    figures: dict[str, list[Timed]] = {}
    for _ in range(rounds):
        work = {name: (lambda backend=backend: calls(number, backend)) for name, backend in doors.items()}
        work["one bare SQLite transaction"] = lambda: bare(number, folder / "bare.db")
        for name, job in work.items():
            figures.setdefault(name, []).append(await timed(number, job))
    for ledger in (unlimited, limited):
        await ledger.aclose()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="not needed here; the other scripts take it")
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--before", type=int, default=50_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(Path(folder), options.calls, options.rounds, options.before))
    least = {name: tuple(min(figure) for figure in zip(*rounds, strict=True)) for name, rounds in figures.items()}
    base = least["budget and meter, no ledger"]
    print(f"{options.calls} calls, {options.before:,} rows before; ms a call, least of {options.rounds} rounds")
    print(f"{'':34}{'CPU':>8}{'wall':>8}{'CPU over no ledger':>20}")
    for name, (cpu, wall) in least.items():
        over = f"{cpu - base[0]:+.3f}" if name.startswith("and") else ""
        print(f"{name:34}{cpu:8.3f}{wall:8.3f}{over:>20}")
    spread = statistics.stdev(cpu for cpu, _ in figures["and a ledger with three limits"]) if options.rounds > 1 else 0
    print(f"spread of the last ledger's rounds: {spread:.3f} ms CPU")


if __name__ == "__main__":
    main()
