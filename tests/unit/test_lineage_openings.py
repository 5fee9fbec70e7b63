"""What documents of many kinds say of themselves, and which of two changes the other."""

import pytest

from agentkit.legal.lineage import Form, identify
from agentkit.legal.relations import Relation, relate

MASTER = """MASTER SERVICES AGREEMENT

This Master Services Agreement (the "Agreement") is entered into as of April 2, 2020 by and between Corvid Analytics,
Inc., a Delaware corporation ("Provider"), and Maple Hospital Trust ("Customer").

3.1 Fees. Customer shall pay the fees in each Work Order.
"""
UK_LEASE = """DATED 14 March 2016

LEASE

relating to Unit 4, Riverside Park, Leeds

between

(1) ABBEY ESTATES LIMITED
and
(2) TINDALL BAKERIES LIMITED

THIS LEASE is dated 14 March 2016

PARTIES
(1) ABBEY ESTATES LIMITED incorporated and registered in England and Wales with company number 01234567 whose
registered office is at 1 High Street, Leeds (Landlord).
(2) TINDALL BAKERIES LIMITED incorporated and registered in England and Wales with company number 07654321 whose
registered office is at 9 Mill Lane, York (Tenant).
"""
UK_VARIATION = """DATED 2 May 2021

DEED OF VARIATION

relating to a lease of Unit 4, Riverside Park, Leeds

THIS DEED is dated 2 May 2021

PARTIES
(1) ABBEY ESTATES LIMITED incorporated and registered in England and Wales with company number 01234567 whose
registered office is at 1 High Street, Leeds (Landlord).
(2) TINDALL BAKERIES LIMITED incorporated and registered in England and Wales with company number 07654321 whose
registered office is at 9 Mill Lane, York (Tenant).

BACKGROUND
(A) This deed is supplemental to the lease dated 14 March 2016 made between the parties (Lease).
(B) The parties have agreed to vary the Lease.

1. With effect from the date of this deed, clause 5.1 of the Lease is deleted and replaced with the following.
"""
NUMBER_THREE = """Amendment No. Three to Master Services Agreement

This Amendment No. Three ("Amendment Three") is effective as of July 1, 2022 and amends the Master Services Agreement
dated April 2, 2020 between Corvid Analytics, Inc. ("Provider") and Maple Hospital Trust ("Customer").

1. Section 3.1 of the Agreement is deleted in its entirety and replaced with the following:
"""
SECOND_RESTATED = """SECOND AMENDED AND RESTATED MASTER SERVICES AGREEMENT

This Second Amended and Restated Master Services Agreement is entered into as of January 10, 2024 by and between Corvid
Analytics, Inc. ("Provider") and Maple Hospital Trust ("Customer").

WHEREAS, the parties entered into that certain Master Services Agreement dated as of April 2, 2020 (the "Original
Agreement");
"""
SIDE_LETTER = """[On the letterhead of Corvid Analytics, Inc.]

April 9, 2020

Maple Hospital Trust

Re: Side letter to the Master Services Agreement dated April 2, 2020 (the "Agreement")

Dear Sirs,

We refer to the Agreement between Corvid Analytics, Inc. ("Provider") and Maple Hospital Trust ("Customer"). This letter
amends the Agreement. Section 3.1 of the Agreement shall be modified so that no fees are due before May 2020.
"""
WORK_ORDER = """WORK ORDER NO. 2

This Work Order No. 2 is entered into as of September 1, 2021 under the Master Services Agreement dated April 2, 2020
between Corvid Analytics, Inc. ("Provider") and Maple Hospital Trust ("Customer"). It is subject to its terms.
"""
WORK_ORDER_3 = WORK_ORDER.replace("2 is", "3 is").replace("NO. 2", "NO. 3").replace("September 1, 2021", "June 5, 2022")
STATEMENT = """STATEMENT OF WORK

This Statement of Work is made on 3 May 2021 pursuant to the Master Services Agreement dated April 2, 2020 by and
between Corvid Analytics, Inc. ("Provider") and Maple Hospital Trust ("Customer").
"""
ASSIGNMENT = """ASSIGNMENT AND ASSUMPTION AGREEMENT

This Assignment and Assumption Agreement is made as of October 1, 2022 by and between Corvid Analytics, Inc.
("Assignor") and Heron Data LLC ("Assignee") with respect to the Master Services Agreement dated April 2, 2020 between
Assignor and Maple Hospital Trust.
"""
JOINDER = """JOINDER AGREEMENT

This Joinder Agreement is executed as of May 5, 2021 by Heron Data LLC (the "Joining Party"), pursuant to the Master
Services Agreement dated April 2, 2020 by and between Corvid Analytics, Inc. ("Provider") and Maple Hospital Trust
("Customer").
"""
RENEWAL = """RENEWAL AGREEMENT

This Renewal Agreement is made as of April 2, 2023 between Corvid Analytics, Inc. ("Provider") and Maple Hospital Trust
("Customer"). The Master Services Agreement dated April 2, 2020 is renewed for three years. Section 3.1 of the Agreement
is hereby amended to read: "Customer shall pay $9,000 a month."
"""
EXTENSION = """LEASE EXTENSION AND MODIFICATION AGREEMENT

This Lease Extension and Modification Agreement is dated June 1, 2022, between Orchard Plaza LP ("Landlord") and Finch
Books, Inc. ("Tenant"), and modifies the Lease dated May 30, 2017 between them. Paragraph 2 is amended as follows.
"""
BOOK_LEASE = """COMMERCIAL LEASE

This Lease is made on May 30, 2017 between Orchard Plaza LP ("Landlord") and Finch Books, Inc. ("Tenant").
"""
NDA = """MUTUAL NON-DISCLOSURE AGREEMENT

This Mutual Non-Disclosure Agreement is made as of February 3, 2021 between Kestrel Robotics, Inc. ("Kestrel") and
Lumen Optics GmbH ("Lumen") about Project Amber.
"""
NDA_TWIN = NDA.replace("Project Amber", "Project Basalt")
ACT = """Animal Boarding Act 2014

2014 CHAPTER 12

An Act to make provision about the boarding of animals.

1 Licences
(1) A person must hold a licence.
4 Fees
The fee is 50 pounds.
"""
AMENDING_ACT = """Animal Boarding (Amendment) Act 2019

2019 CHAPTER 7

An Act to amend the Animal Boarding Act 2014.

1 Amendment of the Animal Boarding Act 2014
In section 4 of the Animal Boarding Act 2014 for "50 pounds" substitute "80 pounds".
"""
OTHER_ACT = """Animal Welfare Act 2015

2015 CHAPTER 3

An Act about the welfare of animals.
"""
TRIAL = """IN THE HIGH COURT OF JUSTICE
[2018] EWHC 1200 (Comm)

BETWEEN:
NORTHGATE SHIPPING LTD Claimant
- and -
PELHAM COMMODITIES PLC Defendant

JUDGMENT
Handed down on 4 May 2018.
"""
APPEAL = """IN THE COURT OF APPEAL (CIVIL DIVISION)
ON APPEAL FROM THE HIGH COURT OF JUSTICE
[2019] EWCA Civ 77

BETWEEN:
NORTHGATE SHIPPING LTD Respondent
- and -
PELHAM COMMODITIES PLC Appellant

JUDGMENT
Handed down on 1 February 2019. The contract was amended by an addendum.
"""
ADDENDUM = """ADDENDUM "A"

TO RESIDENTIAL LEASE

This Addendum is made this 1st day of August, 2020, between Rosa Delgado ("Landlord") and Peter Munk ("Tenant") and is
incorporated into the Residential Lease dated July 20, 2020. Section 12 of the Lease is hereby replaced.
"""
RESIDENTIAL = """RESIDENTIAL LEASE

This Residential Lease is made on July 20, 2020 between Rosa Delgado ("Landlord") and Peter Munk ("Tenant").
"""
LOAN = """CREDIT AGREEMENT

dated as of March 15, 2018 among Tamarack Energy Corp., as Borrower, and First Prairie Bank, N.A., as Lender

This CREDIT AGREEMENT is entered into as of March 15, 2018 among Tamarack Energy Corp. (the "Borrower") and First
Prairie Bank, N.A. (the "Lender").
"""
LOAN_FOURTH = """FOURTH AMENDMENT TO CREDIT AGREEMENT AND LIMITED WAIVER

THIS FOURTH AMENDMENT TO CREDIT AGREEMENT AND LIMITED WAIVER (this "Fourth Amendment"), dated as of December 9, 2021, is
among Tamarack Energy Corp. (the "Borrower") and First Prairie Bank, N.A. (the "Lender").

WHEREAS, the Borrower and the Lender are parties to that certain Credit Agreement dated as of March 15, 2018 (as amended
by the First Amendment dated as of June 1, 2019, the "Credit Agreement");

Section 2. Amendments. Section 6.10 of the Credit Agreement is hereby amended and restated in its entirety as follows:
"""
LOAN_FIRST = """FIRST AMENDMENT TO CREDIT AGREEMENT

THIS FIRST AMENDMENT TO CREDIT AGREEMENT, dated as of June 1, 2019, is among Tamarack Energy Corp. (the "Borrower") and
First Prairie Bank, N.A. (the "Lender") and amends the Credit Agreement dated as of March 15, 2018.

Section 6.10 of the Credit Agreement is hereby amended to read as follows: "The ratio is 3.0."
"""
GUARANTY = """GUARANTY OF LEASE

This Guaranty of Lease is made on May 31, 2018 by Orchard Plaza LP ("Landlord") and Finch Books, Inc. ("Tenant").
"""
EMPLOYMENT = """EMPLOYMENT AGREEMENT

This Employment Agreement is made as of January 2, 2019 between Quill Media, Inc. ("Company") and Ann Osei
("Executive").
"""
EMPLOYMENT_LETTER = """LETTER AMENDMENT

March 3, 2021

This letter amendment is between Quill Media, Inc. ("Company") and Ann Osei ("Executive"), and amends the Employment
Agreement dated January 2, 2019. Section 4(a) of the Employment Agreement is amended by replacing $200,000.
"""
TERMS = """Terms of Service

Last updated: 3 May 2019

These Terms of Service are between Petrel Cloud, Inc. ("Petrel") and the customer ("Customer").
"""
TERMS_NEWER = TERMS.replace("2019", "2023")


