"""The facts a lawyer looks for first stay in a short summary, before audits and what survives."""

import pytest

from agentkit.legal.salience_choice import Candidate, choose
from agentkit.legal.salience_contracts import clause_scores
from agentkit.legal.salience_units import Unit, is_junk

SAID = {
    "start": "“Opening Day” means 1 June 2031.",
    "term": "This Agreement starts on the Opening Day and continues for an initial term of four years.",
    "renewal": "After the initial term this Agreement renews automatically for successive periods of two years.",
    "cap": "The total liability of each party under this Agreement shall not exceed 80 percent of the charges paid.",
    "special": "The Carrier's liability for loss of cargo shall not exceed EUR 900,000 in the aggregate.",
    "indirect": "Neither party is liable for loss of profit, loss of goodwill, or indirect or consequential loss.",
    "cause": "A party may terminate this Agreement if the other commits a breach not remedied within 20 days.",
    "survives": "Clauses 4, 5, 9 and 11 survive the termination of this Agreement.",
    "audit": "The Shipper may audit the Carrier's compliance with this Agreement once a year, at its own cost.",
}


def chosen(max_words: int) -> set[str]:
    candidates = [
        Candidate(text.count(" ") + 1, clause_scores(text), 0.02, (0, place * 200, place * 200 + 150))
        for place, text in enumerate(SAID.values())
    ]
    return {list(SAID)[index] for index in choose(candidates, max_words=max_words)}


def test_term_cap_and_termination_for_breach_come_before_audit_and_survival() -> None:
    kept = chosen(56)
    assert {"term", "cap", "cause"} <= kept
    assert not {"audit", "survives"} & kept


def test_an_amount_that_caps_liability_comes_before_an_exclusion_of_indirect_loss() -> None:
    kept = chosen(95)
    assert "cap" in kept
    assert "indirect" not in kept


def test_what_follows_the_term_does_not_stand_for_the_term() -> None:
    assert "term" not in {name for name, score in clause_scores(SAID["renewal"]).items() if score >= 0.5}


def test_a_definition_that_gives_a_date_is_prose() -> None:
    assert not is_junk(Unit(0, 32, SAID["start"]).text)
    assert clause_scores("“Commencement Date” means 1 June 2031.")["effective date"] > 0.5


@pytest.mark.parametrize(
    "line",
    [
        "“Initial Term” has the meaning set forth in Clause 3.1 of this Agreement.",
        '"Losses" shall have the same meaning as ascribed to it in Section 9.',
        "Each party hereby represents and warrants to the other party as follows: (a) Due Authorization.",
    ],
)
def test_what_only_points_elsewhere_is_no_fact(line: str) -> None:
    assert is_junk(line)


def test_what_a_term_means_is_a_fact() -> None:
    assert not is_junk("“Initial Term” means five years from the Start Date.")
    assert not is_junk("The fees are as follows: (a) EUR 500 a month for the office.")
