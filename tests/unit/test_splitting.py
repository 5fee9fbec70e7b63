"""Documents to passages."""

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agentkit.reading import read_document
from agentkit.text.splitting import split_document
from agentkit.text.structure import find_sections
from agentkit.types import Document, Passage

CLAUSE = "The Tenant shall keep the premises in good repair and shall not alter them without consent. "


def document(text: str, **spans: list[tuple[int, int]]) -> Document:
    return Document(3, "a.txt", "text/plain", "", text, sections=find_sections(text), **spans)  # type: ignore[arg-type]


def split(text: str, max_chars: int = 1200) -> list[Passage]:
    return split_document(document(text), max_chars=max_chars)


def test_passages_stay_inside_clauses_and_say_where_they_are() -> None:
    clauses = [f"1. Repair. {CLAUSE * 2}", f"2. Rent. {CLAUSE * 3}", f"2.1 Interest. {CLAUSE * 2}"]
    text = "\n\n".join(["LEASE", "Made today by A and B.", *clauses])
    found = split(text)
    assert [(p.locator, p.kind) for p in found[-3:]] == [("§ 1", "body"), ("§ 2", "body"), ("§ 2.1", "body")]
    assert found[-1].section == "LEASE > 2 Rent > 2.1 Interest"
    assert [p.id for p in found] == [f"d3p{n}" for n in range(len(found))]
    assert all(p.source == 3 and p.page is None for p in found)


def test_the_items_of_a_clause_share_a_passage_where_they_fit() -> None:
    items = "(a) pay the rent;\n\n(b) clean the stairs; and\n\n(c) leave."
    text = f"1. Duties. The Tenant shall:\n\n{items}\n\n2. Rent. {CLAUSE}"
    first, second = split(text)
    assert first.text.endswith("(c) leave.")
    assert first.locator == "§ 1"
    assert second.locator == "§ 2"


def test_a_long_clause_is_cut_between_sentences() -> None:
    found = split("1. Repair. " + CLAUSE * 40, max_chars=500)
    assert len(found) > 5
    assert all(p.text.endswith("consent.") and p.locator == "§ 1" for p in found)


def test_a_sentence_that_is_too_long_alone_is_cut_at_a_soft_place() -> None:
    found = split("The Tenant shall pay for " + "light, heat and water; " * 200, max_chars=400)
    assert all(len(p.text) <= 400 for p in found)
    assert all(p.text.endswith(";") for p in found[:-1])


def test_headings_definitions_tables_and_footnotes_have_their_kinds() -> None:
    body = "ARTICLE 1\nWORDS\n\n1.1 Meaning. In this lease:\n\n“Rent” means GBP 5 a month.\n\n"
    body += "Item | Sum\nRent | 5\n\n[1] A note on sums."
    table, note = body.index("Item |"), body.index("[1]")
    found = split_document(document(body, tables=[(table, note - 2)], footnotes=[(note, len(body))]))
    assert [(p.kind, p.text.split("\n")[0]) for p in found] == [
        ("heading", "ARTICLE 1"),
        ("body", "1.1 Meaning. In this lease:"),
        ("definition", "“Rent” means GBP 5 a month."),
        ("table", "Item | Sum"),
        ("footnote", "[1] A note on sums."),
    ]


PIECES = st.sampled_from(
    [
        "1. Term. It is five years.", "2. Rent", "2.1 Interest. Late rent bears interest.", "(a) pay;", "(b) clean;",
        "(i) both.", "Schedule 1", "ARTICLE II", "DEFINITIONS", "“Fee” means money.", CLAUSE, CLAUSE * 9, "x" * 300,
        "naïve 😀 ש״ח", "", " ", "Rent ....... 5", "IN WITNESS WHEREOF signed", "By: A", "Name: B",
    ]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.one_of(PIECES, st.text(max_size=30)), max_size=20),
    st.sampled_from([" ", "\n", "\n\n"]),
    st.integers(100, 600),
)
@example(["12.3 Insurance. The Tenant shall insure."], " ", 100)
def test_passages_tile_the_text_exactly(pieces: list[str], separator: str, max_chars: int) -> None:
    text = separator.join(pieces)
    found = split(text, max_chars)
    position = 0
    for passage in found:
        assert passage.text == text[passage.start : passage.end]
        assert passage.text.strip() == passage.text != ""
        assert len(passage.text) <= max_chars
        assert not text[position : passage.start].strip()
        position = passage.end
    assert not text[position:].strip()


KINDS_OF_PAPER = {
    "contract.md": (
        "# Supply Agreement\n\nWHEREAS\n\n(A) The Supplier makes pumps.\n\n(B) The Buyer wants pumps.\n\n"
        '## 1. Definitions\n\n1.1 "Permitted Use" means use in mines.\n\n## Schedule 1\n\nGoods\n\n'
        "| Pump | Price |\n|---|---|\n| A | 900 |\n",
        [("body", "WHEREAS"), ("definition", "§ 1.1"), ("table", "Schedule 1")],
    ),
    "judgment.txt": (
        "IN THE COURT OF APPEAL\n\nSmith v Jones [2019] EWCA Civ 12\n\n1. This is an appeal against an order.\n\n"
        "2. The appellant is a tenant in Leeds.\n\n3. I would dismiss the appeal.\n",
        [("body", "§ 1"), ("body", "§ 2"), ("body", "§ 3")],
    ),
    "statute.txt": (
        "Rent Act 2020\n\nPART I\nPRELIMINARY\n\n1 Short title\n\n(1) This Act may be cited as the Rent Act 2020.\n\n"
        '2 Interpretation\n\nIn this Act "premises" means a building.\n\nSCHEDULE 1\nFORMS\n\n1 In writing.\n',
        [("body", "§ 1(1)"), ("body", "§ 2"), ("body", "Schedule 1")],
    ),
}


@pytest.mark.parametrize("name", KINDS_OF_PAPER)
def test_contracts_judgments_and_statutes_are_cut_at_their_own_parts(tmp_path: Path, name: str) -> None:
    text, expected = KINDS_OF_PAPER[name]
    (tmp_path / name).write_text(text, encoding="utf-8")
    passages = split_document(read_document(tmp_path / name, index=0))
    found = {(passage.kind, passage.locator) for passage in passages}
    assert found.issuperset(expected)
