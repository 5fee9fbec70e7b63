"""Passages made of a question's own words do not crowd out what answers it."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit import agents
from agentkit.adapters.memory.retriever import Bm25Retriever
from agentkit.retrieving import make_retriever
from agentkit.text.crowding import informative
from agentkit.types import Passage

QUESTION = "How can the lease of the warehouse be terminated?"
CLAUSE = "12. Either party may end this agreement for the warehouse by giving sixty days' written notice."


def passage(number: int, text: str, *, source: int = 0) -> Passage:
    return Passage(id=f"p{number}", text=text, source=source, start=number * 10_000, end=number * 10_000 + len(text))


def stuffed(number: int) -> str:
    words = QUESTION.rstrip("?").lower().split()
    random.Random(number).shuffle(words)
    about = " ".join(words)
    return f"General remarks {number}: {about}; {QUESTION} {QUESTION}" + f" See also {about}, as stated." * 4


def texts(passages: Sequence[Passage]) -> list[str]:
    return [one.text for one in passages]


@pytest.mark.parametrize("copies", [15, 30])
async def test_thirty_passages_of_the_questions_words_leave_the_clause_its_place(copies: int) -> None:
    swamp = [passage(number, stuffed(number), source=1) for number in range(copies)]
    rest = [
        passage(100 + n, f"{n}. The warehouse door number {n} is painted each year by the owner.") for n in range(9)
    ]
    passages = [*swamp, *rest, passage(200, CLAUSE)]
    search = Bm25Retriever(lambda: passages)
    found = await agents.retrieve(QUESTION, passages, retriever=search, top_k=5)
    assert CLAUSE in texts(found)
    assert not {one.id for one in found} & {one.id for one in swamp}
    assert len(found) == 5


async def test_a_model_that_reads_everything_is_shown_no_echo_of_its_question() -> None:
    passages = [passage(1, stuffed(1)), passage(2, CLAUSE), passage(3, stuffed(2))]
    assert texts(await agents.retrieve(QUESTION, passages, retriever=None, top_k=None)) == [CLAUSE]


async def test_a_summary_reads_every_passage() -> None:
    passages = [passage(1, stuffed(1)), passage(2, CLAUSE)]
    assert await agents.retrieve("", passages, retriever=None, top_k=None) == passages


def test_a_question_with_its_answer_beside_it_stays() -> None:
    answered = f"{QUESTION} By sixty days' notice to the other party."
    other = f"{QUESTION} By ninety days' notice, sent by registered letter to the seat of the landlord."
    assert informative(QUESTION, [answered, other, CLAUSE], str) == [answered, other, CLAUSE]


def test_copies_that_say_the_question_once_get_one_place() -> None:
    tail = " This remark is of a general nature and is found in many places of the file"
    copies = [f"{QUESTION}{tail} {word}." for word in ("here", "there", "below")]
    assert informative(QUESTION, [*copies, CLAUSE], str) == [copies[0], CLAUSE]


def test_rows_that_differ_in_their_numbers_all_stay() -> None:
    rows = [f"{QUESTION} In year {year} by notice of {days} days." for year, days in ((1, 30), (2, 60), (3, 90))]
    assert informative(QUESTION, rows, str) == rows


async def test_where_nothing_else_is_found_the_echo_stays() -> None:
    passages = [passage(1, stuffed(1)), passage(2, stuffed(2))]
    assert await agents.retrieve(QUESTION, passages, retriever=None, top_k=None) == passages
    assert len(await agents.retrieve(QUESTION, passages, retriever=make_retriever(lambda: passages), top_k=1)) == 1


async def test_passages_behind_a_crowd_come_in_the_order_of_their_rank() -> None:
    swamp = [passage(number, stuffed(number), source=1) for number in range(15)]
    rest = [
        passage(100 + n, f"{n}. The warehouse door number {n} is painted each year by the owner.") for n in range(9)
    ]
    passages = [*rest, passage(200, CLAUSE), *swamp]
    found = await agents.retrieve(QUESTION, passages, retriever=make_retriever(lambda: passages), top_k=3)
    alone = await agents.retrieve(QUESTION, passages[:10], retriever=make_retriever(lambda: passages[:10]), top_k=3)
    assert texts(found) == texts(alone)


@given(st.text(), st.lists(st.text()))
def test_what_is_kept_is_some_of_what_was_given_in_its_order(question: str, given_texts: list[str]) -> None:
    rest = iter(given_texts)
    assert all(any(one == other for other in rest) for one in informative(question, given_texts, str))
