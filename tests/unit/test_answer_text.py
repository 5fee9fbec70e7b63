"""Claims of an answer read well: no clause numbers or headings stuck to their front, and still supported."""

import pytest

from agentkit.adapters.embedded.answers import answer_question
from agentkit.legal.tidy import strip_label
from agentkit.text.support import assess
from agentkit.types import Prompt, SafePassage


@pytest.mark.parametrize(
    ("sentence", "plain"),
    [
        ("8.2 German law applies to this contract.", "German law applies to this contract."),
        ("C. If you wish to leave, write to us by May.", "If you wish to leave, write to us by May."),
        ("A. Background. The parties are brothers and partners.", "The parties are brothers and partners."),
        ("(1) Where a ship is late, a meal is due.", "Where a ship is late, a meal is due."),
        ("4. Offences\nAn operator who breaks section 2 pays a fine.", "An operator who breaks section 2 pays a fine."),
        ("§ 18-104. Interest. A deposit bears interest at 3%.", "A deposit bears interest at 3%."),
        ("2. Storage. Records are erased after three years.", "Records are erased after three years."),
    ],
)
def test_numbers_and_headings_are_dropped_and_the_rest_is_supported(sentence: str, plain: str) -> None:
    assert strip_label(sentence) == plain
    assert assess(plain, sentence).label == "supported"


@pytest.mark.parametrize(
    "sentence",
    [
        "Landlord: Mr Ravindra Patel of Leicester",
        "No. The tenant may not sublet the flat.",
        "Dr. Park testified. The judge left early that day.",
        "Acme Ltd. The seller is liable for all of it.",
        "12 January 2025",
        "3.5 Million dollars were paid.",
        "8.2",
        "",
    ],
)
def test_what_says_something_stays(sentence: str) -> None:
    assert strip_label(sentence) == sentence


TEXT = "7. Rent. The tenant pays 900 euros a month. Section 12. Any dispute goes to the court of Ghent."


def asked(question: str) -> tuple[str, str]:
    """Return the first claim's text and the exact words it quotes."""
    answered = answer_question(Prompt("writer", "ask", "1", "", [SafePassage("d0p0", 0, 0, len(TEXT), TEXT)], question))
    claim = answered["claims"][0]
    citation = claim["citations"][0]
    start = citation["start"]
    assert TEXT[start : start + len(citation["quote"])] == citation["quote"]
    return claim["text"], citation["quote"]


def test_a_claim_goes_without_its_number_and_quotes_exactly() -> None:
    text, quote = asked("How much is the rent?")
    assert text == "The tenant pays 900 euros a month."
    assert quote.endswith(text)


def test_a_question_for_a_number_keeps_it() -> None:
    text, _ = asked("Which section names the court for disputes?")
    assert "Section 12" in text
