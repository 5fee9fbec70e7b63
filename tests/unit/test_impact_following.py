"""What changes that reach an index mean for reports that rest on it, at once; and claims that rest on two documents."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from feeds import RowsFeed, follow
from report_samples import lease_report

from agentkit.adapters.memory.following import FollowedIndex
from agentkit.changes import Applied
from agentkit.cli.main import main
from agentkit.config import Config
from agentkit.impact import assess_report
from agentkit.impact.following import impact_of

RENT = "1. Rent\nThe Tenant pays a rent of 900 EUR per month."


class Hearing(FollowedIndex):
    """An index that remembers what was applied."""

    applied: Applied

    async def commit(self, position: str | None, /) -> Applied:
        self.applied = await super().commit(position)
        return self.applied


def test_a_row_that_changes_marks_the_report_that_rests_on_it_and_a_deleted_one_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    feed = RowsFeed()
    feed.carry_out([("put", "a", (RENT, "x")), ("put", "b", ("2. Pets\nNo pets are allowed.", "x"))])

    def step() -> dict[str, object] | None:
        index = Hearing(tmp_path / "library", "feed")
        asyncio.run(follow(feed, index))
        told = asyncio.run(impact_of(index.applied, index="library", config=Config(), home=home))
        return None if told is None else dict(told)

    assert step() is None
    question = "What is the rent per month?"
    assert main(["ask", "--index", "library", "--question", question, "--out", "rent", "--matter", "x"]) in (0, 4)
    feed.carry_out([("put", "b", ("2. Pets\nDogs are allowed.", "x"))])
    step()
    assert not Path("rent/report.status.json").exists() or state() == "unchanged"
    feed.carry_out([("put", "a", (RENT.replace("900", "950"), "x"))])
    told = step()
    assert told is not None
    assert (told["contradicted"], told["reports"], state()) == (1, 1, "contradicted")
    feed.carry_out([("delete", "a")])
    told = step()
    assert told is not None
    assert (told["stale"], state()) == (1, "stale")
    feed.carry_out([("put", "a", (RENT, "x"))])
    step()
    assert state() == "unchanged"


def test_a_row_of_another_matter_that_said_the_same_is_another_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    feed = RowsFeed()
    feed.carry_out([("put", "a", (RENT, "x")), ("put", "b", (RENT, "y"))])
    asyncio.run(follow(feed, Hearing(tmp_path / "library", "feed")))
    question = "What is the rent per month?"
    assert main(["ask", "--index", "library", "--question", question, "--out", "rent", "--matter", "x"]) in (0, 4)
    for change, expected in (
        (("put", "b", (RENT.replace("900", "9177"), "y")), "unchanged"),
        (("put", "b", (RENT, "y")), "unchanged"),
        (("delete", "b"), "unchanged"),
        (("put", "a", (RENT.replace("900", "950"), "x")), "contradicted"),
    ):
        feed.carry_out([change])
        index = Hearing(tmp_path / "library", "feed")
        asyncio.run(follow(feed, index))
        asyncio.run(impact_of(index.applied, index="library", config=Config(), home=home))
        marked = Path("rent/report.status.json")
        assert (state() if marked.exists() else "unchanged") == expected
        assert not marked.exists() or "9177" not in marked.read_text("utf-8")


def state() -> str:
    return str(json.loads(Path("rent/report.status.json").read_text("utf-8"))["state"])


@pytest.mark.parametrize(
    ("lease", "letter", "expected"),
    [
        ("same", "same", "unchanged"),
        ("same", "moved", "still_true"),
        ("same", "raised", "contradicted"),
        ("raised", "same", "contradicted"),
        ("same", "gone", "still_true"),
        ("gone", "gone", "stale"),
    ],
)
def test_a_claim_on_two_documents_is_as_true_as_both_say(lease: str, letter: str, expected: str) -> None:
    report = lease_report()
    report = replace(report, claims=report.claims[:1])
    assert {one.source for one in report.claims[0].citations} == {0, 1}
    before = dict(enumerate(report.texts))

    def now(number: int, what: str) -> str | None:
        text = before[number]
        if what == "gone":
            return None
        return {"same": text, "moved": f"Copy.\n\n{text}", "raised": text.replace("$120,000", "$130,000")}[what]

    found = asyncio.run(assess_report(report, {0: now(0, lease), 1: now(1, letter)}))
    assert found.state == expected
