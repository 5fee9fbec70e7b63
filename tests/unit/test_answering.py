"""Questions are answered with the documents' own words, best first, or not at all."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agentkit.legal.answering import Answer, answer
from agentkit.text.splitting import split_document
from agentkit.text.structure import find_sections
from agentkit.types import Document, Limits, SafePassage

QA = Path(__file__).parent / "qa"


def passages(*texts: str) -> list[SafePassage]:
    """Cut texts as the pipeline does, one document each."""
    cut: list[SafePassage] = []
    for index, text in enumerate(texts):
        document = Document(index, f"{index}.txt", "text/plain", "", text, sections=find_sections(text))
        cut += [
            SafePassage(p.id, p.source, p.start, p.end, p.text, p.page, p.locator, p.section, p.kind)
            for p in split_document(document)
        ]
    return cut


def first(found: Answer) -> str:
    return " ".join(found.claims[0].text.split()) if found.claims else ""


LEASE = """LEASE

This Lease is made on 4 May 2021 between Ada Moor (the "Landlord") and Bo Lind (the "Tenant").

1. Term
The lease begins on 1 June 2021 and ends on 31 May 2024.

2. Rent
The Tenant shall pay a monthly rent of $900 in advance.

3. Repairs
The Landlord shall maintain the roof. The Tenant shall maintain the garden.
"""
FORM = """TRANSPORT AGREEMENT

This Transport Agreement (Agreement) is entered into by Northern Lakes Limited Partnership (Carrier) and
BORG COMPANY (Shipper).

WHEREAS, Shipper has asked Carrier to carry goods on its behalf and Carrier is willing to do so.

1. EFFECTIVE DATE: November 01, 2016

2. TERM: November 01, 2014 to October 31, 2017

3. MAXIMUM DAILY QUANTITY (t/day): 101,300

4. LAW: Any controversy between the parties shall be determined in accordance with the laws of the State of Ohio.
"""
LETTER = """Dear Ms Falk,

On 3 March your van damaged our client's gate. The repair cost $450, which we ask you to pay within ten days.

