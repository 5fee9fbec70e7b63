"""What a changed document in a store means for the reports that rest on it, and who is told."""

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from places import Place

from agentkit.changes import Applied
from agentkit.cli.main import main
from agentkit.config import Config
from agentkit.following.stored import FollowedStore
from agentkit.impact.following import impact_of

sys.path.insert(0, str(Path(__file__).parents[2] / "unit"))
from feeds import RowsFeed, follow

LEASE = """LEASE

1. Rent
The Tenant pays a rent of 900 EUR per month.

2. Notice
Either party may terminate this lease with three months notice in writing.
"""
RENT = "1. Rent\nThe Tenant pays a rent of 900 EUR per month."
WHO = ("--matter", "acme", "--label", "board")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AGENTKIT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def told(capsys: pytest.CaptureFixture[str], where: Place, *options: str) -> tuple[int, dict[str, str], str]:
    code = main(["impact", "--format", "json", "--index", where.url, *options])
    out = capsys.readouterr().out
    return code, {Path(row["path"]).name: row["state"] for row in json.loads(out)["reports"]}, out


@pytest.mark.usefixtures("home")
def test_reports_that_read_a_store_are_compared_with_it_for_those_who_may_see_it(
    where: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lease = tmp_path / "in" / "lease.txt"
    lease.parent.mkdir()
    lease.write_text(LEASE)
    index = ["index", "in", "--index", where.url, *WHO]
    assert main(index) == 0
    for question, name in (("What is the rent per month?", "rent"), ("How can it be terminated?", "notice")):
        assert main(["ask", "--index", where.url, "--question", question, "--out", name, *WHO]) == 0
    capsys.readouterr()
    assert told(capsys, where, *WHO)[:2] == (0, {"rent": "unchanged", "notice": "unchanged"})
    lease.write_text(LEASE.replace("900", "950").replace("2. Notice", "2. Deposit\nThree rents.\n\n3. Notice"))
    assert main(index) == 0
    capsys.readouterr()
    for others in ([], ["--matter", "acme"], ["--label", "board"], ["--matter", "other", "--label", "board"]):
        code, states, out = told(capsys, where, *others)
        assert (code, states) == (0, {})
        assert "lease" not in out
    assert told(capsys, where, *WHO)[:2] == (4, {"rent": "contradicted", "notice": "still_true"})
    assert json.loads((tmp_path / "rent" / "report.status.json").read_text("utf-8"))["state"] == "contradicted"
    lease.unlink()
    lease.with_name("other.txt").write_text("1. Pets\nThere are no pets.\n")
    assert main(index) == 0
    capsys.readouterr()
    code, states, out = told(capsys, where, *WHO)
    assert (code, states) == (0, {})
    assert json.loads(out)["unknown"], "a document that is not where one looked is said to be not compared"


class Hearing(FollowedStore):
    """A store that remembers what was applied."""

    applied: Applied

    async def commit(self, position: str | None, /) -> Applied:
        self.applied = await super().commit(position)
        return self.applied


def test_a_row_that_changes_in_a_store_marks_the_report_that_rests_on_it(
    where: Place, home: Path, tmp_path: Path
) -> None:
    feed = RowsFeed()
    feed.carry_out([("put", "a", (RENT, "x")), ("put", "b", ("2. Pets\nNo pets are allowed.", "x"))])

    def step() -> dict[str, object] | None:
        async def work() -> Mapping[str, object] | None:
            store = where.open()
            try:
                sink = Hearing(store, "feed")
                await follow(feed, sink)
                return await impact_of(sink.applied, index=where.url, config=Config(), home=home, store=store)
            finally:
                await store.aclose()

        found = asyncio.run(work())
        return None if found is None else dict(found)

    def state() -> str:
        return str(json.loads((tmp_path / "rent" / "report.status.json").read_text("utf-8"))["state"])

    assert step() is None
    question = "What is the rent per month?"
    assert main(["ask", "--index", where.url, "--question", question, "--out", "rent", "--matter", "x"]) in (0, 4)
    feed.carry_out([("put", "b", ("2. Pets\nDogs are allowed.", "x"))])
    step()
    assert not (tmp_path / "rent" / "report.status.json").exists() or state() == "unchanged"
    feed.carry_out([("put", "a", (RENT.replace("900", "950"), "x"))])
    found = step()
    assert found is not None
    assert (found["contradicted"], found["reports"], state()) == (1, 1, "contradicted")
    feed.carry_out([("delete", "a")])
    found = step()
    assert found is not None
    assert (found["stale"], state()) == (1, "stale")
    feed.carry_out([("put", "a", (RENT, "x"))])
    step()
    assert state() == "unchanged"
