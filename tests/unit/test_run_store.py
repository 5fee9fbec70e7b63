import re
import time
import zlib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.agents.redactor import redact
from agentkit.errors import AgentKitError, RunNotFoundError, UsageError
from agentkit.privacy import DEFAULT_REDACT, EmbeddedRecognizer, Policy, redact_text
from agentkit.privacy.keys import load_key
from agentkit.privacy.placeholders import shapes
from agentkit.privacy.sealed import seal
from agentkit.records.run_store import FileRunStore, in_memory
from agentkit.text.spans import to_source
from agentkit.types import Citation, Document, Entity, Page, Passage, SafePassage, Section

RECOGNIZER = EmbeddedRecognizer()
LEASE = (
    "This Lease is made between Jane Q. Whitfield, an individual residing at 14 Elm Street, Springfield, Illinois "
    "62704, "
    "and Acme Holdings LLC.\n1. RENT\nMs. Whitfield shall pay $900 on the first day of each month to jane@acme.com. "
    "Whitfield v. Acme, 12 F.3d 4 (1999), is overruled."
)


def document(text: str, index: int = 0) -> Document:
    return Document(index, f"{index}.txt", "text/plain", "0" * 64, text)


def passage(text: str, start: int, end: int, index: int = 0, number: int = 0) -> Passage:
    return Passage(f"d{index}p{number}", index, start, end, text[start:end])


async def filled(
    texts: list[str], *, home: Path | None = None, matter: str = "", keep: tuple[str, ...] = ()
) -> FileRunStore:
    store = FileRunStore.create(home, run_id="r1", matter=matter, question="", paths=["a.txt"])
    documents = [document(text, index) for index, text in enumerate(texts)]
    store.set_documents(documents, [passage(text, 0, len(text), index) for index, text in enumerate(texts)])
    store.set_entities(await redact(documents, recognizer=RECOGNIZER, redact=DEFAULT_REDACT, keep=keep))
    return store


async def test_names_become_placeholders_and_case_names_terms_and_parties_stay() -> None:
    store = await filled([LEASE])
    (safe,) = store.safe(["d0p0"])
    assert "between <PERSON_1>, an individual residing at <STREET_ADDRESS_1>" in safe.text
    assert "Ms. <PERSON_1> shall pay $900" in safe.text
    assert "Acme Holdings LLC" in safe.text
    assert "Whitfield v. Acme" in safe.text
    assert "jane@acme.com" not in safe.text
    assert store.restore("<PERSON_1> pays.") == "Jane Q. Whitfield pays."


async def test_a_name_found_in_one_document_is_replaced_in_all_with_the_same_number() -> None:
    store = await filled(["Signed by Xenia Qorvath.", "the consent of Xenia   Qorvath and of QORVATH was given."])
    first, second = store.safe(["d0p0", "d1p0"])
    assert first.text == "Signed by <PERSON_1>."
    assert "the consent of <PERSON_1> and" in second.text


async def test_what_the_user_keeps_is_not_replaced() -> None:
    store = await filled([LEASE], keep=("jane q. whitfield", "EMAIL_ADDRESS"))
    (safe,) = store.safe(["d0p0"])
    assert "Jane Q. Whitfield" in safe.text
    assert "Ms. Whitfield shall" in safe.text
    assert "jane@acme.com" in safe.text
    assert "14 Elm Street" not in safe.text


async def test_headings_are_redacted_like_their_text() -> None:
    store = in_memory()
    text = "Services of Jane Q. Whitfield"
    store.set_documents([document(text)], [Passage("d0p0", 0, 0, 8, text[:8], section=text, locator=text)])
    store.set_entities({0: [Entity("PERSON", 12, len(text), 1.0)]})
    (safe,) = store.safe(["d0p0"])
    assert (safe.section, safe.locator) == ("Services of <PERSON_1>", "Services of <PERSON_1>")


def test_a_passage_that_was_not_redacted_is_shown_to_nobody() -> None:
    store = in_memory()
    store.set_documents([document("Jane")], [passage("Jane", 0, 4)])
    with pytest.raises(AgentKitError, match="not redacted"):
        store.safe(["d0p0"])
    with pytest.raises(AgentKitError, match="unknown"):
        store.safe(["d9p9"])


def test_an_entity_across_the_edge_of_a_passage_is_replaced_on_both_sides() -> None:
    text = "to Jane Whitfield now"
    store = in_memory()
    store.set_documents([document(text)], [passage(text, 0, 7), passage(text, 7, len(text), number=1)])
    store.set_entities({0: [Entity("PERSON", 3, 17, 1.0)]})
    first, second = store.safe(["d0p0", "d0p1"])
    assert (first.text, second.text) == ("to <PERSON_1>", "<PERSON_1> now")
    assert to_source(second, 0, 10) == (7, 17)


