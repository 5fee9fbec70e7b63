"""What is kept on disk, where the disk is not as it should be: one sentence, and nothing lost without a word."""

from pathlib import Path

import pytest
from langgraph.checkpoint.base import empty_checkpoint

from agentkit.adapters.sqlite.checkpoints import SqliteCheckpoints
from agentkit.errors import ConfigError, OutputError, RunNotFoundError, UnavailableError, UsageError
from agentkit.privacy.keys import load_key
from agentkit.privacy.sealed import locked, seal, unseal
from agentkit.reading.checklist import load_checklist
from agentkit.records.run_record import FileRunRecord, SilentRecord, list_runs, read_events
from agentkit.testing.fakes import MemoryRecord, MemoryVault, ScriptedBackend

CONFIG = {"configurable": {"thread_id": "t", "checkpoint_ns": ""}}


async def test_checkpoints_that_cannot_be_opened_are_tried_again_once_they_can(tmp_path: Path) -> None:
    blocked = tmp_path / "home"
    blocked.write_text("a file where the folder should be", encoding="utf-8")
    saver = SqliteCheckpoints(blocked / "checkpoints.db")
    with pytest.raises(UnavailableError, match=r"The checkpoints at .*checkpoints\.db cannot be used"):
        await saver.aget_tuple(CONFIG)
    blocked.unlink()
    assert await saver.aget_tuple(CONFIG) is None
    await saver.aclose()


async def test_checkpoints_are_listed_newest_first_as_langgraph_lists_them(tmp_path: Path) -> None:
    saver = SqliteCheckpoints(tmp_path / "checkpoints.db")
    config = CONFIG
    for step in range(3):
        config = await saver.aput(config, empty_checkpoint(), {"source": "loop", "step": step, "parents": {}}, {})
    assert [item.metadata["step"] async for item in saver.alist(CONFIG, limit=2)] == [2, 1]
    await saver.aclose()


async def test_a_damaged_checkpoint_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.db"
    path.write_bytes(b"this is no database at all, " * 100)
    saver = SqliteCheckpoints(path)
    with pytest.raises(UnavailableError, match="cannot be used"):
        await saver.aget_tuple(CONFIG)


def test_one_process_works_on_a_run_at_a_time(home: Path) -> None:
    record = FileRunRecord(home, "r1")
    with pytest.raises(RunNotFoundError, match="r1 is being worked on by another process"):
        FileRunRecord(home, "r1")
    assert [run.state for run in list_runs(home)] == ["running"]
    record.close()
    FileRunRecord(home, "r1").close()
    assert [run.state for run in list_runs(home)] == ["interrupted"]


def test_a_record_that_cannot_be_written_is_named(home: Path) -> None:
    home.write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(OutputError, match=r"The run record in .* cannot be written"):
        FileRunRecord(home, "r1")


def test_a_line_cut_off_by_a_crash_is_left_out_and_an_unknown_run_is_named(home: Path) -> None:
    record = FileRunRecord(home, "r1")
    record.add("run_started", fields={"task": "ask", "note": "a\u2028b"})
    record.close()
    with (home / "runs" / "r1.jsonl").open("a", encoding="utf-8") as file:
        file.write('[1]\n{"event": "run_fin')
    (event,) = read_events(home, "r1")
    assert (event["event"], event["note"]) == ("run_started", "a\u2028b")
    with pytest.raises(RunNotFoundError, match="There is no run 'r2'"):
        read_events(home, "r2")
    SilentRecord().add("run_started", fields={})
    assert len(list_runs(home)) == 1


def test_a_key_file_that_is_damaged_or_in_the_way_is_named(tmp_path: Path) -> None:
    key = load_key(tmp_path)
    assert load_key(tmp_path) == key
    (path,) = [item for item in tmp_path.iterdir() if item.is_file()]
    path.write_bytes(b"short")
    with pytest.raises(UsageError, match="is damaged: restore it from a backup"):
        load_key(tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(UsageError, match="cannot be used"):
        load_key(tmp_path)


def test_a_sealed_file_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    path, key = tmp_path / "vault", bytes(32)
    seal(path, b"secret", key=key, context="matter a")
    assert unseal(path, key=key, context="matter a") == b"secret"
    with pytest.raises(UsageError, match="belongs to another matter or run"):
        unseal(path, key=key, context="matter b")
    path.write_bytes(b"something else")
    with pytest.raises(UsageError, match="is not a file of agentkit's"):
        unseal(path, key=key, context="matter a")
    with pytest.raises(UsageError, match="cannot be read"):
        unseal(tmp_path, key=key, context="matter a")
    with pytest.raises(FileNotFoundError):
        unseal(tmp_path / "none", key=key, context="matter a")


def test_a_lock_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be locked"), locked(tmp_path / "file" / "vault"):
        pass


@pytest.mark.parametrize(("content", "sentence"), [
    (b"items: ['\x01']", "This is not YAML"),
    (b"[" * 3000, "This is not YAML"),
    (b"- a\n" * 300_000, "larger than 1 MB"),
])  # fmt: skip
def test_a_checklist_that_cannot_be_used_is_refused(content: bytes, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_bytes(content)
    with pytest.raises(ConfigError, match=sentence):
        load_checklist(tmp_path / "list.yaml")


async def test_the_public_fakes_behave_like_the_ports_they_stand_for() -> None:
    vault = MemoryVault({"PERSON": ["Ada Lovelace"]})
    assert vault.placeholder("PERSON", "Ada Lovelace") == "<PERSON_1>"
    assert vault.placeholder("PERSON", "Alan Turing") == vault.placeholder("PERSON", "Alan Turing") == "<PERSON_2>"
    assert (
        vault.restore("<PERSON_2> met <PERSON_1>, not <PERSON_9>.") == "Alan Turing met Ada Lovelace, not <PERSON_9>."
    )
    assert (vault.originals(), vault.counts()) == (["Ada Lovelace", "Alan Turing"], {"PERSON": 2})
    record = MemoryRecord()
    record.add("node", fields={"ms": 1})
    assert record.events == [("node", {"ms": 1})]
    with pytest.raises(ValueError, match="at least one reply"):
        ScriptedBackend()
