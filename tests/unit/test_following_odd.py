"""Rows that hold what no document should: whatever stands in them, the index is that of the rows."""

import asyncio
import json
import tempfile
from pathlib import Path

import pytest
from feeds import ALIKE, RowsFeed, follow
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agentkit.adapters.kafka.envelope import changes_in
from agentkit.adapters.memory.corpus import Corpus
from agentkit.adapters.memory.following import FollowedIndex
from agentkit.adapters.memory.holding import documents_in, everybody
from agentkit.changes import Put, Table
from agentkit.errors import ConfigError
from agentkit.indexed import Principal, text_of
from agentkit.records.owed import KeptOwed

# Half characters, zero bytes, what a terminal acts on, paths, and every script.
ODD = st.text(st.characters(), max_size=12) | st.sampled_from(
    ["", " ", "\x00", "\ud800", "\udfff a", "\x1b[31m", "../..", "/", "a/b", "%2F", "\u2028", "🏛️", "{x}", "a\nb\r\n"]
)


@settings(max_examples=80)
@given(st.dictionaries(ODD, st.tuples(ODD | ODD.map(lambda text: f"The rent {text} is due."), ODD), max_size=5))
@example({"\ud800": ("rent \ud800\x00", "\udfff"), "\ud800 ": ("rent \ud800\x00", "\udfff")})
def test_the_index_is_that_of_the_rows_whatever_they_hold(rows: dict[str, tuple[str, str]]) -> None:
    feed = RowsFeed(dict(rows))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "index"
        for _ in range(2):
            sink = FollowedIndex(folder, "feed", owed=KeptOwed(Path(scratch) / "home", str(folder), "feed"))
            events = asyncio.run(follow(feed, sink, table=ALIKE))
        assert events == [], "nothing is done twice"
        found = [
            (text_of(entries).split(), known.matter)
            for known, entries in documents_in(folder, wanted=lambda _: True, principal=everybody(folder))
        ]
        assert sorted(found) == sorted((text.split(), matter) for text, matter in rows.values() if text.strip())
        matters = frozenset(matter for _, matter in rows.values())
        Corpus.load(folder).search("rent", top_k=9, principal=Principal("p", matters))


TABLE = Table("topic", key=("id",), text="body")


@pytest.mark.parametrize(
    "value",
    [
        b"\xff\xfe",
        b"{",
        b"[" * 100_000,
        b"1" * 10_000,
        b'"text"',
        b"[]",
        b'{"op": "c"}',
        b'{"op": [], "after": {}}',
        b"\x00" * 9,
    ],
)
def test_a_message_that_is_none_is_refused_in_a_sentence(value: bytes) -> None:
    with pytest.raises(ConfigError, match="A message of topic"):
        changes_in(TABLE, b'{"id": 1}', value)


def test_a_key_of_any_kind_tells_rows_apart() -> None:
    keys = [1, "1 ", 1.5, True, [1], {"a": 1}, "\ud800", "\x00"]
    made = set[tuple[str, ...]]()
    for key in keys:
        row = {"id": key, "body": "x"}
        (change,) = changes_in(TABLE, json.dumps({"id": key}).encode(), json.dumps({"op": "c", "after": row}).encode())
        assert isinstance(change, Put)
        made.add(change.key)
    assert len(made) == len(keys)
