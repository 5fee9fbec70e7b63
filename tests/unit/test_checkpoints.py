"""Saved states: LangGraph's own bytes, written while others write, and no more of them than a resumed run needs."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TypedDict

import pytest
from langgraph.checkpoint.base import empty_checkpoint
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.graph import START, StateGraph
from langgraph.types import Send

from agentkit.adapters.sqlite.checkpoints import SqliteCheckpoints, serializer
from agentkit.privacy.recognizer import EmbeddedRecognizer
from agentkit.records.run_store import FileRunStore
from agentkit.state import Batch, Draft, Work
from agentkit.types import Citation, Claim, Document, Passage

CONFIG = {"configurable": {"thread_id": "t", "checkpoint_ns": ""}}
META = {"source": "loop", "step": 0, "parents": {}}


def test_a_checkpoint_holds_the_bytes_that_langgraph_would_write() -> None:
    batch = Batch(0, "ask", ["d0p0"], 0)
    claim = Claim("c1", "x", [Citation(0, 1, 2, "d0p0")], salience=0.5)
    for value in (Draft(0, [claim], answered=True), Send("summarize", Work(batch=batch)), {"a": (1, {2})}, None, b"x"):
        assert serializer().dumps_typed(value) == JsonPlusSerializer().dumps_typed(value)


async def test_a_file_that_another_process_holds_is_waited_for_and_nothing_else_is_held_up(tmp_path: Path) -> None:
    saver = SqliteCheckpoints(tmp_path / "checkpoints.db")
    await saver.aget_tuple(CONFIG)
    with closing(sqlite3.connect(tmp_path / "checkpoints.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        asyncio.get_running_loop().call_later(0.02, other.execute, "ROLLBACK")
        await saver.aput(CONFIG, empty_checkpoint(), META, {})
    assert await saver.aget_tuple(CONFIG) is not None
    await saver.aclose()


async def test_what_a_piece_of_a_fan_out_wrote_is_saved_before_its_step_ends(tmp_path: Path) -> None:
    saver = SqliteCheckpoints(tmp_path / "checkpoints.db")
    config = await saver.aput(CONFIG, empty_checkpoint(), META, {})
    await saver.aput_writes(config, [("drafts", ["done"])], "first", "~__pregel_push, 0000000000, False")
    await saver.aput_writes(config, [("claims", ["alone"])], "second", "~__pregel_pull, combine")
    await saver.aclose()
    again = SqliteCheckpoints(tmp_path / "checkpoints.db")
    saved = await again.aget_tuple(CONFIG)
    await again.aclose()
    assert saved is not None
    assert saved.pending_writes == [("first", "drafts", ["done"])]


async def test_a_graph_continues_from_what_it_was_given_when_its_first_node_was_killed(tmp_path: Path) -> None:
    class Count(TypedDict):
        number: int

    tries: list[int] = []

    async def first(state: Count) -> Count:
        tries.append(state["number"])
        if len(tries) == 1:
            raise RuntimeError("killed")
        return {"number": state["number"] + 1}

    graph = StateGraph(Count).add_node("first", first).add_edge(START, "first")
    saver = SqliteCheckpoints(tmp_path / "checkpoints.db")
    with pytest.raises(RuntimeError, match="killed"):
        await graph.compile(saver).ainvoke({"number": 1}, CONFIG, durability="sync")
    saved = [item.metadata["source"] async for item in saver.alist(CONFIG)]
    assert await graph.compile(saver).ainvoke(None, CONFIG, durability="sync") == {"number": 2}
    await saver.aclose()
    assert (tries, saved) == ([1, 1], ["loop"])


def test_a_store_is_written_again_only_when_something_changed(home: Path) -> None:
    text = "Write to maria.keller@example.org."
    store = FileRunStore.create(home, run_id="r1", matter="", question="Who?", paths=["a.txt"])
    store.set_documents([Document(0, "a.txt", "text/plain", "0" * 64, text)], [Passage("d0p0", 0, 0, len(text), text)])
    store.save()
    path = home / "runs" / "r1.run"
    first = path.stat().st_ino, path.read_bytes()
    store.save()
    assert (path.stat().st_ino, path.read_bytes()) == first
    store.set_entities({0: EmbeddedRecognizer().recognize(text)})
    store.save()
    assert path.read_bytes() != first[1]
    assert FileRunStore.load(home, "r1").safe(["d0p0"])[0].text == "Write to <EMAIL_ADDRESS_1>."
