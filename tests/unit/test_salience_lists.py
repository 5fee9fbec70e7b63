"""Lists and torn sentences are read as the sentences they are."""

from agentkit.legal.salience_units import units

CAP = (
    "8.1 The aggregate liability of either party in a year shall not exceed:\n\n"
    "(a) for damage to property, EUR 1,800,000; and\n\n"
    "(b) for everything else, the sums paid in the preceding year.\n\n"
    "8.2 Neither party is liable for loss of profit."
)
WORDS = "that the party concerned has been told of in writing by the other and has had a fair chance to answer"
LONG = [f"({letter}) a fact numbered {letter} {WORDS} {WORDS};" for letter in "abcd"]


def texts(text: str) -> list[str]:
    return [unit.text for unit in units(text)]


def test_a_short_list_is_one_sentence_with_the_words_that_lead_into_it() -> None:
    first, second = texts(CAP)
    assert first.startswith("8.1 The aggregate liability")
    assert first.endswith("the sums paid in the preceding year.")
    assert second.startswith("8.2")


def test_what_a_unit_covers_is_exact() -> None:
    for unit in units(CAP):
        assert " ".join(CAP[unit.start : unit.end].split()) == unit.text


def test_an_item_of_a_long_list_keeps_the_words_that_lead_into_it() -> None:
    text = "This lease ends upon any of the following events, which shall be notified:\n\n" + "\n\n".join(LONG)
    found = units(text)
    assert len(found) == 4
    assert all(unit.text.startswith("This lease ends upon any of the following") for unit in found)
    assert all(len(unit.quotes) == 2 for unit in found)
    number, start, end = found[1].quotes[1]
    assert (number, text[start:end]) == (0, LONG[1])


def test_an_item_of_a_long_list_that_limits_together_stays_alone() -> None:
    text = "The liability of the carrier shall not exceed the greater of:\n\n" + "\n\n".join(LONG)
    assert all(len(unit.quotes) == 1 and unit.text.startswith("(") for unit in units(text)[-4:])


def test_a_sentence_over_a_page_break_is_one_sentence() -> None:
    text = (
        "This agreement renews for one year unless either party gives notice of not less than ninety\n\n\n"
        "(90) days before the end of the initial term or any\n\n\n successive term thereafter.\n\nIt ends then."
    )
    first, second = texts(text)
    assert first.endswith("before the end of the initial term or any successive term thereafter.")
    assert second == "It ends then."


def test_a_title_and_a_finished_sentence_are_not_joined_to_what_follows() -> None:
    assert texts("The tenant shall pay the rent.\n\nthe landlord repairs the roof.") == [
        "The tenant shall pay the rent.",
        "the landlord repairs the roof.",
    ]


def test_a_number_in_brackets_is_no_item_of_a_list() -> None:
    text = (
        "The lender may call the loan within thirty (30) days " + "after the borrower has failed to do so " * 12 + "."
    )
    assert not any(piece.startswith("(30)") for piece in texts(text))
