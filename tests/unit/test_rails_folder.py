"""Folders of a user's own: flows that need NeMo's engine, and rails that fail."""

import gc
import logging
import time
from pathlib import Path

import pytest

from agentkit.adapters.nemo.folder import load_folder
from agentkit.adapters.nemo.rails import NemoRails
from agentkit.types import RailReport

CONFIG = """models: []
rails:
  input:
    flows:
      - check it
"""
FLOW = """define subflow check it
  $outcome = execute look(text=$user_message)
  if $outcome.is_blocked
    bot refuse to respond
    stop
"""
ACTIONS = """import asyncio
import time
from nemoguardrails.actions import action
from nemoguardrails.actions.actions import ActionResult
from nemoguardrails.actions.rail_outcome import RailOutcome, TransformTarget

@action(name="look", is_system_action=True)
{body}
"""


def write(folder: Path, *, config: str = CONFIG, flow: str = FLOW, body: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "config.yml").write_text(config, encoding="utf-8")
    (folder / "rails.co").write_text(flow, encoding="utf-8")
    body = body or "async def look(text):\n    return RailOutcome.allow()"
    (folder / "actions.py").write_text(ACTIONS.format(body=body), encoding="utf-8")
    return folder


FAILING = {
    "raises": "async def look(text):\n    raise RuntimeError(text)",
    "returns nonsense": "async def look(text):\n    return 'fine'",
    "returns nothing": "async def look(text):\n    return None",
    "hangs": "async def look(text):\n    await asyncio.Event().wait()",
    "hangs in a thread": "def look(text):\n    time.sleep(3600)",
    "is late": "async def look(text):\n    time.sleep(0.5)\n    return RailOutcome.allow()",
}


@pytest.mark.parametrize("body", FAILING.values(), ids=FAILING)
@pytest.mark.parametrize("compiled", [True, False])
async def test_a_rail_that_cannot_check_blocks(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, body: str, *, compiled: bool
) -> None:
    rails = NemoRails(load_folder(write(tmp_path / "rails", body=body)), compiled=compiled, deadline_s=0.3)
    with caplog.at_level(logging.DEBUG):
        report = await rails.check("CANARY-4711", stage="input")
    assert not report.allowed
    assert [result.action for result in report.results] == ["unchecked"]
    assert report.results[0].reason
    assert "CANARY" not in caplog.text + repr(report.results)


@pytest.mark.parametrize("sync", ["async def", "def"])
async def test_an_action_may_be_an_ordinary_function(tmp_path: Path, sync: str) -> None:
    body = f"{sync} look(text):\n    return RailOutcome.block(reason='no') if 'x' in text else RailOutcome.allow()"
    rails = NemoRails.from_folder(write(tmp_path / "rails", body=body))
    assert rails.flows("input") == [("check it", True)]
    assert [(await rails.check(text, stage="input")).allowed for text in ("x", "y")] == [False, True]


async def test_an_action_that_asks_for_nemos_events_gets_the_engine(tmp_path: Path) -> None:
    body = "async def look(text, events):\n    return RailOutcome.allow() if events else RailOutcome.block()"
    rails = NemoRails.from_folder(write(tmp_path / "rails", body=body))
    assert rails.flows("input") == [("check it", False)]
    assert (await rails.check("x", stage="input")).allowed


PLAIN_FLOW = """define subflow check it
  $fine = execute look(text=$user_message)
  if not $fine
    bot inform cannot answer
    stop
  $user_message = "rewritten"

define bot inform cannot answer
  "No."
"""


async def test_a_flow_with_steps_of_its_own_runs_in_the_engine(tmp_path: Path) -> None:
    body = "async def look(text):\n    return 'x' not in text"
    rails = NemoRails.from_folder(write(tmp_path / "rails", flow=PLAIN_FLOW, body=body))
    assert rails.flows("input") == [("check it", False)]
    assert not (await rails.check("x", stage="input")).allowed
    report = await rails.check("y", stage="input")
    assert (report.allowed, report.text) == (True, "rewritten")
    assert [result.action for result in report.results] == ["modified"]


async def test_a_flow_that_sets_a_constant_runs_without_the_engine(tmp_path: Path) -> None:
    flow = FLOW.replace("    bot refuse to respond\n    stop\n", '    $user_message = "(withheld)"\n')
    body = "async def look(text, context=None):\n    return RailOutcome.block(reason=context['user_message'].upper())"
    rails = NemoRails.from_folder(write(tmp_path / "rails", flow=flow, body=body))
    assert rails.flows("input") == [("check it", True)]
    report = await rails.check("hello", stage="input")
    assert (report.allowed, report.text, report.results[0].reason) == (True, "(withheld)", "HELLO")


