"""Rails that ask a model ask ours: governed like any other call, and blocking where it cannot be asked."""

import json
from pathlib import Path

import pytest

from agentkit.app import AgentKit
from agentkit.blocking import Blocking
from agentkit.cli.main import main
from agentkit.config import Config
from agentkit.errors import ConfigError, UnavailableError
from agentkit.lending import borrow
from agentkit.testing.server import ModelServer, Received, Reply, chat_reply, json_reply

RENT = "The Tenant shall pay rent of EUR 1,250 on the first day of each month, by bank transfer."
ANSWER = json.dumps(
    {"answered": True, "claims": [{"text": RENT, "citations": [{"passage": "d0p0", "quote": RENT}], "topic": "rent"}]}
)
SELF_CHECK = """models:
  - type: main
    engine: agentkit
    model: judge
rails:
  input:
    flows:
      - self check input
prompts:
  - task: self_check_input
    content: |
      Should this be blocked? "{{ user_input }}"
      Answer Yes or No.
"""
LLAMA_GUARD = """models:
  - type: llama_guard
    engine: agentkit
    model: guard
rails:
  input:
    flows:
      - llama guard check input
prompts:
  - task: llama_guard_check_input
    content: |
      Unsafe content? {{ user_input }}
"""
FOREIGN = SELF_CHECK.replace("engine: agentkit", "engine: openai").replace("model: judge", "model: gpt-4o")


def settings(folder: Path, server: ModelServer, rails: str) -> Config:
    (folder / "rails").mkdir()
    (folder / "rails" / "config.yml").write_text(rails, encoding="utf-8")
    params = {"model": "openai/served", "api_base": server.url, "timeout": 20}
    return Config.model_validate(
        {
            "models": [
                {"model_name": name, "litellm_params": params, "client": "openai"}
                for name in ("main", "check", "guard")
            ],
            "roles": {"writer": "main", "judge": "check"},
            "rails": {"folder": str(folder / "rails")},
            "review": {"max_revisions": 0},
        }
    )


def served(verdict: str) -> ModelServer:
    """Answer a rail's question with the verdict, and the writer's with a claim."""

    def reply(request: Received) -> Reply:
        asked = str(request.body["messages"])
        return chat_reply(verdict if "blocked?" in asked or "Unsafe content?" in asked else ANSWER)

    return ModelServer([reply])


@pytest.fixture
def lease(tmp_path: Path) -> Path:
    path = tmp_path / "lease.txt"
    path.write_text(f"1. Rent. {RENT}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("rails", "verdict", "status"),
    [
        (SELF_CHECK, "No", "approved"),
        (SELF_CHECK, "Yes", "refused"),
        (LLAMA_GUARD, "safe", "approved"),
        (LLAMA_GUARD, "unsafe\nS1", "refused"),
    ],
    ids=["self check passes", "self check blocks", "guard passes", "guard blocks"],
)
async def test_a_rail_s_model_is_asked_through_the_door(
    rails: str, verdict: str, status: str, lease: Path, tmp_path: Path
) -> None:
    async with served(verdict) as server, AgentKit(settings(tmp_path, server, rails)) as kit:
        report = await kit.ask([lease], "What rent does Mary Whitfield pay?")
    assert report.status == status
    name = "guard" if rails is LLAMA_GUARD else "check"
    assert report.usage.by_model[name].calls == 1
    assert report.privacy.hosts_contacted == ["127.0.0.1"]
    assert all("Whitfield" not in str(request.body) for request in server.received)


async def test_a_rail_whose_model_fails_blocks(lease: Path, tmp_path: Path) -> None:
    failing = ModelServer([json_reply({"error": {"message": "no"}}, status=404)])
    async with failing as server, AgentKit(settings(tmp_path, server, SELF_CHECK)) as kit:
        report = await kit.ask([lease], "What is the rent?")
    assert report.status == "refused"
    assert [rail.action for rail in report.rails] == ["unchecked"]


async def test_another_engine_s_model_is_held_to_the_egress_policy_when_the_folder_is_loaded(tmp_path: Path) -> None:
    async with served("No") as server:
        with pytest.raises(ConfigError, match=r"config.yml:2: .*openai/gpt-4o.*api.openai.com is not allowed"):
            AgentKit(settings(tmp_path, server, FOREIGN))
    assert server.received == []


async def test_a_rail_s_calls_are_on_the_run_s_budget(lease: Path, tmp_path: Path) -> None:
    async with served("No") as server:
        config = settings(tmp_path, server, SELF_CHECK)
        async with AgentKit(config.model_copy(update={"budget": config.budget.model_copy(update={"calls": 1})})) as kit:
            with pytest.raises(Exception, match="budget of 1 model calls"):
                await kit.ask([lease], "What is the rent?")
    assert len(server.received) == 1


def test_outside_of_a_run_nothing_is_lent() -> None:
    with pytest.raises(UnavailableError, match="only be asked within a run"):
        borrow("judge")


@pytest.mark.parametrize(("verdict", "code"), [("No", 0), ("Yes", 3)])
def test_a_text_can_be_checked_by_rails_that_ask_a_model(
    verdict: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = Blocking()
    server = elsewhere.run(served(verdict).__aenter__())
    config = settings(tmp_path, server, SELF_CHECK)
    (tmp_path / "agentkit.yaml").write_text(json.dumps(config.model_dump(mode="json")), encoding="utf-8")
    (tmp_path / "text.txt").write_text("What is the rent?", encoding="utf-8")
    assert main(["check", str(tmp_path / "text.txt"), "--config", str(tmp_path / "agentkit.yaml")]) == code
    assert json.loads(capsys.readouterr().out)["allowed"] is (code == 0)
    elsewhere.run(server.__aexit__(None, None, None))
    elsewhere.close()
