"""Clauses are told apart from sentences that merely share their words."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.legal.clauses import CLAUSES, find_clauses, match_question, score_sentence
from agentkit.legal.cues import compile_cue, fold

STATED = [
    ("governing_law", "This Agreement shall be governed by the laws of the State of Ohio."),
    ("governing_law", "This Deed is construed in accordance with English law."),
    ("anti_assignment", "Neither party may assign this Agreement without the prior written consent of the other."),
    (
        "termination_for_convenience",
        "Either party may terminate this Agreement at any time on 30 days' written notice.",
    ),
    ("renewal_term", "The term renews automatically for successive periods of one year."),
    ("cap_on_liability", "In no event shall the Supplier's total liability exceed the fees paid in the prior year."),
    ("non_compete", "During the term the Agent shall not, directly or indirectly, compete with the Company."),
    ("no_solicit_of_employees", "Client agrees not to hire or solicit any employee of Consultant for one year."),
    ("license_grant", "Licensor hereby grants to Licensee a non-exclusive licence to use the Software."),
    ("audit_rights", "Licensor may, on reasonable notice, audit the books and records of Licensee."),
    ("insurance", "Contractor shall maintain commercial general liability insurance of at least $1,000,000."),
    ("most_favored_nation", "The prices shall be no less favourable than those offered to any other customer."),
    ("source_code_escrow", "Vendor shall deposit the source code of the Software with an escrow agent."),
    ("liquidated_damages", "For each day of delay the Builder shall pay liquidated damages of $500."),
    ("change_of_control", "A change of control of the Distributor entitles the Supplier to terminate."),
    (
        "ip_ownership_assignment",
        "Consultant hereby assigns to Company all right, title and interest in the inventions.",
    ),
    ("force_majeure", "Neither party is liable for delay caused by events beyond its reasonable control."),
    ("rent", "The annual rent is £18,000, payable quarterly in advance."),
]
NOT_STATED = [
    ("governing_law", "Acme is a corporation organized and existing under the laws of the State of Delaware."),
    ("exclusivity", "The courts of Zurich shall have exclusive jurisdiction."),
    ("exclusivity", "Licensor grants a non-exclusive right to use the Marks."),
    ("non_compete", "Nothing in this Agreement shall prevent either party from competing with the other."),
    ("unlimited_license", "The Licensee accepts unlimited liability for any and all losses from its use."),
    ("irrevocable_or_perpetual_license", "The Bank may draw under an irrevocable letter of credit."),
    ("third_party_beneficiary", "There are no third party beneficiaries of this Agreement."),
    ("renewal_term", "The Licensor shall renew all patents and trade marks at its own cost."),
    ("source_code_escrow", "The purchase price shall be paid into an escrow account at closing."),
    ("ip_ownership_assignment", "Each party retains all right, title and interest in its inventions."),
    ("joint_ip_ownership", "The guarantors are jointly and severally liable."),
]


@pytest.mark.parametrize(("ident", "sentence"), STATED)
def test_a_sentence_that_states_a_clause_reaches_its_threshold(ident: str, sentence: str) -> None:
    assert score_sentence(CLAUSES[ident], sentence, opening=True) >= CLAUSES[ident].threshold


@pytest.mark.parametrize(("ident", "sentence"), NOT_STATED)
def test_a_sentence_that_only_sounds_like_a_clause_stays_below(ident: str, sentence: str) -> None:
    assert score_sentence(CLAUSES[ident], sentence) < CLAUSES[ident].threshold


def test_the_forty_one_types_of_commercial_contracts_come_first_and_every_pattern_compiles() -> None:
    assert len(CLAUSES) > 41
    assert list(CLAUSES)[40] == "third_party_beneficiary"
    for clause in CLAUSES.values():
        assert clause.compiled, clause.id
        assert clause.compiled_asks, clause.id
        assert all(0.0 < weight < 1.0 for weight, _ in (*clause.compiled, *clause.compiled_against)), clause.id
        assert set(clause.requires) <= set(CLAUSES), clause.id


def test_what_speaks_against_a_clause_far_away_in_a_long_sentence_does_not_count() -> None:
    far = "the Supplier, its employees and its agents having been duly instructed in the safe use of the goods, "
    sentence = "Buyer may terminate this Agreement at any time without cause, " + far * 6 + "and survives any breach."
    assert score_sentence(CLAUSES["termination_for_convenience"], sentence) >= 0.6


def test_clauses_are_found_best_first_with_their_places() -> None:
    hits = find_clauses(
        ["This is a recital.", "It is governed by the laws of Utah.", "The laws of Utah apply to this contract."],
        clauses=[CLAUSES["governing_law"]],
    )
    assert hits[0].index == 1
    assert all(hit.score >= hit.clause.threshold for hit in hits)


def test_headings_must_match_sentences_in_number() -> None:
    with pytest.raises(ValueError, match="zip"):
        find_clauses(["one", "two"], headings=["only one"])


@pytest.mark.parametrize(
    ("question", "ident"),
    [
        ("How much notice is needed to stop a renewal?", "notice_period_to_terminate_renewal"),
        ("Is any intellectual property owned jointly?", "joint_ip_ownership"),
        ("Can the lease be assigned?", "anti_assignment"),
        ("Who pays if the boiler needs fixing?", "repairs"),
        ("May it be cancelled early?", "termination_for_convenience"),
        ("Under which law is it?", "governing_law"),
    ],
)
def test_a_question_is_led_to_the_clause_it_means(question: str, ident: str) -> None:
    assert match_question(question)[0][0].id == ident


def test_the_notation_of_cues() -> None:
    cue = compile_cue("(may|shall) not .. sub_let* (the )?(flat|house)")
    assert cue.found("tenant shall not in any event sublet the flat")
    assert cue.found("the tenant may not sub-letting house")
    assert not cue.found("tenant may sublet the flat")
    assert not compile_cue("rent").found("current")
    assert cue.words("he shall not sublet flat b") == "shall not sublet flat"


ROWS = [row for clause in CLAUSES.values() for row in (*clause.cues, *clause.against, *clause.asks)]
NOTATIONS = list(dict.fromkeys([*(cue for _, cue in ROWS), *(row for one in CLAUSES.values() for row in one.headings)]))


@pytest.mark.parametrize("step", range(10))
def test_every_cue_is_well_formed_and_what_it_is_looked_for_by_first_misses_nothing(step: int) -> None:
    chance = random.Random(step)
    # Words of cues in any order, whole and in parts, and sentences that cues are made for.
    words = re.findall(r"[a-z0-9']+", " ".join(NOTATIONS))
    texts = [fold(sentence) for _, sentence in STATED]
    texts += [chance.choice(" -,(").join(chance.choices(words, k=12)) for _ in range(60)]
    texts += [text[chance.randrange(9) :] for text in texts]
    for notation in NOTATIONS[step::10]:
        cue = compile_cue(notation)
        plain = re.sub(r"\(\?<!\\w.\)", "", cue.expression)
        plain = plain if plain.startswith(("^", r"\b")) else rf"\b{plain}"
        texts.append(" ".join(re.findall(r"[a-z0-9']+", notation)))
        for text in texts:
            match = re.search(plain, text)
            assert cue.words(text) == (match.group() if match else ""), (notation, text)


@given(st.text(max_size=300))
def test_no_text_is_too_strange_to_score(text: str) -> None:
    folded = fold(text)
    assert folded == fold(folded)
    for ident in ("non_compete", "document_name", "uncapped_liability"):
        assert 0.0 <= score_sentence(CLAUSES[ident], text) <= 1.0


def test_a_text_of_nothing_but_openings_does_not_slow_the_search_down() -> None:
    text = "shall not may not will not neither party shall " * 4000
    assert score_sentence(CLAUSES["no_solicit_of_customers"], text) == 0.0
