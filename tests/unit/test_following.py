"""An index that follows rows is the index of those rows, whatever happened to them and to the follower."""

import asyncio
import tempfile
from pathlib import Path

from feeds import TRANSACTIONS, TURNS, RowsFeed, follow
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agentkit.adapters.memory.corpus import Corpus
from agentkit.adapters.memory.following import FollowedIndex
from agentkit.indexed import Principal

EVERYBODY = Principal("all", frozenset("xy"))
FAST = Path("/dev/shm")  # noqa: S108


def held(folder: Path) -> tuple[str, list[tuple[str, str, str, str]]]:
    corpus = Corpus.load(folder)
    entries = corpus.entries(principal=EVERYBODY)
    return corpus.version, sorted((one.id, one.text, one.matter, one.version) for one in entries)


@settings(max_examples=60)
@given(st.lists(TURNS, max_size=10))
@example([[("put", "a", ("The rent is 900.", "x"))], 12, [("truncate",), ("put", "a", ("No pets.", "y"))], 5, 6, 7, 8])
def test_an_index_whose_follower_is_struck_down_again_and_again_is_that_of_the_rows(turns: list[object]) -> None:
    feed = RowsFeed()
    with tempfile.TemporaryDirectory(dir=FAST if FAST.is_dir() else None) as scratch:
        kept, fresh = Path(scratch) / "kept", Path(scratch) / "fresh"
        for turn in turns:
            if isinstance(turn, int):
                asyncio.run(follow(feed, FollowedIndex(kept, "feed"), steps=turn))
            else:
                feed.carry_out(turn)
        events = asyncio.run(follow(feed, FollowedIndex(kept, "feed")))
        assert [event["event"] for event in events] in (["reading", "read"], ["changed"], [])
        asyncio.run(follow(RowsFeed(dict(feed.rows)), FollowedIndex(fresh, "feed")))
        assert held(kept) == held(fresh)
        assert {text for _, text, _, _ in held(kept)[1]} == {row[0] for row in feed.rows.values()} - {""}


@settings(max_examples=60)
@given(st.lists(TRANSACTIONS, min_size=1, max_size=4), st.integers(1, 12))
def test_no_reader_ever_sees_half_of_a_transaction(transactions: list[list[object]], steps: int) -> None:
    feed, states = RowsFeed(), list[set[str]]()
    with tempfile.TemporaryDirectory(dir=FAST if FAST.is_dir() else None) as scratch:
        folder = Path(scratch) / "index"
        asyncio.run(follow(feed, FollowedIndex(folder, "feed")))
        for transaction in transactions:
            states.append({key for key, row in feed.rows.items() if row[0]})
            feed.carry_out(transaction)
        states.append({key for key, row in feed.rows.items() if row[0]})
        asyncio.run(follow(feed, FollowedIndex(folder, "feed"), steps=steps))
        seen = {row[0].rpartition("/")[2].partition("#")[0] for row in held(folder)[1]}
        assert seen in states
