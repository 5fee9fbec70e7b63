"""An index that another version of agentkit made: it is read, and who writes makes it anew and says so."""

import asyncio
import json
from pathlib import Path

import pytest
from feeds import RowsFeed, follow

from agentkit.adapters.memory.corpus import Corpus
from agentkit.adapters.memory.following import FollowedIndex
from agentkit.cli.main import main
from agentkit.indexed import Principal

EVERYBODY = Principal("all", frozenset("xy"))


def alter(folder: Path, **fields: str) -> None:
    path = folder / "index.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | fields), encoding="utf-8")


def texts(folder: Path) -> list[str]:
    return sorted(entry.text for entry in Corpus.load(folder).entries(principal=EVERYBODY))


def test_a_feed_is_read_from_its_beginning_into_an_index_of_another_version(tmp_path: Path) -> None:
    feed, index = RowsFeed({"a": ("The rent is 900.", "x")}), tmp_path / "index"
    asyncio.run(follow(feed, FollowedIndex(index, "feed")))
    alter(index, made_by="0.0.1")
    feed.carry_out([("put", "b", ("No pets.", "x"))])
    assert [event["event"] for event in asyncio.run(follow(feed, FollowedIndex(index, "feed")))] == ["reading", "read"]
    assert texts(index) == ["No pets.", "The rent is 900."]
    feed.carry_out([("put", "c", ("No dogs.", "x"))])
    assert [event["event"] for event in asyncio.run(follow(feed, FollowedIndex(index, "feed")))] == ["changed"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({"made_by": "0.0.1"}, "was made by another version of agentkit (0.0.1)"),
        ({"format": "agentkit.index/3"}, "is damaged or of another version of agentkit"),
    ],
)
def test_an_index_that_is_made_anew_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, written: dict[str, str], told: str
) -> None:
    index, paths = tmp_path / "index", [tmp_path / "lease.txt", tmp_path / "note.txt"]
    for path in paths:
        path.write_text(f"1. Of {path.name}.\n", encoding="utf-8")
    assert main(["index", *map(str, paths), "--index", str(index)]) == 0
    alter(index, **written)
    for _ in range(2):
        assert main(["index", str(paths[0]), "--index", str(index)]) == 0
    assert caplog.messages == [f"The index in {index} {told}: it is made anew, and will hold only what this run reads."]
    assert texts(index) == ["1. Of lease.txt."]
