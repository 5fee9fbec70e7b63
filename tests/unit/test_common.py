"""What gateways of one configuration share, and what they must not."""

from pathlib import Path

from agentkit import AgentKit
from agentkit.calls import LedgerQuery
from agentkit.common import Common
from agentkit.config import Config
from agentkit.gateway import Gateway
from agentkit.testing.fakes import ScriptedBackend
from agentkit.testing.server import ModelServer, Received, Reply, chat_reply


def echo(request: Received) -> Reply:
    return chat_reply(str(request.body["messages"][-1]["content"]))


def configured(url: str) -> Config:
    served = {"model_name": "served", "litellm_params": {"model": "openai/served", "api_base": url}, "client": "openai"}
    return Config.model_validate({"models": [served], "roles": {"writer": "served"}, "budget": {"calls": 1}})


async def test_gateways_share_connections_and_ledger_and_nothing_that_was_said(tmp_path: Path) -> None:
    async with ModelServer([echo]) as server:
        common = Common(configured(server.url), home=tmp_path)
        first, second = Gateway(common=common, tenant="one"), Gateway(common=common, tenant="two")
        said = await first.complete("Dear Mary Whitfield,")
        await first.aclose()
        other = await second.complete("Dear Jonas Keller,")
        assert (said.text, other.text) == ("Dear Mary Whitfield,", "Dear Jonas Keller,")
        assert first.restore("<PERSON_1>") == "Mary Whitfield"
        assert second.restore("<PERSON_1>") == "Jonas Keller"
        assert (first.usage().model_calls, second.usage().model_calls) == (1, 1)
        rows = [row for one in (first, second) for row in await common.ledger.rows(LedgerQuery(run=one.run_id))]
        assert [row.tenant for row in rows] == ["one", "two"]
        await second.aclose()
        await common.aclose()


async def test_a_backend_of_ones_own_is_closed_with_its_gateway_and_what_is_shared_is_not(tmp_path: Path) -> None:
    common = Common(Config(), home=tmp_path)
    backend = ScriptedBackend("Yes.", name="own")
    async with Gateway(model=backend, common=common) as gateway:
        await gateway.complete("Is it due?")
    async with Gateway(model=ScriptedBackend("No.", name="other"), common=common) as gateway:
        assert (await gateway.complete("Is it due?")).text == "No."
    await common.aclose()


async def test_a_home_may_be_given_as_words(tmp_path: Path) -> None:
    lease = tmp_path / "lease.txt"
    lease.write_text("The rent of the premises is EUR 1,250 a month. It is due on the first day of each month.\n")
    async with AgentKit(home=str(tmp_path / "kit")) as kit:
        report = await kit.ask([str(lease)], "What is the rent?")
    assert "EUR 1,250" in report.claims[0].text
    assert (tmp_path / "kit" / "ledger.db").exists()
    async with Gateway(home=str(tmp_path / "gate")) as gateway:
        assert gateway.run_id
    assert (tmp_path / "gate").is_dir()
