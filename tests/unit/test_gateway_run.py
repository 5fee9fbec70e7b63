"""Whole runs over several deployments: fallbacks, the ladder of a role, and who may see a labelled text."""

import asyncio
import contextlib
import json
import sqlite3
from pathlib import Path

import pytest

from agentkit.app import AgentKit, Options
from agentkit.composition import identities
from agentkit.config import Config
from agentkit.errors import NoDeploymentError, UnknownModelError
from agentkit.gateway import Gateway
from agentkit.records.evaluations import Evaluation, remember
from agentkit.records.run_record import read_events
from agentkit.rendering import render
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
    assert {(call["model"], call["deployment"], call["host"], *call["labels"]) for call in calls} == {
        ("local", "local", "127.0.0.1", "privileged")
    }


async def test_the_record_tells_deployments_of_one_name_apart_and_has_every_attempt(tmp_path: Path) -> None:
    async with ModelServer([BROKEN]) as gone, ModelServer([chat_reply(ANSWER)]) as there:
        models = [deployment("main", gone, weight=1e9, fallbacks=["local"]), deployment("main", there, weight=1e-9)]
        models.append(deployment("local", there, client="openai"))
        settings = {"models": models, "roles": {"writer": "main"}}
        report = await summarize(tmp_path, settings)
    calls = events(report, "call")
    assert [(call["deployment"], call["host"], "error" in call) for call in calls[:2]] == [
        ("main", "127.0.0.1", True),
        ("main#2", "127.0.0.1", False),
    ]


async def test_what_never_left_this_process_names_no_host(tmp_path: Path) -> None:
    report = await summarize(tmp_path, {"labels": LABELS}, Options(labels=["privileged"]))
    assert {(call["deployment"], call["host"]) for call in events(report, "call")} == {("embedded/extractive", "")}


async def test_a_label_that_forbids_keeping_is_neither_written_to_the_cache_nor_read_from_it(tmp_path: Path) -> None:
    labels = {"privileged": {"requires": []}, "open": {"requires": [], "cache": True}}

    async def run(*names: str) -> int:
        seen = len(server.received)
        settings = {"models": models, "roles": {"writer": "main"}, "labels": labels, "cache": {"adapter": "sqlite"}}
        await summarize(tmp_path, settings, Options(labels=names, matter="m-1"))
        return len(server.received) - seen

    async with ModelServer([chat_reply(ANSWER)]) as server:
        models = [deployment("main", server)]
        asked = await run("privileged")
        assert asked > 0
        assert _kept(tmp_path) == 0
        assert await run("privileged") == asked
        assert await run("open") == asked  # nothing was left to be found under another label
        assert _kept(tmp_path) > 0
        assert await run("open") == 0
        assert await run("open", "privileged") == asked  # one label that forbids it is enough


def _kept(folder: Path) -> int:
    database = folder / "home" / "cache.db"
    if not database.exists():
        return 0
    with contextlib.closing(sqlite3.connect(database)) as connection:
        (table,) = connection.execute("select name from sqlite_master where type='table' order by name").fetchone()
        return connection.execute(f"select count(*) from {table}").fetchone()[0]  # noqa: S608 - our own table


async def test_a_label_that_forbids_tracing_leaves_no_span_of_its_calls(tmp_path: Path) -> None:
    labels = {"privileged": {"requires": [], "trace": False}, "open": {"requires": []}}

    async def spans(name: str) -> list[str]:
        path = tmp_path / f"{name}.jsonl"
        tracing = {"adapter": "file", "path": str(path)}
        settings = {"models": [deployment("main", server)], "roles": {"writer": "main"}, "labels": labels}
        await summarize(tmp_path, {**settings, "tracing": tracing}, Options(labels=[name]))
        return [json.loads(line)["name"] for line in path.read_text(encoding="utf-8").splitlines()]

    async with ModelServer([chat_reply(ANSWER)]) as server:
        assert "chat main" in await spans("open")
        silent = await spans("privileged")
    assert "invoke_agent summarize" in silent
    assert not [name for name in silent if name.startswith("chat")]


async def test_a_run_says_what_its_steps_spared_and_counts_nothing_twice(tmp_path: Path) -> None:
    two = json.loads(ANSWER)
    two["claims"].append({**two["claims"][0], "text": RENT.replace(", by bank transfer", "")})
    async with ModelServer([chat_reply(json.dumps(two))]) as server:
        models = [deployment("main", server, input_price=2.0, output_price=8.0)]
        settings = {"models": models, "roles": {"writer": "main", "judge": "main"}, "cache": {"adapter": "sqlite"}}
        first = await summarize(tmp_path, settings, Options(matter="m-1"))
        again = await summarize(tmp_path, settings, Options(matter="m-1"))
    spared = {saving.step: saving for saving in first.usage.savings}
    assert set(spared) == {"skipped_combine", "deterministic_review"}
    assert spared["skipped_combine"].calls == 1
    assert spared["deterministic_review"].calls == sum(c.verdict.method != "judge" for c in first.claims) > 0
    assert all(saving.usd > 0 for saving in spared.values())
    cached = {saving.step: saving for saving in again.usage.savings}
    assert cached["cache"].calls == again.usage.cache_hits
    assert cached["cache"].usd == pytest.approx(first.usage.cost_usd)
    for form in ("text", "md", "html"):
        assert "cache" in render(again, form)
        assert "Saved" in render(again, form)


