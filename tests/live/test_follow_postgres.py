# ruff: noqa: F811, S608
# Fixtures of another file are asked for by name, and the statements are made of numbers.
"""An index in step with tables of a real Postgres."""

import asyncio
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from postgres_server import execute, logical, run, url  # noqa: F401 - fixtures

from agentkit.adapters.memory.corpus import Corpus
from agentkit.adapters.memory.following import FollowedIndex
from agentkit.adapters.memory.manifest import read_manifest
from agentkit.adapters.postgres.changes import PostgresChanges
from agentkit.changes import Table
from agentkit.changes.documents import Documents
from agentkit.errors import ConfigError, UnavailableError
from agentkit.following import Event, Follower
from agentkit.indexed import Principal

EVERYTHING = Principal("all", frozenset({"acme", "other", "third"}), frozenset({"board", "secret"}))
ROOT = Path(__file__).parents[2]
CLAUSES = Table("public.clauses", text="body", title="heading", matter="matter", labels="labels")
SCHEMA = """
CREATE TABLE clauses (id int PRIMARY KEY, heading text, body text, matter text, labels text[]);
"""


class Following:
    """A follower of tables into an index, and what it told."""

    def __init__(self, url: str, folder: Path, *tables: Table) -> None:
        self.url, self.folder = url, folder
        self.tables = tables or (CLAUSES,)
        self.events: list[Event] = []

    def catch_up(self) -> None:
        asyncio.run(self.follow(once=True))

    async def follow(self, *, once: bool = False) -> None:
        feed = PostgresChanges(self.url, name="test", tables=self.tables)
        documents = Documents("test", self.tables, max_chars=1200)
        sink = FollowedIndex(self.folder, "test")
        try:
            await Follower(feed, sink, documents, tell=self.events.append).run(once=once)
        finally:
            await feed.aclose()

    def held(self) -> dict[str, tuple[str, str, str, tuple[str, ...]]]:
        return held(self.folder)

    def names(self) -> list[str]:
        return [str(event["event"]) for event in self.events]


def held(folder: Path) -> dict[str, tuple[str, str, str, tuple[str, ...]]]:
    """Return what an index holds: by document, its title, text, matter and labels."""
    found: dict[str, tuple[str, str, str, tuple[str, ...]]] = {}
    for entry in Corpus.load(folder).entries(principal=EVERYTHING):
        before = found.get(entry.document, ("", "", "", ()))
        found[entry.document] = (entry.title, before[1] + entry.text, entry.matter, entry.labels)
    return found


@pytest.fixture
def following(url: str, tmp_path: Path) -> Following:
    run(url, SCHEMA)
    return Following(url, tmp_path / "index")


def test_rows_that_were_there_and_rows_that_come_are_found(following: Following) -> None:
    run(following.url, "INSERT INTO clauses VALUES (1, 'Rent', 'The rent is 900 EUR.', 'acme', '{secret,board}')")
    following.catch_up()
    run(following.url, "INSERT INTO clauses VALUES (2, 'Term', 'The term is five years.', NULL, NULL)")
    run(following.url, "UPDATE clauses SET body = 'The rent is 950 EUR.' WHERE id = 1")
    following.catch_up()
    assert following.held() == {
        "test:public.clauses/1": ("Rent", "The rent is 950 EUR.", "acme", ("board", "secret")),
        "test:public.clauses/2": ("Term", "The term is five years.", "", ()),
    }
    run(following.url, "DELETE FROM clauses WHERE id = 1")
    following.catch_up()
    assert list(following.held()) == ["test:public.clauses/2"]
    assert following.names() == ["reading", "read", "changed", "changed"]


def test_a_changed_key_a_null_and_a_truncate_leave_nothing_behind(following: Following) -> None:
    run(following.url, "INSERT INTO clauses SELECT n, 'T', 'Text number ' || n, '', NULL FROM generate_series(1, 4) n")
    following.catch_up()
    run(following.url, "UPDATE clauses SET id = 40 WHERE id = 4; UPDATE clauses SET body = NULL WHERE id = 3")
    following.catch_up()
    assert sorted(following.held()) == ["test:public.clauses/1", "test:public.clauses/2", "test:public.clauses/40"]
    run(following.url, "BEGIN; TRUNCATE clauses; INSERT INTO clauses VALUES (7, 'T', 'Seven it is.', '', NULL); COMMIT")
    following.catch_up()
    assert list(following.held()) == ["test:public.clauses/7"]


