"""The rail policy on a graph of one's own: nothing crosses an edge unseen."""

import asyncio
import dataclasses
import datetime
from collections.abc import Callable, Sequence
from typing import Any, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, Send, interrupt
from pydantic import BaseModel, PrivateAttr

from agentkit.coverage import cover, unguarded
from agentkit.errors import RefusedError
from agentkit.guarding import ANY, WITHHELD, crossings_of, guard
from agentkit.policy import EdgeGuards, EdgeRule, RailPolicy
from agentkit.testing.fakes import MemoryRecord, WordRails
from agentkit.texts_in import UnreadableError, rebuilt, texts_in
from agentkit.types import RailReport, Stage


class Notes(TypedDict, total=False):
    question: str
    found: str
    answer: str


def _node(key: str, text: object) -> Callable[[Notes], dict[str, object]]:
    def write(state: Notes) -> dict[str, object]:
        return {key: text}

    return write


def _graph(*, found: object = "clause 4", answer: object = "Yes.") -> StateGraph[Notes, None, Notes, Notes]:
    graph = StateGraph(Notes)
    graph.add_node("search", _node("found", found))
    graph.add_node("write", _node("answer", answer))
    graph.add_edge(START, "search")
    graph.add_edge("search", "write")
    graph.add_edge("write", END)
    return graph


def _guards(policy: RailPolicy | None = None, record: MemoryRecord | None = None) -> EdgeGuards:
    return EdgeGuards(WordRails(), policy, record)


# --- on each edge


@pytest.mark.parametrize(
    ("graph", "question", "where"),
    [
        (_graph(), "input:bad", "search"),
        (_graph(found="output:bad"), "?", "search"),
        (_graph(answer="output:bad"), "?", "write"),
    ],
    ids=["from the user", "between agents", "to the user"],
)
async def test_a_guilty_text_does_not_cross(graph: Any, question: str, where: str) -> None:
    compiled = guard(graph, _guards()).compile()
    with pytest.raises(RefusedError, match=where):
        await compiled.ainvoke({"question": question})
    with pytest.raises(RefusedError, match=where):
        compiled.invoke({"question": question})


async def test_innocent_texts_cross_as_they_are() -> None:
    compiled = guard(_graph(), _guards()).compile()
    expected = {"question": "Who pays?", "found": "clause 4", "answer": "Yes."}
    assert await compiled.ainvoke({"question": "Who pays?"}) == expected
    assert compiled.invoke({"question": "Who pays?"}) == expected


async def test_what_a_tool_found_is_withheld_and_the_rest_goes_on() -> None:
    compiled = guard(_graph(found="retrieval:bad"), _guards(), tools=["search"]).compile()
    assert (await compiled.ainvoke({"question": "?"}))["found"] == WITHHELD


async def test_a_rail_that_rewrites_a_text_is_heeded() -> None:
    compiled = guard(_graph(answer="output:change"), _guards()).compile()
    assert (await compiled.ainvoke({"question": "?"}))["answer"] == "changed"


async def test_a_value_that_may_hide_text_is_not_let_through() -> None:
    with pytest.raises(RefusedError, match=r"could not check.*bytes"):
        await guard(_graph(found=b"abc"), _guards()).compile().ainvoke({"question": "?"})
    lenient = _guards(RailPolicy({"agent_to_agent": EdgeRule("output", "allow")}))
    assert (await guard(_graph(found=b"abc"), lenient).compile().ainvoke({"question": "?"}))["found"] == b"abc"


async def test_a_command_from_within_a_subgraph_is_looked_into() -> None:
    inside = StateGraph(Notes)
    inside.add_node("hand_over", lambda _: Command(graph=Command.PARENT, update={"found": "output:bad"}, goto="write"))
    inside.add_edge(START, "hand_over")
    outside = StateGraph(Notes)
    outside.add_node("crew", inside.compile(), destinations=("write",))
    outside.add_node("write", _node("answer", "Yes."))
    outside.add_edge(START, "crew")
    compiled = guard(outside, _guards()).compile()
    with pytest.raises(RefusedError, match="crosses at crew"):
        await compiled.ainvoke({"question": "?"})
    with pytest.raises(RefusedError, match="crosses at crew"):
        compiled.invoke({"question": "?"})


