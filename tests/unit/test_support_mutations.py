"""The test of tests: what is planted in a sound draft is caught, and sound words are never rejected."""

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agentkit.text.support import assess

CLAUSES = [
    "The Supplier shall deliver the Goods to the Customer within thirty (30) days of the order.",
    "The Licensee may sublicense the Software to Affiliates, provided that it gives the Licensor 10 days' notice.",
    "The Borrower must repay the Loan of $2,500,000 to the Lender on or before 31 March 2027.",
    "The Consultant shall not disclose Confidential Information to any third party except to its own advisers.",
    "Interest accrues at 7.5% per annum on all amounts that the Buyer owes the Seller after the due date.",
    "The Distributor is entitled to terminate the contract if the Manufacturer fails to pay at least €40,000 a year.",
    "<PERSON_1> shall transfer the Shares to <PERSON_2> no later than 5:00 p.m. on the Closing Date.",
    "The Tenant is not obliged to reinstate the Premises unless the Landlord requests it at least six months before "
    "the end of the Term.",
    "The Company's aggregate liability under Section 12.3 shall not exceed two times the Fees paid in 2025.",
]
DOCUMENT = "\n\n".join(CLAUSES)
clauses = st.sampled_from(CLAUSES)
sources = st.sampled_from(["the clause", "the document"])


def source_of(clause: str, which: str) -> str:
    return clause if which == "the clause" else DOCUMENT


def replace(clause: str, match: re.Match[str], new: str) -> str:
    return clause[: match.start()] + new + clause[match.end() :]


def spots(pattern: str) -> st.SearchStrategy[tuple[str, re.Match[str]]]:
    """Every place of the clauses where a pattern matches."""
    return st.sampled_from([(clause, match) for clause in CLAUSES for match in re.finditer(pattern, clause)])


Spot = tuple[str, re.Match[str]]


def caught(clause: str, planted: str, which: str) -> None:
    assert planted != clause
    assert assess(planted, source_of(clause, which)).label != "supported", planted


