"""Questions that name the document they are put to."""

import pytest

from agentkit.legal.answering import answer
from agentkit.legal.search import split_named
from agentkit.text.splitting import split_document
from agentkit.text.structure import find_sections
from agentkit.types import Document, SafePassage

LEASE = """LEASE AGREEMENT

This Lease is made between Orchard Estates Ltd (the "Landlord") and Blue Fig Ltd (the "Tenant").

1. Governing law. This Lease is governed by the laws of Scotland.

2. Repairs. The Tenant shall repair the roof at its own cost.

3. Insurance. The Tenant shall insure the premises against fire for at least 2,000,000 pounds.

4. Assignment. The Tenant may not assign this Lease without the prior written consent of the Landlord.
"""
SERVICES = """MARKETING SERVICES AGREEMENT

This Agreement is made between Acme GmbH (the "Provider") and Blue Fig Ltd (the "Client").

1. Governing law. This Agreement is governed by the laws of Germany.

2. Repairs. The Provider shall repair the pumps within five days.

3. Assignment. Neither party may assign this Agreement; the Provider may assign it to an affiliate.
"""
LONG_NAME = (
    "LEASE AGREEMENT between Orchard Estates Ltd (the “Landlord”); Blue Fig Ltd (“Blue Fig”, the “Tenant”), "
    "each of Glasgow, insured by Northern Fire plc"
)


def passages(*texts: str) -> list[SafePassage]:
    return [
        SafePassage(p.id, p.source, p.start, p.end, p.text, p.page, p.locator, p.section, p.kind)
        for index, text in enumerate(texts)
        for p in split_document(Document(index, f"{index}.txt", "text/plain", "", text, sections=find_sections(text)))
    ]


def answers(question: str, held: list[SafePassage]) -> list[str]:
    return [claim.text for claim in answer(question, held).claims]


@pytest.mark.parametrize("named", ["Consider the {name}: {asked}", "Under the {name}, {asked}"])
@pytest.mark.parametrize(
    "asked",
    [
        "which law governs?",
        "who repairs the roof?",
        "can it be assigned?",
        "how much insurance must the Tenant have?",
        "is there a cap on liability?",
        "may the Tenant keep pets?",
    ],
)
def test_naming_the_only_document_changes_no_answer(named: str, asked: str) -> None:
    held = passages(LEASE)
    assert answers(named.format(name=LONG_NAME, asked=asked), held) == answers(asked, held)


@pytest.mark.parametrize(
    "question",
    [
        "Under the Marketing Services Agreement, which law governs?",
        "Consider the MARKETING SERVICES AGREEMENT between Acme GmbH; Blue Fig Ltd: Which law governs?",
        "In the agreement with Acme GmbH, which law governs?",
    ],
)
def test_of_two_documents_the_named_one_answers(question: str) -> None:
    assert answers(question, passages(LEASE, SERVICES)) == [
        "1. Governing law. This Agreement is governed by the laws of Germany."
    ]


def test_two_documents_that_are_both_named_both_answer() -> None:
    found = answers("Under the Lease and the Services, which law governs?", passages(LEASE, SERVICES))
    assert len(found) == 2


def test_what_the_named_document_does_not_say_is_not_taken_from_another() -> None:
    assert answers("Under the Marketing Services Agreement, who insures the premises?", passages(LEASE, SERVICES)) == []


@pytest.mark.parametrize(
    "question",
    [
        "Rent: how much is it?",
        "Who repairs the roof under the Lease?",
        "In 2019, who was the tenant?",
        "Consider the Lease: Repairs and insurance",
        "Under Section 4 of the Lease, who pays?",
    ],
)
def test_words_that_do_not_stand_in_front_of_a_question_or_name_no_document_stay(question: str) -> None:
    assert split_named(question) == ("", question)
