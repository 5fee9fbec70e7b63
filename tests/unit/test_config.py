"""The configuration: each typical mistake gets one plain sentence that says where, what, and what to do."""

import re
from pathlib import Path

import pytest

from agentkit.app import AgentKit
from agentkit.config import Config
from agentkit.errors import ConfigError

VENDOR_WORDS = re.compile(
    r"(?i)pydantic|input should|validation error|value error|parsing|extra inputs|permitted|valid integer"
    r"|literal\[|list\[|<class|traceback"
)

MISTAKES = {
    # name: text of the file, line, what the sentence says
    "yes for a text": ("rails: {folder: yes}\n", 1, "rails.folder is true, but must be text."),
    "a date for a text": ("rails: {folder: 2025-01-01}\n", 1, "rails.folder is a date, but must be text."),
    "a price without end": ("models:\n  - {model_name: a, litellm_params: {model: openai/x}, input_price: .inf}\n", 2,
        "models.0.input_price is inf, but must be a number that is not infinite."),
    "a budget without end": ("budget: {usd: .inf}\n", 1, "budget.usd is inf, but must be a number"),
    "a remote model that calls itself embedded": (
        "models:\n  - model_name: embedded/extractive\n    litellm_params: {model: openai/x}\n", 2,
        "models.0.model_name: choose a name of your own"),
    "a list for a text": ("rails: {folder: [a]}\n", 1, "rails.folder is a list, but must be text."),
    "a section for a text": ("rails: {folder: {a: b}}\n", 1, "rails.folder is a section, but must be text."),
    "a word for a number": ("roles:\n  writer: x\nretrieval:\n  top_k: many\n", 4,
        "retrieval.top_k is the text 'many', but must be a whole number."),
    "a number with a fraction": ("retrieval: {top_k: 2.5}\n", 1, "retrieval.top_k is 2.5, but must be a whole number."),
    "an edge that does not exist": (
        "rails:\n  edges:\n    agent_to_agnt: {stage: none}\n",
        3,
        "Unknown key rails.edges.agent_to_agnt: did you mean agent_to_agent or tool_to_agent?",
    ),
    "a number for a text": ("rails:\n  folder: 7\n", 2, "rails.folder is 7, but must be text."),
    "a text for a list": ("privacy:\n  redact: PERSON\n", 2,
        "privacy.redact is the text 'PERSON', but must be a list: one item a line, each after a dash."),
    "neither of two types": ("privacy:\n  egress: 5\n", 2,
        "privacy.egress is 5, but must be none, loopback or private, or a list"),
    "a wrong item of a list": ("privacy:\n  egress:\n    - 5\n", 3, "privacy.egress.0 is 5, but must be text."),
    "a section that is a word": ("budget: none\n", 1, "budget is the text 'none', but must be a section"),
    "a section left empty": ("roles:\n  writer: x\nbudget:\n", 3, "budget is empty, but must be a section"),
    "too large": ("review:\n  max_revisions: 11\n", 2, "review.max_revisions is 11, but must be 10 or less."),
    "too small": ("retrieval:\n  top_k: 0\n", 2, "retrieval.top_k is 0, but must be above 0."),
    "no such choice": ("review:\n  unsupported: drop\n", 2,
        "review.unsupported is the text 'drop', but must be remove or flag."),
    "a misspelled section": ("\nretreival:\n  top_k: 3\n", 2, "Unknown key retreival: did you mean retrieval?"),
    "a misspelled key": ("privacy:\n  keeps: [X]\n", 2, "Unknown key privacy.keeps: did you mean keep?"),
    "a key that is near nothing": ("rails:\n  zzz: 1\n", 2, "Unknown key rails.zzz: known here are folder, edges."),
    "a key that is missing": ("models:\n  - model_name: x\n", 2, "models.0.litellm_params is missing: add it."),
    "a key of a server in the file": (
        "models:\n  - model_name: x\n    litellm_params:\n      model: openai/x\n      api_key: abc-123\n", 5,
        "models.0.litellm_params.api_key: write os.environ/NAME"),
    "no YAML": ("roles:\n  writer: [x\n", 3, "This is not valid YAML: expected ',' or ']'"),
    "a tab": ("roles:\n\twriter: x\n", 2, "This is not valid YAML: found character '\\t' that cannot start any token."),
    "a control character": ("roles:\n  writer: '\x01'\n", None,
        "This is not valid YAML: it holds a character that YAML does not allow."),
    "a list instead of sections": ("- roles\n- rails\n", 1, "The file is a list where sections belong"),
    "a word instead of sections": ("embedded\n", 1, "The file is the text 'embedded' where sections belong"),
    "a section that stands twice": ("privacy:\n  keep: [X]\nroles:\n  writer: x\nprivacy:\n  egress: none\n", 5,
        "privacy stands here and in line 1: write it once."),
    "nothing at all": (" \n\n", None, "The configuration file is empty: fill it, or run without it."),
    "a limit that limits nothing": (
        "budget:\n  periods:\n    - {per: day}\n",
        3,
        "budget.periods.0: it limits nothing: set usd, tokens or calls",
    ),
    "a model inside the program as a deployment": (
        "models:\n  - model_name: mine\n    litellm_params:\n      model: embedded/extractive\n",
        4,
        "embedded/extractive is inside this program: name it in roles, without an entry in models",
    ),
    "a port that is none": (
        "models:\n  - model_name: mine\n    litellm_params:\n      model: openai/m\n"
        "      api_base: http://127.0.0.1:99999/v1\n",
        5,
        "write a port from 1 to 65535",
    ),
    "a port of a cache that is none": ("cache:\n  url: redis://localhost:0\n", 2, "write a port from 1 to 65535"),
}  # fmt: skip


