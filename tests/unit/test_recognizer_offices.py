# ruff: noqa: E501 - a table of texts
"""What decisions name by post, noun or seat: judges, officers, police stations, bodies, villages; and whole names."""

import time

import pytest

from agentkit.privacy import EmbeddedRecognizer
from agentkit.privacy.captions import is_decision

RECOGNIZER = EmbeddedRecognizer()


def found(text: str, *kinds: str) -> list[str]:
    return [text[e.start : e.end] for e in RECOGNIZER.recognize(text) if not kinds or e.type in kinds]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("convicted by the learned Additional Sessions Judge, Court No. 2, Deoria, and the appellant", "Additional Sessions Judge, Court No. 2, Deoria"),
        ("The accused was tried by the Second Class Magistrate of Palus in a summary way", "Second Class Magistrate of Palus"),
        ("The petitioner moved the Deputy Commissioner of Excise, Hardoi, in appeal", "Deputy Commissioner of Excise, Hardoi"),
        ("The accused was taken to Rajpara Police Station that night", "Rajpara Police Station"),
        ("the FIR of P.S. Dhumka was read to the witness", "P.S. Dhumka"),
        ("goods sold by M/s Himgiri Cycle Stores to the plaintiff", "M/s Himgiri Cycle Stores"),
        ("admitted to the Belthara Medical College & Hospital; the deceased", "Belthara Medical College & Hospital"),
        ("an account with the Purulia Co-operative Bank in the name of the accused", "Purulia Co-operative Bank"),
        ("The appellant sued the Verona Coast Guard in the High Court", "Verona Coast Guard"),
        ("the plaintiff worked for Sallow Trustees (Jersey) Limited in the court", "Sallow Trustees (Jersey) Limited"),
    ],
)  # fmt: skip
def test_posts_stations_and_bodies_are_found_whole(text: str, expected: str) -> None:
    assert expected in found(text, "ORGANIZATION")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The deceased lived in village Dhobini, Tehsil Palera, where the accused", ["village Dhobini", "Tehsil Palera"]),
        ("The body was thrown into the Betwar river by the accused", ["Betwar river"]),
        ("The plaintiff is a farmer of County Leitrim; the defendant", ["County Leitrim"]),
    ],
)  # fmt: skip
def test_places_are_found_with_the_word_that_says_what_they_are(text: str, expected: list[str]) -> None:
    assert found(text, "LOCATION") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BENCH:\nGHOSHAL, N.R.\nBENCH:\nGHOSHAL, N.R.\nKOTVAL, B. (CJ)\nACT:\nThe appellant", ["GHOSHAL, N.R.", "GHOSHAL, N.R.", "KOTVAL, B."]),
        ("MR SHAILEN TRIVEDY, ADVOCATE for the Petitioner", ["SHAILEN TRIVEDY"]),
        ("The judges were A. van Beuren and P.G. Xerri; the applicant", ["A. van Beuren", "P.G. Xerri"]),
        ("Before WICKES, HILL, and TUNDER, Circuit Judges. The appellant", ["WICKES", "HILL", "TUNDER"]),
        ("He was convicted before His Honour Judge Onions, the appellant said.", ["Onions"]),
        ("The accused shot Marcus Topno. His widow, Salomi Topno, gave evidence.", ["Marcus Topno", "Salomi Topno"]),
        ("The plaintiff's decedent was Carl Lusk, Jr., of no fixed abode.", ["Carl Lusk, Jr."]),
        ("The appeal was argued by Stephen C. Glasser, counsel for the appellant", ["Stephen C. Glasser"]),
    ],
)  # fmt: skip
def test_a_decisions_people_are_found_by_their_whole_name(text: str, expected: list[str]) -> None:
    assert found(text, "PERSON") == expected


@pytest.mark.parametrize(
    "text",
    [
        "The learned Judge and the learned Magistrate heard the prosecution.",
        "The Division Bench allowed the writ petition of the company.",
        "The Investigating Officer, who is a witness, and the Manager of the company deposed.",
    ],
)
def test_posts_without_a_seat_or_name_stay(text: str) -> None:
    assert found(text) == []


def test_a_sentence_of_a_decision_is_known_by_one_strong_word() -> None:
    assert is_decision("P.W.4 stated that he saw them near the well.")
    assert not is_decision("The Tenant shall pay the Rent on the first day of each month.")


