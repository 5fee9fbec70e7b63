"""What rows are called in an index depends on the rows there are, and on nothing that happened before."""

import asyncio
import tempfile
from pathlib import Path

from feeds import ALIKE, TURNS, RowsFeed, follow
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agentkit.adapters.memory.corpus import Corpus
from agentkit.adapters.memory.following import FollowedIndex
from agentkit.cli.main import main
from agentkit.indexed import Known, Principal
from agentkit.naming import Labels, distinct

EVERYBODY = Principal("all", frozenset("xy"))
RENT, PETS = ("The rent is 900.", "x"), ("No pets.", "x")


def named(folder: Path) -> dict[str, str]:
    """Return the texts of an index's passages by their ids."""
    return {one.id: one.text for one in Corpus.load(folder).entries(principal=EVERYBODY)}


def step(feed: RowsFeed, folder: Path, *, steps: int | None = None, name: str = "feed") -> None:
    asyncio.run(follow(feed, FollowedIndex(folder, name), steps=steps, table=ALIKE, name=name))


def test_rows_that_are_called_the_same_go_by_their_keys_whichever_came_first(tmp_path: Path) -> None:
    versions = set[str]()
    for number, order in enumerate((["a", "b"], ["b", "a"])):
        feed, folder = RowsFeed(), tmp_path / str(number)
        for key in order:
            feed.carry_out([("put", key, RENT)])
            step(feed, folder)
        assert set(named(folder)) == {"feed:clauses/a#0", "feed:clauses/b#0"}
        versions.add(Corpus.load(folder).version)
    assert len(versions) == 1


def test_a_row_that_is_alone_again_is_called_what_it_says(tmp_path: Path) -> None:
    feed = RowsFeed()
    feed.carry_out([("put", "a", RENT), ("put", "b", RENT)])
    step(feed, tmp_path / "index")
    feed.carry_out([("put", "a", PETS)])
    step(feed, tmp_path / "index")
    assert named(tmp_path / "index") == {"x/No pets.#0": "No pets.", "x/The rent is 900.#0": "The rent is 900."}
    feed.carry_out([("delete", "a"), ("put", "c", RENT)])
    step(feed, tmp_path / "index")
    assert set(named(tmp_path / "index")) == {"feed:clauses/b#0", "feed:clauses/c#0"}


@settings(max_examples=60)
@given(st.lists(TURNS, max_size=8))
@example([[("put", "a", RENT)], [("put", "b", RENT)], 4, [("delete", "a")], 5])
def test_two_followers_of_the_same_rows_have_the_same_version_whatever_happened_to_them(turns: list[object]) -> None:
    feed = RowsFeed()
    with tempfile.TemporaryDirectory() as scratch:
        kept, fresh = Path(scratch) / "kept", Path(scratch) / "fresh"
        for turn in turns:
            if isinstance(turn, int):
                step(feed, kept, steps=turn)
            else:
                feed.carry_out(turn)
                step(feed, kept)
        step(feed, kept)
        step(RowsFeed(dict(feed.rows)), fresh)
        assert named(kept) == named(fresh)
        assert Corpus.load(kept).version == Corpus.load(fresh).version


def test_two_feeds_and_a_file_that_are_called_the_same_are_told_apart_in_any_order(tmp_path: Path) -> None:
    paths = tmp_path / "No pets.txt"
    paths.write_text("There are no pets.\n")
    row = ("No pets.txt", "")

    def file(folder: Path) -> None:
        assert main(["index", str(paths), "--index", str(folder), "--everyone"]) == 0

    found = list[tuple[set[str], str]]()
    for number, order in enumerate(("one two file", "file two one", "two file one", "two one file")):
        folder = tmp_path / str(number)
        for what in order.split():
            if what == "file":
                file(folder)
            else:
                step(RowsFeed({"a": row}), folder, name=what)
        found.append((set(named(folder)), Corpus.load(folder).version))
    assert {frozenset(names) for names, _ in found} == {
        frozenset({"No pets.txt#0", "one:clauses/a#0", "two:clauses/a#0"})
    }
    assert len({version for _, version in found}) == 1


KEYS = st.sampled_from(["feed:t/1", "feed:t/2", "feed:t/3", "/a/x.txt", "/b/x.txt"])
CALLED = st.sampled_from(["x.txt", "feed:t/1", "feed:t/2", "b/x.txt"])


@given(st.lists(st.tuples(KEYS, CALLED, st.booleans()), max_size=12))
def test_names_that_are_kept_up_are_those_of_all_there_are(steps: list[tuple[str, str, bool]]) -> None:
    held = dict[str, Known]()
    labels = Labels([])
    for key, called, stays in steps:
        if key in held:
            labels.drop(held.pop(key))
        if stays:
            held[key] = Known(key, "x.txt" if key.startswith("/") else called, "")
            labels.take(held[key])
        for other in labels.touched():
            label = held[other].called or held[other].name
            name = labels.name(held[other])
            held[other] = Known(other, name, "", called=label if label != name else "")
    rows = {key: one.name for key, one in held.items() if not key.startswith("/")}
    fresh = Labels(held.values())
    assert rows == {key: fresh.name(held[key]) for key in rows}
    assert len(set(rows.values())) == len(rows)
    names = distinct(held.values())
    assert len(set(names.values())) == len(names)
