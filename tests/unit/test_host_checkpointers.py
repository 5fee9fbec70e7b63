"""Checkpointers that a host brings: what a forged checkpoint names is not built, and the host's own is not changed."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import ormsgpack
import pytest
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from agentkit.adapters.sqlite.checkpoints import serializer, strict
from agentkit.app import AgentKit
from agentkit.errors import ConfigError


def forged(target: Path) -> list[tuple[str, bytes]]:
    """Return checkpoints that make a file when what they name is called, however LangGraph writes a call."""
    call = ormsgpack.packb(("os", "system", f"touch {target}"))
    calls = ormsgpack.packb(("os", "system", (f"touch {target}",)))
    return [("msgpack", ormsgpack.packb(ormsgpack.Ext(code, body))) for code in range(8) for body in (call, calls)]


def load_all(saver: BaseCheckpointSaver[str], target: Path) -> None:
    for checkpoint in forged(target):
        try:
            saver.serde.loads_typed(checkpoint)
        except Exception:  # noqa: BLE001, S112  (refusing in any way is right; running the code is not)
            continue


LOOSE = [JsonPlusSerializer(allowed_msgpack_modules=True), JsonPlusSerializer(pickle_fallback=True)]


@pytest.mark.parametrize("serde", LOOSE, ids=["any type", "pickle"])
def test_a_forged_checkpoint_of_a_host_s_checkpointer_runs_no_code(serde: JsonPlusSerializer, tmp_path: Path) -> None:
    theirs = InMemorySaver(serde=serde)
    ours = cast(Any, AgentKit(checkpointer=theirs).graph).checkpointer
    load_all(ours, tmp_path / "ours")
    assert not (tmp_path / "ours").exists()
    assert theirs.serde is serde
    assert ours.storage is theirs.storage


def test_the_forgery_works_where_nobody_is_strict(tmp_path: Path) -> None:
    load_all(InMemorySaver(serde=JsonPlusSerializer(allowed_msgpack_modules=True)), tmp_path / "theirs")
    assert (tmp_path / "theirs").exists()


def test_a_serializer_of_its_own_that_builds_anything_is_refused() -> None:
    class Loose(JsonPlusSerializer): ...

    with pytest.raises(ConfigError, match="The serializer Loose of the checkpointer builds whatever"):
        AgentKit(checkpointer=InMemorySaver(serde=Loose(allowed_msgpack_modules=True)))


def test_a_strict_serializer_stays() -> None:
    saver = InMemorySaver(serde=serializer())
    assert strict(saver) is saver


async def test_a_run_is_saved_in_the_host_s_checkpointer(tmp_path: Path) -> None:
    path = tmp_path / "lease.txt"
    path.write_text("The lease ends on 31 March 2031.", encoding="utf-8")
    saver = InMemorySaver()
    async with AgentKit(checkpointer=saver) as kit:
        report = await kit.summarize([path])
    assert [name for name in saver.storage if name == report.run_id]


def test_importing_changes_nothing_in_the_environment() -> None:
    told = "import os; before = dict(os.environ); import agentkit.app; print(before == dict(os.environ))"
    plain = {name: value for name, value in os.environ.items() if name != "LANGGRAPH_STRICT_MSGPACK"}
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, env=plain)
    assert done.stdout.strip() == "True"
