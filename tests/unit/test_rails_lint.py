"""What NeMo would pass over in silence is refused with file, line and the nearest name; the lint prints all of it."""

import json
import os
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from agentkit.adapters.nemo.folder import examine
from agentkit.cli.main import main

FULL = """models:
  - type: main
    engine: agentkit
    model: writer
    parameters:
      temperature: 0.1
      max_tokens: 50
rails:
  config:
    regex_detection:
      input:
        patterns: [abc]
        case_insensitive: true
    gliner:
      server_endpoint: http://localhost:1235/v1/extract
      threshold: 0.4
      output:
        entities: [email]
    content_safety:
      multilingual:
        enabled: false
      reasoning:
        enabled: false
    hf_classifier:
      toxic:
        engine: vllm
        model: m
        base_url: http://localhost:8000
        blocked_labels: [toxic]
        threshold: 0.6
  input:
    parallel: false
    flows:
      - regex check input
      - self check input
      - hf classifier check input $classifier=toxic
      - content safety check input $model=main
  output:
    flows:
      - gliner detect pii on output
    streaming:
      enabled: false
  dialog:
    single_call:
      enabled: false
    user_messages:
      embeddings_only: false
prompts:
  - task: self_check_input
    content: "{{ user_input }}"
    output_parser: is_content_safe
    max_length: 1000
  - task: content_safety_check_input $model=main
    messages:
      - type: user
        content: "{{ user_input }}"
    stop: [x]
instructions:
  - type: general
    content: Be brief.
knowledge_base:
  embedding_search_provider:
    name: default
    cache:
      enabled: false
custom_data:
  agentkit:
    size:
      max_characters: 100
"""
OPEN = {"streaming", "parameters", "toxic", "custom_data"}
"""Below these NeMo lets a mapping hold any key; ours are checked all the same."""


def faults(folder: Path, config: str) -> list[tuple[int | None, str]]:
    folder.mkdir(exist_ok=True)
    (folder / "config.yml").write_text(config, encoding="utf-8")
    return [(fault.line, fault.sentence) for fault in examine(folder)[1]]


def test_a_folder_that_uses_much_of_nemo_has_no_faults(tmp_path: Path) -> None:
    assert faults(tmp_path, FULL) == []


def keys(node: yaml.Node, path: tuple[str, ...] = ()) -> list[tuple[int, int, tuple[str, ...]]]:
    """Every key of a document: its line, its column and where it stands."""
    found: list[tuple[int, int, tuple[str, ...]]] = []
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            found.append((key.start_mark.line, key.start_mark.column, (*path, key.value)))
            found += keys(value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            found += keys(item, path)
    return found


KEYS = [entry for entry in keys(yaml.compose(FULL)) if not entry[2][-2:-1] or entry[2][-2] not in {"streaming"}]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entry=st.sampled_from(KEYS), at=st.integers(0, 30), how=st.sampled_from(["swap", "drop", "double"]))
def test_no_key_can_be_misspelt_anywhere_without_a_word_and_its_line(
    tmp_path: Path, entry: tuple[int, int, tuple[str, ...]], at: int, how: str
) -> None:
    line, column, path = entry
    name = path[-1]
    assume(len(name) > 3)
    at = at % (len(name) - 1)
    wrong = {
        "swap": name[:at] + name[at + 1] + name[at] + name[at + 2 :],
        "drop": name[:at] + name[at + 1 :],
        "double": name[: at + 1] + name[at:],
    }[how]
    assume(wrong != name)
    lines = FULL.splitlines()
    lines[line] = lines[line][:column] + wrong + lines[line][column + len(name) :]
    found = faults(tmp_path, "\n".join(lines) + "\n")
    told = [sentence for number, sentence in found if number is not None and wrong in sentence]
    assert told or name == "toxic", (path, wrong, found)