def _asking(question: str, *, nested: bool) -> Any:
    inside = StateGraph(Notes)
    inside.add_node("ask", lambda _: {"answer": interrupt({"ask": question})})
    inside.add_edge(START, "ask")
    if not nested:
        return guard(inside, _guards()).compile(checkpointer=InMemorySaver())
    outside = StateGraph(Notes)
    outside.add_node("crew", inside.compile())
    outside.add_edge(START, "crew")
    return guard(outside, _guards()).compile(checkpointer=InMemorySaver())


@pytest.mark.parametrize("nested", [False, True])
async def test_what_a_node_asks_the_user_is_checked_and_what_the_user_answers(*, nested: bool) -> None:
    config: RunnableConfig = {"configurable": {"thread_id": "1"}}
    with pytest.raises(RefusedError, match="held back what crosses"):
        await _asking("output:bad", nested=nested).ainvoke({"question": "?"}, config)
    compiled = _asking("output:change", nested=nested)
    asked = compiled.invoke({"question": "?"}, config)["__interrupt__"]
    assert [item.value for item in asked] == [{"ask": "changed"}]
    for answer in ({asked[0].id: "input:bad"}, "input:bad"):
        with pytest.raises(RefusedError, match="held back what crosses"):
            await compiled.ainvoke(Command(resume=answer), config)
    with pytest.raises(RefusedError, match="would rewrite"):
        compiled.invoke(Command(resume="input:change"), config)
    assert compiled.invoke(Command(resume="Yes."), config)["answer"] == "Yes."


# --- could not check


async def test_what_could_not_be_checked_is_blocked_unless_the_policy_says_otherwise() -> None:
    strict, lenient = _guards(), _guards(RailPolicy({"user_to_graph": EdgeRule("input", "allow")}))
    with pytest.raises(RefusedError):
        await guard(_graph(), strict).compile().ainvoke({"question": "input:unsure"})
    assert (await guard(_graph(), lenient).compile().ainvoke({"question": "input:unsure"}))["answer"] == "Yes."
    with pytest.raises(RefusedError):
        await guard(_graph(), lenient).compile().ainvoke({"question": "input:bad"})


async def test_each_verdict_is_recorded_with_its_edge_rail_and_reason() -> None:
    record = MemoryRecord()
    guards = EdgeGuards(WordRails(), None, record, clean=lambda text: text.replace("Ada", "<PERSON_1>"))
    await guards.at("document_to_passage").check("retrieval:bad Ada", stage="retrieval")
    await guards.at("user_to_graph").check("fine", stage="input")
    [event] = [fields for name, fields in record.events if name == "rail"]
    assert event["edge"] == "document_to_passage"
    assert event["rail"] == "word rail"
    assert event["action"] == "blocked"
    assert event["reason"] == "word: retrieval:bad <PERSON_1>"
    assert guards.counts() == {"document_to_passage": {"blocked": 1}, "user_to_graph": {"allowed": 1}}
    assert guards.counts() == {}


async def test_a_text_is_checked_once_in_a_run_unless_a_rail_could_not() -> None:
    rails = WordRails()
    guards = EdgeGuards(rails)
    for edge in ("model_to_agent", "agent_to_agent", "graph_to_user"):
        assert (await guards.at(edge).check("Rent is due.", stage="output")).allowed  # type: ignore[arg-type]
        assert not (await guards.at(edge).check("output:unsure", stage="output")).allowed  # type: ignore[arg-type]
    assert rails.asked.count("Rent is due.") == 1
    assert rails.asked.count("output:unsure") == 3