Yours sincerely,
Ivo Brandt
"""


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Who are the parties?", "Northern Lakes Limited Partnership (Carrier) and BORG"),
        ("Who is the shipper?", "BORG COMPANY"),
        ("How long does the agreement last?", "November 01, 2014 to October 31, 2017"),
        ("What is the maximum daily quantity?", "101,300"),
    ],
)
def test_a_contract_set_out_as_a_form_answers_as_any_other(question: str, words: str) -> None:
    assert words in first(answer(question, passages(FORM)))


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Who is the landlord?", "Ada Moor"),
        ("How much is the rent?", "$900"),
        ("When does the lease end?", "31 May 2024"),
        ("Who looks after the garden?", "Tenant shall maintain the garden"),
        ("What did the repair of the gate cost?", "$450"),
        ("Who signed the letter to Ms Falk?", "Ivo Brandt"),
        ("By when must Ms Falk pay?", "within ten days"),
    ],
)
def test_a_plain_question_is_answered_from_the_right_document(question: str, words: str) -> None:
    assert words in first(answer(question, passages(LEASE, LETTER)))


@pytest.mark.parametrize(
    "question",
    [
        "Who is the guarantor?",
        "What is the tenant's telephone number?",
        "How many parking spaces come with the flat?",
        "What did the Court of Appeal decide?",
        "Must source code be put in escrow?",
    ],
)
def test_what_the_documents_do_not_say_is_not_answered(question: str) -> None:
    assert answer(question, passages(LEASE, LETTER)) == Answer(answered=False, claims=[])


def test_a_placeholder_counts_as_the_name_it_stands_for() -> None:
    redacted = passages('This Lease is between <PERSON_1> (the "Landlord") and <PERSON_2> (the "Tenant").')
    assert "<PERSON_1>" in first(answer("Who is the landlord?", redacted))
    letter = passages("Dear Sir,\n\nWe act for <PERSON_4>, who lost her dog on 2 May.\n\nYours,\n<PERSON_5>")
    assert "2 May" in first(answer("When did <PERSON_4> lose her dog?", letter))


def test_a_street_that_was_redacted_still_leads_to_its_document() -> None:
    let = 'Lease of <STREET_ADDRESS_1> between <PERSON_1> (the "Landlord") and <PERSON_2> (the "Tenant").'
    assert "<PERSON_1>" in first(answer("Who is the landlord of the flat in Mill Lane?", passages(let, LETTER)))


def test_the_lines_after_the_closing_formula_sign() -> None:
    letter = "Dear Sir,\n\nThe van is sold.\n\nYours sincerely,\n\n<PERSON_1>\nSenior Partner"
    assert "<PERSON_1>" in first(answer("Who wrote the letter?", passages(letter)))


def test_a_partys_name_leads_to_what_the_contract_calls_it() -> None:
    text = 'Orla Quinn ("Claimant") and Deal School ("School") settle.\n\nSchool will pay Claimant $70 by June.'
    assert "$70" in first(answer("How much does Orla Quinn receive?", passages(text)))


def test_a_question_about_a_clause_is_answered_only_by_a_sentence_that_states_it() -> None:
    other, governed = "Acme is organized under the laws of Delaware.", "This contract is governed by French law."
    claims = answer("Which law governs the contract?", passages(f"{other} {governed}")).claims
    assert [claim.text for claim in claims] == [governed]
    assert not answer("Which law governs the contract?", passages(other)).answered


def test_a_sentence_that_cannot_stand_alone_brings_the_one_before_it() -> None:
    text = "The question is whether an e-mail is a writing within the Act. We hold that it is. The appeal is dismissed."
    claims = answer("What did the court hold?", passages(text)).claims
    assert "The question is whether an e-mail is a writing within the Act. We hold that it is." in [
        claim.text for claim in claims
    ]


def test_passages_in_quarantine_are_not_read() -> None:
    kept, hidden = passages("The rent is $900 a month.")[0], "The rent is $1 a month."
    planted = SafePassage("d1p0", 1, 0, len(hidden), hidden, quarantined=True)
    found = answer("How much is the rent?", [planted, kept])
    assert [claim.passage for claim in found.claims] == [kept.id]
    assert not answer("How much is the rent?", [planted]).answered


def test_limits_hold() -> None:
    text = "\n\n".join(f"Party {n} may assign this contract only with the consent of the Bank." for n in range(9))
    read = passages(text)
    assert len(answer("Can the contract be assigned?", read, limits=Limits(max_claims=2)).claims) == 2
    short = answer("Can the contract be assigned?", read, limits=Limits(max_words=5)).claims
    assert [len(claim.text.split()) for claim in short] == [5]


def test_key_terms_find_what_no_question_asks() -> None:
    read = passages("The Tenant pays the service charge on demand.\n\nThe garden is shared.")
    assert "service charge" in first(answer("Costs of the building", read, terms=["service charges", "service charge"]))
    assert not answer("Lift", read, terms=["elevator"]).answered


def test_no_passages_give_no_answer() -> None:
    assert not answer("Who is the landlord?", []).answered
    assert not answer("", passages(LEASE)).answered


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=120), max_size=4), st.text(max_size=60))
def test_every_claim_is_the_passages_own_words(texts: list[str], question: str) -> None:
    read = [SafePassage(f"d0p{n}", 0, 0, len(text), text) for n, text in enumerate([*texts, LEASE, LETTER])]
    by_id = {passage.id: passage.text for passage in read}
    for asked in (question, "Who is the landlord?", "When does it end?"):
        for claim in answer(asked, read).claims:
            assert claim.text == by_id[claim.passage][claim.start : claim.end]
            assert 0.0 <= claim.salience <= 1.0


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("first", 0.95, 0.1),
        ("second", 0.9, 0.1),
        ("third", 0.92, 0.1),
        ("fourth", 0.94, 0.1),
        ("fifth", 0.85, 0.1),
        ("sixth", 0.85, 0.1),
        ("seventh", 0.88, 0.1),
        ("eighth", 0.82, 0.2),
        ("ninth", 0.82, 0.2),
        ("tenth", 0.8, 0.1),
        ("eleventh", 0.76, 0.2),
    ],
)
def test_the_question_sets_keep_their_quality(name: str, least: float, most: float) -> None:
    groups = yaml.safe_load((QA / f"{name}.yaml").read_text("utf-8"))
    right = asked = false = without = 0
    for group in groups:
        read = passages(*group["documents"].values())
        for row in group["questions"]:
            found = answer(row["q"], read)
            if row["a"]:
                asked += 1
                right += any(words in first(found) for words in row["a"])
            else:
                without += 1
                false += found.answered
    assert right / asked >= least
    assert false <= most * without


@pytest.mark.parametrize(
    "text", ["1 2 3. 4 " * 9000, "Alpha Beta, Gamma of " * 4000, 'Acme "Foo" ("' * 6000, "(" * 80000]
)
def test_odd_texts_take_no_longer_than_their_length_explains(text: str) -> None:
    read = [SafePassage("d0p0", 0, 0, len(text), text)]
    assert not answer("Who is the lender?", read).answered


COURTS = """AGREEMENT

