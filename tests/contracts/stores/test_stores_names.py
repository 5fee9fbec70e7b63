"""What stands in a passage comes back as it was, and no name or query is ever a part of a store's own language."""

import asyncio
import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from places import Place, document, put

from agentkit.indexed import Entry, Known, Principal, StoreQuery
from agentkit.stored import encoded, row_id, token, wall_of

# Half characters, zero bytes, quotes and every script.
TEXT = st.text(st.characters(), max_size=60) | st.sampled_from(
    ["", "'", '"', "\\", "\x00", "\ud800", "a\nb", "%s", "🏛️"]
)
WORDS = st.text(st.characters(), max_size=20).map(lambda text: f"{text} roof")


@st.composite
def documents(draw: st.DrawFn) -> tuple[Known, list[Entry]]:
    name, matter, version = draw(TEXT), draw(TEXT), draw(TEXT)
    labels = tuple(sorted(set(draw(st.lists(TEXT, max_size=3)))))
    known = Known(draw(TEXT), name, draw(TEXT), matter, labels)
    entries: list[Entry] = []
    for number in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, 1 << 31))
        text = draw(TEXT | WORDS)
        entries.append(
            Entry(
                f"{draw(TEXT)}{number}",
                name,
                draw(TEXT),
                start,
                start + len(text),
                text,
                page=draw(st.none() | st.integers(1, 10**6)),
                locator=draw(st.none() | TEXT),
                kind=draw(st.sampled_from(["body", "table", "footnote"])),
                matter=matter,
                labels=labels,
                version=version,
            )
        )
    return known, entries


def test_a_passage_comes_back_exactly_as_it_was_put(where: Place) -> None:
    async def check(known: Known, entries: list[Entry]) -> None:
        store = where.open()
        await store.upsert(known, entries, vectors=None)
        seer = Principal("p", frozenset({known.matter}), frozenset(known.labels))
        asked = StoreQuery({}, principal=seer, document=known.name, limit=1000)
        assert await store.candidates(asked) == entries
        assert (await store.known())[known.key] == known
        await store.remove([known.key])
        await store.aclose()

    @settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], database=None)
    @given(documents())
    def holds(made: tuple[Known, list[Entry]]) -> None:
        asyncio.run(check(*made))

    holds()


HOSTILE = [
    "'; DROP TABLE t; --",
    'x" or kind == "passage',
    "x') OR ('1'='1",
    "*} @kind:{passage",
    "a|b",
    "$and",
    "\\",
    "{{}}",
    "%' ESCAPE '",
]


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_name_that_is_written_like_a_query_is_a_name(where: Place, name: str) -> None:
    store = where.open()
    hidden = document("hidden", matter="theirs")
    mine = Known(name, name, name, name, (name,))
    entry = Entry("1", name, name, 0, len(name), f"{name} roof", matter=name, labels=(name,), version=name)
    await put(store, hidden, "The roof of others.")
    await store.upsert(mine, [entry], vectors=None)
    seer = Principal(name, frozenset({name}), frozenset({name}))
    for query in (
        StoreQuery({"roof": 1.0}, principal=seer),
        StoreQuery({name: 1.0, "roof": 0.5}, principal=seer),
        StoreQuery({}, principal=seer, document=name),
        StoreQuery({}, principal=seer, reference={"roof": 1.0, name: 1.0}),
    ):
        assert await store.candidates(query) == [entry]
    assert await store.candidates(StoreQuery({"roof": 1.0}, principal=replace(seer, matters=frozenset()))) == []
    assert await store.remove([name]) == 1
    assert await store.known() == {hidden.key: hidden}
    await store.aclose()


@given(st.lists(TEXT, min_size=1, max_size=3), st.lists(TEXT, min_size=1, max_size=3))
def test_different_names_have_different_ids(one: list[str], other: list[str]) -> None:
    assert (row_id("k", *one) == row_id("k", *other)) == (one == other)
    assert (token(one[0]) == token(other[0])) == (one[0] == other[0])
    assert (wall_of(one[0], one[1:]) == wall_of(other[0], other[1:])) == (
        (one[0], sorted(one[1:])) == (other[0], sorted(other[1:]))
    )


@given(TEXT)
def test_what_is_written_is_text_that_every_database_takes(text: str) -> None:
    written = encoded([text])
    assert "\x00" not in written
    assert written.encode()
    assert json.loads(written) == [text]