async def test_guards_that_live_long_forget_old_texts() -> None:
    rails = WordRails()
    guards = EdgeGuards(rails)
    edge = guards.at("user_to_graph")
    for text in ("first", "first"):
        await edge.check(text, stage="input")
    await edge.check_many([str(number) for number in range(20_000)], stage="input")
    await edge.check("19999", stage="input")
    await edge.check("first", stage="input")
    assert rails.asked.count("first") == 2
    assert rails.asked.count("19999") == 1


class _Yielding(WordRails):
    """Lets others run before each verdict."""

    async def check(self, text: str, /, *, stage: Stage, forbidden: Sequence[str] = ()) -> RailReport:
        await asyncio.sleep(0)
        return await super().check(text, stage=stage, forbidden=forbidden)


async def test_branches_that_check_the_same_texts_at_once_do_not_disturb_each_other() -> None:
    guards = EdgeGuards(_Yielding())
    texts = ["output:unsure", "fine"]
    both = await asyncio.gather(*(guards.check(texts, "agent_to_agent", ["Ada"]) for _ in range(2)))
    assert [[report.allowed for report in reports] for reports in both] == [[False, True], [False, True]]


async def test_an_edge_without_rails_says_so() -> None:
    guards = _guards(RailPolicy({"user_to_graph": EdgeRule(None)}))
    assert (await guards.at("user_to_graph").check("input:bad", stage="input")).allowed
    assert guards.counts() == {"user_to_graph": {"unguarded": 1}}


# --- coverage


def _uncovered(graph: Any) -> list[tuple[str, str]]:
    open_edges: list[tuple[str, str]] = []
    for crossing, guards in crossings_of(graph.compile()):
        found = cover(
            [crossing], rails=guards.rails if guards else WordRails(), policy=guards.policy if guards else RailPolicy()
        )
        open_edges += [(item.source, item.target) for item in unguarded(found)]
    return open_edges


def test_a_guarded_graph_is_covered_and_an_unguarded_one_is_not() -> None:
    assert _uncovered(guard(_graph(), _guards())) == []
    assert _uncovered(_graph()) == [("__start__", "search"), ("search", "write"), ("write", "__end__")]


def test_a_node_added_after_the_guard_is_found() -> None:
    graph = guard(_graph(), _guards())
    graph.add_node("leak", _node("found", "x"))
    graph.add_edge("search", "leak")
    graph.add_edge("leak", END)
    assert _uncovered(graph) == [("leak", "__end__")]


def test_an_edge_added_after_the_guard_is_found() -> None:
    graph = guard(_graph(), _guards())
    graph.add_edge("search", END)
    assert _uncovered(graph) == [("search", "__end__")]


def test_an_edge_whose_rails_are_switched_off_is_uncovered() -> None:
    graph = guard(_graph(), _guards(RailPolicy({"agent_to_agent": EdgeRule(None)})))
    assert _uncovered(graph) == [("search", "write")]


async def test_a_branch_that_names_no_ends_is_guarded_for_every_end() -> None:
    def route(state: Notes) -> str:
        return END if state["found"] == "output:bad" else "write"

    graph = StateGraph(Notes)
    graph.add_node("search", _node("found", "output:bad"))
    graph.add_node("write", _node("answer", "Yes."))
    graph.add_edge(START, "search")
    graph.add_conditional_edges("search", route)
    graph.add_edge("write", END)
    guarded = guard(graph, _guards())
    assert ("search", ANY) in {(crossing.source, crossing.target) for crossing, _ in crossings_of(guarded.compile())}
    with pytest.raises(RefusedError):
        await guarded.compile().ainvoke({"question": "?"})


async def test_a_command_is_looked_into() -> None:
    def jump(state: Notes) -> Command[str]:
        return Command(goto="write", update={"found": "output:bad"})

    graph = StateGraph(Notes)
    graph.add_node("search", jump, destinations=("write",))
    graph.add_node("write", _node("answer", "Yes."))
    graph.add_edge(START, "search")
    graph.add_edge("write", END)
    with pytest.raises(RefusedError):
        await guard(graph, _guards()).compile().ainvoke({"question": "?"})


# --- texts in values


