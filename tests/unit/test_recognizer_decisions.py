# ruff: noqa: E501 - a table of texts
"""Names in court decisions: captions, benches, officers, initials; invented after the styles of several courts."""

import time

import pytest

from agentkit.privacy import EmbeddedRecognizer
from agentkit.privacy.captions import is_decision

RECOGNIZER = EmbeddedRecognizer()


def found(text: str, kind: str) -> list[str]:
    return [text[e.start : e.end] for e in RECOGNIZER.recognize(text) if e.type == kind]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LAVONNE T. PRICE,\nPlaintiff,\nv. Case No. 1\nGARY DOBBS, et al.,\nDefendants.", ["LAVONNE T. PRICE", "GARY DOBBS"]),
        ("Before: CLIFTON, BYBEE, and IKUTA, Circuit Judges.\nThe appellant appeals.", ["CLIFTON", "BYBEE", "IKUTA"]),
        ("Before HADLEY, Chief Judge, BRANT and SLOAN, Circuit Judges. The appeal", ["HADLEY", "BRANT", "SLOAN"]),
        ("Before:\nLORD JUSTICE BEAN\nMR JUSTICE PICKEN\nBetween:\nZOE ADDO Appellant\n- and -\n", ["BEAN", "PICKEN", "ZOE ADDO"]),
        ("a Chamber composed of:\nIneta Ziemele, President,\nLedi Bianku, judges,\nthe Court", ["Ineta Ziemele", "Ledi Bianku"]),
        ("The applicant's wife, Aigul T., told Judge K. that K. had questioned her.", ["Aigul T.", "K.", "K."]),
        ("The court heard M.K. and the accused. Officers interviewed M.K. at home.", ["M.K.", "M.K."]),
        ("Jürgen VON DER HEYDE\nApplicant\nThe court held", ["Jürgen VON DER HEYDE"]),
        ("The accused was arrested by S.I. Md. Naushad Alam; judgment reserved", ["Md. Naushad Alam"]),
        ("D/O LATE HANUMANTHAPPA,\nAppellant. The court", ["HANUMANTHAPPA"]),
        ("Judgment of the court. Tess Markham sued the respondent. Markham lost.", ["Tess Markham", "Markham"]),
        ("JUDGE EDMUND A. SARGUS, JR.\nThe plaintiff and the court", ["EDMUND A. SARGUS, JR."]),
    ],
)  # fmt: skip
def test_a_decisions_people_are_found_where_its_form_puts_them(text: str, expected: list[str]) -> None:
    assert found(text, "PERSON") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("IN THE HIGH COURT OF KARNATAKA AT BENGALURU\nThe appellant", "HIGH COURT OF KARNATAKA AT BENGALURU"),
        ("the European Court of Human Rights delivered judgment", "European Court of Human Rights"),
        ("UNITED STATES DISTRICT COURT\nSOUTHERN DISTRICT OF OHIO\nPlaintiff v. Defendant", "SOUTHERN DISTRICT OF OHIO"),
        ("the applicant sued the Federal Security Service in court", "Federal Security Service"),
        ("the court heard the MINISTER FOR JUSTICE AND EQUALITY, respondent", "MINISTER FOR JUSTICE AND EQUALITY"),
        ("the Court of Appeal of Paris ruled", "Court of Appeal of Paris"),
    ],
)  # fmt: skip
def test_courts_and_public_bodies_are_found_whole(text: str, expected: str) -> None:
    assert expected in found(text, "ORGANIZATION")


@pytest.mark.parametrize(
    "text",
    [
        "The U.S. court said so at 3 p.m., i.e. late, to the appellant and the respondent, under s. 5 of the E.U. rules.",
        "The court granted the motion of the defendant; he moved to dismiss under 136 S. Ct. 1036.",
        "Respondents-Appellees. The court affirmed. REVERSED AND REMANDED.",
    ],
)
def test_a_decisions_abbreviations_are_nobodys_names(text: str) -> None:
    assert found(text, "PERSON") + found(text, "STREET_ADDRESS") == []


def test_a_contract_that_mentions_courts_is_no_decision() -> None:
    clause = "Each party submits to the jurisdiction of the courts of Ohio and waives trial by jury. "
    assert not is_decision("The Supplier shall deliver the Goods to the Buyer in good time. " * 40 + clause)
    assert is_decision("The appellant appeals from the judgment of the High Court. " + "Words about facts. " * 20)


@pytest.mark.parametrize(
    "piece", ["v. ", "A.B. ", "Plaintiff\n", "JUDGE A ", "Court of ", "High ", "\nv\n", "Before:\n", "by K. "]
)
def test_repeated_parts_take_time_in_proportion_to_the_text(piece: str) -> None:
    text = "The court and the appellant. " + piece * (60_000 // len(piece))
    begin = time.process_time()
    RECOGNIZER.recognize(text)
    assert time.process_time() - begin < 25
