"""Sentences made readable, and shortened without losing what limits them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.legal.tidy import closed, cut, forms, readable, shorten


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("5.2. Assignment. Licensee shall not assign this Agreement.", "Licensee shall not assign this Agreement."),
        ("(b) Therefore, the tenant shall pay the rent in full.", "The tenant shall pay the rent in full."),
        ("In addition, the Company may stop the works.", "The Company may stop the works."),
        ("Automatic Termination This Agreement shall end on 1 May.", "This Agreement shall end on 1 May."),
        ("Term.The term of this Lease shall be\n   one year", "The term of this Lease shall be one year."),
        ("hereby ------------- grants the right to use it;", "Hereby grants the right to use it."),
        ("the Tenant pays the rent when due; and,", "The Tenant pays the rent when due."),
    ],
)
def test_what_only_made_sense_in_its_place_is_dropped(sentence: str, shown: str) -> None:
    assert readable(sentence) == shown


@pytest.mark.parametrize(
    "sentence",
    [
        "Section 25F of the Act has no application to a closure.",
        "Section 164(3) of the Code requires the magistrate to warn the accused.",
        "Mr. Unwin submitted that the judge had rewritten the lease.",
        "Smith v. Jones was decided on other facts.",
    ],
)
def test_a_judgment_keeps_its_sections_and_names(sentence: str) -> None:
    assert readable(sentence, headings=False) == sentence


@pytest.mark.parametrize("ending", ["; and", "; or,", ",", ";", ", and "])
def test_a_quoted_item_does_not_end_in_what_joins_it_to_the_next(ending: str) -> None:
    assert closed(f"WHEREAS Ann owns the land{ending}") == "WHEREAS Ann owns the land."


def test_a_sentence_that_breaks_off_says_so() -> None:
    assert (
        readable("The Supplier shall pay all costs incurred as a result of:")
        == "The Supplier shall pay all costs incurred…"
    )


LONG = (
    "The Tenant shall keep the Premises in good repair, including the roof, the gutters, the windows, the doors and "
    "the fences, and shall paint the outside of the Premises in every third year of the Term"
)


def test_a_long_sentence_is_cut_at_a_clause() -> None:
    assert shorten(LONG + ".", 12) == "The Tenant shall keep the Premises in good repair…"


@pytest.mark.parametrize(
    "limit",
    [", unless the Landlord agrees otherwise.", ", provided that fair wear and tear is excepted.", ", except fire."],
)
def test_a_limit_is_never_cut_off(limit: str) -> None:
    assert shorten(LONG + limit, 12) == LONG + limit


def test_a_cut_leaves_a_main_clause() -> None:
    sentence = (
        "If the Tenant fails to pay, for any reason, the Landlord may, at its option, end the Lease and re-enter."
    )
    assert all("Landlord may" in form and "end the Lease" in form for form in forms(sentence, 40))


def test_addresses_of_parties_go_first() -> None:
    sentence = (
        "This Lease is made between Acme Ltd, with its registered office at 1 Long Street, Leeds LS1 1AA, England "
        '("Acme") and Bolt LLC ("Bolt").'
    )
    assert shorten(sentence, 14) == 'This Lease is made between Acme Ltd ("Acme") and Bolt LLC ("Bolt").'


@given(st.lists(st.text(alphabet="abcXYZ,;.()'\" ", min_size=1, max_size=12), min_size=1, max_size=60))
def test_shortening_keeps_the_words_and_their_order(parts: list[str]) -> None:
    text = " ".join(" ".join(parts).split())
    for shorter in (*forms(text, 20), cut(text, 7)):
        remaining = iter(text)
        assert all(char in remaining for char in shorter.rstrip("…"))


@given(st.text(max_size=300), st.integers(1, 30))
def test_a_hard_cut_fits(text: str, size: int) -> None:
    assert len(cut(text, size).split()) <= max(size, 1)
