# ruff: noqa: E501 - a table of pieces of text
"""One person has one placeholder under every name; two persons never share one."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.privacy import EmbeddedRecognizer, MatterVault, redact_text
from agentkit.privacy.aliases import FullNames, mentions_of, title_before
from agentkit.privacy.placeholders import shapes
from agentkit.text.spans import replace_spans


def numbers(*names: str, known: FullNames | None = None) -> list[str]:
    vault = MatterVault(matter="m")
    mentions = mentions_of([("PERSON", name) for name in names], known=known or FullNames())
    return [placeholder.strip("<>").removeprefix("PERSON_") for placeholder in vault.assign(mentions)]


@pytest.mark.parametrize(
    "names",
    [
        ("John Smith", "SMITH", "SMITH, John", "J. Smith", "John A. Smith", "Smith's", "Smith’s", "J.A. Smith"),
        ("Smith", "John\nSmith", "JOHN SMITH", "Mr. John Smith"),
        ("Jürgen von der Heyde", "Jürgen VON DER HEYDE", "J. von der Heyde", "von der Heyde", "Heyde"),
        ("José García", "JOSE GARCIA", "Jose\u0301 Garcia"),
        ("Jean-Pierre Dupont", "Jean Pierre Dupont", "J.-P. Dupont", "Dupont"),
        ("Anne O'Neill", "Anne O’Neill", "O’Neill's"),
        ("Robert Vance Jr.", "Robert Vance", "R. Vance"),
        ("Smi\u00adth", "Smith"),
    ],
)
def test_the_names_of_one_person_share_a_number_in_any_order(names: tuple[str, ...]) -> None:
    assert set(numbers(*names)) == {"1"}
    assert set(numbers(*reversed(names))) == {"1"}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("John Smith", "Jane Smith", "Smith"), ["1", "2", "3"]),
        (("John Smith", "Jane Smith", "J. Smith"), ["1", "2", "3"]),
        (("John A. Smith", "John B. Smith", "John Smith", "Smith"), ["1", "2", "3", "4"]),
        (("Robert Vance Sr.", "Robert Vance Jr."), ["1", "2"]),
        (("John Smith", "John Smythe"), ["1", "2"]),
        (("Anna Keller", "Keller Anna"), ["1", "2"]),
    ],
)
def test_different_persons_and_names_that_fit_two_are_kept_apart(names: tuple[str, ...], expected: list[str]) -> None:
    assert numbers(*names) == expected


def test_a_fuller_name_joins_the_person_whom_the_vault_already_keeps() -> None:
    mention = mentions_of([("PERSON", "John A. Smith")], known=FullNames(["John Smith"]))[0]
    assert mention.short_for == "John Smith"
    assert mentions_of([("PERSON", "Jo Smith")], known=FullNames(["John Smith"]))[0].short_for == ""


def test_a_couple_does_not_become_one_person() -> None:
    text = "John Smith signed. Mr Smith left; Mrs Smith stayed."
    redacted = redact_text(text, EmbeddedRecognizer())[0]
    assert redacted.startswith("<PERSON_1> signed. Mr <PERSON_2>")
    assert title_before(text, text.index("Smith stayed")) == "f"


def test_one_text_gives_one_person_one_placeholder() -> None:
    text = "SMITH, John (tenant). Mr. John Smith pays; J. Smith's wife is Jane Roe. Smith moved out."
    assert redact_text(text, EmbeddedRecognizer())[0] == (
        "<PERSON_1> (tenant). Mr. <PERSON_1> pays; <PERSON_1>'s wife is <PERSON_2>. <PERSON_1> moved out."
    )


def test_another_name_of_a_person_is_no_less_forbidden_in_an_answer() -> None:
    vault = MatterVault(matter="m")
    vault.assign(mentions_of([("PERSON", "John Smith"), ("PERSON", "J. A. Smith")], known=FullNames()))
    assert set(vault.originals()) == {"J. A. Smith", "John Smith"}


WORDS = st.sampled_from(
    [
        "John Smith", "J. Smith", "Smith's", "SMITH, John", "<PERSON_1>", "< person 9 >", "&lt;PERSON_2&gt;", "Jane Roe", "\n", " ", ", ",
        "jane.roe@example.org", "12 High Street, Leeds LS6 2AB", "DE89 3704 0044 0532 0130 00", "born 3 May 1980", "José", "\u200b", "<", ">",
        "Acme Ltd", "PERSON_1", "(", "4111 1111 1111 1111", "v. ", "The court", "ß", "\ud83d\ude00", "İ", "a", "No. 12/34",
    ]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=60), st.lists(WORDS, max_size=12).map("".join), st.lists(WORDS, max_size=9).map(" ".join)
)


@given(TEXTS)
def test_the_span_table_restores_every_text_exactly(text: str) -> None:
    redacted, entities = redact_text(text, EmbeddedRecognizer())
    spans = [(e["start"], e["end"], e["placeholder"]) for e in entities]
    assert spans == sorted(spans)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    again, replacements = replace_spans(text, spans, offset=0)
    assert again == redacted
    parts, position = [], 0
    for item in replacements:
        parts += [redacted[position : item.start], text[item.source_start : item.source_end]]
        position = item.end
    assert "".join([*parts, redacted[position:]]) == text


@given(TEXTS)
def test_what_looks_like_a_placeholder_in_a_redacted_text_is_ours(text: str) -> None:
    redacted, entities = redact_text(text, EmbeddedRecognizer())
    ours = {entity["placeholder"] for entity in entities}
    assert {f"<{kind}_{number}>" for _, _, kind, number in shapes(redacted)} == ours
