# ruff: noqa: F811
# Fixtures of another file are asked for by name.
"""What can be followed in a real Postgres: rows of any kind, partitions, files; and what doctor says of it."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgres_server import NUMBERS as DATABASES
from postgres_server import logical, run, url  # noqa: F401 - fixtures
from test_follow_postgres import CLAUSES, SCHEMA, Following

from agentkit.adapters.memory.manifest import read_manifest
from agentkit.adapters.postgres.changes import PostgresChanges
from agentkit.changes import Table
from agentkit.cli.main import main
from agentkit.errors import ConfigError


@pytest.fixture
def following(url: str, tmp_path: Path) -> Following:
    run(url, SCHEMA)
    return Following(url, tmp_path / "index")


def test_doctor_names_what_is_kept_for_nobody(
    following: Following, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "agentkit.yaml"
    table = "{table: public.clauses, text: body}"
    config.write_text(f"follow: [{{name: test, url: '{following.url}', tables: [{table}], max_lag_mb: 1}}]\n")

    def told() -> dict[str, tuple[bool, str]]:
        main(["doctor", "--config", str(config), "--format", "json"])
        rows = json.loads(capsys.readouterr().out)
        return {row["topic"]: (row["ok"], row["detail"]) for row in rows if row["topic"].startswith(("feed", "slot"))}

    assert list(told()) == ["feed test"]
    assert "reads every row" in told()["feed test"][1]
    following.catch_up()
    run(following.url, "SELECT pg_create_logical_replication_slot($1, 'pgoutput')", "of_somebody")
    run(
        following.url,
        "CREATE TABLE noise (n text); INSERT INTO noise SELECT repeat('x', 900) FROM generate_series(1, 5000)",
    )
    assert {name: row[0] for name, row in told().items()} == {
        "feed test": True,
        "slot agentkit_test": False,
        "slot of_somebody": False,
    }
    assert "without a limit" in told()["slot of_somebody"][1]

    async def while_followed() -> list[str]:
        feed = PostgresChanges(following.url, name="test", tables=[CLAUSES])
        await feed.resume(None)
        try:
            return list(await asyncio.to_thread(told))
        finally:
            await feed.aclose()

    assert asyncio.run(while_followed()) == ["feed test", "slot of_somebody"]
    run(following.url, "SELECT pg_drop_replication_slot($1)", "of_somebody")
    config.write_text(config.read_text().replace(following.url, "postgresql://127.0.0.1:1/none"))
    assert told()["feed test"][0] is False


def test_every_row_is_read_again_when_asked(
    following: Following, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "agentkit.yaml"
    table = "{table: public.clauses, text: body, title: heading, matter: matter, labels: labels}"
    config.write_text(f"follow: [{{name: test, url: '{following.url}', tables: [{table}]}}]\n")
    command = ["follow", "--config", str(config), "--index", str(following.folder), "--once"]
    run(following.url, "INSERT INTO clauses VALUES (1, 'T', 'One.', '', NULL)")
    assert main(command) == 0
    assert main(command) == 0
    assert capsys.readouterr().out.count("reading every row") == 1
    assert main([*command, "--restart"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 rows: 0 changed, 0 removed, 1 as they were"
    assert list(following.held()) == ["test:public.clauses/1"]


def test_the_rows_of_partitions_are_those_of_their_table(url: str, tmp_path: Path) -> None:
    run(
        url,
        "CREATE TABLE notes (year int, id int, body text, PRIMARY KEY (year, id)) PARTITION BY LIST (year);"
        "CREATE TABLE notes_old PARTITION OF notes FOR VALUES IN (2030);"
        "CREATE TABLE notes_new PARTITION OF notes DEFAULT;"
        "INSERT INTO notes VALUES (2030, 1, 'Old.'), (2031, 2, 'New.')",
    )
    following = Following(url, tmp_path / "index", Table("public.notes", text="body"))
    following.catch_up()
    run(url, "UPDATE notes SET year = 2031 WHERE id = 1")
    run(url, "UPDATE notes SET body = 'Newer.' WHERE id = 2")
    following.catch_up()
    texts = {name.rpartition("notes/")[2]: row[1] for name, row in following.held().items()}
    assert texts == {"2031/1": "Old.", "2031/2": "Newer."}


def test_a_row_whose_file_cannot_be_read_is_left_out_until_it_can(url: str, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "good.txt").write_text("The rent is 900 EUR.")
    (files / "broken.pdf").write_bytes(b"%PDF-1.4 and nothing else")
    run(url, "CREATE TABLE filed (id int PRIMARY KEY, place text)")
    run(url, "INSERT INTO filed VALUES (1, 'good.txt'), (2, 'broken.pdf'), (3, 'none.txt'), (4, '../outside.txt')")
    following = Following(url, tmp_path / "index", Table("public.filed", path="place", folder=str(files)))
    following.catch_up()
    broken = following.events[-1]["broken"]
    assert sorted(key.rpartition("/")[2] for key in broken) == ["2", "3", "4"]
    assert "lies outside" in broken["test:public.filed/4"]
    assert list(following.held()) == ["test:public.filed/1"]
    assert len(read_manifest(following.folder).quarantine) == 3
    (files / "none.txt").write_text("It is there now.")
    run(url, "UPDATE filed SET place = place; DELETE FROM filed WHERE id IN (2, 4)")
    following.catch_up()
    assert sorted(following.held()) == ["test:public.filed/1", "test:public.filed/3"]
    assert read_manifest(following.folder).quarantine == []


ROWS = st.sampled_from(["One.", "Two.", "Three."])
NUMBERS = st.integers(1, 4)
STATEMENTS = st.one_of(
    st.builds("INSERT INTO clauses VALUES ({0}, 'T', '{1}', '', NULL) ON CONFLICT DO NOTHING".format, NUMBERS, ROWS),
    st.builds("UPDATE clauses SET body = '{1}' WHERE id = {0}".format, NUMBERS, ROWS),
    st.builds("UPDATE clauses SET id = {1} WHERE id = {0} AND NOT EXISTS (SELECT FROM clauses WHERE id = {1})".format,
              NUMBERS, st.integers(5, 9)),
    st.builds("DELETE FROM clauses WHERE id = {}".format, NUMBERS),
    st.just("TRUNCATE clauses"),
)  # fmt: skip


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(turns=st.lists(st.one_of(st.none(), st.lists(STATEMENTS, min_size=1, max_size=4)), max_size=8))
def test_whatever_is_done_to_rows_the_index_is_that_of_the_table(
    following: Following, turns: list[list[str] | None]
) -> None:
    for statements in turns:
        if statements is None:
            following.catch_up()
        else:
            run(following.url, "; ".join(["BEGIN", *statements, "COMMIT"]))
    following.catch_up()
    rows = run(following.url, "SELECT id, body FROM clauses WHERE 1 = $1", 1)
    held = {name.rpartition("/")[2]: row[1] for name, row in following.held().items()}
    assert held == {str(row["id"]): row["body"] for row in rows}


def test_bytes_that_are_no_text_are_refused_and_not_waited_for(logical: Any, tmp_path: Path) -> None:
    name = f"bytes{next(DATABASES)}"
    run(logical.get_uri(), f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'")
    following = Following(logical.get_uri(database=name), tmp_path / "index")
    run(following.url, SCHEMA)
    run(following.url, "INSERT INTO clauses VALUES (1, 'T', 'One.', '', NULL)")
    following.catch_up()
    run(following.url, r"INSERT INTO clauses VALUES (2, 'T', E'Tw\xffo.', '', NULL)")
    with pytest.raises(ConfigError, match="no text"):
        asyncio.run(asyncio.wait_for(following.follow(), 60))
    run(
        following.url, "UPDATE clauses SET body = 'Two.' WHERE id = 2; SELECT pg_drop_replication_slot('agentkit_test')"
    )
    following.catch_up()
    assert sorted(following.held()) == ["test:public.clauses/1", "test:public.clauses/2"]
    run(following.url, "SELECT pg_drop_replication_slot($1)", "agentkit_test")