WITHOUT_EFFECT = [
    ("    engine: agentkit\n", "    engine: agentkit\n    api_key_env_var: K\n", "api_key_env", "has no effect"),
    ("    engine: agentkit\n", "    engine: agentkit\n    cache: {enabled: true}\n", "cache: {en", "one tenant"),
    ("    engine: agentkit\n", "    engine: agentkit\n    mode: text\n", "type: main", "in chat"),
    ("      temperature: 0.1\n", "      base_url: http://x\n", "type: main", '"models.parameters.base_url" has no'),
    ("      temperature: 0.1\n", "      temprature: 0.1\n", "type: main", '"models.parameters.temperature"'),
    ("- type: main", "- type: mian", "type: mian", 'did you mean "main"'),
    ("self check input\n", "self chek input\n", "self chek", 'did you mean "self check input"'),
    ("regex check input\n", "regex check output\n", "regex check", "is one of output, not of input"),
    ("$classifier=toxic", "$clasifier=toxic", "$clas", 'reads no $clasifier; did you mean "classifier"'),
    (" $classifier=toxic", "", "hf classifier check", "needs $classifier=…"),
    ("$classifier=toxic", "$classifier = toxic", "$classifier", "cannot be read"),
    ("check input $model=main", "check input $model=mane", "$model=mane", '`models` has none; did you mean "main"'),
    ("task: self_check_input\n", "task: self_check_imput\n", "- self check", 'did you mean "self_check_imput"'),
    ("is_content_safe", "is_content_save", "task: self_check", 'did you mean "is_content_safe"'),
    ("    max_length: 1000\n", "    mode: compact\n", "task: self_check", 'its mode is "compact"'),
    ("    max_length: 1000\n", "    models: [openai/gpt-4o]\n", "task: self_check", "it is for openai/gpt-4o"),
    ("- gliner detect pii on output\n", "- self check facts\n", "- self check facts", "would never check a text"),
    ("    flows:\n      - gliner detect pii on output\n", "    flows: []\n", "gliner:", "is read by no rail"),
    ("patterns: [abc]", "patterns: []", "- regex check", "looks for nothing"),
    ("instructions:", "tracing: {enabled: true}\ninstructions:", "tracing", "would write texts to a file"),
    ("instructions:", "streaming: true\ninstructions:", "streaming: true", "no longer reads it"),
    ("  dialog:", "  tool_input: {flows: []}\n  dialog:", "tool_input", "has no effect"),
    ("      max_characters: 100", "      max_character: 100", "max_character:", 'mean "size.max_characters"'),
    ("    size:\n      max_characters: 100", "    size: 3", "size: 3", "must be a mapping"),
]


@pytest.mark.parametrize(("old", "new", "at", "says"), WITHOUT_EFFECT, ids=[row[1].strip() for row in WITHOUT_EFFECT])
def test_what_would_have_no_effect_is_refused(tmp_path: Path, old: str, new: str, at: str, says: str) -> None:
    assert old in FULL
    config = FULL.replace(old, new, 1)
    line = next(number for number, text in enumerate(config.splitlines(), 1) if at in text)
    found = faults(tmp_path, config)
    assert [number for number, sentence in found if says in sentence] == [line], found


ODD = [
    ("models: []\nrails: {input: {flows: [null]}}\n", 2),
    ("models: []\nrails: {input: {flows: [{self check: input}]}}\n", 2),
    ("models: []\nrails: {input: {flows: ['$model=x']}}\n", 2),
    ("models: []\nrails: {input: {flows: ['(']}}\n", 2),
    ("models: [3]\n", 1),
    ("models: [{engine: agentkit, model: writer}]\n", 1),
    ("models: [{type: main, engine: agentkit}]\n", 1),
    ("models: []\nprompts: [{task: self_check_input}]\n", 2),
    ("models: []\nprompts: x\n", 2),
    ("models: []\n? [a, b]\n: c\n", 2),
    ("models: []\nrails: {config: {regex_detection: }}\n", 2),
    ("models: []\nrails: {config: {hf_classifier: {a: 3}}}\n", 2),
    ("models: []\ncustom_data: [1]\n", 2),
    ("models: []\ncustom_data: {agentkit: 3}\n", 2),
    ("models: []\ncustom_data: {agentkitt: {}}\n", 2),
    ("models: []\n---\nmodels: []\n", 2),
    ("models: []\nrails: {dialog: {single_call: {enabled: maybe}}}\n", 2),
    ("", 1),
]