def test_a_forged_placeholder_in_the_source_stays_what_it_was() -> None:
    text = "Pay <PERSON_1> and <person_1 > for Jane Whitfield."
    store = in_memory()
    store.set_documents([document(text)], [passage(text, 0, len(text))])
    store.set_entities({0: [Entity("PERSON", 35, 49, 1.0)]})
    (safe,) = store.safe(["d0p0"])
    assert safe.text == "Pay <LITERAL_1> and <LITERAL_2> for <PERSON_1>."
    assert store.restore(safe.text) == text
    assert store.vault.counts() == {"PERSON": 1}


async def test_a_question_is_redacted_with_the_numbers_of_the_documents_and_twice_is_once() -> None:
    store = await filled([LEASE])
    once = store.safe_text("What must Whitfield pay, and who is bob@example.com to <PERSON_1>?")
    assert once == "What must <PERSON_1> pay, and who is <EMAIL_ADDRESS_2> to <PERSON_1>?"
    assert store.safe_text(once) == once


async def test_a_run_continues_in_another_process_and_disappears_when_finished(tmp_path: Path) -> None:
    store = await filled([LEASE], home=tmp_path)
    store.quarantine(["d0p0"])
    store.save()
    (file,) = (tmp_path / "runs").iterdir()
    assert b"Whitfield" not in file.read_bytes()
    again = FileRunStore.load(tmp_path, "r1")
    assert again.safe(["d0p0"]) == store.safe(["d0p0"])
    assert again.safe(["d0p0"])[0].quarantined
    assert again.documents() == store.documents()
    assert again.paths == ["a.txt"]
    again.delete()
    with pytest.raises(RunNotFoundError, match="r1"):
        FileRunStore.load(tmp_path, "r1")


async def test_a_named_matter_outlives_its_runs(tmp_path: Path) -> None:
    (await filled(["Signed by Xenia Qorvath."], home=tmp_path, matter="lease")).delete()
    store = await filled(["Signed by Ann Poe. Attention: Xenia Qorvath"], home=tmp_path, matter="lease")
    assert store.safe(["d0p0"])[0].text == "Signed by <PERSON_2>. Attention: <PERSON_1>"


def test_a_stored_run_that_was_changed_or_renamed_is_refused(tmp_path: Path) -> None:
    store = FileRunStore.create(tmp_path, run_id="r1", matter="", question="q", paths=[])
    store.save()
    (tmp_path / "runs/r1.run").rename(tmp_path / "runs/r2.run")
    with pytest.raises(RunNotFoundError, match="cannot be continued"):
        FileRunStore.load(tmp_path, "r2")
    with pytest.raises(RunNotFoundError, match="no run"):
        FileRunStore.load(tmp_path, "../r2")


def test_every_kind_of_structure_survives_saving(tmp_path: Path) -> None:
    store = FileRunStore.create(tmp_path, run_id="r1", matter="", question="Wer? 😀", paths=["ü"])
    text = "1. Term\nx"
    whole = Document(
        0, "a", "m", "s", text, "t", [Page(1, 0, 9)], [Section("1", "Term", 1, 0, 7, 9)], [(0, 1)], [(1, 2)], [], ["w."]
    )
    store.set_documents([whole], [passage(text, 0, 9)])
    store.save()
    again = FileRunStore.load(tmp_path, "r1")
    assert again.documents() == [whole]
    assert again.question == store.question


def test_passages_of_a_foreign_retriever_find_their_place_or_become_sources() -> None:
    text = "Rent is due. Notice is short."
    store = in_memory()
    known = passage(text, 0, 12)
    store.set_documents([document(text)], [known])
    inside = Passage("x", 0, 13, 29, text[13:])
    foreign = Passage("node-7", 5, 100, 113, "Quiet enjoyment")
    adopted = store.adopt([known, inside, foreign, foreign])
    assert adopted[0] == known
    assert (adopted[1].source, adopted[1].id) == (0, "d0p1")
    assert adopted[2] == adopted[3] == Passage("d1p0", 1, 0, 15, "Quiet enjoyment")
    assert [item.text for item in store.documents()] == [text, "Quiet enjoyment"]
    store.set_entities({0: [], 1: []})
    assert [item.text for item in store.safe([item.id for item in adopted])] == [item.text for item in adopted]


