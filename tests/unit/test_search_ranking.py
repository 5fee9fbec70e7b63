"""What a search puts first, and what it says of it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.adapters.memory import choosing
from agentkit.adapters.memory.corpus import Corpus
from agentkit.adapters.memory.explaining import definitions_for, explain_hit
from agentkit.adapters.memory.retriever import Bm25Retriever
from agentkit.indexed import Entry
from agentkit.legal.search import read_query, terms_of
from agentkit.types import Passage

LEASE = [
    'This Lease is made on 3 May 2021 between Alder Ltd (the "Landlord") and Birch LLP (the "Tenant").',
    '1.1 "Permitted Use" means use as offices and for no other purpose.',
    "1.2 Rent means the yearly sum of 42,000 pounds.",
    "4. Repairs. The Landlord keeps the roof in good order at its own cost. (a) Gutters. (b) Windows are the Tenant's.",
    "4.1 The Tenant may not assign this Lease without the Landlord's prior written consent.",
    "The Tenant uses the Premises for the Permitted Use only.",
    "12.3 This Lease is governed by the laws of England and Wales.",
    "Nothing here is confidential where the information:",
    "(a) was known before the disclosure; or",
    "(b) is developed independently by the receiving side.",
]
SUPPLY = [
    "Supply Agreement between Cedar GmbH and Dogwood SA.",
    "4.1 Cedar GmbH may assign this Agreement to an affiliate without consent.",
    "12.3 Orders are placed in writing.",
]


def corpus(**documents: list[str]) -> Corpus:
    entries: list[Entry] = []
    for name, texts in documents.items():
        start = 0
        for number, text in enumerate(texts):
            entries.append(Entry(f"{name}#{number}", name, "", start, start + len(text), text))
            start += len(text) + 1
    return Corpus(entries)


LIBRARY = corpus(lease=LEASE, supply=SUPPLY)


def first(query: str, document: str | None = None) -> str:
    return LIBRARY.search(query, top_k=3, document=document)[0].entry.text


@pytest.mark.parametrize(
    ("query", "beginning"),
    [
        ("What does § 12.3 say?", "12.3 This Lease"),
        ("Show me section 12.3", "12.3 This Lease"),
        ("Who is responsible under clause 4(b)?", "4. Repairs"),
        ("What is the meaning of Permitted Use?", '1.1 "Permitted Use"'),
        ("Which courts' or country's law applies?", "12.3 This Lease"),
        ("Who pays for the roof?", "4. Repairs"),
        ("Can the lease be handed over to somebody else?", "4.1 The Tenant"),
    ],
)
def test_a_question_finds_its_clause_within_a_document(query: str, beginning: str) -> None:
    assert first(query, "lease").startswith(beginning)


@pytest.mark.parametrize(
    ("query", "beginning"),
    [
        ("Consider the Supply Agreement between Cedar GmbH; Dogwood SA: May it be assigned?", "4.1 Cedar"),
        ("Under the Lease with Birch LLP, may it be assigned?", "4.1 The Tenant"),
        ("In the agreement of Cedar and Dogwood, what does clause 12.3 say?", "12.3 Orders"),
    ],
)
def test_a_document_that_the_query_names_comes_first(query: str, beginning: str) -> None:
    assert first(query).startswith(beginning)


def test_a_statement_lifts_the_sentence_that_opens_a_list_with_its_best_item() -> None:
    found = LIBRARY.search("The receiving side may develop similar information independently.", top_k=2)
    assert {hit.entry.id for hit in found} == {"lease#7", "lease#9"}


def test_a_section_above_counts_less_than_the_section_itself() -> None:
    found = terms_of("4.1.2 The Tenant pays.")
    assert found["§4.1.2"] > found["§4.1"] == found["§4"] == 1
    assert "§4" in terms_of("The Tenant pays.", "Lease > 4 Payments")
    assert not any(term.startswith("§") for term in terms_of("It pays 12.3 Million to 4 People."))


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("The Tenant shall pay.", True),
        ("Shall the Tenant pay", False),
        ("Who may assign", False),
        ("The date of the contract", False),
        ("The Tenant shall pay?", False),
    ],
)
def test_a_statement_is_told_from_a_question(text: str, *, statement: bool) -> None:
    assert read_query(text).is_statement is statement


def test_an_explanation_adds_up_and_names_words_that_stand_in_the_passage() -> None:
    query = "What may the Tenant use the Premises for?"
    hit = next(hit for hit in LIBRARY.search(query, top_k=9, document="lease") if hit.entry.id == "lease#5")
    told = explain_hit(query, hit, LIBRARY.document_of(hit))
    assert sum(told.components.values()) == pytest.approx(hit.ranked.score, abs=1e-5)
    assert told.words
    assert all(word in hit.entry.text.lower() for word in told.words)
    assert [(one.term, one.id) for one in told.definitions] == [("Permitted Use", "lease#1"), ("Tenant", "lease#0")]


def test_an_explanation_names_the_type_of_clause() -> None:
    hit = LIBRARY.search("Which law governs the lease?", top_k=1, document="lease")[0]
    assert explain_hit("Which law governs the lease?", hit, LIBRARY.document_of(hit)).clause == "Governing law"


def test_in_a_large_corpus_the_best_passage_is_found_among_common_words() -> None:
    texts = {f"d{n}": [f"{k}.1 The Tenant pays the rent of unit {n} on day {k}." for k in range(25)] for n in range(40)}
    texts["d17"][11] = "The Tenant pays for the zeppelin hangar."
    many = corpus(**texts)
    assert [hit.entry.id for hit in many.search("Who pays for the zeppelin hangar?", top_k=1)] == ["d17#11"]
    assert len(many.search("What does the tenant pay?", top_k=30)) == 30
    assert many.search("quasar", top_k=3) == []


def test_where_a_corpus_counts_as_large_a_common_word_finds_nothing_beside_a_rare_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = [f"The Tenant pays the rent of unit {n}." for n in range(500)]
    made = corpus(one=[*texts, "The zeppelin is the Tenant's.", "A hangar for a zeppelin."])
    monkeypatch.setattr(choosing, "_LARGE", 100)
    found = [hit.entry.id for hit in made.search("Which zeppelin is the tenant's?", top_k=3)]
    assert found[:2] == ["one#500", "one#501"]
    assert len(made.search("tenant rent", top_k=20)) == 20


async def test_the_retriever_of_a_run_ranks_the_same_way_and_gives_back_its_passages() -> None:
    passages = [Passage(f"d0p{n}", 0, n, n + len(text), text) for n, text in enumerate(LEASE)]
    found = await Bm25Retriever(lambda: passages).retrieve("What does § 12.3 say?", top_k=2)
    assert found[0] is passages[6]
    assert len(found) == 2


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(LEASE)


@given(st.lists(TEXT, min_size=1, max_size=12), TEXT)
def test_hits_are_passages_of_the_corpus_best_first_each_once(texts: list[str], query: str) -> None:
    made = corpus(one=texts[: len(texts) // 2 + 1], two=texts[len(texts) // 2 + 1 :])
    hits = made.search(query, top_k=5)
    known = {entry.id: entry for entry in made.entries()}
    assert [known[hit.entry.id] for hit in hits] == [hit.entry for hit in hits]
    assert len({hit.entry.id for hit in hits}) == len(hits) <= 5
    scores = [hit.ranked.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(score > 0 for score in scores)


CLAUSES = [
    *LEASE,
    *SUPPLY,
    "Neither party may assign this Agreement. Either party may terminate it at any time upon thirty days notice.",
    "This Agreement shall be governed by the laws of Ohio, and no party shall assign, transfer or delegate its rights:",
    "(c) without the prior written consent of the other party.",
    "Either party may terminate this Agreement for convenience",
    "Governing law",
]
ASKED = [
    "Can a party assign the agreement without consent?",
    "Can a party terminate without cause, at any time?",
    "Which law governs the agreement?",
    "The Tenant shall not assign the lease without consent.",
    "Under the Supply Agreement, may it be assigned as clause 4.1 says?",
]


@given(st.lists(st.sampled_from(CLAUSES), min_size=1, max_size=40), st.sampled_from(ASKED), st.integers(1, 12))
def test_who_asks_for_a_few_gets_the_first_of_all_with_the_same_scores(texts: list[str], query: str, few: int) -> None:
    made = corpus(one=texts[: len(texts) // 2 + 1], two=texts[len(texts) // 2 + 1 :])
    assert made.search(query, top_k=few) == made.search(query, top_k=99)[:few]


@given(st.text(max_size=3000))
def test_any_query_is_read(query: str) -> None:
    read = read_query(query)
    assert all(0 < group.weight <= 1 and group.worth[group.stem] == 1 for group in read.groups)
    assert all(re.fullmatch(r"[\d.]+", number) for number, _ in read.sections)


def test_a_hit_brings_the_definition_that_stands_nearest_above_it() -> None:
    made = corpus(
        lease=[
            'Between Alder Ltd (hereinafter the "Landlord") and others.',
            '1.1 "Permitted Use" means use as offices.',
            "2. The Landlord allows the Permitted Use.",
            'Schedule 1. In this schedule "Permitted Use" means storage.',
            "The PERMITTED USE ends with the schedule.",
            "The permitted use of words is not a term.",
        ]
    )
    by_id = {entry.id: entry for entry in made.entries()}
    entries = list(by_id.values())
    found = {key: [(one.term, one.id) for one in definitions_for(entry, entries)] for key, entry in by_id.items()}
    assert found["lease#2"] == [("Permitted Use", "lease#1"), ("Landlord", "lease#0")]
    assert found["lease#3"] == []
    assert found["lease#4"] == [("Permitted Use", "lease#3")]
    assert found["lease#5"] == []
