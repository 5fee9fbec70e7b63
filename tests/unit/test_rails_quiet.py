"""A rail that asks a model says nothing of what it was asked."""

import json
import logging
from pathlib import Path

import pytest

from agentkit.adapters.nemo.quiet import quiet_logs
from agentkit.app import AgentKit
from agentkit.config import Config
from agentkit.testing.server import ModelServer, chat_reply

RAILS = """models:
  - type: main
    engine: agentkit
    model: check
rails:
  input:
    flows:
      - self check input
prompts:
  - task: self_check_input
    content: |
      Should this be blocked? "{{ user_input }}"
"""


async def test_what_a_rail_asks_its_model_is_not_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("nemoguardrails"), "level", logging.NOTSET)
    caplog.set_level(logging.DEBUG)
    (tmp_path / "rails").mkdir()
    (tmp_path / "rails" / "config.yml").write_text(RAILS, encoding="utf-8")
    (tmp_path / "lease.txt").write_text("1. Rent. The Tenant shall pay rent of EUR 1,250 each month.", encoding="utf-8")
    async with ModelServer([chat_reply("No")]) as server:
        params = {"model": "openai/served", "api_base": server.url}
        settings = {
            "models": [{"model_name": "check", "litellm_params": params, "client": "openai"}],
            "rails": {"folder": str(tmp_path / "rails")},
        }
        async with AgentKit(Config.model_validate(settings)) as kit:
            report = await kit.ask([tmp_path / "lease.txt"], "What rent does Mary Whitfield pay?")
    assert report.status != "refused"
    assert "blocked?" in json.dumps(server.received[0].body)
    assert "Whitfield" not in caplog.text


@pytest.mark.parametrize("name", ["nemoguardrails", "nemoguardrails.library.llama_guard.actions", "nemoguardrails.new"])
def test_no_logger_of_nemo_s_says_a_word_of_a_text_however_late_it_is_made(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    quiet_logs()
    with caplog.at_level(logging.DEBUG):
        logging.getLogger(name).warning("Unexpected response: %s", "CANARY-4711")
        error = ValueError("CANARY-4711")
        logging.getLogger(name).error("while checking CANARY-4711", exc_info=error, stack_info=True)
        logging.getLogger("host").info("its own words")
    assert "CANARY" not in caplog.text
    assert [record.name for record in caplog.records] == [name, name, "host"]
    assert "its own words" in caplog.text
