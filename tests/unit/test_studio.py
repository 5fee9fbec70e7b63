"""The graph as LangGraph's own server runs it: from a factory, with an empty context, in a loop that may not wait."""

from pathlib import Path

from blockbuster import blockbuster_ctx

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
