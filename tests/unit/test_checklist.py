"""Checklists are read strictly, and the shipped ones find what they look for."""

from pathlib import Path

import pytest

from agentkit.errors import ConfigError
from agentkit.legal.answering import answer
from agentkit.legal.questions import understand
from agentkit.reading.checklist import SHIPPED, load_checklist, parse_checklist
from agentkit.types import ChecklistItem, SafePassage


@pytest.mark.parametrize(("name", "least"), [("commercial", 41), ("lease", 20), ("nda", 15)])
def test_the_shipped_lists_load_with_ids_of_their_own(name: str, least: int) -> None:
    items = load_checklist(name)
    assert len(items) >= least
    assert len({item.id for item in items}) == len(items)
    assert all(item.question or item.terms for item in items)


def test_every_question_of_the_commercial_list_means_one_clause() -> None:
    clauses = [understand(item.question) for item in load_checklist("commercial")]
    assert all(question.generic for question in clauses)
    assert len({question.clauses[0][0].id for question in clauses}) == len(clauses)


def test_items_may_be_names_questions_or_terms(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        'title: Mine\nitems:\n  - Insurance\n  - {name: Rent, question: "How much is the rent?"}\n'
        '  - name: "Rent!"\n    terms: [rent, "5"]\n  - {question: "Who pays?", id: payer}\n  - {terms: asbestos}\n',
        "utf-8",
    )
    assert load_checklist(path) == [
        ChecklistItem("insurance", "Insurance"),
        ChecklistItem("rent", "Rent", "How much is the rent?"),
        ChecklistItem("rent-2", "Rent!", terms=["rent", "5"]),
        ChecklistItem("payer", "Who pays?", "Who pays?"),
        ChecklistItem("asbestos", "asbestos", terms=["asbestos"]),
    ]


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("items:\n  - {name: Rent, qestion: What}\n", "did you mean `question`?", 2),
        ("tiems: []\n", "did you mean `items`?", 1),
        ("title: x\n", "needs `items`", 1),
        ("items: Rent\n", "are a list", 1),
        ("- Rent\n- [a, b]\n", "An item is a name", 2),
        ("- {question: ''}\n", "Text is expected", 1),
        ("- {}\n", "needs a `name`", 1),
        ("- {name: a, name: b}\n", "given twice", 1),
        ("- {name: a, terms: {b: c}}\n", "`terms` is a word", 1),
        ("- a\n- 'b\n", "not YAML", 3),
        ("items:\n  - Rent\n  - name: Term\n  - name: rent\n", "The name `rent` is that of the item in line 2", 4),
        ("[Rent, Rent]\n", "The name `Rent` is that of the item in line 1", 1),
        ("- {name: a, id: x}\n- {name: b, id: x}\n", "The id `x` is that of the item in line 1", 2),
        ("items:\n  - Rent\n  - name: 5\n", "put `5` in quotes", 3),
        ("- Rent\n- true\n", "put `true` in quotes", 2),
        ("- name: Rent\n  terms:\n    - rent\n    - 2024-01-01\n", "put `2024-01-01` in quotes", 4),
        ("[]\n", "no items", 1),
        ("", "no items", 1),
    ],
)
def test_a_faulty_checklist_is_refused_with_its_line(text: str, message: str, line: int) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_checklist(text, path="mine.yaml")
    assert message in str(caught.value)
    assert str(caught.value).startswith("mine.yaml:")
    assert caught.value.line == line


def test_a_misspelled_or_missing_list_is_named_with_what_is_near() -> None:
    with pytest.raises(ConfigError, match="Did you mean commercial"):
        load_checklist("comercial")
    with pytest.raises(ConfigError, match="Shipped lists: commercial, lease, nda"):
        load_checklist("no/such/file.yaml")
    assert SHIPPED == ("commercial", "lease", "nda")


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.yaml"
    path.write_bytes(b"\xff\xfe\x00- Rent")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_checklist(path)


def test_the_lease_list_tells_what_a_lease_holds_from_what_it_does_not() -> None:
    text = (
        "The rent is $900 a month. The Tenant shall pay a security deposit of $900. "
        "The Tenant shall not sublet the premises. The premises shall be used only as an office."
    )
    read = [SafePassage("d0p0", 0, 0, len(text), text)]
    found = {
        item.name: answer(item.question or item.name, read, terms=item.terms).answered
        for item in load_checklist("lease")
    }
    assert {name for name in ("Rent", "Deposit", "Subletting", "Permitted use") if found[name]} == {
        "Rent", "Deposit", "Subletting", "Permitted use",
    }  # fmt: skip
    assert not any(found[name] for name in ("Guarantee", "Insurance", "First refusal", "Governing law", "Renewal"))