@pytest.mark.parametrize("identity", ["DEFAULT", "FULL"])
def test_a_long_text_that_did_not_change_is_kept(following: Following, identity: str) -> None:
    run(following.url, f"ALTER TABLE clauses REPLICA IDENTITY {identity}")
    run(following.url, "ALTER TABLE clauses ALTER body SET STORAGE EXTERNAL")
    long = "A sentence that says little. " * 2000
    run(following.url, "INSERT INTO clauses VALUES (1, 'Rent', $1, 'acme', NULL) RETURNING id", long)
    following.catch_up()
    run(following.url, "UPDATE clauses SET matter = 'other', id = 2")
    following.catch_up()
    ((name, (_, text, matter, _)),) = following.held().items()
    assert (name, matter) == ("test:public.clauses/2", "other")
    assert "".join(text.split()) == "".join(long.split())


def test_a_transaction_over_several_tables_is_seen_whole(url: str, tmp_path: Path) -> None:
    run(url, SCHEMA + 'CREATE TABLE "Odd Table" ("Key" text, part bool, note text, PRIMARY KEY ("Key", part))')
    odd = Table('public."Odd Table"', text="note", label_as="{Key} of {part}")
    following = Following(url, tmp_path / "index", CLAUSES, odd)
    following.catch_up()
    run(
        url,
        "BEGIN; INSERT INTO clauses VALUES (1, 'T', 'One clause.', '', NULL);"
        "INSERT INTO \"Odd Table\" VALUES ('a/b', true, 'A note.'); COMMIT;"
        "BEGIN; DELETE FROM clauses; ROLLBACK",
    )
    following.catch_up()
    assert {name: row[1] for name, row in following.held().items()} == {
        "test:public.clauses/1": "One clause.",
        "a/b of t": "A note.",
    }
    assert [event["rows"] for event in following.events if event["event"] == "changed"] == [2]


def test_rows_read_and_rows_changed_meanwhile_are_neither_lost_nor_doubled(following: Following) -> None:
    run(
        following.url,
        "INSERT INTO clauses SELECT n, 'T', 'Text number ' || n, '', NULL FROM generate_series(1, 3000) n",
    )

    async def both() -> None:
        writer = asyncio.ensure_future(busy(following.url, 60))
        await following.follow(once=True)
        await writer
        await following.follow(once=True)

    asyncio.run(both())
    rows = run(following.url, "SELECT id, body FROM clauses WHERE body IS NOT NULL AND 1 = $1", 1)
    assert {f"test:public.clauses/{row['id']}": row["body"] for row in rows} == {
        name: row[1] for name, row in following.held().items()
    }


