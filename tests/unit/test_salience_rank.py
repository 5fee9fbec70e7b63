"""How much of a text a sentence stands for, against the definition of it."""

from math import log, sqrt

from hypothesis import assume, given
from hypothesis import strategies as st

from agentkit.legal.salience_rank import centrality, content

WORDS = "rent roof repair tenant landlord notice term fee court judge appeal".split()
SENTENCES = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join), min_size=1, max_size=30)
SAME = 0.75


def cosines(sentences: list[str]) -> list[list[float]]:
    bags = [{w: content(s).count(w) for w in dict.fromkeys(content(s))} for s in sentences]
    spread = {w: sum(w in bag for bag in bags) for bag in bags for w in bag}
    vectors = []
    for bag in bags:
        raw = {w: (1 + log(n)) * (1 + log((1 + len(bags)) / (1 + spread[w]))) for w, n in bag.items()}
        length = sqrt(sum(x * x for x in raw.values()))
        vectors.append({w: x / length for w, x in raw.items()})
    return [[sum(x * b.get(w, 0.0) for w, x in a.items()) for b in vectors] for a in vectors]


@given(SENTENCES)
def test_it_is_the_sum_of_squared_similarities_to_what_is_not_the_same_formula(sentences: list[str]) -> None:
    rows = cosines(sentences)
    assume(not any(abs(value - SAME) < 1e-9 for row in rows for value in row))
    expected = [1 + sum(value * value for value in row if value < SAME) for row in rows]
    mean = sum(expected) / len(expected)
    found = centrality(sentences)
    assert all(abs(a - b / mean) < 1e-9 for a, b in zip(found, expected, strict=True))


def test_a_sentence_said_many_times_is_worth_the_same_each_time() -> None:
    text = [
        "The tenant pays the rent.",
        "The roof needs repair.",
        "The tenant pays the rent.",
        "The tenant pays a fee.",
    ]
    found = centrality(text)
    assert found[0] == found[2]
    assert found[3] > found[1]
