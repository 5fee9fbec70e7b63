"""NeMo's own rails that ask a model, against a server that speaks the protocol: verdicts, reasons, failures."""

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from agentkit.adapters.nemo.rails import NemoRails
from agentkit.composition import make_rails
from agentkit.config import Config
from agentkit.errors import ConfigError
from agentkit.gateway import Gateway
from agentkit.lending import lending
from agentkit.testing.server import ModelServer, Received, Reply, chat_reply, json_reply
from agentkit.types import RailReport, Stage

SELF_CHECK = """models: [{type: main, engine: agentkit, model: judge}]
rails:
  STAGE: {flows: [self check STAGE]}
prompts:
  - task: self_check_STAGE
    content: |
      Should this be blocked? "{{ user_input }}{{ bot_response }}"
      Answer Yes or No.
"""
LLAMA_GUARD = """models: [{type: llama_guard, engine: agentkit, model: guard}]
rails:
  STAGE: {flows: [llama guard check STAGE]}
prompts:
  - task: llama_guard_check_STAGE
    content: "Is it safe? {{ user_input }}{{ bot_response }}"
"""
CONTENT = """models: [{type: content_safety, engine: agentkit, model: guard}]
rails:
  STAGE: {flows: [content safety check STAGE $model=content_safety]}
prompts:
  - task: content_safety_check_STAGE $model=content_safety
    content: "Is it safe? Categories: Violence, Weapons, Fraud. {{ user_input }}{{ bot_response }}"
    output_parser: PARSER
    max_tokens: 50
"""
TOPIC = """models: [{type: topic_control, engine: agentkit, model: guard}]
rails:
  input: {flows: [topic safety check input $model=topic_control]}
prompts:
  - task: topic_safety_check_input $model=topic_control
    content: "Only leases are discussed here."
"""
PARSERS = {"input": "nemoguard_parse_prompt_safety", "output": "nemoguard_parse_response_safety"}
UNSAFE = {
    "input": '{"User Safety": "unsafe", "Safety Categories": "Violence, Weapons"}',
    "output": '{"User Safety": "safe", "Response Safety": "unsafe", "Safety Categories": "Violence, Weapons"}',
}
SAFE = {"input": '{"User Safety": "safe"}', "output": '{"User Safety": "safe", "Response Safety": "safe"}'}


def configured(folder: Path, server: ModelServer, rails: str) -> Config:
    (folder / "rails").mkdir(exist_ok=True)
    (folder / "rails" / "config.yml").write_text(rails, encoding="utf-8")
    params = {"model": "openai/served", "api_base": server.url, "timeout": 20}
    models = [{"model_name": name, "litellm_params": params, "client": "openai"} for name in ("check", "guard")]
    return Config.model_validate(
        {"models": models, "roles": {"judge": "check"}, "rails": {"folder": str(folder / "rails")}}
    )


async def checked(config: Config, text: str, stage: Stage) -> RailReport:
    rails = make_rails(config.rails.folder, config)
    async with Gateway(config) as gateway:
        with lending(gateway.lend):
            return await rails.check(text, stage=stage)


@pytest.mark.parametrize("stage", ["input", "output"])
@pytest.mark.parametrize(
    ("rails", "verdicts", "reason"),
    [
        (
            SELF_CHECK,
            ({"input": "No", "output": "No"}, {"input": "Yes", "output": "Yes"}),
            "refused by the rail self check",
        ),
        (LLAMA_GUARD, ({"input": "safe", "output": "safe"}, dict.fromkeys(UNSAFE, "unsafe\nS1")), "violates S1"),
        (
            LLAMA_GUARD,
            ({"input": "safe", "output": "\n\nsafe"}, dict.fromkeys(UNSAFE, "unsafe\nS10,S9")),
            "violates S10, S9",
        ),
        (CONTENT, (SAFE, UNSAFE), "violates Violence, Weapons"),
    ],
    ids=["self check", "llama guard", "llama guard, two categories", "content safety"],
)
async def test_a_model_s_verdict_is_obeyed_and_its_categories_are_named(
    tmp_path: Path, stage: Stage, rails: str, verdicts: Sequence[dict[str, str]], reason: str
) -> None:
    rails = rails.replace("STAGE", stage).replace("PARSER", PARSERS[stage])
    reports: list[RailReport] = []
    for said in verdicts:
        async with ModelServer([chat_reply(said[stage])]) as server:
            reports.append(await checked(configured(tmp_path, server, rails), "How do I build a fence?", stage))
            assert len(server.received) == 1
            assert "build a fence" in str(server.received[0].body["messages"])
    passed, blocked = reports
    assert (passed.allowed, blocked.allowed) == (True, False)
    assert passed.text == "How do I build a fence?"
    assert blocked.results[0].reason.startswith(reason)