@given(spots(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?"), sources, st.integers(1, 9999))
def test_another_number_is_caught(spot: Spot, which: str, number: int) -> None:
    clause, match = spot
    assume(float(match.group().replace(",", "").rstrip(".")) != number)
    caught(clause, replace(clause, match, str(number)), which)


@given(spots(r"\b(?:days|months)\b"), sources, st.sampled_from(["weeks", "years", "hours", "quarters"]))
def test_another_unit_is_caught(spot: Spot, which: str, unit: str) -> None:
    clause, match = spot
    caught(clause, replace(clause, match, unit), which)


@given(spots(r"[$€]"), sources, st.sampled_from("£¥₹"))
def test_another_currency_is_caught(spot: Spot, which: str, sign: str) -> None:
    clause, match = spot
    caught(clause, replace(clause, match, sign), which)


DUTIES = [{"shall", "must"}, {"may", "is entitled to"}, {"shall not", "may not", "must not"}, {"is not obliged to"}]


@given(
    spots(r"\b(?:shall not|shall|may|must|is not obliged to|is entitled to)\b"),
    sources,
    st.sampled_from(sorted(set().union(*DUTIES))),
)
def test_another_duty_is_caught(spot: Spot, which: str, new: str) -> None:
    clause, match = spot
    assume(not any({match.group(), new} <= group for group in DUTIES))
    caught(clause, replace(clause, match, new), which)


PARTIES = r"(?:Supplier|Customer|Licensee|Licensor|Borrower|Lender|Consultant|Buyer|Seller|Distributor|Tenant|<\w+>)"


@given(spots(PARTIES), sources, st.sampled_from(["Bank", "Guarantor", "Mr. Halloran", "Zenith Ltd", "<PERSON_7>"]))
def test_another_party_is_caught(spot: Spot, which: str, party: str) -> None:
    clause, match = spot
    caught(clause, replace(clause, match, party), which)


PAIRS = [
    ("Supplier", "Customer"),
    ("Borrower", "Lender"),
    ("Buyer", "Seller"),
    ("Distributor", "Manufacturer"),
    ("Tenant", "Landlord"),
    ("<PERSON_1>", "<PERSON_2>"),
    ("Licensee", "Licensor"),
]


@pytest.mark.parametrize(("one", "two"), PAIRS)
@pytest.mark.parametrize("which", ["the clause", "the document"])
def test_parties_that_change_places_are_caught(one: str, two: str, which: str) -> None:
    clause = next(clause for clause in CLAUSES if one in clause and two in clause)
    caught(clause, clause.replace(one, "\0").replace(two, one).replace("\0", two), which)


@given(
    clauses,
    sources,
    st.sampled_from(
        [
            " and shall indemnify the Bank",
            " and may terminate at any time",
            ", and owes a fee of $900",
            " without any notice",
            " as agreed with Ms. Vane",
            " and waives all claims",
        ]
    ),
)
def test_an_added_duty_is_caught(clause: str, which: str, addition: str) -> None:
    caught(clause, clause.rstrip(".") + addition + ".", which)


TURNED = {
    "within": "after",
    "before": "after",
    "at least": "at most",
    "except": "including",
    "unless": "if",
    "provided that": "even if",
    "no later than": "no earlier than",
    "after": "before",
    "any": "no",
}


@given(spots(r"\b(?:" + "|".join(TURNED) + r")\b"), sources)
def test_a_turned_comparison_or_condition_is_caught(spot: Spot, which: str) -> None:
    clause, match = spot
    caught(clause, replace(clause, match, TURNED[match.group()]), which)


@given(spots(r",? (?:provided that|except|unless|if) .*(?=\.$)"), sources)
def test_a_lost_condition_is_caught(spot: Spot, which: str) -> None:
    clause, match = spot
    caught(clause, replace(clause, match, ""), which)


@given(clauses, sources, st.sampled_from(["  ", "\n", " \n ", "\u00a0"]), st.booleans())
def test_the_same_words_are_never_rejected(clause: str, which: str, space: str, lower: bool) -> None:  # noqa: FBT001
    claim = clause.replace(" ", space)
    claim = claim[0].lower() + claim[1:] if lower and claim[0] != "<" else claim
    assert assess(claim, source_of(clause, which)).label == "supported"


@given(st.lists(clauses, min_size=1, max_size=4, unique=True))
def test_any_choice_of_the_sentences_is_supported(chosen: list[str]) -> None:
    assert assess(" ".join(chosen), DOCUMENT).label == "supported"


@settings(max_examples=60)
@given(st.text(max_size=200), st.text(max_size=400))
def test_any_two_texts_are_assessed_within_bounds(claim: str, source: str) -> None:
    found = assess(claim, source)
    assert 0.0 <= found.score <= 1.0
    if found.evidence is not None:
        assert 0 <= found.evidence[0] < found.evidence[1] <= len(source)


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("The Tenant shall pay the rent.", "Accordingly, the Tenant shall pay the rent."),
        ("The Tenant shall pay the rent.", "Therefore the Tenant shall pay the Rent (as defined above)."),
        ("The Buyer shall pay the price in cash.", "4.2 The Buyer shall pay the price (the “Price”) in cash."),
        ("The Seller shall indemnify the Buyer.", "The Seller shall, at its own cost, indemnify the Buyer."),
        ("The Seller shall notify the Buyer.", "The Seller shall promptly notify the Buyer."),
        ("The Seller shall not assign the contract.", "The Seller shall not sell, transfer or assign the contract."),
        ("The Term is five years.", "The Term is five (5) years."),
        ("The fee is 5 percent.", "The fee is five per cent (5%)."),
        ("The Agreement ends on March 1, 2024.", "The Agreement ends on 2024-03-01."),
        ("The Agreement ends on 1 March 2024.", "The Agreement ends on the first day of March, 2024."),
        ("The Customer pays $1,500,000.", "The Customer pays $1.5 million."),
        ("The Customer pays 1.5 million dollars.", "The Customer pays US$1,500,000."),
        ("Either party may terminate on 12 months' notice.", "Either party may terminate on one year's notice."),
        ("The Supplier must insure the Goods.", "The Supplier shall insure the Goods."),
        ("The Supplier doesn't insure the Goods.", "The Supplier does not insure the Goods."),
        ("The Licensee’s rights end.", "The Licensee's rights end."),
        ("Termination takes effect at once.", "Termi-\nnation takes effect at once."),
    ],
)
def test_light_compression_and_other_spellings_are_supported(claim: str, source: str) -> None:
    found = assess(claim, source)
    assert found.label == "supported", found
    assert found.score > 0.9


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("The Tenant shall pay the rent.", "Each Affiliate of the Tenant shall pay the rent."),
        ("The Landlord shall pay the fee.", "The Tenant shall notify the Landlord and the Bank shall pay the fee."),
        ("The Tenant shall pay the Landlord.", "The Tenant shall pay the Landlord's costs of repair."),
        ("The Seller shall disclose the data.", "The Seller shall not knowingly disclose the data."),
        ("The Seller shall not disclose the data.", "The Seller shall not knowingly disclose the data."),
        ("The Buyer may return the Goods.", "The Buyer may return the Goods only if they are defective."),
        ("The Buyer may return the Goods.", "Unless the Goods are used, the Buyer may return the Goods."),
        ("The licence is exclusive.", "The licence is non-exclusive."),
        ("The notice period is 12 days.", "The notice period is ten (12) days."),
        ("The rent is $900 per year.", "The rent is $900 per month."),
        ("Mrs. Ashe signed the deed.", "Mr. Ashe signed the deed."),
        ("The fee is due in five weeks.", "The fee, which includes five reports, is due in three weeks."),
    ],
)
def test_words_in_step_that_say_something_else_are_not_supported(claim: str, source: str) -> None:
    assert assess(claim, source).label != "supported"
