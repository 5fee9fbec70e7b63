"""What the command about money says."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agentkit.calls import LedgerRow
from agentkit.cli.main import main
from agentkit.records.ledger import SqlLedger
from agentkit.records.ledger_sqlite import SqliteDatabase
from agentkit.testing.ledgers import ledger_row

FIRST = datetime(2026, 3, 1, 9, tzinfo=UTC)
MARCH = ["--since", "2026-03-01", "--until", "2026-03-31"]
CONFIG = """
models:
  - model_name: bought
    litellm_params: {model: openai/gpt}
    context_tokens: 1000
    input_price: 10
    cached_price: 1
    output_price: 20
  - model_name: bought
    litellm_params: {model: openai/gpt-mini}
    input_price: 1
    output_price: 2
  - model_name: unpriced
    litellm_params: {model: openai/gpt-new}
  - model_name: own
    litellm_params: {model: openai/llama, api_base: "http://localhost:8000/v1"}
    hardware: {price_usd: 3600, months: 36, watts: 1000, usd_per_kwh: 0.1, utilisation: 0.5, tokens_per_second: 100}
  - model_name: slow
    litellm_params: {model: openai/llama, api_base: "http://localhost:8001/v1"}
    hardware: {price_usd: 3600, months: 36, tokens_per_second: 1}
budget:
  periods: [{per: month, tenant: acme, usd: 500}]
"""


def row(**changes: object) -> LedgerRow:
    return replace(ledger_row(time=FIRST), **changes)


def rows() -> list[LedgerRow]:
    answered = row(input_tokens=600_000, cached_tokens=200_000, output_tokens=100_000, cost_usd=6.0)
    small = row(input_tokens=800, cached_tokens=0, output_tokens=200, cost_usd=0.5, tenant="other", role="judge")
    later = replace(small, time=FIRST + timedelta(days=30), model="second")
    lost = row(outcome="BackendTimeoutError", billed="unknown", cost_usd=2.0)
    hit = row(outcome="cache_hit", billed="no", input_tokens=0, cached_tokens=0, output_tokens=0, cost_usd=0.0)
    free = row(input_tokens=0, cached_tokens=0, output_tokens=0, cost_usd=0.0, model="embedded/extractive")
    april = row(time=FIRST + timedelta(days=31))
    return [answered, small, later, lost, hit, free, april]


@pytest.fixture
def config(home: Path, tmp_path: Path) -> str:
    async def book() -> None:
        ledger = SqlLedger(SqliteDatabase(home / "ledger.db"))
        await ledger.settle("", rows())
        await ledger.aclose()

    asyncio.run(book())
    path = tmp_path / "agentkit.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return str(path)


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["cost", *arguments]) == 0
    return capsys.readouterr().out


def cells(text: str, first: str) -> list[str]:
    return next(line.split() for line in text.splitlines() if line.startswith(first + " "))


def test_costs_are_added_up_by_day(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, *MARCH)
    assert cells(text, "2026-03-01")[1:] == ["4", "1", "1", "600,900", "200,040", "100,220", "$8.5000", "$2.0000"]
    assert cells(text, "2026-03-31")[1] == "1"
    assert cells(text, "total")[7] == "$9.0000"
    assert "2026-04-01" not in text.split("before")[1][12:]
    assert "worst case" in text


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("tenant", ["acme", "other"]),
        ("role", ["judge", "writer"]),
        ("model", ["embedded/extractive", "model", "second"]),
        ("run", ["r1"]),
        ("deployment", ["model#1"]),
    ],
)
def test_costs_are_added_up_by_what_is_asked_for(
    by: str, keys: list[str], config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = json.loads(shown(capsys, *MARCH, "--by", by, "--format", "json"))
    assert [item["key"] for item in data["rows"]] == keys
    assert data["total"]["cost_usd"] == pytest.approx(9.0)


def test_one_tenant_sees_its_own_costs_and_what_its_limit_leaves(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = shown(capsys, *MARCH, "--tenant", "acme", "--config", config)
    assert cells(text, "total")[1] == "3"
    assert "Left this month for acme: $500.00 of $500.00, until" in text


def test_a_table_in_markdown(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, *MARCH, "--by", "tenant", "--format", "md")
    assert "| tenant | calls | failed |" in text
    assert "| other | 2 | 0 | 0 | 1,600 | 0 | 400 | $1.0000 | $0.0000 |" in text


def test_recorded_calls_are_priced_on_every_deployment(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    data = json.loads(shown(capsys, *MARCH, "--compare", "--config", config, "--format", "json"))
    traffic = data["traffic"]
    assert (traffic["calls"], traffic["failed"], traffic["cache_hits"], traffic["uncounted"]) == (3, 1, 1, 1)
    assert traffic["cost_usd"] == pytest.approx(7.0)
    dear, cheap, unpriced, own, _ = data["elsewhere"]
    sent, received = 601_600, 100_400
    assert dear["usd_uncached"] == pytest.approx((sent * 10 + received * 20) / 1e6)
    assert dear["usd_cached"] == pytest.approx(((sent - 200_000) * 10 + 200_000 * 1 + received * 20) / 1e6)
    assert dear["too_long"] == 1
    assert (cheap["deployment"], cheap["too_long"]) == ("bought#2", 1)
    assert cheap["usd_cached"] == pytest.approx(cheap["usd_uncached"])
    assert unpriced["usd_cached"] is None
    assert own["self_hosted"]


def test_a_machine_breaks_even_where_its_month_costs_as_much_as_the_calls(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = json.loads(shown(capsys, *MARCH, "--compare", "--config", config, "--format", "json"))
    own, slow = data["machines"]
    assert own["price_usd"] == pytest.approx(100.0)
    assert own["power_usd"] == pytest.approx(73.05)
    assert own["capacity_tokens"] == pytest.approx(100 * 0.5 * 730.5 * 3600)
    against = {item["against"]: item for item in own["break_even"]}
    per_token = data["elsewhere"][0]["usd_cached"] / 702_000
    assert against["bought"]["tokens"] == pytest.approx(173.05 / per_token)
    assert against["bought"]["tokens"] * per_token == pytest.approx(own["price_usd"] + own["power_usd"])
    assert against["bought#2"]["tokens"] is None or against["bought#2"]["tokens"] <= own["capacity_tokens"]
    assert [item["tokens"] for item in slow["break_even"]] == [None, None]


def test_the_comparison_says_what_it_rests_on(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, *MARCH, "--compare", "--config", config)
    assert cells(text, "unpriced")[1:3] == ["no", "price"]
    assert "1,000 W all month" in text.replace("1000 W", "1,000 W")
    assert "never, even a machine that is full costs more a token" in text
    assert "1 failed or lost attempts ($2.0000 at worst), 1 answers from our own cache, 1 calls without" in text


@pytest.mark.parametrize("arguments", [[], ["--compare"], ["--by", "run", "--format", "md"]])
def test_an_empty_ledger_is_no_fault(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", *arguments]) == 0
    assert "UTC" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--since", "yesterday"], "'yesterday' is no date: write it like 2026-03-31"),
        (["--since", "2026-03-02", "--until", "2026-03-01"], "--until lies before --since"),
        (["--by", "colour"], "colour"),
        (["--format", "html"], "html"),
    ],
)
def test_a_wrong_option_is_explained(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_without_a_ledger_there_is_nothing_to_show(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AGENTKIT_LEDGER__ADAPTER", "none")
    assert main(["cost"]) == 2
    assert "ledger.adapter is none" in capsys.readouterr().err
