import pytest

from agentkit.text.support_dates import dates
from agentkit.text.support_numbers import Quantity, quantities, written_number


def only(text: str) -> Quantity:
    [found] = quantities(text, [])
    return found


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("thirty (30) days", "30 days"),
        ("thirty days", "30 calendar days"),
        ("two weeks", "14 days"),
        ("one year", "12 months"),
        ("$1.5 million", "1,500,000 dollars"),
        ("US$1.5m", "USD 1,500,000"),
        ("€2bn", "2 billion euros"),
        ("5%", "five percent"),
        ("fifty basis points", "0.5%"),
        ("5:00 p.m.", "17:00"),
        ("noon", "12:00"),
        ("Section 12.3(b)", "§ 12.3(b)"),
        ("one hundred and twenty", "120"),
        ("the 3rd", "the third"),
        ("two-thirds", "two thirds"),
        ("per annum", "per year"),
    ],
)
def test_the_same_value_in_other_words_agrees(one: str, two: str) -> None:
    assert only(one).agrees(only(two))
    assert only(two).agrees(only(one))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("30 days", "30 months"),
        ("30 days", "30 business days"),
        ("$30", "€30"),
        ("5%", "5 days"),
        ("$5", "$5 million"),
        ("5:00 p.m.", "5:00 a.m."),
        ("Section 12.3", "Section 12.4"),
        ("Exhibit A", "Exhibit B"),
        ("per month", "per year"),
        ("the third", "three"),
        ("fifteen", "fifty"),
    ],
)
def test_another_value_or_unit_does_not_agree(one: str, two: str) -> None:
    assert not only(one).agrees(only(two))


def test_words_and_figures_that_disagree_are_two_values() -> None:
    assert [found.value for found in quantities("ten (12) days", [])] == [10, 12]


@pytest.mark.parametrize("text", ["one of the parties", "no one", "any one", "65:00 p.m."])
def test_what_only_looks_like_a_value_is_none(text: str) -> None:
    assert all(found.kind == "number" and found.value != 1 for found in quantities(text, []))


@pytest.mark.parametrize(
    ("words", "value"), [("two hundred and five", 205), ("three thousand four hundred", 3400), ("one million", 10**6)]
)
def test_written_numbers_are_read(words: str, value: float) -> None:
    assert written_number(words) == value


def test_words_that_are_no_number_are_none() -> None:
    assert written_number("a few") is None


@pytest.mark.parametrize(
    "text",
    ["2024-03-01", "1 March 2024", "March 1, 2024", "1st day of March, 2024", "first day of March 2024", "3/1/2024",
     "01.03.2024", "Mar. 1, 2024", "the first of March 2024", "2024/3/1"],
)  # fmt: skip
def test_a_date_agrees_with_itself_in_every_form(text: str) -> None:
    [wanted], [found] = dates("1 March 2024"), dates(text)
    assert found.agrees(wanted)
    assert not found.clashes(wanted)


@pytest.mark.parametrize("text", ["2 March 2024", "1 April 2024", "1 March 2025", "2023", "April 2024", "2024-03-02"])
def test_another_date_clashes(text: str) -> None:
    [wanted], [found] = dates("1 March 2024"), dates(text)
    assert found.clashes(wanted)


def test_a_part_of_a_date_is_carried_by_the_whole_but_not_the_whole_by_the_part() -> None:
    [part], [whole] = dates("March 2024"), dates("1 March 2024")
    assert part.agrees(whole)
    assert not whole.agrees(part)


def test_amounts_and_references_are_no_years() -> None:
    assert dates("$2,024 and 2000%") == []