def test_a_row_is_found_within_a_second_while_others_come(following: Following) -> None:
    async def wait_for(name: str, *, there: bool = True) -> float:
        begun = time.monotonic()
        while not (following.folder / "index.json").exists() or (name in following.held()) != there:
            assert time.monotonic() - begun < 20
            await asyncio.sleep(0.02)
        return time.monotonic() - begun

    async def watched() -> list[float]:
        task = asyncio.ensure_future(following.follow())
        await execute(following.url, "INSERT INTO clauses VALUES (0, 'T', 'Nought.', '', NULL)")
        await wait_for("test:public.clauses/0")
        took: list[float] = []
        for number in range(1, 30):
            await execute(following.url, f"INSERT INTO clauses VALUES ({number}, 'T', 'Row {number}.', '', NULL)")
            took.append(await wait_for(f"test:public.clauses/{number}"))
        await execute(following.url, "DELETE FROM clauses WHERE id = 7")
        await wait_for("test:public.clauses/7", there=False)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return took

    took = sorted(asyncio.run(watched()))
    assert took[len(took) // 2] < 1.0
    # Small segments are joined beside the work, so that searching stays fast.
    assert len(read_manifest(following.folder).segments) < 20


async def busy(url: str, count: int, *, first: int = 0) -> None:
    for number in range(first, first + count):
        change = (
            f"INSERT INTO clauses VALUES ({10_000 + number}, 'T', 'New {number}', '', NULL) ON CONFLICT DO NOTHING;"
        )
        change += f"UPDATE clauses SET body = body || ' and {number}' WHERE id = {1 + number * 7};"
        change += f"DELETE FROM clauses WHERE id = {2 + number * 7}"
        await execute(url, change)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("SELECT pg_drop_replication_slot('agentkit_test')", "is gone"),
        ("SELECT pg_logical_slot_get_binary_changes('agentkit_test', NULL, NULL, 'proto_version', '1', "
         "'publication_names', 'agentkit_test')", "ahead of the index"),
    ],
)  # fmt: skip
def test_an_index_that_missed_changes_reads_every_row(following: Following, damage: str, reason: str) -> None:
    run(following.url, "INSERT INTO clauses VALUES (1, 'T', 'One.', '', NULL), (2, 'T', 'Two.', '', NULL)")
    following.catch_up()
    run(following.url, "DELETE FROM clauses WHERE id = 1; INSERT INTO clauses VALUES (3, 'T', 'Three.', '', NULL)")
    run(following.url, damage)
    following.catch_up()
    assert sorted(following.held()) == ["test:public.clauses/2", "test:public.clauses/3"]
    assert reason in str(following.events[-2]["reason"])
    assert (following.events[-1]["event"], following.events[-1]["unchanged"]) == ("read", 1)


ANEW = "INSERT INTO {} VALUES (3, 'T', 'Three.', '', NULL)"
SWAPPED = (
    "CREATE TABLE other (LIKE clauses INCLUDING ALL); INSERT INTO other VALUES (3, 'T', 'Three.', '', NULL); "
    "ALTER TABLE clauses RENAME TO before; ALTER TABLE other RENAME TO clauses"
)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (f"DROP TABLE clauses; {SCHEMA} {ANEW.format('clauses')}", "public.clauses was made anew"),
        (SWAPPED, "public.clauses was made anew"),
        (f"ALTER PUBLICATION agentkit_test DROP TABLE clauses; {ANEW.format('clauses')}", "leaves out public.clauses"),
        (f"DROP PUBLICATION agentkit_test; {ANEW.format('clauses')}; DELETE FROM clauses WHERE id = 1", "leaves out"),
    ],
    ids=["dropped", "swapped", "unpublished", "no publication"],
)
@pytest.mark.parametrize("lives", ["again", "on"])
def test_a_table_of_which_the_log_no_longer_tells_is_read_again(
    following: Following, lives: str, damage: str, reason: str
) -> None:
    run(following.url, "INSERT INTO clauses VALUES (1, 'T', 'One.', '', NULL)")
    following.catch_up()
    expected = {3} | ({1} if "leaves out public" in reason else set())

    async def damaged() -> None:
        task = asyncio.ensure_future(following.follow())
        await execute(following.url, "INSERT INTO clauses VALUES (2, 'T', 'Two.', '', NULL)")
        while len(following.held()) < 2:  # noqa: ASYNC110 - the index tells nobody
            await asyncio.sleep(0.05)
        await execute(following.url, f"{damage}; DELETE FROM clauses WHERE id = 2")
        begun = time.monotonic()
        while not task.done() and set(following.held()) != {f"test:public.clauses/{number}" for number in expected}:
            assert time.monotonic() - begun < 30
            await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    if lives == "on":
        asyncio.run(damaged())
    else:
        run(following.url, damage)
        following.catch_up()
    assert set(following.held()) == {f"test:public.clauses/{number}" for number in expected}
    assert any(reason in str(event["reason"]) for event in following.events if event["event"] == "reading")
    run(following.url, "UPDATE clauses SET body = 'Three it is.' WHERE id = 3")
    following.catch_up()
    assert following.held()["test:public.clauses/3"][1] == "Three it is."


