"""A broken folder is refused with the file and the line."""

from pathlib import Path

import pytest

from agentkit.adapters.nemo.folder import load_folder
from agentkit.errors import ConfigError

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


def test_an_import_that_would_switch_a_rail_off_is_refused(tmp_path: Path) -> None:
    base = Path(__file__).parents[2] / "guardrails" / "base"
    config = f"models: []\nimport_paths: [{base}]\nrails:\n  input:\n    flows:\n      - check it\n"
    error = broken(write(tmp_path / "rails", config=config))
    assert error.line == 6
    assert '"check it" would not run' in str(error)