async def test_topic_safety_blocks_what_is_off_topic(tmp_path: Path) -> None:
    allowed: list[bool] = []
    for said in ("on-topic", "off-topic"):
        async with ModelServer([chat_reply(said)]) as server:
            allowed.append((await checked(configured(tmp_path, server, TOPIC), "And the weather?", "input")).allowed)
    assert allowed == [True, False]


async def test_a_model_s_own_words_do_not_get_into_the_reason(tmp_path: Path) -> None:
    async with ModelServer([chat_reply("unsafe\nS1,Mary Whitfield wants S2")]) as server:
        report = await checked(configured(tmp_path, server, LLAMA_GUARD.replace("STAGE", "input")), "Hello", "input")
    assert "whitfield" not in report.results[0].reason.lower()
    assert report.results[0].reason.startswith("violates S1")


@pytest.mark.parametrize("said", ["unsafe", "I cannot say.", "", "UNSAFE\nS1"])
async def test_whatever_is_no_clear_safe_of_llama_guard_blocks(tmp_path: Path, said: str) -> None:
    async with ModelServer([chat_reply(said)]) as server:
        report = await checked(configured(tmp_path, server, LLAMA_GUARD.replace("STAGE", "input")), "Hello", "input")
    assert not report.allowed
    assert report.results[0].reason


@pytest.mark.parametrize("rails", [SELF_CHECK, LLAMA_GUARD, CONTENT], ids=["self check", "llama guard", "content"])
async def test_a_model_that_fails_makes_its_rail_unable_to_check(tmp_path: Path, rails: str) -> None:
    rails = rails.replace("STAGE", "input").replace("PARSER", PARSERS["input"])
    async with ModelServer([json_reply({"error": {"message": "no"}}, status=400)]) as server:
        report = await checked(configured(tmp_path, server, rails), "Hello", "input")
    assert not report.allowed
    assert [result.action for result in report.results] == ["unchecked"]


@pytest.mark.parametrize("rails", [SELF_CHECK, LLAMA_GUARD], ids=["self check", "llama guard"])
async def test_a_judge_blocks_where_nemo_is_told_to_raise_exceptions(tmp_path: Path, rails: str) -> None:
    allowed: list[bool] = []
    for said in ("No" if rails is SELF_CHECK else "safe", "Yes" if rails is SELF_CHECK else "unsafe\nS1"):
        async with ModelServer([chat_reply(said)]) as server:
            config = configured(tmp_path, server, "enable_rails_exceptions: true\n" + rails.replace("STAGE", "input"))
            allowed.append((await checked(config, "Hello", "input")).allowed)
    assert allowed == [True, False]


async def test_a_prompt_for_one_model_is_used_for_that_model(tmp_path: Path) -> None:
    special = "  - task: self_check_input\n    models: [agentkit/judge]\n    content: 'SPECIAL {{ user_input }}'\n"

    def reply(request: Received) -> Reply:
        return chat_reply("Yes" if "SPECIAL" in str(request.body["messages"]) else "No")

    async with ModelServer([reply]) as server:
        config = configured(tmp_path, server, SELF_CHECK.replace("STAGE", "input") + special)
        report = await checked(config, "Hello", "input")
    assert not report.allowed


async def test_parameters_of_a_folder_s_model_reach_the_model(tmp_path: Path) -> None:
    rails = LLAMA_GUARD.replace("STAGE", "input").replace("model: guard", "model: guard, parameters: {max_tokens: 7}")
    async with ModelServer([chat_reply("safe")]) as server:
        await checked(configured(tmp_path, server, rails), "Hello", "input")
    assert server.received[0].body["max_tokens"] == 7


async def test_the_first_text_waits_for_no_engine(tmp_path: Path) -> None:
    async with ModelServer([chat_reply("safe")]) as server:
        config = configured(tmp_path, server, LLAMA_GUARD.replace("STAGE", "input"))
        rails = make_rails(config.rails.folder, config)
        assert isinstance(rails, NemoRails)
        assert rails.flows("input") == [("llama guard check input", False)]
        async with Gateway(config) as gateway:
            with lending(gateway.lend):
                costs = [await _cost(rails) for _ in range(4)]
    assert costs[0] < 5 * max(costs[1:]) + 0.05


async def _cost(rails: NemoRails) -> float:
    began = time.process_time()
    assert (await rails.check("Hello", stage="input")).allowed
    return time.process_time() - began


def test_a_model_that_nobody_knows_is_refused_when_the_folder_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text(LLAMA_GUARD.replace("STAGE", "input"), encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"config.yml:1: the model \"guard\" cannot be asked: there is none of that name"
    ):
        make_rails(str(tmp_path), Config())
