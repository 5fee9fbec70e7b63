"""A search that does not look at every row finds what one that does would find."""

import random
from collections.abc import Iterable

import pytest

from agentkit.adapters.memory import choosing, stages
from agentkit.adapters.memory.engine import Engine, Part, whole
from agentkit.adapters.memory.segment import build
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


def engine(documents: dict[str, list[Entry]], *, parts: int = 1) -> Engine:
    rows = list(documents.items())
    size = -(-len(rows) // parts)
    return Engine([whole(build(rows[first : first + size])) for first in range(0, len(rows), size)])


def hits(made: Engine, query: str, principal: Principal | None = BOTH) -> list[tuple[str, float]]:
    return [(hit.entry.id, round(hit.ranked.score, 4)) for hit in made.search(query, top_k=10, principal=principal)]


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a thousand rows searched as a million are."""
    monkeypatch.setattr(choosing, "_LARGE", 100)
    monkeypatch.setattr(choosing, "_COMMON", 0.15)
    monkeypatch.setattr(choosing, "_PROMISING", 120)
    monkeypatch.setattr(stages, "_ALL", 50)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("query", QUERIES)
def test_rows_that_cannot_win_are_left_out_and_none_that_could(query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = engine(library(60))
    found = hits(made, query)
    monkeypatch.setattr(choosing, "_PROMISING", 10**9)
    assert found == hits(made, query)
    assert len(found) == 10


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
def test_a_search_that_was_broken_off_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    made = engine(library(60))
    expected = hits(made, QUERIES[0])
    with monkeypatch.context() as broken:
        broken.setattr(choosing, "_LIKELY", "none")
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