@pytest.mark.parametrize(
    ("text", "form", "number", "sections"),
    [
        (UK_LEASE, "original", 0, ()),
        (UK_VARIATION, "amendment", 0, ("5.1",)),
        (NUMBER_THREE, "amendment", 3, ("3.1",)),
        (SECOND_RESTATED, "restatement", 0, ()),
        (SIDE_LETTER, "amendment", 0, ("3.1",)),
        (WORK_ORDER, "original", 0, ()),
        (STATEMENT, "original", 0, ()),
        (ASSIGNMENT, "original", 0, ()),
        (JOINDER, "original", 0, ()),
        (RENEWAL, "amendment", 0, ("3.1",)),
        (EXTENSION, "amendment", 0, ("2",)),
        (ACT, "original", 0, ()),
        (AMENDING_ACT, "amendment", 0, ("4",)),
        (TRIAL, "original", 0, ()),
        (APPEAL, "original", 0, ()),
        (ADDENDUM, "amendment", 0, ("12",)),
        (LOAN_FOURTH, "amendment", 4, ("6.10",)),
        (LOAN_FIRST, "amendment", 1, ("6.10",)),
        (GUARANTY, "original", 0, ()),
        (EMPLOYMENT_LETTER, "amendment", 0, ("4(a)",)),
    ],
)
def test_a_document_is_known_by_its_opening(text: str, form: Form, number: int, sections: tuple[str, ...]) -> None:
    found = identify(text)
    assert (found.form, found.number, found.sections) == (form, number, sections)