def test_a_quote_is_the_exact_text_and_a_span_outside_is_a_fault() -> None:
    store = in_memory()
    store.set_documents([document("Rent is due.")], [])
    assert store.quote(Citation(0, 0, 4, "d0p0")) == "Rent"
    for citation in (Citation(0, 5, 50, "d0p0"), Citation(3, 0, 1, "d3p0")):
        with pytest.raises(AgentKitError, match="outside"):
            store.quote(citation)


def restored(safe: SafePassage, text: str) -> str:
    parts, position = [], 0
    for item in safe.replacements:
        parts += [safe.text[position : item.start], text[item.source_start : item.source_end]]
        position = item.end
    return "".join([*parts, safe.text[position:]])


def luhn_complete(digits: str) -> str:
    total = sum(sum(divmod(2 * int(c), 10)) if i % 2 == 0 else int(c) for i, c in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def iban(digits: str) -> str:
    return f"DE{98 - int(digits + '131400') % 97:02}{digits}"


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length, max_size=length)


PLANTS = st.one_of(
    st.builds("{}@ex-ample.com".format, st.from_regex(r"[a-z]{2,8}\.[a-z]{2,8}", fullmatch=True)),
    st.builds("+44 20 7{} {}".format, digits(3), digits(4)),
    st.builds("({}) 555-{}".format, st.sampled_from(["212", "415"]), digits(4)),
    st.builds("{}-{}-{}".format, st.integers(100, 665), st.integers(10, 99), st.integers(1000, 9999)),
    digits(18).map(iban),
    digits(14).map(lambda tail: luhn_complete("4" + tail)),
    st.sampled_from(["Jane Whitfield", "Rajesh Mukherjee", "Søren Kovács", "J. R. Whitfield"]),
)  # fmt: skip
FILLER = st.sampled_from(
    [
        "The Tenant shall pay rent of $900 to ",
        "\n2. NOTICE\nNotice is given to ",
        ", and ",
        " within 30 days; copy to ",
        " <PERSON_1> ",
        " < PERSON 2 > & ",
    ]
)


@given(st.lists(st.tuples(FILLER, PLANTS), min_size=1, max_size=6), st.integers(10, 60))
async def test_no_planted_original_survives_and_all_comes_back(parts: list[tuple[str, str]], size: int) -> None:
    text = "".join(f"{filler}{plant}. " for filler, plant in parts) + "So agreed."
    source = document(text)
    store = in_memory(policy=Policy(RECOGNIZER))
    cuts = [*range(0, len(text), size), len(text)]
    passages = [passage(text, a, b, number=n) for n, (a, b) in enumerate(pairwise(cuts)) if a < b]
    store.set_documents([source], [*passages, passage(text, 0, len(text), number=9999)])
    found = await redact([source], recognizer=RECOGNIZER, redact=DEFAULT_REDACT, keep=[])
    store.set_entities(found)
    for left, right in pairwise(found[0]):
        assert left.end <= right.start
    for safe in store.safe([item.id for item in store.passages()]):
        original = text[safe.start : safe.end]
        for _, plant in parts:
            assert plant not in safe.text
        assert restored(safe, text) == original
        assert all(store.vault.knows(kind, number) for _, _, kind, number in shapes(safe.text))
        for item in safe.replacements:
            assert to_source(safe, item.start, item.end) == (item.source_start, item.source_end)
        start, end = to_source(safe, 0, len(safe.text))
        assert text[start:end] == original


def plain(text: str) -> str:
    return " ".join(text.casefold().split())


@given(st.text(st.sampled_from("<>&lt;gtPERSONperson_ 12\\ab@.\n"), max_size=60))
def test_any_text_with_forged_placeholders_comes_back(text: str) -> None:
    store = in_memory()
    store.set_documents([document(text)], [passage(text, 0, len(text))])
    store.set_entities({0: RECOGNIZER.recognize(text)})
    (safe,) = store.safe(["d0p0"])
    assert plain(store.restore(safe.text)) == plain(text)
    assert restored(safe, text) == text


async def test_what_is_replaced_in_a_document_is_told_by_span_and_new_entities_show_at_once() -> None:
    store = await filled([LEASE])
    originals = {LEASE[start:end]: placeholder for start, end, placeholder in store.spans(0)}
    assert originals["Jane Q. Whitfield"] == originals["Whitfield"] == "<PERSON_1>"
    assert store.safe(["d0p0"])[0].text.startswith("This Lease")
    store.set_entities({0: [Entity("PERSON", 0, 4, 1.0)]})
    assert store.safe(["d0p0"])[0].text.startswith("<PERSON_2> Lease is made between Jane")
    with pytest.raises(AgentKitError, match="redacted"):
        store.spans(7)


