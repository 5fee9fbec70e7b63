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


PLAIN = {
    "exclusivity": [
        "The Roaster shall buy green coffee from no one other than the Importer.",
        "The Singer will not perform for any other label while this contract lasts.",
    ],
    "most favoured customer": [
        "Should the Seller offer any other buyer a lower price, it shall extend that price to the Buyer."
    ],
    "uncapped liability": [
        "The limits in this clause do not apply to liability for fraud.",
        "Nothing in this contract excludes or limits liability for death or personal injury.",
    ],
    "volume restriction": ["The Licensee may install the Program on no more than 40 workstations."],
    "minimum commitment": [
        "The Brewer undertakes to take at least 900 hectolitres a year.",
        "The Client commits to spend USD 60,000 in each year.",
    ],
    "change of control": [
        "If a competitor acquires a majority of the shares in the Agent, the Principal may end this contract."
    ],
    "after termination": [
        "Once this agreement has ended, the Supplier shall help the Customer to move its data.",
        "For 60 days after this contract ends, the Dealer may sell the goods that it holds.",
    ],
    "events of default": ["An event of default occurs if the Borrower fails to pay on the due date."],
    "repair duty": ["The Hirer must keep the crane in good working order."],
    "insurance": ["The Carrier must take out cover of at least EUR 2 million against loss of the goods."],
    "audit rights": ["The Author may have the Publisher's accounts examined by an accountant."],
    "non-compete": [
        "For a year after leaving, the Chef shall not, directly or indirectly, operate a restaurant in the town."
    ],
    "term": ["This deed starts on 1 May 2030 and ends on 30 April 2035."],
    "renewal": ["It then rolls over from year to year."],
    "termination for convenience": ["Either side may end this contract on 60 days' notice without giving a reason."],
    "price restrictions": ["The Landlord may raise the rent once a year by no more than 3 per cent."],
    "liquidated damages": ["A Customer who leaves early pays a break fee of $4,000."],
    "no-solicit": ["Neither firm shall hire the other's staff for a year."],
    "ip ownership": ["All drawings become the property of the Client once they are paid for."],
    "warranty duration": ["The Builder guarantees the roof for ten years."],
    "governing law": ["The law of Norway applies to this charter."],
    "assignment": ["The Author must not make over its rights under this contract to anybody."],
    "cap on liability": ["What either side can recover is limited to the greater of $10,000 and the fees of one year."],
}


@pytest.mark.parametrize(
    ("sentence", "topic"), [(sentence, topic) for topic, sentences in PLAIN.items() for sentence in sentences]
)
def test_a_clause_in_plain_words_is_recognised_too(sentence: str, topic: str) -> None:
    assert topic in best_topics(topic_scores(sentence))


@pytest.mark.parametrize(
    ("sentence", "topic"),
    [
        ("Acme is a corporation existing under the laws of Delaware.", "governing law"),
        ("Tenant grants Landlord a non-exclusive right of way.", "exclusivity"),
        ("Disputes go to any court of competent jurisdiction.", "non-compete"),
        ("The Buyer shall place its orders at least thirty days before shipment.", "minimum commitment"),
        ("Such costs include, but are not limited to, damages and the liability of the insurer.", "amount of the cap"),
        ("If this contract ends for any reason, the Agent shall cease to use the name.", "term"),
    ],
)
def test_similar_words_in_another_sense_are_not_mistaken(sentence: str, topic: str) -> None:
    assert topic not in best_topics(topic_scores(sentence))


def test_every_topic_has_evidence_and_words_to_find_it_by() -> None:
    assert [topic.name for topic in topics().values() if not topic.evidence or not topic.stems] == []