@pytest.mark.parametrize(
    ("table", "statement", "told"),
    [
        (Table("public.none", text="body"), "", "no table"),
        (Table("public.clauses", text="words"), "", "no column words"),
        (Table("public.clauses", key=("heading",), text="body"), "", "REPLICA IDENTITY FULL"),
        (CLAUSES, "ALTER TABLE clauses REPLICA IDENTITY NOTHING", "REPLICA IDENTITY FULL"),
        (CLAUSES, "ALTER TABLE clauses DROP CONSTRAINT clauses_pkey", "primary key"),
    ],
)
def test_a_table_whose_changes_could_not_be_followed_is_refused(
    following: Following, table: Table, statement: str, told: str
) -> None:
    if statement:
        run(following.url, statement)
    following.tables = (table,)
    with pytest.raises(ConfigError, match=told):
        following.catch_up()
    run(following.url, "INSERT INTO clauses VALUES (1, 'T', 'One.', '', NULL)")
    run(following.url, "UPDATE clauses SET body = 'The application goes on.'")
    assert not following.folder.exists()


@pytest.mark.parametrize("address", ["postgresql://[::1/db", "postgresql://127.0.0.1:port/db", "mysql://db/db"])
def test_an_address_that_is_none_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(ConfigError, match="address"):
        Following(address, tmp_path / "index").catch_up()


def test_what_the_server_keeps_is_let_go_and_dropped_when_asked(following: Following) -> None:
    following.catch_up()
    run(following.url, "CREATE TABLE noise (n text)")
    run(following.url, "INSERT INTO noise SELECT repeat('x', 1000) FROM generate_series(1, 5000)")
    feed = PostgresChanges(following.url, name="test", tables=[CLAUSES])

    async def told() -> tuple[int, int, bool, bool]:
        behind = (await feed.lag()).behind
        await feed.aclose()
        await following.follow(once=True)
        after = (await feed.lag()).behind
        dropped = [await feed.drop(), await feed.drop()]
        await feed.aclose()
        return behind, after, *dropped

    behind, after, first, second = asyncio.run(told())
    assert behind > 3_000_000
    assert after < 100_000
    assert (first, second) == (True, False)
    assert not run(following.url, "SELECT 1 FROM pg_publication WHERE 1 = $1", 1)


def test_two_do_not_follow_the_same_tables(following: Following, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentkit.adapters.postgres.changes._PATIENCE_S", 0.1)

    async def both() -> None:
        first = PostgresChanges(following.url, name="test", tables=[CLAUSES])
        await first.resume(None)
        looking = PostgresChanges(following.url, name="test", tables=[CLAUSES])
        assert (await looking.lag()).lost  # to look, one need not be alone
        await looking.aclose()
        try:
            await following.follow(once=True)
        finally:
            await first.aclose()

    with pytest.raises(UnavailableError, match="Somebody else follows"):
        asyncio.run(both())


KILLED = """
import asyncio, os, signal, sys, threading
from pathlib import Path
sys.path.insert(0, "tests/live")
from test_follow_postgres import Following
threading.Timer(float(sys.argv[3]), lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
asyncio.run(Following(sys.argv[1], Path(sys.argv[2])).follow())
"""


def test_killed_at_any_moment_the_next_run_ends_where_a_fresh_one_would(following: Following) -> None:
    url = following.url
    run(url, "INSERT INTO clauses SELECT n, 'T', 'Text number ' || n, '', NULL FROM generate_series(1, 300) n")
    for number, seconds in enumerate((0.6, 0.9, 1.1, 1.3, 1.6, 2.0)):
        command = [sys.executable, "-c", KILLED, url, str(following.folder), str(seconds)]
        child = subprocess.Popen(command, cwd=ROOT)
        while child.poll() is None:
            asyncio.run(busy(url, 3, first=number))
        assert child.returncode == -signal.SIGKILL
    following.catch_up()
    fresh = Following(url, following.folder.with_name("fresh"))
    run(url, "SELECT pg_drop_replication_slot($1)", "agentkit_test")
    fresh.catch_up()
    assert following.held() == fresh.held()
    assert Corpus.load(following.folder).version == Corpus.load(fresh.folder).version
    assert len(fresh.held()) > 200
