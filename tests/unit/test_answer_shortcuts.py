# ruff: noqa: SLF001 - what a shortcut spares is no part of the interface
"""What the rails of an answer pass over without a search holds nothing they look for."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from agentkit.adapters.nemo.output_settings import PERSONAL_TYPES
from agentkit.privacy import answers
from agentkit.privacy.patterns import identifiers

SIGNS = st.text(alphabet="aZ0189 .()/-@,:x٣é\n", max_size=80)
PIECES = st.sampled_from(
    [
        "4111 1111 1111 1111",
        "DE89 3704 0044 0532 0130 00",
        "ABCPE1234F",
        "AB 12 34 56 C",
        "078-05-1120",
        "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
        "helen@example.org",
        "passport no. 123456789",
        "Konto 123456789",
        "12345678Z",
        "https://example.org",
        "the rent is EUR 2,450 a month",
    ]
)
_EVERY_IDENTIFIER_HAS = re.compile(r"@|\d(?:[ .()/-]{0,3}\d){5}|[A-Za-z]\d{4}[A-Za-z]|[A-Za-z0-9]{25}")
TEXTS = st.lists(st.one_of(SIGNS, PIECES), max_size=6).map(" ".join)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_a_text_that_may_hold_no_identifier_has_no_candidate(text: str) -> None:
    assert answers._may_hold_any(text) == (_EVERY_IDENTIFIER_HAS.search(text) is not None)


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.sampled_from([answers.ALWAYS, frozenset(PERSONAL_TYPES), frozenset({"URL", "US_BANK_NUMBER"})]))
def test_identifiers_of_some_types_are_those_among_all(text: str, types: frozenset[str]) -> None:
    wanted = [entity for entity in identifiers(text, types=types) if entity.type in types]
    assert wanted == [entity for entity in identifiers(text) if entity.type in types]
