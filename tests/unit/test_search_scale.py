"""A search that does not look at every row finds what one that does would find."""

import random
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.adapters.memory import choosing, stages
from agentkit.adapters.memory.engine import Engine, Part, whole
from agentkit.adapters.memory.postings import Rows, Scores
from agentkit.adapters.memory.segment import build
from agentkit.adapters.memory.weighing import Word, scored
from agentkit.indexed import Entry, Principal

RARE = "zeppelin hangar quarry lighthouse orchard brewery".split()
COMMON = "tenant landlord rent premises notice month insurance repair".split()
QUERIES = [
    "Who pays the rent of the zeppelin hangar?",
    "The tenant shall repair the quarry and the orchard.",
    "notice insurance month",
    "Consider the Lease of number 7; North: who insures the premises?",
    "What does section 12 say of the brewery?",
]
ONE, OTHER, BOTH = (Principal(matters=frozenset(matters)) for matters in ({"m0"}, {"m1"}, {"m0", "m1"}))


def library(count: int, *, seed: int = 5) -> dict[str, list[Entry]]:
    """Contracts of twenty passages of as many words, every other one of another matter."""
    chance = random.Random(seed)
    found: dict[str, list[Entry]] = {}
    for number in range(count):
        name = f"Lease of number {number}; {chance.choice(['North', 'South'])}"
        found[name] = []
        for place in range(20):
            words = [*chance.sample(COMMON, 4), *chance.choices([*RARE, *(f"word{k}" for k in range(60))], k=6)]
            chance.shuffle(words)
            text = f"{place + 1}. Clause {' '.join(words)}."
            found[name].append(
                Entry(
                    f"{number}#{place}", name, "", place * 200, place * 200 + len(text), text, matter=f"m{number % 2}"
                )
            )
    return found


@lru_cache
def shelf(seed: int) -> dict[str, list[Entry]]:
    """A library in which also the lengths of passages, and how often a word stands in one, differ."""
    chance, found = random.Random(seed), library(40, seed=seed)
    for group in found.values():
        for place, entry in enumerate(group):
            more = chance.choices([*COMMON, *RARE], k=chance.choice([0, 0, 1, 5, 40])) * chance.choice([1, 1, 3])
            text = f"{entry.text} {' '.join(more)}"
            group[place] = replace(entry, text=text if chance.random() < 0.9 else "Rent.", end=entry.start + len(text))
    return found


def engine(documents: dict[str, list[Entry]], *, parts: int = 1) -> Engine:
    rows = list(documents.items())
    size = -(-len(rows) // parts)
    return Engine([whole(build(rows[first : first + size])) for first in range(0, len(rows), size)])


def told(made: Engine, query: str, principal: Principal) -> list[tuple[str, dict[str, float]]]:
    return [(hit.entry.id, hit.ranked.parts) for hit in made.search(query, top_k=10, principal=principal)]


def hits(made: Engine, query: str, principal: Principal | None = BOTH) -> list[tuple[str, float]]:
    return [(hit.entry.id, round(hit.ranked.score, 4)) for hit in made.search(query, top_k=10, principal=principal)]


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a thousand rows searched as a million are."""
    as_large(monkeypatch)


def as_large(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(choosing, "_LARGE", 100)
    patch.setattr(choosing, "_COMMON", 0.15)
    patch.setattr(choosing, "_FIRST", 100)
    patch.setattr(choosing, "_SAMPLE", 10)
    patch.setattr(choosing, "_BLOCK", 2)
    patch.setattr(choosing, "_NEAR", 4)
    patch.setattr(stages, "_CANDIDATES", 20)
    patch.setattr(stages, "_ALL", 50)


WORDS = [*RARE, *COMMON, *(f"word{k}" for k in range(60)), "quasar", "lessor", "section 12", "section 3"]


@given(
    st.integers(0, 9),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=9),
    st.sampled_from(["", "Consider the Lease of number 7; North: what of ", "Under the Lease of South, who has "]),
    st.sampled_from([ONE, OTHER, BOTH]),
    st.sampled_from([1, 4]),
)
def test_rows_that_cannot_win_are_left_out_and_none_that_could(
    seed: int, words: list[str], head: str, principal: Principal, parts: int
) -> None:
    made, query = engine(shelf(seed), parts=parts), f"{head}{' '.join(words)}?"
    with pytest.MonkeyPatch.context() as patch:
        as_large(patch)
        found = told(made, query, principal)
        # Nothing is out of reach of the best: every row is scored by all words.
        patch.setattr(choosing, "_SLACK", np.float32(-1e9))
        assert found == told(made, query, principal)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("query", QUERIES)
def test_most_rows_are_not_scored_by_all_words(query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = list[int]()

    def counted(words: Sequence[Word], slots: Rows, shares: Scores) -> Scores:
        sizes.append(len(slots))
        return scored(words, slots, shares)

    monkeypatch.setattr(choosing, "scored", counted)
    made = engine(library(60))
    assert len(hits(made, query)) == 10
    assert sum(sizes) < 400


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("query", QUERIES)
def test_of_many_rows_one_sees_what_an_index_of_only_those_would_show(query: str) -> None:
    documents = library(60)
    mixed = engine(documents, parts=3)
    for principal in (ONE, OTHER):
        (matter,) = principal.matters
        alone = engine({name: group for name, group in documents.items() if group[0].matter == matter}, parts=3)
        assert hits(mixed, query, principal) == hits(alone, query, principal)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("query", QUERIES)
def test_it_makes_no_difference_in_how_many_segments_rows_are(query: str) -> None:
    documents = library(60)
    assert hits(engine(documents, parts=7), query) == hits(engine(documents), query)


@pytest.mark.usefixtures("large")
def test_one_search_leaves_nothing_behind_for_the_next() -> None:
    documents = library(60)
    made = engine(documents)
    first = [hits(made, query, principal) for principal in (BOTH, ONE) for query in QUERIES]
    again = [hits(made, query, principal) for principal in (BOTH, ONE) for query in QUERIES]
    assert (
        first == again == [hits(engine(documents), query, principal) for principal in (BOTH, ONE) for query in QUERIES]
    )


@pytest.mark.usefixtures("large")
def test_those_who_search_at_the_same_time_do_not_disturb_each_other() -> None:
    documents = library(60)
    asked = [(query, principal) for query in QUERIES for principal in (BOTH, ONE, OTHER)] * 6
    alone = engine(documents)
    expected = [hits(alone, *one) for one in asked]
    shared = engine(documents)
    with ThreadPoolExecutor(8) as pool:
        assert [*pool.map(lambda one: hits(shared, *one), asked)] == expected


@pytest.mark.usefixtures("large")
def test_a_search_that_was_broken_off_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    made = engine(library(60))
    expected = hits(made, QUERIES[0])
    with monkeypatch.context() as broken:
        broken.setattr(choosing, "scored", None)
        with pytest.raises(TypeError):
            hits(made, QUERIES[1])
    assert hits(made, QUERIES[0]) == expected


@pytest.mark.usefixtures("large")
def test_a_document_that_is_gone_changes_no_score() -> None:
    documents = library(60)
    names = list(documents)
    gone = [name for number, name in enumerate(names) if number % 3 == 0]
    part = whole(build(list(documents.items())))
    part.gone[[names.index(name) for name in gone]] = True
    left: Iterable[tuple[str, list[Entry]]] = ((name, group) for name, group in documents.items() if name not in gone)
    alone = engine(dict(left))
    for query in QUERIES:
        assert hits(Engine([Part(part.segment, part.gone)]), query) == hits(alone, query)
