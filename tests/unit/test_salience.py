"""What a sentence of a contract is about."""

import pytest

from agentkit.legal.salience import best_topics, topic_scores, topics


@pytest.mark.parametrize(
    ("sentence", "topic"),
    [
        ("This Lease shall be governed by and construed in accordance with the laws of Scotland.", "governing law"),
        ("Neither party may assign this Agreement without the prior written consent of the other.", "assignment"),
        ("The Supplier's total liability shall not exceed the fees paid in the preceding year.", "cap on liability"),
        (
            "Either party may terminate this Agreement at any time upon thirty days' notice.",
            "termination for convenience",
        ),
        ("The Term shall be automatically renewed for successive periods of one year.", "renewal"),
        ("Licensor hereby grants to Licensee a non-transferable licence to use the Marks.", "licence grant"),
        ("Buyer shall purchase a minimum quantity of 500 Units in each Contract Year.", "minimum commitment"),
        ("The Owner may audit the books and records of the Manager once a year.", "audit rights"),
        ("The Contractor shall maintain commercial general liability insurance.", "insurance"),
        ("The Executive shall not compete with the Company for one year.", "non-compete"),
        ("Distributor shall pay a royalty of 6% of Net Sales.", "revenue sharing"),
        ("Licensee shall not contest the validity of the Patents.", "covenant not to sue"),
    ],
)
def test_a_clause_is_recognised_by_its_words(sentence: str, topic: str) -> None:
    assert topic in best_topics(topic_scores(sentence))


@pytest.mark.parametrize(
    ("sentence", "topic"),
    [
        ("Acme is a corporation existing under the laws of Delaware.", "governing law"),
        ("Tenant grants Landlord a non-exclusive right of way.", "exclusivity"),
        ("Disputes go to any court of competent jurisdiction.", "non-compete"),
    ],
)
def test_similar_words_in_another_sense_are_not_mistaken(sentence: str, topic: str) -> None:
    assert topic not in best_topics(topic_scores(sentence))


def test_every_topic_has_evidence_and_words_to_find_it_by() -> None:
    assert [topic.name for topic in topics().values() if not topic.evidence or not topic.stems] == []