@pytest.mark.parametrize(("config", "line"), ODD, ids=[row[0][-40:].strip() for row in ODD])
def test_the_oddest_file_is_refused_with_its_line(tmp_path: Path, config: str, line: int) -> None:
    found = faults(tmp_path, config)
    assert found
    assert found[0][0] == line


def test_sections_that_replace_each_other_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "more.yml").write_text("custom_data: {agentkit: {size: {max_characters: 5}}}\n", encoding="utf-8")
    found = faults(tmp_path, FULL)
    assert [sentence.partition(" here")[0] for _, sentence in found] == ['"custom_data"']


def test_imported_files_are_checked_too(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "more.yml").write_text("models: []\nbot_mesages: {}\n", encoding="utf-8")
    found = faults(tmp_path / "rails", f"models: []\nimport_paths: [{tmp_path / 'shared'}]\n")
    assert found == [(2, 'NeMo Guardrails knows no "bot_mesages"; did you mean "bot_messages"?')]


def test_files_that_nemo_would_not_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "kbase.co").write_text("define subflow x\n  stop\n", encoding="utf-8")
    (tmp_path / "own.co").write_text("define subflow y\n  stop\n", encoding="utf-8")
    (tmp_path / ".railsignore").write_text("own*\n", encoding="utf-8")
    found = faults(tmp_path, "models: []\n")
    assert [(sentence[:35]) for _, sentence in found] == [
        "NeMo would not read this file as ra",
        "NeMo would not read this file: " + str(tmp_path)[:4],
    ]


@pytest.mark.parametrize(
    ("flow", "package"),
    [("injection detection", "yara-python"), ("cleanlab trustworthiness", "cleanlab-studio")],
)
def test_a_rail_whose_package_is_missing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flow: str, package: str
) -> None:
    find = __import__("importlib.util").util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name, *rest: None if name == "yara" else find(name, *rest))
    monkeypatch.setenv("CLEANLAB_API_KEY", "k")
    found = faults(tmp_path, f"models: []\nrails:\n  output:\n    flows:\n      - {flow}\n")
    assert (found[0][0], f"needs {package}, which is not installed" in found[0][1]) == (5, True)


BROKEN = (
    FULL.replace("self check input\n", "self chek input\n")
    .replace("temperature", "temprature")
    .replace("case_insensitive", "case_insensitiv")
)


def test_the_lint_prints_every_problem_and_ends_with_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert faults(tmp_path, BROKEN)
    assert main(["rails", "--lint", str(tmp_path)]) == 2
    lines = capsys.readouterr().out.splitlines()
    file = str(tmp_path / "config.yml")
    assert [line.split(":")[:2] for line in lines] == [[file, "2"], [file, "13"], [file, "35"]]
    assert main(["rails", "--lint", str(tmp_path), "--format", "json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert [(row["file"], row["line"]) for row in told["problems"]] == [(file, 2), (file, 13), (file, 35)]
    assert all(row["problem"] for row in told["problems"])


@pytest.mark.parametrize("name", ["base", "legal"])
def test_the_shipped_folders_have_no_problems(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rails", "--lint", name]) == 0
    assert f"{name}: no problems. Rails: 3 input, 2 retrieval, " in capsys.readouterr().out
    assert main(["rails", "--lint", name, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["problems"] == []


def test_the_lint_holds_rails_to_the_configuration_s_egress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ACTIVEFENCE_API_KEY", "k")
    faults(tmp_path / "rails", "models: []\nrails:\n  input:\n    flows: [activefence moderation on input]\n")
    (tmp_path / "agentkit.yaml").write_text("privacy: {egress: [loopback, apis.activefence.com]}\n", encoding="utf-8")
    folder = str(tmp_path / "rails")
    assert main(["rails", "--lint", folder]) == 2
    assert f"{folder}{os.sep}config.yml:4: " in capsys.readouterr().out
    assert main(["rails", "--lint", folder, "--config", str(tmp_path / "agentkit.yaml")]) == 0


@pytest.mark.parametrize(
    "arguments", [["rails"], ["rails", "--coverage", "--lint", "base"], ["rails", "--lint", "none"]]
)
def test_a_lint_of_nothing_is_a_usage_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("agentkit: ")
