"""Whole runs over one cache: what a second run may take from the first, and what it must ask for anew."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from agentkit.app import AgentKit, Options
from agentkit.config import Config
from agentkit.errors import ConfigError
from agentkit.gateway import Gateway
from agentkit.records.run_record import read_events
from agentkit.report import Report
from agentkit.testing.server import ModelServer, chat_reply

LEASE = """LEASE AGREEMENT

1. Term. The lease ends on 31 March 2029.

2. Rent. The Tenant shall pay rent of EUR 1,250 on the first day of each month.

3. Notices. Notices go to Mary Whitfield at mary.whitfield@harbormills.example.
"""
TERM = "The lease ends on 31 March 2029."
ASKED = "When does the lease end?"
REWORDED = "Please tell me on what date the lease ends."
LEGAL = Path(__file__).parents[2] / "guardrails" / "legal"


def answer() -> str:
    claim = {"text": TERM, "citations": [{"passage": "d0p0", "quote": TERM}], "topic": "term"}
    return json.dumps({"answered": True, "claims": [claim]})


@pytest.mark.parametrize(
    ("cache", "told"),
    [
        ({"threshold": 0.8}, 1),
        ({"threshold": 0.8, "embedding": "wordllama"}, 1),
        ({"threshold": 0.8, "semantic": True}, 1),
        ({"threshold": 0.8, "semantic": True, "embedding": "wordllama"}, 0),
        ({}, 0),
    ],
)
async def test_a_threshold_that_has_no_effect_is_told_of(
    cache: Mapping[str, object], told: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with ModelServer([chat_reply("Hello.")]) as server:
        model = {"model_name": "m", "client": "openai", "litellm_params": {"model": "openai/m", "api_base": server.url}}
        config = {"models": [model], "roles": {"writer": "m"}, "cache": cache}
        async with Gateway(Config.model_validate(config), home=tmp_path) as gateway:
            await gateway.complete("Hello?")
    assert ["cache.threshold has no effect" in record.message for record in caplog.records] == [True] * told


async def ask(
    server: ModelServer,
    folder: Path,
    question: str = ASKED,
    *,
    text: str = LEASE,
    options: Options | None = None,
    settings: Mapping[str, object] | None = None,
) -> tuple[Report, bool]:
    """Ask in a process's first run, as it were; return the report and whether the model was called."""
    (folder / "lease.txt").write_text(text, encoding="utf-8")
    params = {"model": "openai/served", "api_base": server.url, "timeout": 20}
    config = {
        "models": [{"model_name": "firm", "litellm_params": params}],
        "roles": {"writer": "firm"},
        "checkpoint": {"adapter": "none"},
        "cache": {"semantic": True},
    }
    before = len(server.received)
    kit = AgentKit(Config.model_validate({**config, **(settings or {})}))
    try:
        report = await kit.ask([folder / "lease.txt"], question, options=options or Options(matter="acme"))
    finally:
        await kit.aclose()
    return report, len(server.received) > before


@pytest.mark.parametrize("question", [REWORDED, "When does the lease expire?"])
async def test_the_same_question_is_paid_for_once(question: str, tmp_path: Path) -> None:
    async with ModelServer([chat_reply(answer())]) as server:
        first, called = await ask(server, tmp_path)
        second, again = await ask(server, tmp_path, question)
    assert (called, again) == (True, False)
    assert [claim.text for claim in second.claims] == [claim.text for claim in first.claims] == [TERM]
    assert (second.usage.cache_hits > 0, second.usage.model_calls, second.usage.cost_usd) == (True, 0, 0.0)


@pytest.mark.parametrize(("threshold", "asked_again"), [(0.3, False), (1.0, True)])
async def test_a_configured_embedding_keeps_questions_apart_below_the_threshold(
    threshold: float, *, asked_again: bool, tmp_path: Path
) -> None:
    pytest.importorskip("wordllama")
    settings = {"cache": {"semantic": True, "embedding": "wordllama", "threshold": threshold}}
    async with ModelServer([chat_reply(answer())]) as server:
        await ask(server, tmp_path, settings=settings)
        assert (await ask(server, tmp_path, settings=settings))[1] is False
        _, called = await ask(server, tmp_path, REWORDED, settings=settings)
    assert called is asked_again


async def test_an_embedding_that_is_none_is_refused_with_what_to_write(tmp_path: Path) -> None:
    settings = {"cache": {"semantic": True, "embedding": "nowhere:nothing"}}
    async with ModelServer([chat_reply(answer())]) as server:
        with pytest.raises(ConfigError, match=r"cache\.embedding: there is no nowhere:nothing"):
            await ask(server, tmp_path, settings=settings)


CHANGES: dict[str, tuple[Options, dict[str, object]]] = {
    "tenant": (Options(matter="acme", tenant="somebody else"), {}),
    "matter": (Options(matter="borealis"), {}),
    "rails": (Options(matter="acme"), {"rails": {"folder": "RAILS"}}),
    "label": (Options(matter="acme", labels=["privileged"]), {"labels": {"privileged": {"requires": []}}}),
    "cache": (Options(matter="acme"), {"cache": {"adapter": "none"}}),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_the_model_is_asked_again_after_a_change_of(change: str, tmp_path: Path) -> None:
    options, settings = CHANGES[change]
    if change == "rails":
        shutil.copytree(LEGAL, tmp_path / "rails")
        with (tmp_path / "rails/config.yml").open("a", encoding="utf-8") as file:
            file.write("\n# stricter than yesterday\n")
        settings = {"rails": {"folder": str(tmp_path / "rails")}}
    async with ModelServer([chat_reply(answer())]) as server:
        await ask(server, tmp_path)
        _, called = await ask(server, tmp_path, REWORDED, options=options, settings=settings)
    assert called


@pytest.mark.parametrize(
    ("question", "text"), [(ASKED, LEASE.replace("1,250", "1,300")), ("When does the option end?", LEASE)]
)
async def test_the_model_is_asked_again_about_another_text_or_thing(question: str, text: str, tmp_path: Path) -> None:
    async with ModelServer([chat_reply(answer())]) as server:
        await ask(server, tmp_path)
        _, called = await ask(server, tmp_path, question, text=text)
    assert called


async def test_a_broken_cache_is_noted_in_the_record_and_the_run_goes_on(tmp_path: Path, home: Path) -> None:
    home.mkdir(parents=True)
    (home / "cache.db").write_bytes(b"this is no database" * 100)
    async with ModelServer([chat_reply(answer())]) as server:
        report, called = await ask(server, tmp_path)
    failures = [event for event in read_events(home, report.run_id) if event["event"] == "cache_failed"]
    assert (report.status, called, len(failures)) == ("approved", True, 1)
    assert "cache.db" in str(failures[0]["problem"])


async def test_the_cache_of_a_run_holds_no_names(tmp_path: Path, home: Path) -> None:
    async with ModelServer([chat_reply(answer())]) as server:
        await ask(server, tmp_path)
    data = b"".join(path.read_bytes() for path in home.glob("cache.db*"))
    assert TERM.encode() in data
    for word in (b"Whitfield", b"harbormills", b"acme", b"1,250"):
        assert word not in data
