"""A store that follows rows holds what a fresh one would, whatever happened to its follower."""

import asyncio
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from places import NUMBERS, Numbers, Place

from agentkit.errors import UnavailableError
from agentkit.following.stored import FollowedStore
from agentkit.indexed import Known, Principal, StoreQuery, text_of
from agentkit.records.owed import KeptOwed
from agentkit.stored import Row, row_id

sys.path.insert(0, str(Path(__file__).parents[2] / "unit"))
from feeds import ALIKE, TURNS, Listener, RowsFeed, follow

EVERYBODY = Principal("all", frozenset("xy"))


async def held(where: Place) -> tuple[dict[str, Known], set[tuple[str, str, str]]]:
    """Return the documents of a store, and the passages that a search proposes."""
    store = where.open(Numbers())
    try:
        query = StoreQuery({"rent": 1.0, "pet": 1.0, "dog": 1.0}, principal=EVERYBODY)
        found = await store.candidates(query)
        return dict(await store.known()), {(one.id, one.text, one.matter) for one in found}
    finally:
        await store.aclose()


async def lived(feed: RowsFeed, where: Place, steps: int | None) -> list[str]:
    store, numbers = where.open(Numbers()), Numbers()
    try:
        return [
            str(event["event"])
            for event in await follow(feed, FollowedStore(store, "feed", embedding=numbers), steps=steps)
        ]
    finally:
        await store.aclose()


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(turns=st.lists(TURNS, max_size=6))
def test_struck_down_at_any_step_the_next_follower_ends_with_the_rows(where: Place, turns: list[object]) -> None:
    feed = RowsFeed()
    asyncio.run(lived(feed, where, None))
    for turn in turns:
        if isinstance(turn, int):
            asyncio.run(lived(feed, where, turn))
        else:
            feed.carry_out(turn)
    asyncio.run(lived(feed, where, None))
    known, passages = asyncio.run(held(where))
    rows = {key: row for key, row in feed.rows.items() if row[0]}
    assert {key.rpartition("/")[2]: one.matter for key, one in known.items()} == {k: row[1] for k, row in rows.items()}
    assert {(i.rpartition("/")[2].partition("#")[0], text, m) for i, text, m in passages} == {
        (key, *row) for key, row in rows.items()
    }


def test_what_was_written_after_the_position_is_written_again_and_is_the_same(where: Place) -> None:
    feed = RowsFeed()
    asyncio.run(lived(feed, where, None))
    feed.carry_out([("put", "a", ("The rent is 900.", "x")), ("put", "b", ("No pets.", "y"))])
    # It lives to write the documents, and not to keep the position: that comes after them.
    for steps in range(1, 20):
        assert asyncio.run(lived(feed, where, steps)) == ["struck down"]
        if len(asyncio.run(held(where))[0]) == 2:
            break
    before = asyncio.run(held(where))
    assert asyncio.run(lived(feed, where, None)) == ["changed"]
    assert asyncio.run(held(where)) == before
    assert asyncio.run(lived(feed, where, None)) == []


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(turns=st.lists(TURNS, max_size=5))
@example(turns=[[("put", "a", ("The rent is 900.", "x"))], 40, [("put", "a", ("No pets.", "x"))], 4, 5, 6])
def test_who_is_told_of_changes_knows_what_a_store_holds_whoever_was_struck_down(
    where: Place, tmp_path: Path, turns: list[object]
) -> None:
    feed, home, knows = RowsFeed(), tmp_path / f"home{next(NUMBERS)}", dict[str, str]()

    async def lives(steps: int | None) -> dict[str, str]:
        store = where.open()

        async def holds() -> dict[str, str]:
            return {known.key: text_of(entries) for known, entries in await store.documents(lambda _: True, EVERYBODY)}

        try:
            sink = FollowedStore(store, "feed", owed=KeptOwed(home, where.url, "feed"))
            await follow(feed, sink, steps=steps, after=Listener(holds, knows))
            return await holds()
        finally:
            await store.aclose()

    asyncio.run(lives(None))  # what was there before goes
    knows.clear()
    for turn in turns:
        if isinstance(turn, int):
            asyncio.run(lives(turn))
        else:
            feed.carry_out(turn)
    assert asyncio.run(lives(None)) == knows


def test_rows_that_are_called_the_same_are_called_so_whichever_came_first(where: Place) -> None:
    async def lived_alike(feed: RowsFeed) -> dict[str, str]:
        store = where.open()
        try:
            await follow(feed, FollowedStore(store, "feed"), table=ALIKE)
            found = await store.documents(lambda _: True, EVERYBODY)
            assert all(one.document == known.name for known, entries in found for one in entries)
            return {known.key: known.name for known, _ in found}
        finally:
            await store.aclose()

    rows = [("put", key, ("The rent is 900.", "x")) for key in "ab"]
    for order in (rows, rows[::-1]):
        feed = RowsFeed()
        asyncio.run(lived_alike(feed))  # what was there before goes
        for row in order:
            feed.carry_out([row])
            found = asyncio.run(lived_alike(feed))
        assert found == {"feed:clauses/a": "feed:clauses/a", "feed:clauses/b": "feed:clauses/b"}
    feed.carry_out([("delete", "a")])
    assert asyncio.run(lived_alike(feed)) == {"feed:clauses/b": "x/The rent is 900."}


async def test_a_store_that_was_replaced_while_rows_are_followed_is_not_written_on(where: Place) -> None:
    store, feed = where.open(), RowsFeed()
    sink = FollowedStore(store, "feed")
    feed.carry_out([("put", "a", ("The rent is 900.", "x"))])
    await follow(feed, sink)
    await store.table.drop([row_id("position", "feed")])
    for _ in range(2):
        with pytest.raises(UnavailableError, match="was replaced"):
            await sink.write([], [], {})
        assert await sink.position() is None  # whoever asks begins there
        await store.table.put([Row(row_id("position", "feed"), "meta", body="elsewhere")])
        with pytest.raises(UnavailableError, match="was replaced"):
            await sink.commit("1")
        await sink.position()
        await store.table.drop([row_id("position", "feed")])
    await store.aclose()