@pytest.mark.parametrize("piece", ["Magistrate ", "Sessions Judge, ", "P.S. ", "M/s A ", "Village ", "A Bank ", "Officer, B ", "X & Y School "])  # fmt: skip
def test_repeated_nouns_take_time_in_proportion_to_the_text(piece: str) -> None:
    text = "The court and the appellant. " + piece * (60_000 // len(piece))
    begin = time.process_time()
    RECOGNIZER.recognize(text)
    assert time.process_time() - begin < 25


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Heard on 11-12 June 2019 by the court", ["11-12 June 2019"]),
        ("Heard on 9 and 10 March 2016 by the court", ["9 and 10 March 2016"]),
        ("Hearing: May 2-4, 2017, the appellant", ["May 2-4, 2017"]),
        ("He worked there between 2012 and 2016.", ["2012", "2016"]),
        ("DATE: 20110811\nDOCKET: C51640\nThe appellant", ["20110811"]),
    ],
)
def test_days_of_hearing_are_found_whole(text: str, expected: list[str]) -> None:
    assert found(text, "DATE_TIME") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("On Monday Israel Cota and the accused were seen there.", ["Israel Cota"]),
        ("Elita B Desaulniers was called by the prosecution.", ["Elita B Desaulniers"]),
        ("The accused was seen by S.I. Ram Narain Tirkee.", ["Ram Narain Tirkee"]),
        ("The appeal was heard by Basten JA and the accused", ["Basten"]),
    ],
)
def test_a_name_ends_where_its_words_end(text: str, expected: list[str]) -> None:
    assert found(text, "PERSON") == expected


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("AMINA BELLO, JCA\nCHINWE OKORO, JCA\nThe appellants", "PERSON", ["AMINA BELLO", "CHINWE OKORO"]),
        ("PRESENT: The Honourable Mr. Justice Shore\nBETWEEN:\nThe applicant", "PERSON", ["Shore"]),
        ("PANEL: VANCE, GARDNER, and GABRIEL, JJ.\nThe appellant", "PERSON", ["VANCE", "GARDNER", "GABRIEL"]),
        ("I agree with Sze AJA. The ruling of Oyewole J. of the court stands.", "PERSON", ["Sze", "Oyewole"]),
        ("1. The petitioner is a resident of Shaniwar Peth - 411030.", "LOCATION", ["Shaniwar Peth - 411030"]),
        ("The applicant lives in Offenbach am Main.", "LOCATION", ["Offenbach am Main"]),
        ("He was shot at Kilcoo in Co Down, the court heard.", "LOCATION", ["Kilcoo", "Co Down"]),
        ("He died on FRIDAY, THE 17TH DAY OF MAY, 2013, the appellant said", "DATE_TIME", ["FRIDAY, THE 17TH DAY OF MAY, 2013"]),
        ("The accused was sent to the Lederwaren Obermoser GmbH & Co. KG", "ORGANIZATION", ["Lederwaren Obermoser GmbH & Co. KG"]),
        ("The petition was heard by the Family Court No. 1, Kotla.", "ORGANIZATION", ["Family Court No. 1, Kotla"]),
    ],
)  # fmt: skip
def test_judges_places_and_bodies_of_many_countries_are_found_whole(text: str, kind: str, expected: list[str]) -> None:
    assert found(text, kind) == expected


@pytest.mark.parametrize("text", ["CRLA No. 412 of 1996 is allowed.", "(1989) 1 NWLR 305", "[2014] NIQB 83"])
def test_dockets_and_law_reports_are_nobodys_names(text: str) -> None:
    assert found(text, "PERSON", "ORGANIZATION") == []


def test_a_clause_of_a_contract_is_read_as_before() -> None:
    clause = "The Borrower shall pay the Bank at its Main Street office on the first Business Day of each month."
    assert not is_decision(clause)
    assert "Bank" not in " ".join(found(clause))


def test_a_person_called_after_a_hill_is_a_person() -> None:
    assert "Fletcher Hill" in found(">Fletcher Hill\n>Ussearch", "PERSON")
    assert found("The accused met Fletcher Hill there.", "PERSON") == ["Fletcher Hill"]


@pytest.mark.parametrize("person", ["Anna Petrov", "Quillfeather"])
def test_who_is_of_a_company_is_a_person_beside_it(person: str) -> None:
    text = f"Mrs {person} of Larkhill (Jersey) Limited said so"
    assert (found(text, "PERSON"), found(text, "ORGANIZATION")) == ([person], ["Larkhill (Jersey) Limited"])