def refusal(text: str | bytes, folder: Path, **environ: str) -> ConfigError:
    path = folder / "agentkit.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        Config.load(path, environ=environ)
    return caught.value


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_gets_one_sentence_with_file_line_and_key(name: str, tmp_path: Path) -> None:
    text, line, sentence = MISTAKES[name]
    error = refusal(text, tmp_path)
    assert sentence in str(error)
    assert error.line == line
    assert str(error).startswith(f"{tmp_path / 'agentkit.yaml'}:")
    assert "\n" not in str(error)
    assert not VENDOR_WORDS.search(str(error).removeprefix(str(tmp_path)))


def test_a_value_that_may_be_a_secret_is_not_repeated(tmp_path: Path) -> None:
    error = refusal("models:\n  - model_name: x\n    litellm_params: sk-0123456789abcdef\n", tmp_path)
    assert "litellm_params is text, but must be a section" in str(error)
    assert "sk-0" not in str(error)


def test_a_file_that_is_not_text_a_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    assert "cannot be read as UTF-8 text" in str(refusal(b"roles:\n  writer: \xff\xfe\n", tmp_path))
    with pytest.raises(ConfigError, match="This is a folder: name the configuration file in it"):
        Config.load(tmp_path, environ={})
    with pytest.raises(ConfigError, match=r"absent\.yaml: There is no such configuration file: check the path"):
        Config.load(tmp_path / "absent.yaml", environ={})


def test_a_wrong_variable_is_named_and_not_the_file(tmp_path: Path) -> None:
    sound = "retrieval:\n  top_k: 3\n"
    wrong = refusal(sound, tmp_path, AGENTKIT_RETRIEVAL__TOP_K="lots")
    assert str(wrong) == (
        "The variable AGENTKIT_RETRIEVAL__TOP_K: retrieval.top_k is the text 'lots', but must be a whole number."
    )
    near = refusal(sound, tmp_path, AGENTKIT_PRIVACY__EGRES="none")
    assert str(near) == "The variable AGENTKIT_PRIVACY__EGRES: Unknown key privacy.egres: did you mean egress?"
    broken = refusal(sound, tmp_path, AGENTKIT_ROLES__WRITER="[x")
    assert str(broken) == "The variable AGENTKIT_ROLES__WRITER does not hold valid YAML: quote its value."
    elsewhere = refusal("review: {max_revisions: 99}\n", tmp_path, AGENTKIT_RETRIEVAL__TOP_K="4")
    assert "agentkit.yaml:1: review.max_revisions is 99" in str(elsewhere)


def test_a_variable_sets_one_key_and_leaves_the_rest_of_its_section(tmp_path: Path) -> None:
    path = tmp_path / "agentkit.yaml"
    path.write_text("retrieval: {top_k: 3, max_chars: 500}\n", encoding="utf-8")
    loaded = Config.load(path, environ={"AGENTKIT_RETRIEVAL__TOP_K": "7", "AGENTKIT_HOME": "/elsewhere", "PATH": "x"})
    assert (loaded.retrieval.top_k, loaded.retrieval.max_chars) == (7, 500)


def test_comments_alone_leave_every_default(tmp_path: Path) -> None:
    path = tmp_path / "agentkit.yaml"
    path.write_text("# roles:\n#   writer: x\n", encoding="utf-8")
    assert Config.load(path, environ={}).model_dump() == Config().model_dump()


def test_an_unknown_entity_type_is_named_with_file_line_and_the_near_one(tmp_path: Path) -> None:
    path = tmp_path / "agentkit.yaml"
    path.write_text("privacy:\n  egress: none\n  redact: [PERSONN]\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        AgentKit.from_config(path)
    assert str(caught.value) == (f"{path}:3: privacy.redact: There is no entity type 'PERSONN'; did you mean PERSON?")
