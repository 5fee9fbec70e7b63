"""What a later document replaces in an earlier one: all of it, a section, or nothing."""

from pathlib import Path

import pytest

from agentkit.legal.versions import Successor, Versions, covers
from agentkit.reading import read_document
from agentkit.types import Document

PARTIES = 'Harbor Point Holdings, LLC ("Landlord") and Brightwater Dental Group, P.C. ("Tenant")'
LEASE = f"""LEASE AGREEMENT

This Lease Agreement is made as of January 5, 2019, by and between {PARTIES}.

1. Premises

The Premises are Suite 4.

4. Payments

4.1 Deposit. The deposit is $9,000.

4.2 Rent. Tenant shall pay a rent of $5,000 per month.
"""
FIRST = f"""FIRST AMENDMENT TO LEASE AGREEMENT

This First Amendment to Lease Agreement is made as of March 1, 2021, by and between {PARTIES} and amends the Lease
Agreement dated January 5, 2019.

1. Section 4.2 of the Lease is hereby deleted and replaced with: "Tenant shall pay a rent of $6,000 per month."

2. Section 1 of the Lease is amended by adding Suite 5.
"""
SECOND = f"""SECOND AMENDMENT TO LEASE AGREEMENT

This Second Amendment to Lease Agreement is made as of May 1, 2022, by and between {PARTIES} and amends the Lease
Agreement dated January 5, 2019.

1. Section 4.2 of the Lease is hereby amended to read: "Tenant shall pay a rent of $6,500 per month."
"""
RESTATED = f"""AMENDED AND RESTATED LEASE AGREEMENT

This Amended and Restated Lease Agreement is entered into as of June 30, 2023, between {PARTIES} and amends and restates
in its entirety the Lease Agreement dated as of January 5, 2019.

4.2 Rent. Tenant shall pay a rent of $7,000 per month.
"""
RENEWED = LEASE.replace("January 5, 2019", "January 5, 2024").replace("$5,000", "$7,500")


def read(tmp_path: Path, *texts: str) -> list[Document]:
    documents: list[Document] = []
    for index, text in enumerate(texts):
        path = tmp_path / f"{index}.txt"
        path.write_text(text)
        documents.append(read_document(path, index=index))
    return documents


def at(documents: list[Document], source: int, words: str) -> tuple[int, int]:
    return source, documents[source].text.index(words)


def test_an_amendment_replaces_the_section_it_names_and_no_other(tmp_path: Path) -> None:
    documents = read(tmp_path, LEASE, FIRST)
    versions = Versions.of(documents)
    assert versions.replaced(*at(documents, 0, "rent of $5,000")) == [Successor(1, "amends", ("4.2",))]
    assert versions.replaced(*at(documents, 0, "deposit is")) == []
    assert versions.replaced(*at(documents, 0, "Suite 4")) == [], "what is only added to still holds"
    assert versions.replaced(*at(documents, 1, "rent of $6,000")) == []


def test_a_later_amendment_replaces_what_an_earlier_one_put_there(tmp_path: Path) -> None:
    documents = read(tmp_path, SECOND, LEASE, FIRST)
    versions = Versions.of(documents)
    assert versions.replaced(*at(documents, 2, "rent of $6,000")) == [Successor(0, "amends", ("4.2",))]
    assert versions.replaced(*at(documents, 2, "adding Suite 5")) == []
    assert [later.source for later in versions.replaced(*at(documents, 1, "rent of $5,000"))] == [0, 2]


def test_a_restated_agreement_replaces_the_whole(tmp_path: Path) -> None:
    documents = read(tmp_path, LEASE, FIRST, RESTATED)
    versions = Versions.of(documents)
    for place in (at(documents, 0, "Suite 4"), at(documents, 1, "adding Suite 5")):
        assert Successor(2, "restates") in versions.replaced(*place)
    assert [versions.rank(index) for index in range(3)] == [2, 1, 0]


def test_a_later_version_is_told_and_replaces_nothing(tmp_path: Path) -> None:
    documents = read(tmp_path, LEASE, RENEWED)
    versions = Versions.of(documents)
    assert versions.successors(0) == [Successor(1, "later_version")]
    assert versions.replaced(*at(documents, 0, "rent of $5,000")) == []
    assert versions.apart(0, 1)
    assert versions.apart(1, 0)


def test_one_document_is_no_version(tmp_path: Path) -> None:
    assert not Versions.of(read(tmp_path, LEASE))


@pytest.mark.parametrize(
    ("section", "numbers", "held"),
    [
        ("4.2", ["4", "4.2"], True),
        ("4.2", ["4", "4.2", "(a)"], True),
        ("4", ["4", "4.2"], True),
        ("4.2", ["4", "4.21"], False),
        ("4.2", ["4"], False),
        ("4(a)", ["4", "(a)"], True),
        ("4(a)", ["4", "(b)"], False),
        ("4.2", ["Exhibit B", "4.2"], False),
        ("exhibit b", ["Exhibit B", "4.2"], True),
        ("5", ["Article 5", "5.1."], True),
        ("4.2", [], False),
    ],
)
def test_a_section_holds_what_is_under_it(section: str, numbers: list[str], held: bool) -> None:  # noqa: FBT001
    assert covers(section, numbers) is held
