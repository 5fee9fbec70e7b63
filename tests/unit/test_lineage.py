"""Which document changes which, from what documents say of themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.legal.lineage import identify
from agentkit.legal.relations import Lineage, relate

LEASE = """LEASE AGREEMENT

This Lease Agreement (this "Lease") is made and entered into as of January 5, 2019, by and between Harbor Point
Holdings, LLC, a Delaware limited liability company ("Landlord"), and Brightwater Dental Group, P.C., a New York
professional corporation ("Tenant").

4.2 Rent. Tenant shall pay $5,000 per month.
"""
FIRST = """FIRST AMENDMENT TO LEASE AGREEMENT

This First Amendment to Lease Agreement (this "Amendment") is made as of March 1, 2021, by and between Harbor Point
Holdings, LLC ("Landlord") and Brightwater Dental Group, P.C. ("Tenant").

WHEREAS, Landlord and Tenant are parties to that certain Lease Agreement dated January 5, 2019 (the "Lease");

1. Section 4.2 of the Lease is hereby amended and restated in its entirety to read as follows: "Tenant shall pay
$6,000 per month."
2. Exhibit B to the Lease is hereby deleted.
"""
RESTATED = """AMENDED AND RESTATED LEASE AGREEMENT

This Amended and Restated Lease Agreement is entered into as of June 30, 2023, between Harbor Point Holdings, LLC
("Landlord") and Brightwater Dental Group, P.C. ("Tenant") and amends and restates in its entirety the Lease Agreement
dated as of January 5, 2019.
"""
OTHER_LANDLORD = LEASE.replace("Harbor Point\nHoldings", "Summit Tower").replace("2019", "2020")
RENEWED = LEASE.replace("January 5, 2019", "January 5, 2024").replace("$5,000", "$7,000")
SERVICES = """SERVICES AGREEMENT

This Services Agreement is made on 3 May 2020 between Acme GmbH and Beta Ltd.
"""
VARIATION = """Deed of Variation

THIS DEED OF VARIATION is dated 1 June 2022 and made between Acme GmbH ("Supplier") and Beta Ltd ("Customer"). It varies
the Services Agreement between the parties dated 3 May 2020. Clause 7 is deleted and replaced by Schedule 1.
"""
NUMBERED = """Amendment No. 2 to the Services Agreement

between Acme GmbH and Beta Ltd

The Services Agreement dated 3 May 2020 is changed as follows. Clause 9.1 shall be replaced by: "Two years."
"""
SUPERSEDES_ALL = SERVICES + "\nThis Agreement supersedes all prior agreements between the parties on its subject.\n"


def test_an_amendment_changes_the_sections_it_names_of_the_agreement_it_names() -> None:
    assert relate([identify(LEASE), identify(FIRST)]) == [Lineage(1, 0, "amends", ("4.2", "exhibit b"))]


def test_a_restated_agreement_takes_the_place_of_the_first_one_and_of_its_amendments() -> None:
    found = relate([identify(text) for text in (RESTATED, LEASE, FIRST)])
    assert Lineage(0, 1, "restates") in found
    assert Lineage(0, 2, "restates") in found


@pytest.mark.parametrize(
    ("text", "number", "sections"), [(VARIATION, 0, ("7",)), (NUMBERED, 2, ("9.1",)), (FIRST, 1, ("4.2", "exhibit b"))]
)
def test_an_amendment_is_known_by_its_name(text: str, number: int, sections: tuple[str, ...]) -> None:
    found = identify(text)
    assert (found.form, found.number, found.sections) == ("amendment", number, sections)


@pytest.mark.parametrize("text", [VARIATION, NUMBERED])
def test_an_amendment_belongs_to_the_agreement_of_that_name_and_day(text: str) -> None:
    others = [identify(LEASE), identify(SERVICES), identify(SERVICES.replace("2020", "2016"))]
    assert [(row.newer, row.older) for row in relate([*others, identify(text)]) if row.relation == "amends"] == [(3, 1)]


def test_a_lease_of_another_landlord_is_another_lease() -> None:
    assert relate([identify(LEASE), identify(OTHER_LANDLORD)]) == []
    assert relate([identify(OTHER_LANDLORD), identify(FIRST)]) == []


def test_a_later_agreement_of_the_same_parties_is_a_later_version() -> None:
    assert relate([identify(RENEWED), identify(LEASE)]) == [Lineage(0, 1, "later_version")]


def test_what_every_contract_says_of_prior_agreements_changes_none() -> None:
    assert identify(SUPERSEDES_ALL).form == "original"


def test_a_contract_that_may_be_amended_is_no_amendment() -> None:
    text = LEASE + "\n9. Amendment. This Lease may be amended only in writing. Section 4.2 may not be amended.\n"
    assert (identify(text).form, identify(text).sections) == ("original", ())


def test_the_words_that_say_so_are_quoted_exactly() -> None:
    found = identify(FIRST)
    assert "AMENDMENT" in FIRST[found.start : found.end]


@pytest.mark.parametrize(("blank", "title"), [(100, {"leas", "agre"}), (7000, set())])
def test_only_the_opening_of_an_original_is_read(blank: int, title: set[str]) -> None:
    assert identify("\n" * blank + "EXHIBIT 10.1\n\nLEASE AGREEMENT\n").title == title


@given(st.text(max_size=400))
def test_any_text_is_something(text: str) -> None:
    found = identify(text)
    assert 0 <= found.start <= found.end <= len(text)
    assert relate([found]) == []


@given(st.permutations([LEASE, FIRST, RESTATED, OTHER_LANDLORD, SERVICES, VARIATION]))
def test_the_order_of_documents_does_not_matter(texts: list[str]) -> None:
    found = {(texts[row.newer], texts[row.older], row.relation) for row in relate([identify(text) for text in texts])}
    assert found == {
        (FIRST, LEASE, "amends"),
        (RESTATED, LEASE, "restates"),
        (RESTATED, FIRST, "restates"),
        (VARIATION, SERVICES, "amends"),
    }
