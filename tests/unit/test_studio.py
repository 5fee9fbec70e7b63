"""The graph as LangGraph's own server runs it: from a factory, with an empty context, in a loop that may not wait."""

from pathlib import Path
from typing import Any

from blockbuster import blockbuster_ctx
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph.state import CompiledStateGraph

from agentkit import AgentKit
from agentkit.adapters.sqlite.checkpoints import serializer
from agentkit.studio import graph


async def test_studio_gets_one_graph_without_a_checkpointer_of_ours() -> None:
    opened = await graph()
    assert opened is await graph()
    assert opened.checkpointer is None
    drawn = {(edge.source, edge.target) for edge in opened.get_graph().edges}
    assert {("prepare", "summarize"), ("review", "revise"), ("revise", "review"), ("report", "__end__")} <= drawn


async def test_a_server_that_lets_nothing_block_its_loop_runs_studio_s_graph(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("1. Fee. The Owner shall pay GBP 46 a month.\n2. Law. Scots law governs.\n", encoding="utf-8")
    other = tmp_path / "other.txt"
    other.write_text("1. Fee. The Owner shall pay GBP 99 a month.\n", encoding="utf-8")
    thread = {"configurable": {"thread_id": "1"}}
    with blockbuster_ctx(["agentkit"]):
        opened = await graph()
        first = await opened.ainvoke({"paths": [str(letter)]}, thread, context={})  # a server gives an empty one
        second = await opened.ainvoke({"paths": [str(other)]}, thread, context={})
    assert first["status"] == "approved"
    assert {rail.action for rail in first["rails"]} == {"passed"}  # one that could not check would block
    assert ["46" in claim.text for claim in first["claims"]] == [True]
    assert ["99" in claim.text for claim in second["claims"]] == [True]


async def test_a_second_run_on_one_thread_keeps_nothing_of_the_first(tmp_path: Path) -> None:
    """Studio keeps a thread's state: what a run adds to must not be what the run before added."""
    letter = tmp_path / "letter.txt"
    letter.write_text("1. Fee. The Owner shall pay GBP 46 a month.\n", encoding="utf-8")
    other = tmp_path / "other.txt"
    other.write_text("1. Fee. The Owner shall pay GBP 99 a month.\n", encoding="utf-8")
    thread: RunnableConfig = {"configurable": {"thread_id": "1"}}
    async with AgentKit() as kit:
        studio = build_in(kit)
        first = await studio.ainvoke({"paths": [str(letter)]}, thread)
        again = await studio.ainvoke({"paths": [str(letter)]}, thread)
        second = await studio.ainvoke({"paths": [str(other)]}, thread)
    assert [len(state["drafts"]) for state in (first, again, second)] == [1, 1, 1]
    assert [len(state["rails"]) for state in (again, second)] == [len(first["rails"])] * 2
    assert [timing.node for timing in second["timings"]] == [timing.node for timing in first["timings"]]
    assert [claim.text for claim in again["claims"]] == [claim.text for claim in first["claims"]]
    assert ["99" in claim.text for claim in second["claims"]] == [True]


def build_in(kit: AgentKit) -> CompiledStateGraph[Any, Any, Any, Any]:
    """Return the graph as a server has it, with a checkpointer of its own."""
    opened = kit.subgraph()
    opened.checkpointer = InMemorySaver(serde=serializer())
    return opened