@dataclasses.dataclass(frozen=True)
class Note:
    text: str
    tags: Sequence[str]


_texts = st.text(max_size=8)
_values = st.recursive(
    _texts | st.none() | st.integers() | st.booleans() | st.dates() | st.builds(Note, _texts, st.lists(_texts)),
    lambda inner: st.lists(inner) | st.dictionaries(_texts, inner) | st.tuples(inner, inner),
    max_leaves=12,
)


def _has_keys(value: object) -> bool:
    if isinstance(value, list | tuple):
        return any(_has_keys(item) for item in value)
    return isinstance(value, dict) and bool(value)


@given(_values)
def test_a_value_is_rebuilt_as_it_was(value: object) -> None:
    assert rebuilt(value, texts_in(value)) == value


@given(_values)
def test_every_text_of_a_value_is_found_and_replaced(value: object) -> None:
    texts = texts_in(value)
    if isinstance(value, str):
        assert texts == [value]
    if not _has_keys(value):
        marked = [f"{number}#" for number, _ in enumerate(texts)]
        assert texts_in(rebuilt(value, marked)) == marked


def test_messages_commands_and_sends_are_looked_into() -> None:
    call = {"name": "pay", "args": {"to": "Ada"}, "id": "1", "type": "tool_call"}
    value = [HumanMessage("a"), AIMessage("b", tool_calls=[call]), Command(update={"x": "c"}), Send("n", {"y": "d"})]
    assert {"a", "b", "c", "d", "Ada", "pay"} <= set(texts_in(value))
    changed = rebuilt(value, [text.upper() if text in "abcdAda" else text for text in texts_in(value)])
    assert changed[0].content == "A"
    assert changed[1].tool_calls[0]["args"] == {"to": "ADA"}
    assert changed[2].update == {"x": "C"}
    assert changed[3].arg == {"y": "D"}


def test_the_key_of_a_dictionary_is_looked_at_and_not_exchanged() -> None:
    assert texts_in({"a": "b"}) == ["a", "b"]
    with pytest.raises(UnreadableError):
        rebuilt({"a": "b"}, ["withheld", "b"])


@dataclasses.dataclass(frozen=True)
class _Made:
    """Has attributes that its constructor does not take."""

    given: str
    made: str = dataclasses.field(init=False, default="made")


class _Private(BaseModel):
    given: str
    _hidden: str = PrivateAttr("hidden")


class _Word(str):
    """A text that may carry attributes, as it has no slots."""


class _Row(dict[str, str]):
    """A dictionary that may carry attributes."""


def test_attributes_that_no_constructor_takes_are_texts_as_well() -> None:
    made = _Made("given")
    object.__setattr__(made, "more", "more")
    assert sorted(texts_in(made)) == ["given", "made", "more"]
    assert sorted(texts_in(rebuilt(made, ["1", "2", "3"]))) == ["1", "2", "3"]
    private = _Private(given="given")
    assert sorted(texts_in(private)) == ["_hidden", "given", "hidden"]
    assert sorted(texts_in(rebuilt(private, ["1", "_hidden", "2"]))) == ["1", "2", "_hidden"]
    assert sorted(texts_in(made)) == ["given", "made", "more"]
    assert sorted(texts_in(private)) == ["_hidden", "given", "hidden"]


@pytest.mark.parametrize("kind", [_Word, _Row])
def test_attributes_of_what_looks_like_a_plain_value_are_refused(kind: type) -> None:
    value = kind()
    assert texts_in(value) == ([""] if kind is _Word else [])
    value.note = "hidden"
    with pytest.raises(UnreadableError, match="attributes of its own"):
        texts_in([value])


def test_a_value_without_end_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(UnreadableError, match="too deeply"):
        texts_in(endless)


@pytest.mark.parametrize("value", [b"x", bytearray(b"x"), object(), iter("ab"), datetime.UTC])
def test_what_may_hide_text_is_refused(value: object) -> None:
    with pytest.raises(UnreadableError):
        texts_in({"a": [value]})