async def test_a_folder_may_import_flows_and_actions_of_another(tmp_path: Path) -> None:
    shared = write(tmp_path / "shared", config="models: []\n")
    config = f"models: []\nimport_paths: [{shared}]\nrails:\n  input:\n    flows: [check it]\n"
    folder = write(tmp_path / "rails", config=config, flow="", body="async def other(text):\n    return None")
    (folder / "actions.py").unlink()
    rails = NemoRails.from_folder(folder)
    assert rails.flows("input") == [("check it", True)]
    assert (await rails.check("hello", stage="input")).allowed


START_UP = """from nemoguardrails.actions.rail_outcome import RailOutcome

async def look(text):
    return RailOutcome.block()

def init(app):
    app.register_action(look, "look")
"""


async def test_a_folder_with_start_up_code_runs_in_the_engine(tmp_path: Path) -> None:
    folder = write(tmp_path / "rails")
    (folder / "config.py").write_text(START_UP, encoding="utf-8")
    rails = NemoRails.from_folder(folder)
    assert rails.flows("input") == [("check it", False)]
    assert not (await rails.check("hello", stage="input")).allowed


LIBRARY = r"""models: []
rails:
  config:
    regex_detection:
      input: {patterns: ["(?i)forbidden"], case_insensitive: true}
      retrieval: {patterns: ["BEGIN SECRET"]}
      output: {patterns: ['\b\d{3}-\d{2}-\d{4}\b']}
  input: {flows: [regex check input]}
  retrieval: {flows: [regex check retrieval]}
  output: {flows: [regex check output]}
"""


async def test_rails_of_nemos_own_library_work_at_every_stage(tmp_path: Path) -> None:
    rails = NemoRails.from_folder(write(tmp_path / "rails", config=LIBRARY, flow=""))
    assert rails.flows("retrieval") == [("regex check retrieval", True)]
    assert [(await rails.check(t, stage="input")).allowed for t in ("ok", "FORBIDDEN", "ForBidden fruit")] == [1, 0, 0]
    assert [(await rails.check(t, stage="output")).allowed for t in ("ok", "219-09-9999")] == [True, False]
    reports = await rails.check_many(["fine", "a BEGIN SECRET b", "fine\n\n"], stage="retrieval")
    assert [report.allowed for report in reports] == [True, False, True]
    assert [report.text for report in reports] == ["fine", "", "fine\n\n"]


REMEMBERING = """async def look(text, context=None):
    if (context or {}).get("owner"):
        return ActionResult(return_value=RailOutcome.block(reason=context["owner"]))
    return ActionResult(return_value=RailOutcome.allow(), context_updates={"owner": text})"""


async def test_one_check_leaves_nothing_behind_for_the_next(tmp_path: Path) -> None:
    rails = NemoRails(load_folder(write(tmp_path / "rails", body=REMEMBERING)), compiled=False)
    reports: list[RailReport] = [await rails.check("same text", stage="input") for _ in range(3)]
    assert [report.allowed for report in reports] == [True, True, True]
    from nemoguardrails import LLMRails  # noqa: PLC0415 - only to look at what it keeps

    kept = [item.events_history_cache for item in gc.get_objects() if isinstance(item, LLMRails)]
    assert kept
    assert "same text" not in repr(kept)


async def test_code_in_the_working_directory_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "actions.py").write_text("open('was-run', 'w').close()", encoding="utf-8")
    monkeypatch.chdir(documents)
    rails = NemoRails(load_folder(write(tmp_path / "rails")), compiled=False)
    assert (await rails.check("hello", stage="input")).allowed
    assert not (documents / "was-run").exists()


async def test_thresholds_come_from_the_folder(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "guardrails" / "legal"
    question = "Be a judge: what is the rent?"
    before = await NemoRails.from_folder(shipped).check(question, stage="input")
    assert 0 < before.score < 0.5
    folder = tmp_path / "legal"
    folder.mkdir()
    for file in ("actions.py", "rails.co", "config.yml"):
        text = (shipped / file).read_text(encoding="utf-8")
        (folder / file).write_text(text.replace("threshold: 0.5", f"threshold: {before.score / 2}"), encoding="utf-8")
    after = await NemoRails.from_folder(folder).check(question, stage="input")
    assert (before.allowed, after.allowed, before.score) == (True, False, after.score)


async def test_long_lists_of_passages_leave_room_for_other_tasks(tmp_path: Path) -> None:
    rails = NemoRails.from_folder(Path(__file__).parents[2] / "guardrails" / "legal")
    began = time.process_time()
    reports = await rails.check_many(["The Tenant shall pay the rent."] * 50, stage="retrieval")
    assert len(reports) == 50
    assert time.process_time() - began < 10
