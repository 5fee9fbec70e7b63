"""Whoever must know what changed is told of each change, however often followers are struck down before they tell."""

import asyncio
import tempfile
from hashlib import sha256
from pathlib import Path

import pytest
from feeds import TURNS, Listener, RowsFeed, follow
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agentkit.adapters.memory.following import FollowedIndex
from agentkit.adapters.memory.holding import documents_in
from agentkit.changes.doings import parted
from agentkit.errors import UnavailableError
from agentkit.indexed import Principal, text_of
from agentkit.records.owed import FILE, KeptOwed

EVERYBODY = Principal("all", frozenset("xy"))
RENT, MORE, PETS = ("The rent is 900.", "x"), ("The rent is 950.", "x"), ("No pets.", "y")


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


class Firm:
    """An index that is followed, with one who is told; every follower is another process."""

    def __init__(self, folder: Path) -> None:
        self.home, self.index = folder / "home", folder / "index"
        self.feed = RowsFeed()
        self.listener = Listener(self.held)

    async def held(self) -> dict[str, str]:
        found = documents_in(self.index, wanted=lambda _: True, principal=EVERYBODY)
        return {known.key: text_of(entries) for known, entries in found}

    def live(self, steps: int | None = None) -> list[str]:
        sink = FollowedIndex(self.index, "feed", owed=KeptOwed(self.home, str(self.index), "feed"))
        return [str(one["event"]) for one in asyncio.run(follow(self.feed, sink, steps=steps, after=self.listener))]


@settings(max_examples=60)
@given(st.lists(TURNS, max_size=10))
@example([[("put", "a", RENT)], 30, [("put", "a", MORE)], 4, [("put", "b", PETS)], 5, 6, 7])
def test_who_is_told_knows_what_the_index_holds_whoever_was_struck_down_before(turns: list[object]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        firm = Firm(Path(scratch))
        for turn in turns:
            if isinstance(turn, int):
                firm.live(turn)
            else:
                firm.feed.carry_out(turn)
        firm.live()
        assert firm.listener.knows == asyncio.run(firm.held())
        before = len(firm.listener.told)
        firm.live()
        assert len(firm.listener.told) == before, "nothing is told twice"


def test_struck_down_at_every_step_a_change_is_told_with_what_it_replaced(tmp_path: Path) -> None:
    firm = Firm(tmp_path)
    firm.feed.carry_out([("put", "a", RENT)])
    firm.live()
    for steps in range(1, 30):
        was, now = ((RENT, MORE), (MORE, RENT))[1 - steps % 2]
        firm.feed.carry_out([("put", "a", now)])
        firm.listener.told.clear()
        struck = firm.live(steps)
        firm.live()
        outdated = {held for applied in firm.listener.told for held in applied.outdated}
        assert outdated == {digest(was[0])}
        assert len(firm.listener.told) <= (2 if struck[-1:] == ["struck down"] else 1)
    assert struck == ["changed"]


def test_what_could_not_be_told_is_told_with_what_came_since_and_by_the_next_follower(tmp_path: Path) -> None:
    firm = Firm(tmp_path)
    firm.feed.carry_out([("put", "a", RENT)])
    firm.live()
    firm.listener.deaf = True
    firm.feed.carry_out([("put", "a", MORE)])
    assert firm.live() == ["changed"]
    firm.feed.carry_out([("put", "b", PETS)])
    assert firm.live() == ["changed"]
    firm.listener.deaf, firm.listener.told = False, []
    assert firm.live() == []
    (applied,) = firm.listener.told
    assert set(applied.changed) == {"feed:clauses/a", "feed:clauses/b"}
    assert set(applied.outdated) == {digest(RENT[0])}
    firm.feed.carry_out([("delete", "a")])
    firm.live()
    assert list(firm.listener.told[-1].removed) == ["feed:clauses/a"]
    assert firm.listener.told[-1].changed == []


def test_two_feeds_of_two_indexes_owe_apart_and_nothing_is_readable(tmp_path: Path) -> None:
    first = KeptOwed(tmp_path, "/index", "feed")
    others = [KeptOwed(tmp_path, "/index", "other"), KeptOwed(tmp_path, "/elsewhere", "feed")]
    first.note([("feed:people/Quxzovia Brandt", "s")])
    assert [one.recall("1") for one in others] == [([], [])] * 2
    for one in others:
        one.promise("1")
        one.clear(keep=[])
    assert KeptOwed(tmp_path, "/index", "feed").recall("1") == ([], [("feed:people/Quxzovia Brandt", "s")])
    first.promise("1")
    assert first.recall("1") == ([("feed:people/Quxzovia Brandt", "s")], [])
    assert first.recall("0") == ([], [("feed:people/Quxzovia Brandt", "s")])
    assert b"Quxzovia" not in (tmp_path / FILE).read_bytes()
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    first.clear(keep=[("b", "")])
    assert first.recall("1") == ([], [("b", "")])


def test_a_file_that_is_none_of_ours_is_said_to_be_of_no_use(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("no database, but a text that is long enough to be looked at" * 20)
    with pytest.raises(UnavailableError, match="cannot be used"):
        KeptOwed(tmp_path, "/index", "feed").recall("1")


def test_what_was_promised_at_several_positions_is_done_up_to_that_of_the_index() -> None:
    noted = [([("a", "")], "1"), ([("b", "")], "2"), ([("c", "")], None)]
    assert parted(noted, "2") == ([("a", ""), ("b", "")], [("c", "")])
    assert parted(noted, "1") == ([("a", "")], [("b", ""), ("c", "")])
    assert parted(noted, None) == ([], [("a", ""), ("b", ""), ("c", "")])
