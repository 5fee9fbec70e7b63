"""Patterns that are looked for only where their words stand find what a search of the whole text finds."""

import re

from hypothesis import given
from hypothesis import strategies as st

from agentkit.text.anchored import anchored, places, uncased

KEYS = re.compile(r"\b(?:key|pin)-[a-z]{2,4}")
ASSIGNED = re.compile(r"\b[a-z]{0,4}(?:key|pin)[:=][a-z]{2,6}")
TEXTS = st.lists(st.sampled_from(["key", "pin", "-", ":", "=", " ", "a", "mon", "keypin", "x_"]), max_size=24).map(
    "".join
)


@given(TEXTS)
def test_a_pattern_is_found_where_a_search_of_the_whole_text_finds_it(text: str) -> None:
    found = anchored(KEYS, text, places(text, ["key", "pin"]))
    assert [match.span() for match in found] == [match.span() for match in KEYS.finditer(text)]


@given(TEXTS)
def test_what_may_stand_ahead_of_the_word_belongs_to_the_match(text: str) -> None:
    found = anchored(ASSIGNED, text, places(text, ["key", "pin"]), before=7)
    assert [match.span() for match in found] == [match.span() for match in ASSIGNED.finditer(text)]


def test_places_are_in_order_of_the_text_and_words_within_words_count() -> None:
    assert places("a keypin and a pin, keykey", ["pin", "key"]) == [2, 5, 15, 20, 23]


@given(st.text(alphabet="aİıſsKkIß’Å ", max_size=12))
def test_small_letters_stand_where_the_letters_stood(text: str) -> None:
    small = uncased(text)
    assert len(small) == len(text)
    for word in ("is", "k", "a"):
        assert {m.start() for m in re.finditer(f"(?={word})", text, re.IGNORECASE)} == set(places(small, [word]))