async def test_the_embedded_model_costs_nothing_so_nothing_is_spared(tmp_path: Path) -> None:
    report = await summarize(tmp_path, {})
    assert report.usage.savings == []


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


async def test_a_rule_answers_about_a_document_and_the_reviewer_has_the_last_word(tmp_path: Path) -> None:
    lease = tmp_path / "lease.txt"
    lease.write_text(f"1. Rent. {RENT}\n", encoding="utf-8")
    rule = {"name": "mentions", "task": "ask", "pattern": "does it mention (.+)", "parser": "contains"}
    async with ModelServer([chat_reply(ANSWER)]) as server:
        settings = {
            "models": [deployment("main", server, input_price=2.0)],
            "roles": {"writer": "main"},
            "labels": LABELS,
            "gateway": {"rules": [rule]},
            "checkpoint": {"adapter": "memory"},
        }
        async with AgentKit(Config.model_validate(settings)) as kit:
            report = await kit.ask([lease], "Does it mention bank transfer?", options=Options(labels=["privileged"]))
    assert server.received == []
    (claim,) = report.claims
    assert (claim.citations[0].quote, claim.verdict.label, report.status) == (RENT, "supported", "approved")
    assert [(saving.step, saving.calls) for saving in report.usage.savings] == [("rule", 1)]
    assert (report.usage.model_calls, report.privacy.hosts_contacted) == (0, [])
    (event,) = events(report, "ruled")
    assert (event["model"], event["labels"]) == ("rule:mentions", ["privileged"])


async def test_a_floor_chooses_the_first_rung_of_a_whole_run(tmp_path: Path, home: Path) -> None:
    async with ModelServer([chat_reply(ANSWER)]) as small, ModelServer([chat_reply(ANSWER)]) as large:
        settings = {
            "models": [deployment("small", small), deployment("large", large)],
            "roles": {"writer": ["small", "large"]},
            "gateway": {"floors": {"writer": 0.8}},
        }
        config = Config.model_validate(settings)
        for name, low in (("small", 0.7), ("large", 0.85)):
            ((label, identity),) = identities(name, config)
            remember(home, Evaluation("2026-03-01", label, identity, "writer", "d", 40, 0.9, low, 0.95, 0.0, 1.0))
        report = await summarize(tmp_path, settings)
    assert list(report.usage.by_model) == ["large"]
    assert small.received == []


@pytest.mark.parametrize("writers", [["cloud", "house"], ["house", "cloud"], ["embedded/extractive", "cloud"]])
async def test_a_ladder_steps_over_rungs_that_may_not_see_a_labelled_matter(tmp_path: Path, writers: list[str]) -> None:
    async with ModelServer([chat_reply(INVENTED)]) as cloud, ModelServer([chat_reply(INVENTED)]) as house:
        report = await summarize(
            tmp_path,
            {
                "models": [deployment("cloud", cloud), deployment("house", house, tags=["local"])],
                "roles": {"writer": writers},
                "labels": {"privileged": {"requires": ["local"]}},
                "matters": {"whitfield": ["privileged"]},
            },
            Options(matter="whitfield"),
        )
    assert cloud.received == []
    assert {event["model"] for event in events(report, "call")} <= {"house", "embedded/extractive"}
    assert [event["to"] for event in events(report, "escalated")] in ([], ["house"])


async def test_roles_and_gateways_share_the_limit_and_the_breaker_of_a_deployment(tmp_path: Path) -> None:
    under_way = most = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal under_way, most
        await reader.readuntil(b"\r\n\r\n")
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.05)  # what is under way at once is what is measured
        under_way -= 1
        body = chat_reply("Done.").body
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n")
        writer.write(f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    house = {"model_name": "house", "litellm_params": {"model": "served", "api_base": url}, "client": "openai"}
    roles = {"writer": "house", "reviewer": "house", "judge": "house"}
    config = Config.model_validate(
        {"models": [{**house, "max_concurrency": 1}], "roles": roles, "cache": {"adapter": "none"}}
    )
    async with server, Gateway(config, home=tmp_path) as one, Gateway(config, home=tmp_path) as other:
        asked = [one.complete("A?"), one.complete("B?", role="judge"), other.complete("C?", role="reviewer")]
        answers = await asyncio.gather(*asked)
    assert [item.text for item in answers] == ["Done."] * 3
    assert most == 1