@pytest.mark.parametrize(
    ("newer", "older", "relation"),
    [
        (UK_VARIATION, UK_LEASE, "amends"),
        (NUMBER_THREE, MASTER, "amends"),
        (SECOND_RESTATED, MASTER, "restates"),
        (SECOND_RESTATED, NUMBER_THREE, "restates"),
        (SIDE_LETTER, MASTER, "amends"),
        (RENEWAL, MASTER, "amends"),
        (EXTENSION, BOOK_LEASE, "amends"),
        (AMENDING_ACT, ACT, "amends"),
        (ADDENDUM, RESIDENTIAL, "amends"),
        (LOAN_FOURTH, LOAN, "amends"),
        (LOAN_FIRST, LOAN, "amends"),
        (LOAN_FOURTH, LOAN_FIRST, "amends"),
        (EMPLOYMENT_LETTER, EMPLOYMENT, "amends"),
        (TERMS_NEWER, TERMS, "later_version"),
    ],
)
def test_the_later_document_changes_the_earlier_one(newer: str, older: str, relation: Relation) -> None:
    for texts in ((newer, older), (older, newer)):
        found = [(texts[row.newer], texts[row.older], row.relation) for row in relate([identify(t) for t in texts])]
        assert found == [(newer, older, relation)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (WORK_ORDER, MASTER),
        (WORK_ORDER, WORK_ORDER_3),
        (STATEMENT, MASTER),
        (ASSIGNMENT, MASTER),
        (JOINDER, MASTER),
        (NDA, NDA_TWIN),
        (GUARANTY, BOOK_LEASE),
        (AMENDING_ACT, OTHER_ACT),
        (ACT, OTHER_ACT),
        (UK_VARIATION, RESIDENTIAL),
        (EXTENSION, RESIDENTIAL),
        (LOAN_FOURTH, MASTER),
        (TRIAL, MASTER),
    ],
)
def test_documents_that_stand_beside_each_other_replace_nothing(one: str, other: str) -> None:
    assert relate([identify(one), identify(other)]) == []


def test_a_judgment_on_appeal_leaves_what_the_first_court_said() -> None:
    assert {row.relation for row in relate([identify(TRIAL), identify(APPEAL)])} <= {"later_version"}


def test_the_amendment_of_what_was_amended_before_names_the_sections_of_both() -> None:
    found = relate([identify(text) for text in (LOAN, LOAN_FIRST, LOAN_FOURTH)])
    assert [(row.newer, row.older, row.sections) for row in found] == [
        (1, 0, ("6.10",)),
        (2, 0, ("6.10",)),
        (2, 1, ("6.10",)),
    ]
