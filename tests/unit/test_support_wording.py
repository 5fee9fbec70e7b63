import pytest

from agentkit.text.support import assess

NDA = """1. The Recipient shall hold the Information in confidence and shall not use it except to evaluate the Project.
2. The Recipient may disclose the Information to those of its employees and outside counsel who need to know it.
3. If a court orders disclosure, the Recipient shall give the Discloser prompt written notice before complying.
4. These duties continue for a period of three years after the termination of this Agreement.
5. Upon termination the Recipient shall return or destroy all documents, and may keep one archival copy.
6. The Information includes business plans and what is told orally. Nothing herein grants the Recipient a licence."""

HOLD = [
    "Receiving Party shall not use Confidential Information for any purpose other than the stated purpose.",
    "Receiving Party may share Confidential Information with its employees.",
    "Receiving Party shall notify Disclosing Party if it is required by law to disclose Confidential Information.",
    "Obligations of the Agreement may survive termination.",
    "Receiving Party may retain a copy of Confidential Information after its return or destruction.",
    "Confidential Information may include verbally conveyed information.",
    "The Agreement shall not grant Receiving Party any right to Confidential Information.",
]
FAIL = [
    "Receiving Party shall not reverse engineer objects that embody Confidential Information.",
    "Receiving Party shall not solicit employees of Disclosing Party under this Agreement.",
    "Confidential Information shall only include technical information.",
    "Receiving Party may independently develop information similar to Confidential Information.",
    "Receiving Party shall not retain any Confidential Information after its return or destruction.",
]


@pytest.mark.parametrize("claim", HOLD)
def test_wording_that_settles_a_usual_point_counts_for_it(claim: str) -> None:
    assert assess(claim, NDA).score > 0.5


@pytest.mark.parametrize("claim", FAIL)
def test_the_bare_topic_of_a_usual_point_does_not_count_for_it(claim: str) -> None:
    assert assess(claim, NDA).score < 0.5


@pytest.mark.parametrize("claim", [*HOLD, *FAIL])
def test_wording_alone_is_never_called_support(claim: str) -> None:
    assert assess(claim, NDA).label != "supported"


def test_a_wrong_number_outweighs_fitting_wording() -> None:
    found = assess("The obligations of the Agreement survive its termination for five years.", NDA)
    assert (found.label, found.method) == ("contradicted", "numbers")
    assert found.score < 0.5


def test_the_evidence_is_the_sentence_that_speaks_of_the_claim() -> None:
    found = assess("The Recipient shall return or destroy all documents upon termination.", NDA)
    assert found.evidence is not None
    assert "return or destroy" in NDA[slice(*found.evidence)]


ARTICLE = (
    "Orchard Mills closed its plant in Dunmore on Friday with the loss of 140 jobs. Chief executive Ana Brandt said "
    "that the company could not compete with cheaper imports. The plant opened in 1962. The union said it would not "
    "appeal."
)


@pytest.mark.parametrize(
    ("sound", "edited"),
    [
        ("Orchard Mills shut its Dunmore plant.", "Orchard Mills opened its Dunmore plant."),
        ("The union said it would not appeal.", "The union said it would appeal."),
        ("The closure cost 140 jobs.", "The closure cost 240 jobs."),
        ("Ana Brandt blamed cheaper imports.", "Karl Brandt blamed cheaper imports."),
        ("The company blamed cheap imports.", "The company blamed expensive imports."),
        ("Orchard Mills closed a plant.", "Orchard Mills closed a plant after a strike over wages."),
    ],
)
def test_an_edited_summary_scores_below_the_sound_one(sound: str, edited: str) -> None:
    assert assess(edited, ARTICLE).score < assess(sound, ARTICLE).score
