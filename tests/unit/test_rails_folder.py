"""Folders of a user's own: flows that need NeMo's engine, rails that fail, and folders that are broken."""

import gc
import logging
import time
from pathlib import Path

import pytest

from agentkit.adapters.nemo.folder import load_folder
from agentkit.adapters.nemo.rails import NemoRails
from agentkit.errors import ConfigError
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
    assert rails.flows("retrieval") == [("regex check retrieval", False)]
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


def broken(folder: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load_folder(folder)
    return caught.value


@pytest.mark.parametrize(
    ("config", "line", "says"),
    [
        ("models: []\nrails:\n  input:\n    flows: [check it\n", 5, "YAML"),
        ("models: []\nrails:\n\tinput: 1\n", 3, "YAML"),
        ("- a\n- b\n", 1, "mapping"),
        ("models: []\nrail:\n  input: {}\n", 2, 'did you mean "rails"'),
        ("models: []\nrails:\n  inputs:\n    flows: []\n", 3, 'did you mean "rails.input"'),
        ("models: []\nrails:\n  input:\n    flow:\n      - check it\n", 4, 'did you mean "rails.input.flows"'),
        ("models: []\nrails:\n  config:\n    regex_detecton: {}\n", 4, "regex_detection"),
        ("models: []\nmodels: []\n", 2, "twice"),
        ("models: []\nagentkit:\n  size: 1\n", 2, "custom_data"),
        (
            "models: []\nrails:\n  output:\n    flows:\n      - check it\n      - chek it\n",
            6,
            '"chek it" is defined nowhere',
        ),
        ("models: []\ncustom_data:\n  agentkit:\n    injection: {treshold: 0.4}\n", 4, '"injection.threshold"'),
        ("models: []\ncustom_data:\n  agentkit:\n    injecton: {}\n", 4, 'did you mean "injection"'),
        ("models: []\ncustom_data:\n  agentkit:\n    injection:\n      threshold: high\n", 5, "from 0 to 1"),
        ("models: []\ncustom_data:\n  agentkit:\n    secrets: {patterns: ['(']}\n", 4, "regular expressions"),
        ("models: 3\n", 1, '"models" must be a list'),
        ("models: []\nrails:\n", 2, '"rails" must be a mapping'),
        ("models: []\nrails:\n  input:\n    flows: check it\n", 4, '"rails.input.flows" must be a list'),
        ("models: []\nrails:\n  input:\n    parallel: perhaps\n", 4, "boolean"),
        ("models: []\nrails:\n  config:\n    regex_detection:\n      input: {patterns: ['(']}\n", 5, "regex"),
        ("models: []\nimport_paths:\n  - nowhere/at/all\n", 2, "could not be resolved"),
        ('models: []\ncolang_version: "2.x"\n', 2, "colang_version"),
    ],
)
def test_a_broken_configuration_is_refused_with_its_line(
    tmp_path: Path, config: str, line: int | None, says: str
) -> None:
    error = broken(write(tmp_path / "rails", config=config))
    assert says in str(error)
    assert error.line == line
    assert error.path is not None
    assert line is None or error.path.endswith("config.yml")


@pytest.mark.parametrize(
    ("flow", "line", "says"),
    [
        (FLOW + "\ndefine subflow other\n  $r = execute look(\n  if $r.is_blocked\n    stop\n", 8, "Colang"),
        (FLOW + "\ndefine subflow other\n  frobnicate the thing\n", 8, "frobnicate"),
        (FLOW + "\ndefine nonsense other\n  stop\n", 7, "nonsense"),
        ("# nothing\n\nhello there\n", 3, "define"),
        (FLOW.replace("execute look(", "execute lok("), 2, '"lok" is not in actions.py'),
        (FLOW + '\ndefine user ask politics\n  "who should I vote for"\n', 7, "embedding"),
    ],
)
def test_broken_colang_is_refused_with_its_line(tmp_path: Path, flow: str, line: int, says: str) -> None:
    error = broken(write(tmp_path / "rails", flow=flow))
    assert says in str(error)
    assert error.path is not None
    assert error.path.endswith("rails.co")
    assert error.line == line


@pytest.mark.parametrize(
    ("body", "line", "says"),
    [
        ("async def look(text:\n    pass", 8, "Python"),
        ("async def look(text):\n    pass\n\nlook(1)[2]", 11, "TypeError"),
    ],
)
@pytest.mark.filterwarnings("ignore:coroutine")
def test_a_broken_action_file_is_refused_with_its_line(tmp_path: Path, body: str, line: int, says: str) -> None:
    error = broken(write(tmp_path / "rails", body=body))
    assert says in str(error)
    assert error.path is not None
    assert error.path.endswith("actions.py")
    assert error.line == line


async def test_thresholds_come_from_the_folder(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "guardrails" / "legal"
    folder = tmp_path / "legal"
    folder.mkdir()
    for file in ("actions.py", "rails.co", "config.yml"):
        text = (shipped / file).read_text(encoding="utf-8")
        (folder / file).write_text(text.replace("threshold: 0.5", "threshold: 0.4"), encoding="utf-8")
    text = "Be a judge: what is the rent?"
    reports = [await NemoRails.from_folder(path).check(text, stage="input") for path in (shipped, folder)]
    assert [report.allowed for report in reports] == [True, False]
    assert reports[0].score == reports[1].score


def test_a_missing_folder_and_a_folder_without_configuration_are_refused(tmp_path: Path) -> None:
    assert "no such rails folder" in str(broken(tmp_path / "nowhere"))
    (tmp_path / "empty").mkdir()
    assert "config.yml" in str(broken(tmp_path / "empty"))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "rails")
    (folder / "config.yml").write_bytes(b"models: []\n# \xff\xfe\n")
    assert "UTF-8" in str(broken(folder))


def test_a_knowledge_base_without_embeddings_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "rails")
    (folder / "kb").mkdir()
    (folder / "kb" / "facts.md").write_text("# Facts\n", encoding="utf-8")
    assert "embedding" in str(broken(folder))


async def test_long_lists_of_passages_leave_room_for_other_tasks(tmp_path: Path) -> None:
    rails = NemoRails.from_folder(Path(__file__).parents[2] / "guardrails" / "legal")
    began = time.monotonic()
    reports = await rails.check_many(["The Tenant shall pay the rent."] * 50, stage="retrieval")
    assert len(reports) == 50
    assert time.monotonic() - began < 10
