"""Which questions may share an answer: never one that asks for something else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agentkit.wrappers.cache_questions import form_of

FILES = sorted((Path(__file__).parents[2] / "benchmarks").glob("cache_pairs*.txt"))
# How many paraphrases of each file must at least be recognised.
RECALL = {"cache_pairs.txt": 72, "cache_pairs_blind.txt": 19, "cache_pairs_traps.txt": 35}
NAMES = ["the landlord", "the tenant", "Acme", "Borealis", "<PERSON_1>", "<PERSON_2>", "the bank", "the guarantor"]
VERBS = [
    ("pay", "paid"),
    ("notify", "notified"),
    ("sue", "sued"),
    ("appoint", "appointed"),
    ("indemnify", "indemnified"),
]
MODALS = ["must", "may", "should", "can", "could"]


def pairs(sign: str) -> Iterator[tuple[str, str, str]]:
    for path in FILES:
        for line in path.read_text("utf-8").splitlines():
            if line.startswith(sign):
                words = line[1:] if sign == "+" else line.split(":", 1)[1]
                one, two = words.split(" | ")
                yield path.name, one.strip(), two.strip()


def same(one: str, two: str) -> bool:
    return bool(form_of(one).clauses) and form_of(one) == form_of(two)


def test_there_are_pairs_to_compare() -> None:
    assert {name for name, _, _ in pairs("+")} == set(RECALL)
    assert len(list(pairs("-"))) > 150


@pytest.mark.parametrize(("name", "one", "two"), list(pairs("-")))
def test_a_near_miss_shares_no_answer(name: str, one: str, two: str) -> None:
    assert not same(one, two)


@pytest.mark.parametrize("name", RECALL)
def test_most_paraphrases_share_an_answer(name: str) -> None:
    assert sum(same(one, two) for file, one, two in pairs("+") if file == name) >= RECALL[name]


both = st.lists(st.sampled_from(NAMES), min_size=2, max_size=2, unique=True)


@given(both, st.sampled_from(VERBS))
def test_active_and_passive_agree_and_roles_never_change_places(names: list[str], verb: tuple[str, str]) -> None:
    one, two = names
    act, done = verb
    active, passive = f"Did {one} {act} {two}?", f"Was {two} {done} by {one}?"
    assert same(active, passive)
    for other in (f"Did {two} {act} {one}?", f"Was {one} {done} by {two}?"):
        assert not same(active, other)
        assert not same(passive, other)


@given(both, st.sampled_from(VERBS))
def test_who_acts_is_not_who_is_acted_upon(names: list[str], verb: tuple[str, str]) -> None:
    one, (act, done) = names[0], verb
    asked = [f"Who did {one} {act}?", f"Who was {done} by {one}?"]
    acting = [f"Who {done} {one}?", f"By whom was {one} {done}?"]
    assert same(*asked)
    assert same(*acting)
    assert not any(same(left, right) for left in asked for right in acting)


@given(both, st.sampled_from(VERBS), st.sampled_from(MODALS), st.sampled_from(MODALS))
def test_modal_verbs_and_negation_are_never_lost(
    names: list[str], verb: tuple[str, str], modal: str, other: str
) -> None:
    question = f"{modal} {names[0]} {verb[0]} {names[1]}?"
    assert not same(question, f"{modal} {names[0]} not {verb[0]} {names[1]}?")
    if {modal, other} != {"may", "can"}:
        assert same(question, f"{other} {names[0]} {verb[0]} {names[1]}?") is (modal == other)


@given(
    st.integers(0, 10**9), st.integers(0, 10**9), st.sampled_from(["clause {}", "{} days", "${}", "{}%", "{} shares"])
)
def test_numbers_are_never_lost(one: int, two: int, shape: str) -> None:
    assume(one != two)
    question = "Does the tenant know what {} means?"
    assert not same(question.format(shape.format(one)), question.format(shape.format(two)))


@given(st.integers(1, 28), st.integers(1, 12), st.integers(1990, 2040))
def test_dates_are_compared_as_dates(day: int, month: int, year: int) -> None:
    name = "January February March April May June July August September October November December".split()[month - 1]
    asked = [f"Is notice due before {day} {name} {year}?", f"Is notice due prior to {name} {day}, {year}?"]
    assert same(*asked)
    assert same(asked[0], f"Is notice due before {year}-{month:02}-{day:02}?")
    assert not same(asked[0], f"Is notice due before {day} {name} {year + 1}?")


@given(st.sampled_from([one for _, one, _ in pairs("+") if not one.isupper()]))
def test_politeness_changes_nothing(question: str) -> None:
    assert form_of(f"Please: {question}") == form_of(question) == form_of(f"Hello, {question.rstrip('?')} please?")


@given(st.text(max_size=200))
def test_any_text_has_a_form_or_none(text: str) -> None:
    assert form_of(text) == form_of(text)


@given(
    st.lists(
        st.sampled_from(
            "who what which how much is the a 's of by to tenant paid not may A , ? by 7 (a) do has".split()
        )
    )
)
def test_any_order_of_words_has_a_form_or_none(words: list[str]) -> None:
    form = form_of(" ".join(words))
    assert all(clause for clause in form.clauses)


@pytest.mark.parametrize("text", ["", "   ", "x" * 601, "Is 5 > 4?", "a@b.example", "Is α ≤ β?"])
def test_a_question_that_cannot_be_compared_has_no_form(text: str) -> None:
    assert form_of(text).clauses == ()