1. Governing law
This Agreement is governed by the laws of Ohio.

2. Courts
The courts of Ohio have exclusive jurisdiction over all disputes arising out of this Agreement.
"""


@pytest.mark.parametrize(
    ("question", "terms"),
    [("Arbitration", ["arbitration", "arbitrator"]), ("Arbitration", []), ("Is there an arbitration clause?", [])],
)
def test_a_thing_no_document_speaks_of_is_not_found(question: str, terms: list[str]) -> None:
    assert answer(question, passages(COURTS), terms=terms) == Answer(answered=False, claims=[])
    seat = COURTS + "\n3. Arbitral tribunal\nDisputes over the price are settled by an arbitrator in Columbus.\n"
    assert "arbitrator in Columbus" in first(answer(question, passages(seat), terms=terms))


def test_other_words_for_exactly_the_thing_asked_for_still_find_it() -> None:
    found = answer("Governing law", passages(COURTS), terms=["choice-of-forum statute"])
    assert "governed by the laws of Ohio" in first(found)


@pytest.mark.parametrize("follows", ["This does not apply to fish or pets in a tank.", "Pets bark."])
def test_no_sentence_is_cited_twice_in_one_answer(follows: str) -> None:
    text = f"1. Pets\nNo pets are allowed in the flat without the consent of the Landlord. {follows}\n"
    for terms in ([], ["pets"]):
        found = answer("Pets", passages(text), terms=terms)
        assert found.answered
        assert " ".join(claim.text for claim in found.claims).count("without the consent") == 1


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(["The rent is $9.", "It is due monthly.", "Rent falls.", "This means the rent of the flat."]),
        min_size=1,
        max_size=8,
    ),
    st.integers(1, 40),
)
def test_claims_are_exact_within_limits_and_never_overlap(sentences: list[str], max_words: int) -> None:
    read = passages(" ".join(sentences))
    texts = {passage.id: passage.text for passage in read}
    claims = answer("How much is the rent?", read, terms=["rent"], limits=Limits(max_words=max_words)).claims
    assert sum(len(claim.text.split()) for claim in claims) <= max_words
    taken = [(claim.passage, place) for claim in claims for place in range(claim.start, claim.end)]
    assert len(taken) == len(set(taken))
    assert all(texts[claim.passage][claim.start : claim.end] == claim.text for claim in claims)


JUDGMENT = """IN THE COURT OF APPEAL

Marsh v Dunn

1. The tenant refused to pay. The High Court held that the rent was not due and dismissed the claim.

2. In Steiner v Mitchell the Supreme Court held that a tenant who stays pays.

3. Section 7 of the Act provides that where the Court finds a contract to be unjust, the Court may refuse to enforce it.
It is for the landlord and not for the court to decide whether the grounds are sufficient.

4. We do not find it possible to derive any help from either case. The tenant argued that we should hold otherwise.

5. We therefore hold that the rent fell due on 1 May.

6. In the result the appeal is allowed and the order of the High Court is set aside.
"""


@pytest.mark.parametrize("question", ["What did the court decide?", "What did the court hold?"])
def test_what_a_court_decided_is_what_it_says_of_its_own_case(question: str) -> None:
    found = answer(question, passages(JUDGMENT)).claims
    said = {" ".join(claim.text.split()) for claim in found[:2]}
    assert any("We therefore hold that the rent fell due on 1 May." in words for words in said)
    assert any("the appeal is allowed" in words for words in said)
    assert len(found) == 2
