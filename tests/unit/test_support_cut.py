"""A sentence cut short: supported only where what is left is a whole clause and a whole list."""

import re

import pytest

from agentkit.legal.tidy import forms
from agentkit.text.support import assess
from agentkit.text.support_cut import breaks_off

INDEMNITY = (
    "The Supplier shall indemnify the Customer against all losses arising from a claim that the use of the software "
    "or of the Deliverables in accordance with this Agreement infringes the rights of a third party."
)
REPAIR = (
    "The Landlord shall keep in good repair the roof, the foundations, the lifts of the Building and the heating "
    "and cooling plant."
)
RELATIVE = (
    "The Agent shall deliver to the Lender on the Closing Date every record which the Borrower in the course of "
    "its business has kept in writing."
)
ENTRY = "The Landlord may enter the Premises at any reasonable time to inspect, to repair, and to show them to buyers."
DUTY = "The Tenant shall pay the Rent to the Landlord in advance at its office in Leeds."
# The words after which each sentence may end, by reading: what is left keeps its verb and its list.
TO_RIGHTS = INDEMNITY[: INDEMNITY.index(" of a third")]
TO_KEPT = RELATIVE[: RELATIVE.index(" in writing")]
TO_THEM = ENTRY[: ENTRY.index(" to buyers")]
WHOLE: dict[str, set[str]] = {
    INDEMNITY: {
        "The Supplier shall indemnify the Customer",
        "The Supplier shall indemnify the Customer against all losses arising",
        TO_RIGHTS,
    },
    REPAIR: set(),
    RELATIVE: {
        "The Agent shall deliver",
        "The Agent shall deliver to the Lender",
        RELATIVE[: RELATIVE.index(" which")],
        TO_KEPT,
    },
    ENTRY: {TO_THEM},
    DUTY: {
        "The Tenant shall pay the Rent",
        *(DUTY[: DUTY.index(at)] for at in (" in advance", " at its", " in Leeds")),
    },
}
_CUT = re.compile(r",?\s+(?=(?:of|or|and|in|against|from|to|on|that|which|at)\b)")


@pytest.mark.parametrize("sentence", WHOLE)
def test_only_a_whole_clause_of_a_sentence_is_supported(sentence: str) -> None:
    heads = [sentence[: match.start()] for match in _CUT.finditer(sentence)]
    supported = {head for head in heads if assess(f"{head}.", sentence).label == "supported"}
    assert supported <= WHOLE[sentence], supported - WHOLE[sentence]


def test_a_cut_that_keeps_its_verb_and_leaves_no_list_is_supported() -> None:
    for sentence, head in ((DUTY, "The Tenant shall pay the Rent"), (RELATIVE, TO_KEPT), (INDEMNITY, TO_RIGHTS)):
        assert assess(f"{head}.", sentence).label == "supported", head


def test_a_lost_verb_is_an_omission() -> None:
    claim = INDEMNITY[: INDEMNITY.index(" in accordance")]
    found = assess(f"{claim}…", INDEMNITY)
    assert (found.label, found.method) == ("unverified", "omission")


@pytest.mark.parametrize(
    "opening",
    [
        "Subject to clause 4,",
        "Unless the Landlord insures,",
        "Except as set forth in clause 4,",
        "If the Lease is renewed,",
        "Notwithstanding clause 4,",
    ],
)
def test_an_opening_that_restricts_a_duty_may_not_be_dropped(opening: str) -> None:
    found = assess("The Tenant shall insure.", f"{opening} the Tenant shall insure.")
    assert (found.label, found.method) == ("unverified", "omission")


def test_an_opening_that_takes_nothing_away_may_be_dropped() -> None:
    source = "Notwithstanding anything to the contrary in this Agreement, the Tenant shall insure the Premises."
    assert assess("The Tenant shall insure the Premises.", source).label == "supported"


@pytest.mark.parametrize("sentence", WHOLE)
def test_the_summarizer_cuts_only_where_the_reviewer_agrees(sentence: str) -> None:
    for size in range(5, 40):
        for form in forms(sentence, size):
            head = form.rstrip("…")
            assert not breaks_off(head, sentence[len(head) :]), form


@pytest.mark.parametrize(
    ("head", "tail"),
    [
        (
            "The Tenant shall maintain liability insurance, naming the Landlord",
            "; property insurance; and fire insurance.",
        ),
        ("The Tenant shall keep liability insurance", ", naming the Landlord; property insurance; and fire insurance."),
        ("The Tenant shall keep in repair the roof, the columns and the heating", ", ventilating and cooling plant."),
        ("The Agent may enter at any time to inspect", ", to repair, or to show the Premises."),
        ("The Supplier may use the name", "and the logo of the Customer."),
        ("The Tenant shall repair the roof, the walls", " of the building and the lifts."),
        (
            "The Supplier confirms that the software which is used in Germany",
            " in accordance with law is free of defects.",
        ),
    ],
)
def test_the_rest_of_a_list_or_a_verb_may_not_be_left_out(head: str, tail: str) -> None:
    assert breaks_off(head, tail)
    assert assess(f"{head}.", head + tail).label == "unverified"


@pytest.mark.parametrize(
    ("head", "tail"),
    [
        ("The Tenant shall pay the Rent", "and shall insure the Premises."),
        ("The Tenant shall pay the Rent", ", and the Landlord shall insure the Premises."),
        ("The court affirmed the judgment", "on the second appeal."),
        ("The Buyer, who is a merchant, shall inspect the goods", "in accordance with clause 4."),
        ("The Fees of that month are due", "under clause 4."),
    ],
)
def test_a_further_clause_or_a_mere_detail_may_be_left_out(head: str, tail: str) -> None:
    assert not breaks_off(head, tail if tail.startswith(",") else f" {tail}")


@pytest.mark.parametrize(
    ("said", "left_out"),
    [
        ("Nothing in this Agreement shall restrict any liability", " of the Supplier for death or injury."),
        ("The Tenant shall pay all costs", " of the survey."),
        ("The Company shall indemnify the Client against all claims", " by employees of the Company."),
        ("Neither party is liable for any damages", " caused by force majeure."),
        ("The insurer pays every claim", " under Part B."),
        ("Nobody may enter the premises", " with a dog."),
    ],
)
def test_what_narrows_all_or_nothing_may_not_be_left_out(said: str, left_out: str) -> None:
    found = assess(f"{said}.", f"{said}{left_out}")
    assert (found.label, found.method) == ("unverified", "omission")
    assert assess(f"{said}{left_out}", f"{said}{left_out}").label == "supported"


@pytest.mark.parametrize(
    "title", ["8.1 Term ", "10. Term and Renewal ", "14. 6 Governing Law -", "§ 3.2 Duties of the Tenant ", "8. Term. "]
)
def test_a_clauses_number_and_title_may_be_left_out(title: str) -> None:
    assert (
        assess("This Lease shall end on 1 May 2030.", f"{title}This Lease shall end on 1 May 2030.").label
        == "supported"
    )


@pytest.mark.parametrize(
    ("lead", "claim"),
    [
        ("8.1 Only ", "Licensee may end this Lease."),
        ("5.1 Affiliates Of ", "The Tenant may end this Lease."),
        ("5.1 Former ", "Employees may end this Lease."),
        ("5.1 Neither The Guarantor Nor ", "The Tenant may end this Lease."),
        ("5.1 Subject To Clause 4 ", "The Tenant may end this Lease."),
    ],
)
def test_what_only_looks_like_a_title_may_not_be_left_out(lead: str, claim: str) -> None:
    assert assess(claim, f"{lead}{claim}").label != "supported"