async def test_judges_and_cases_stay_unless_the_person_stands_elsewhere() -> None:
    text = "Priya Nair appealed. In Nair v. Nair, Justice Rohinton Nariman spoke; Cardozo, J. and Nariman agreed."
    (safe,) = (await filled([text])).safe(["d0p0"])
    assert safe.text.startswith("<PERSON_1> appealed. In Nair v. Nair, Justice Rohinton Nariman spoke; Cardozo, J.")


def test_a_second_look_at_a_foreign_passage_finds_the_same_source() -> None:
    store = in_memory()
    first = store.adopt([Passage("n1", 0, 0, 4, "Rent")])
    assert store.adopt([Passage("n1", 0, 0, 4, "Rent")]) == first
    assert store.run_id == "memory"
    assert store.matter == "memory"


def test_a_run_of_another_version_is_refused(tmp_path: Path) -> None:
    seal(tmp_path / "runs/r1.run", zlib.compress(b'{"version": 0}'), key=load_key(tmp_path), context="run:r1")
    with pytest.raises(RunNotFoundError, match="version"):
        FileRunStore.load(tmp_path, "r1")


def test_a_home_that_cannot_be_written_is_the_users_to_mend(tmp_path: Path) -> None:
    store = FileRunStore.create(tmp_path, run_id="r1", matter="", question="", paths=[])
    (tmp_path / "runs").write_text("in the way", encoding="utf-8")
    with pytest.raises(UsageError, match=r"r1\.run"):
        store.save()


def test_redact_text_reports_offsets_into_the_input() -> None:
    text = "Mail jane@acme.com, JANE@acme.com and <URL_1>."
    redacted, entities = redact_text(text, RECOGNIZER)
    assert redacted == "Mail <EMAIL_ADDRESS_1>, <EMAIL_ADDRESS_1> and <LITERAL_1>."
    assert [text[item["start"] : item["end"]] for item in entities] == ["jane@acme.com", "JANE@acme.com", "<URL_1>"]
    assert all(0 < item["score"] <= 1 for item in entities)


LETTER = (
    "Dear Odette Farrow,\n\nThe deposit of £900 was paid by Odette Farrow. Blake Wood Ltd holds it for Tim Blake.\n"
)


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        ("When did Mrs Farrow pay?", "When did Mrs <PERSON_1> pay?"),
        ("What did Farrow's landlord get?", "What did <PERSON_1>'s landlord get?"),
        ("did FARROW pay, or odette?", "did <PERSON_1> pay, or <PERSON_1>?"),
        ("What does Blake Wood Ltd hold?", "What does Blake Wood Ltd hold?"),
        ("How far did the sparrow go?", "How far did the sparrow go?"),
    ],
)
def test_a_part_of_a_known_name_in_a_question_is_that_person(question: str, shown: str) -> None:
    store = in_memory(question=question)
    document = Document(0, "letter.txt", "text/plain", "", LETTER)
    store.set_documents([document], [Passage("d0p0", 0, 0, len(LETTER), LETTER)])
    names = [(match.start(), match.end()) for match in re.finditer("Odette Farrow|Tim Blake", LETTER)]
    store.set_entities({0: [Entity("PERSON", start, end, 0.9) for start, end in names]})
    assert store.safe_text(question) == shown


def seconds_to_number(count: int, family: str) -> float:
    """Return the CPU time of giving each of so many people a placeholder, under as many headings."""
    names = [f"Ada{number} {family}{count + number}" for number in range(count)]
    text = "\n".join(f"{name} pays the rent." for name in names)
    starts = [text.index(f"{name} pays") for name in names]
    passages = [
        Passage(f"d0p{n}", 0, start, start + len(name), name, section=f"Part {n}")
        for n, (start, name) in enumerate(zip(starts, names, strict=True))
    ]
    entities = [Entity("PERSON", start, start + len(name), 0.9) for start, name in zip(starts, names, strict=True)]
    store = in_memory()
    store.set_documents([Document(0, "a.txt", "text/plain", "", text)], passages)
    begun = time.process_time()
    store.set_entities({0: entities})
    return time.process_time() - begun


def test_a_document_of_many_people_takes_time_in_proportion() -> None:
    # Each time other names: patterns that are compiled already would cost nothing.
    few, many = (min(seconds_to_number(count, family) for family in ("Roe", "Poe", "Moe")) for count in (400, 1600))
    assert many < 9 * few  # four times the people; in proportion to their square it would be 16
