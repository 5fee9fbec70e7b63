"""Whole runs over several deployments: fallbacks, the ladder of a role, and who may see a labelled text."""

import json
from pathlib import Path

import pytest

from agentkit.app import AgentKit, Options
from agentkit.config import Config
from agentkit.errors import NoDeploymentError, UnknownModelError
from agentkit.records.run_record import read_events
from agentkit.report import Report
from agentkit.testing.server import ModelServer, chat_reply, json_reply

RENT = "The Tenant shall pay rent of EUR 1,250 on the first day of each month, by bank transfer."
ANSWER = json.dumps(
    {"answered": True, "claims": [{"text": RENT, "citations": [{"passage": "d0p0", "quote": RENT}], "topic": "rent"}]}
)
INVENTED = ANSWER.replace(
    '"text": "The Tenant shall pay rent of EUR 1,250', '"text": "The Tenant shall pay rent of EUR 9,999'
)
BROKEN = json_reply({"error": {"message": "the model is gone"}}, status=404)


def deployment(name: str, server: ModelServer, **more: object) -> dict[str, object]:
    params = {"model": "openai/served", "api_base": server.url, "timeout": 20}
    return {"model_name": name, "litellm_params": params, **more}


async def summarize(folder: Path, settings: dict[str, object], options: Options | None = None) -> Report:
    lease = folder / "lease.txt"
    lease.write_text(f"1. Rent. {RENT}\n", encoding="utf-8")
    base = {"review": {"max_revisions": 1}, "checkpoint": {"adapter": "memory"}, "cache": {"adapter": "none"}}
    async with AgentKit(Config.model_validate({**base, **settings})) as kit:
        return await kit.summarize([lease], options=options)


def events(report: Report, kind: str) -> list[dict[str, object]]:
    return [dict(event) for event in read_events(AgentKit().home, report.run_id) if event["event"] == kind]


async def test_a_fallback_writes_where_the_first_deployment_fails_and_both_are_counted(tmp_path: Path) -> None:
    async with ModelServer([BROKEN]) as gone, ModelServer([chat_reply(ANSWER)]) as spare:
        report = await summarize(
            tmp_path,
            {
                "models": [deployment("main", gone, fallbacks=["spare"]), deployment("spare", spare)],
                "roles": {"writer": "main"},
            },
        )
    assert [claim.text for claim in report.claims] == [RENT]
    assert report.usage.by_model["main"].calls == len(gone.received) > 0
    assert report.usage.by_model["spare"].calls == len(spare.received) > 0


@pytest.mark.parametrize("client", ["litellm", "openai"])
async def test_either_client_is_one_word_of_configuration(client: str, tmp_path: Path) -> None:
    async with ModelServer([chat_reply(ANSWER)]) as server:
        models = [deployment("main", server, client=client, input_price=2.0, output_price=8.0)]
        report = await summarize(tmp_path, {"models": models, "roles": {"writer": "main"}})
    assert [claim.text for claim in report.claims] == [RENT]
    assert report.privacy.hosts_contacted == ["127.0.0.1"]
    assert report.usage.cost_usd == pytest.approx(len(server.received) * (10 * 2.0 + 5 * 8.0) / 1e6)


async def test_a_fallback_nobody_configured_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    async with ModelServer([chat_reply(ANSWER)]) as server:
        models = [deployment("main", server, fallbacks=["spair"]), deployment("spare", server)]
        with pytest.raises(UnknownModelError, match="Did you mean spare"):
            await summarize(tmp_path, {"models": models, "roles": {"writer": "main"}})
    assert server.received == []


async def test_an_unusable_draft_is_asked_for_again_one_rung_higher(tmp_path: Path) -> None:
    async with ModelServer([chat_reply("I would rather not.")]) as small, ModelServer([chat_reply(ANSWER)]) as large:
        report = await summarize(
            tmp_path,
            {
                "models": [deployment("small", small), deployment("large", large)],
                "roles": {"writer": ["small", "large"]},
            },
        )
    assert [claim.text for claim in report.claims] == [RENT]
    climbed = events(report, "escalated")
    assert (climbed[0]["from"], climbed[0]["to"]) == ("small", "large")


async def test_what_the_reviewer_sends_back_goes_one_rung_higher(tmp_path: Path) -> None:
    async with ModelServer([chat_reply(INVENTED)]) as small, ModelServer([chat_reply(ANSWER)]) as large:
        report = await summarize(
            tmp_path,
            {
                "models": [deployment("small", small), deployment("large", large)],
                "roles": {"writer": ["small", "large"]},
            },
        )
    assert [claim.text for claim in report.claims] == [RENT]
    assert "rejected" in str(large.received[0].body)


LABELS = {"privileged": {"requires": ["local"]}}


async def test_a_labelled_run_is_shown_to_cleared_deployments_alone_and_the_record_proves_it(tmp_path: Path) -> None:
    async with ModelServer([chat_reply(ANSWER)]) as cloud, ModelServer([chat_reply(ANSWER)]) as local:
        models = [
            deployment("main", cloud, tags=["eu"], fallbacks=["local"]),
            deployment("local", local, tags=["local"]),
        ]
        settings = {"models": models, "roles": {"writer": "main"}, "labels": LABELS}
        report = await summarize(tmp_path, settings, Options(labels=["privileged"]))
    assert [claim.text for claim in report.claims] == [RENT]
    assert cloud.received == []
    assert local.received
    calls = events(report, "call")
    assert {(str(call["model"]), *call["labels"]) for call in calls} == {("local", "privileged")}


async def test_a_matter_brings_its_labels(tmp_path: Path) -> None:
    async with ModelServer([chat_reply(ANSWER)]) as cloud:
        settings = {
            "models": [deployment("main", cloud, tags=["eu"])],
            "roles": {"writer": "main"},
            "labels": LABELS,
            "matters": {"M-17": ["privileged"]},
        }
        with pytest.raises(NoDeploymentError, match="main lacks local"):
            await summarize(tmp_path, settings, Options(matter="M-17"))
    assert cloud.received == []


async def test_a_label_nobody_defined_stops_the_run_before_anything_is_sent(tmp_path: Path) -> None:
    async with ModelServer([chat_reply(ANSWER)]) as cloud:
        settings = {"models": [deployment("main", cloud)], "roles": {"writer": "main"}, "labels": LABELS}
        with pytest.raises(NoDeploymentError, match="'privilegd'"):
            await summarize(tmp_path, settings, Options(labels=["privilegd"]))
    assert cloud.received == []


async def test_the_embedded_model_reads_labelled_texts_because_nothing_leaves(tmp_path: Path) -> None:
    report = await summarize(tmp_path, {"labels": LABELS}, Options(labels=["privileged"]))
    assert report.claims
