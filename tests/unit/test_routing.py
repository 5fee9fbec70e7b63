"""Routing by measured quality, rules before models, and what each step of a run spared."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from agentkit.calls import Price, Tool, Usage
from agentkit.cli.main import main
from agentkit.composition import identities, make_rules, qualified
from agentkit.config import Config
from agentkit.errors import ConfigError, ContextWindowError, NoDeploymentError
from agentkit.gateway import Gateway
from agentkit.records.evaluations import Evaluation, remember, remembered
from agentkit.records.run_record import read_events
from agentkit.report import Saving
from agentkit.testing.fakes import MemoryRecord, ScriptedBackend
from agentkit.testing.server import ModelServer, chat_reply
from agentkit.types import Completion, Message, Prompt, SafePassage
from agentkit.wrappers import LadderBackend, Meter, MeteredBackend, Rule, RuledBackend
from agentkit.wrappers.ruled import containing, matching

PRICE = Price(input_usd=2e-6, output_usd=8e-6, cached_usd=5e-7)
LEASE = SafePassage("d0p0", 0, 0, 61, "The rent is due monthly. The Tenant shall insure the Premises.")


def deployment(name: str, url: str, **more: object) -> dict[str, object]:
    return {
        "model_name": name,
        "litellm_params": {"model": "openai/served", "api_base": url},
        "client": "openai",
        **more,
    }


def ladder(small: str, large: str, **gateway: object) -> Config:
    models = [deployment("small", small, input_price=1, output_price=1), deployment("large", large, input_price=9)]
    return Config.model_validate(
        {"models": models, "roles": {"writer": ["small", "large"]}, "cache": {"adapter": "none"}, "gateway": gateway}
    )


def measured(home: Path, config: Config, name: str, *, low: float, role: str = "writer") -> None:
    home.mkdir(exist_ok=True)
    for label, identity in identities(name, config):
        figures = {"score": low + 0.05, "low": low, "high": low + 0.1, "cost_usd": 0.0, "latency_ms": 1.0}
        remember(home, Evaluation("2026-03-01T10:00:00", label, identity, role, "d" * 16, 40, **figures))


async def asked(config: Config) -> str:
    async with Gateway(config) as gateway:
        return (await gateway.complete("What is due?")).model


async def test_the_cheapest_model_that_reaches_the_floor_is_asked_first(home: Path) -> None:
    async with ModelServer([chat_reply("a")]) as small, ModelServer([chat_reply("b")]) as large:
        config = ladder(small.url, large.url, floors={"writer": 0.8})
        measured(home, config, "small", low=0.79)
        measured(home, config, "large", low=0.81)
        assert await asked(config) == "large"
        measured(home, config, "small", low=0.80)  # the latest counts
        assert await asked(config) == "small"
    assert (len(small.received), len(large.received)) == (1, 1)


async def test_what_was_not_measured_reaches_no_floor_and_the_error_says_what_to_run(home: Path) -> None:
    async with ModelServer([chat_reply("a")]) as server:
        config = ladder(server.url, f"{server.url}/large", floors={"writer": 0.8})
        measured(home, config, "small", low=0.5)
        measured(home, config, "large", low=0.9, role="judge")  # another role's quality says nothing
        with pytest.raises(NoDeploymentError, match=r"small at least 0.50 .*; large not measured.*agentkit eval"):
            await asked(config)
    assert server.received == []


async def test_without_a_floor_the_ladder_is_as_written() -> None:
    async with ModelServer([chat_reply("a")]) as small, ModelServer([chat_reply("b")]) as large:
        assert await asked(ladder(small.url, large.url)) == "small"


def test_every_deployment_behind_a_name_must_reach_the_floor(home: Path) -> None:
    models = [deployment("both", "http://localhost:1/v1"), deployment("both", "http://localhost:2/v1")]
    config = Config.model_validate(
        {"models": models, "roles": {"writer": "both"}, "gateway": {"floors": {"writer": 0.8}}}
    )
    (label, identity), (other, second) = identities("both", config)
    assert (label, other) == ("both", "both#2")
    assert identity != second
    figures = {"score": 0.9, "low": 0.9, "high": 0.9, "cost_usd": 0.0, "latency_ms": 1.0}
    remember(home, Evaluation("2026-03-01", label, identity, "writer", "d", 40, **figures))
    with pytest.raises(NoDeploymentError, match="both#2 not measured"):
        qualified("writer", config, home)


def test_a_new_price_keeps_a_measurement_and_a_new_model_does_not() -> None:
    def identity(**more: object) -> str:
        return identities("m", Config.model_validate({"models": [deployment("m", "http://localhost:1/v1", **more)]}))[
            0
        ][1]

    assert identity() == identity(input_price=3, weight=2, tags=["local"])
    assert identity() != identity(context_tokens=512)
    assert identity() != identity(litellm_params={"model": "openai/other", "api_base": "http://localhost:1/v1"})


def test_a_damaged_line_is_as_if_it_had_not_been_measured(home: Path) -> None:
    config = ladder("http://localhost:1/v1", "http://localhost:2/v1")
    measured(home, config, "small", low=0.5)
    with (home / "evaluations.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"model": "small", "score": 1}\nno json\n')
    measured(home, config, "large", low=0.6)
    assert [item.model for item in remembered(home)] == ["small", "large"]


def test_a_model_named_on_the_command_line_needs_no_measurement(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("gateway: {floors: {writer: 0.9}}\n", encoding="utf-8")
    (tmp_path / "a.txt").write_text("The rent of EUR 900 is due on the first day of each month.", encoding="utf-8")
    arguments = ["summarize", str(tmp_path / "a.txt"), "--config", str(tmp_path / "a.yaml")]
    assert main(arguments) == 6
    assert main([*arguments, "--model", "embedded/extractive"]) == 0


# Rules


def chat(text: str, **more: object) -> Prompt:
    plain = Prompt(role="writer", task="chat", version="1", instructions="", messages=[Message("user", text)])
    return replace(plain, **more)


def ask(question: str, **more: object) -> Prompt:
    plain = Prompt(role="writer", task="ask", version="1", instructions="Answer.", passages=[LEASE], question=question)
    return replace(plain, **more)


HOURS = Rule("hours", "writer", "chat", matching(r"opening hours (?:of|on) (\w+)", r"On \1 from 9 to 5."))
CONTAINS = Rule("contains", "writer", "ask", containing(r"does the document (?:contain|mention) (.+)"))


def ruled(*rules: Rule, meter: Meter | None = None) -> tuple[RuledBackend, ScriptedBackend]:
    model = ScriptedBackend("the model")
    return RuledBackend(model, rules=rules, meter=meter or Meter(), price=PRICE), model


async def test_a_rule_answers_in_place_of_the_model_and_is_counted() -> None:
    record = MemoryRecord()
    meter = Meter(record)
    backend, model = ruled(HOURS, meter=meter)
    answer = await backend.complete(chat("What are the opening hours on Monday?"))
    assert (answer.text, answer.model, answer.usage) == ("On Monday from 9 to 5.", "rule:hours", Usage())
    assert model.prompts == []
    usage = meter.usage()
    (saving,) = usage.savings
    assert (usage.model_calls, saving.step, saving.calls) == (0, "rule", 1)
    assert saving.usd > 0
    assert record.events[0][0] == "ruled"
    assert "opening" not in json.dumps(record.events)
    pieces = [chunk async for chunk in backend.stream(chat("Opening hours of Tuesday?"))]
    assert [piece.text for piece in pieces] == ["On Tuesday from 9 to 5."]
    assert pieces[-1].completion is not None


@pytest.mark.parametrize(
    "prompt",
    [
        chat("How are you?"),
        chat("opening hours on Monday", labels=["privileged"]),
        replace(chat("opening hours on Monday"), role="judge"),
        chat("opening hours on Monday", schema={"type": "object", "required": ["hours"]}),
        chat("opening hours on Monday " + "x" * 5000),
        replace(chat(""), messages=[Message("user", "opening hours on Monday"), Message("assistant", "Yes?")]),
    ],
)
async def test_a_rule_leaves_to_the_model_what_is_not_its_own(prompt: Prompt) -> None:
    backend, model = ruled(HOURS)
    assert (await backend.complete(prompt)).text == "the model"
    assert len(model.prompts) == 1


async def test_what_a_document_contains_is_answered_with_its_own_sentences() -> None:
    backend, model = ruled(CONTAINS)
    answer = await backend.complete(ask('Does the document mention "the premises"?', labels=["privileged"]))
    (claim,) = json.loads(answer.text)["claims"]
    assert claim["text"] == "The Tenant shall insure the Premises."
    assert claim["citations"] == [{"passage": "d0p0", "quote": claim["text"], "start": LEASE.text.index("The Tenant")}]
    assert model.prompts == []


@pytest.mark.parametrize("question", ["Does the document contain a penalty?", "Does the document contain premise?"])
async def test_what_no_passage_shown_contains_is_the_models_to_answer(question: str) -> None:
    backend, model = ruled(CONTAINS)
    await backend.complete(ask(question))
    assert len(model.prompts) == 1


async def test_a_quarantined_passage_answers_nothing() -> None:
    backend, model = ruled(CONTAINS)
    await backend.complete(ask("Does the document contain rent?", passages=[replace(LEASE, quarantined=True)]))
    assert len(model.prompts) == 1


@pytest.mark.parametrize(
    "told",
    [
        "The rent is due monthly.",
        '{"answered": true, "claims": [{"text": "The rent is due weekly.", "citations": []}]}',
        '{"answered": true, "claims": [{"text": "It is.", "citations": [{"passage": "d0p0", "quote": "due weekly"}]}]}',
        '{"answered": false, "claims": []}',
    ],
)
async def test_an_answer_about_documents_that_cites_nothing_is_passed_over(told: str) -> None:
    record = MemoryRecord()
    backend, _ = ruled(Rule("bare", "writer", "ask", lambda _: told), meter=Meter(record))
    assert (await backend.complete(ask("When is the rent due?"))).text == "the model"
    assert [event for event, _ in record.events] == ["rule_failed"]


@pytest.mark.parametrize(
    ("told", "model"),
    [('{"hours": "9 to 5"}', "rule:json"), ("9 to 5", "scripted"), ('{"days": 5}', "scripted"), ("", "scripted")],
)
async def test_a_ruled_object_is_held_to_its_schema(told: str, model: str) -> None:
    backend, _ = ruled(Rule("json", "writer", "chat", lambda _: told))
    schema = {"type": "object", "required": ["hours"]}
    assert (await backend.complete(chat("opening hours", schema=schema))).model == model


async def test_what_no_rule_answers_is_streamed_by_the_model() -> None:
    backend, _ = ruled(HOURS)
    assert [chunk.text async for chunk in backend.stream(chat("How are you?"))] == ["the model"]


async def test_prompts_with_tools_are_the_models() -> None:
    backend, _ = ruled(HOURS)
    tools = [Tool("clock", "Tells the time.", {"type": "object"})]
    assert (await backend.complete(chat("opening hours on Monday", tools=tools))).text == "the model"


async def test_a_stream_of_a_lower_rung_spares_too() -> None:
    meter, took = Meter(MemoryRecord()), Usage(input_tokens=100, output_tokens=50)
    rungs = [ScriptedBackend("x", name="small", usage=took), ScriptedBackend("y", name="large", usage=took)]
    prices = [Price(1e-6, 2e-6), Price(1e-5, 2e-5)]
    backend = LadderBackend(rungs, fault=lambda *_: "", record=MemoryRecord(), prices=prices, meter=meter)
    assert [chunk.text async for chunk in backend.stream(chat("Hello"))] == ["x"]
    assert [saving.usd for saving in meter.usage().savings] == [pytest.approx(0.0018)]


async def test_a_classifier_that_fails_is_passed_over_and_the_next_rule_is_heard() -> None:
    def broken(prompt: Prompt) -> str | None:
        raise ZeroDivisionError

    record = MemoryRecord()
    backend, _ = ruled(Rule("broken", "writer", "chat", broken), HOURS, meter=Meter(record))
    assert (await backend.complete(chat("opening hours on Monday"))).model == "rule:hours"
    assert record.events[0][1]["problem"] == "it raised ZeroDivisionError"


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({"pattern": "(", "answer": "x"}, "the pattern or the answer is wrong"),
        ({"pattern": "a", "answer": r"\1"}, "the pattern or the answer is wrong"),
        ({"pattern": "a", "parser": "contains"}, "it has no group"),
        ({"pattern": "a"}, "write a pattern with either"),
        ({"answer": "a"}, "write a pattern with either"),
        ({"classifier": "no.such:thing"}, "there is no function"),
        ({"classifier": "json:no_such"}, "there is no function"),
    ],
)
def test_a_wrong_rule_is_refused_at_the_start(rule: dict[str, str], problem: str) -> None:
    config = Config.model_validate({"gateway": {"rules": [{"name": "r", **rule}]}})
    with pytest.raises(ConfigError, match=problem):
        make_rules(config)


def classify(prompt: Prompt) -> str | None:
    return "spam" if "lottery" in prompt.messages[-1].content else None


async def test_rules_of_the_configuration_answer_before_anything_is_sent(home: Path) -> None:
    async with ModelServer([chat_reply("from the model")]) as server:
        rules = [
            {"name": "spam", "classifier": f"{__name__}:classify"},
            {"name": "law", "pattern": r"governing law of (\w+)", "answer": r"Ask the \1 desk."},
        ]
        config = Config.model_validate(
            {"models": [deployment("m", server.url)], "roles": {"writer": "m"}, "gateway": {"rules": rules}}
        )
        async with Gateway(config) as gateway:
            assert (await gateway.complete("You won the lottery")).text == "spam"
            assert (await gateway.complete("Governing law of Spain?")).model == "rule:law"
            assert (await gateway.complete("Anything else?")).text == "from the model"
            usage = gateway.usage()
    assert len(server.received) == 1
    assert [(saving.step, saving.calls) for saving in usage.savings] == [("rule", 2)]


# Savings


async def test_a_lower_rung_spares_the_difference_to_the_highest_and_pays_for_its_failures() -> None:
    def laddered(*replies: str) -> tuple[LadderBackend, Meter]:
        meter = Meter(MemoryRecord())
        took = Usage(input_tokens=100, output_tokens=50)
        rungs = [ScriptedBackend(*replies, name="small", usage=took), ScriptedBackend("x", name="large", usage=took)]
        prices = [Price(1e-6, 2e-6), Price(1e-5, 2e-5)]
        fault = lambda _, completion: "no" if completion.text == "bad" else ""  # noqa: E731
        return LadderBackend(rungs, fault=fault, record=MemoryRecord(), prices=prices, meter=meter), meter

    backend, meter = laddered("good")
    await backend.complete(chat("Hello"))
    (saving,) = meter.usage().savings
    assert saving == Saving("ladder", 0, 0, pytest.approx(0.0018))
    backend, meter = laddered("bad")
    await backend.complete(chat("Hello"))
    (saving,) = meter.usage().savings
    assert saving.usd == pytest.approx(-0.0002)


async def test_the_embedded_model_below_a_language_model_spares_its_whole_call() -> None:
    meter = Meter(MemoryRecord())
    rungs = [ScriptedBackend("good", name="free", deterministic=True), ScriptedBackend("x", name="dear")]
    prices = [Price(), Price(1e-5, 2e-5)]
    backend = LadderBackend(rungs, fault=lambda *_: "", record=MemoryRecord(), prices=prices, meter=meter)
    await backend.complete(chat("Hello there, how are you today?"))
    (saving,) = meter.usage().savings
    assert (saving.step, saving.calls, saving.tokens) == ("ladder", 1, 8)
    assert saving.usd == pytest.approx(7e-5 + 2e-5)


async def test_a_prompt_too_long_for_the_small_model_goes_to_the_next() -> None:
    def laddered() -> LadderBackend:
        full = ContextWindowError("It does not fit.", model="small")
        rungs = [ScriptedBackend(full, name="small"), ScriptedBackend("answer", name="large")]
        return LadderBackend(rungs, fault=lambda *_: "", record=MemoryRecord(), prices=[Price(), Price()])

    assert (await laddered().complete(chat("Hello"))).model == "large"
    assert [chunk.text async for chunk in laddered().stream(chat("Hello"))] == ["answer"]


async def test_a_rule_before_the_embedded_model_spares_nothing() -> None:
    meter = Meter(MemoryRecord())
    free = ScriptedBackend("x", deterministic=True)
    backend = RuledBackend(free, rules=[HOURS], meter=meter, price=Price())
    assert (await backend.complete(chat("opening hours on Monday"))).model == "rule:hours"
    assert meter.usage().savings == []


async def test_an_answer_from_the_cache_spares_what_it_took_when_it_was_made(home: Path) -> None:
    async with ModelServer([chat_reply("a", input_tokens=1000, output_tokens=100)]) as server:
        models = [deployment("m", server.url, input_price=2, output_price=8)]
        config = Config.model_validate({"models": models, "roles": {"writer": "m"}})
        for expected in ([], [Saving("cache", 1, 1100, pytest.approx(0.0028))]):
            async with Gateway(config, matter="m-1") as gateway:
                await gateway.complete("What is due?")
                assert gateway.usage().savings == expected
                run = gateway.run_id
    assert len(server.received) == 1
    (call,) = [event for event in read_events(home, run) if event["event"] == "call"]
    assert call["saved"]["step"] == "cache"


async def test_the_same_question_in_other_words_is_a_saving_of_its_own(home: Path) -> None:
    async with ModelServer([chat_reply("Yes.", input_tokens=1000, output_tokens=100)]) as server:
        models = [deployment("m", server.url, input_price=2, output_price=8)]
        config = Config.model_validate({"models": models, "roles": {"writer": "m"}, "cache": {"semantic": True}})
        async with Gateway(config, matter="m-1") as gateway:
            await gateway.complete("Is notice due before 1 May 2026?")
            await gateway.complete("Is notice due prior to May 1, 2026?")
            assert gateway.usage().savings == [Saving("semantic_cache", 1, 1100, pytest.approx(0.0028))]
            run = gateway.run_id
    calls = [event for event in read_events(home, run) if event["event"] == "call"]
    assert [(call["deployment"], call["host"]) for call in calls] == [("m", "127.0.0.1"), ("", "")]


async def test_what_a_provider_read_from_its_cache_is_spared_at_the_difference_of_prices() -> None:
    meter = Meter(MemoryRecord())
    told = Completion("a", "m", Usage(input_tokens=1000, output_tokens=10, cached_tokens=800, cost_usd=0.001))
    await MeteredBackend(ScriptedBackend(told), meter=meter, price=PRICE).complete(chat("Hello"))
    (saving,) = meter.usage().savings
    assert (saving.step, saving.calls, saving.tokens) == ("provider_cache", 0, 800)
    assert math.isclose(saving.usd, 800 * 1.5e-6)


def test_a_resumed_run_keeps_what_was_spared_before() -> None:
    record = MemoryRecord()
    meter = Meter(record)
    meter.spare(Saving("rule", 1, 20, 0.5), chat("x"), event="ruled", model="rule:x")
    again = Meter()
    for event, fields in record.events:
        again.recall({"event": event, **fields})
    again.recall({"event": "ruled", "saved": {"step": "of another version"}})
    assert again.usage() == meter.usage()
