"""One burden on two parties is shown from both sides."""

from agentkit.adapters.embedded import ExtractiveBackend
from agentkit.legal.salience_choice import Candidate, choose
from agentkit.legal.salience_conflicts import contradictions
from agentkit.prompts import combine_prompt, parse_keep, parse_summary, summarize_prompt
from agentkit.text.splitting import split_document
from agentkit.text.structure import find_sections
from agentkit.types import Document, Limits, SafePassage

CHARTERER = "The Charterer shall, at its own cost, keep the hull, the engines and the rigging of the Vessel in repair."
OWNER = "The Owner shall at its sole expense maintain and repair the engines, the rigging and the hull of the Vessel."
MORE = "The Charterer shall keep the hull, the engines and the rigging clean."
BOTH = "Each Party shall at its own cost keep the hull, the engines and the rigging insured."
RECORDS = "The Charterer shall keep a log of the voyages, the crew and the cargo, at its own cost."
PLACES = [(0, number * 200, number * 200 + 120) for number in range(3)]


def test_a_duty_said_twice_of_different_parties_is_marked_on_both_sides() -> None:
    marks = contradictions([CHARTERER, RECORDS, OWNER], PLACES)
    assert set(marks) == {0, 2}
    assert not set(marks[0]) & set(marks[2])


def test_one_party_or_every_party_contradicts_nobody() -> None:
    assert contradictions([CHARTERER, MORE, RECORDS], PLACES) == {}
    assert contradictions([CHARTERER, BOTH, RECORDS], PLACES) == {}


def test_two_forms_of_one_sentence_are_no_pair() -> None:
    assert contradictions([CHARTERER, OWNER], [PLACES[0], PLACES[0]]) == {}


def test_both_halves_are_chosen_though_their_words_are_nearly_the_same() -> None:
    tokens = [frozenset(text.lower().replace(",", "").split()) for text in (CHARTERER, OWNER)]
    marks = contradictions([CHARTERER, OWNER], PLACES[:2])
    candidates = [
        Candidate(20, {"repair duty": 1.0, **marks[number]}, 0.02, PLACES[number], tokens[0]) for number in range(2)
    ]
    assert choose(candidates, max_words=60) == [0, 1]


async def test_a_summary_shows_both_though_one_stands_in_a_schedule() -> None:
    charter = (
        "CHARTER AGREEMENT\n\nThis Charter Agreement is made on 4 June 2031 between Skerry Lines Ltd (the "
        '"Owner") and Holm Freight Ltd (the "Charterer").\n\n1. TERM\n\n1.1 This Agreement continues for five years '
        f"from 1 July 2031.\n\n2. UPKEEP\n\n2.1 {CHARTERER}\n\n2.2 {RECORDS}\n\n3. LAW\n\n3.1 This Agreement is "
        f"governed by the law of Norway.\n\nSCHEDULE 1\n\n1. {OWNER}\n"
    )
    document = Document(0, "charter.txt", "text/plain", "", charter, sections=find_sections(charter))
    passages = [
        SafePassage(p.id, p.source, p.start, p.end, p.text, p.page, p.locator, p.section, p.kind)
        for p in split_document(document)
    ]
    model = ExtractiveBackend()
    first = await model.complete(summarize_prompt(passages, focus="", limits=Limits()))
    claims = parse_summary(first.text, passages, prefix="c").claims
    kept = parse_keep(
        (await model.complete(combine_prompt(claims, focus="", limits=Limits(max_words=100)))).text, claims
    )
    assert {CHARTERER, OWNER} <= {claim.text for claim in kept or []}
