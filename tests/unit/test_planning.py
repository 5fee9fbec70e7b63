"""What a dry run says before anything is spent."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from agentkit.agents import batches
from agentkit.calls import LimitLeft, PeriodLimit, Price
from agentkit.config import Config
from agentkit.deployments import Deployed, Model
from agentkit.planning import Plan, make_plan
from agentkit.prompts import summarize_prompt
from agentkit.testing.fakes import ScriptedBackend
from agentkit.types import ChecklistItem, Document, Limits, Page, Passage, SafePassage
from agentkit.wrappers.charges import prompt_tokens

TEXT = "The Tenant shall pay the rent on the first day of each month. " * 20
PASSAGES = [Passage(f"d0p{n}", 0, n * len(TEXT), (n + 1) * len(TEXT), TEXT, section=f"§ {n}") for n in range(12)]
DOCUMENT = Document(0, "lease.txt", "text/plain", "0" * 64, TEXT * 12, pages=[Page(1, 0, 100)])
ENDS = datetime(2026, 4, 1, tzinfo=UTC)


def deployed(name: str, dollars: float, *, window: int = 8192, rank: int = 0, rung: int = 0) -> Deployed:
    backend = ScriptedBackend("a", name=name, context_tokens=window)
    price = Price(dollars / 1e6, 4 * dollars / 1e6)
    return Deployed(backend, max_output_tokens=500, price=price, rank=rank, rung=rung)


def plan(*deployments: Deployed, budget: Mapping[str, object] | None = None, left: LimitLeft | None = None) -> Plan:
    config = Config.model_validate({"budget": budget or {}})
    model = Model(deployments[0].backend.name, deployments)
    given = [left] if left else []
    return make_plan([DOCUMENT], PASSAGES, model=model, checklist=[], config=config, left=given)


def test_every_deployment_that_may_serve_has_its_worst_case() -> None:
    made = plan(deployed("first", 1), deployed("spare", 3, rank=1), deployed("larger", 10, rung=1))
    assert [(cost.deployment, cost.standing) for cost in made.costs] == [
        ("first", "asked first"),
        ("spare", "fallback"),
        ("larger", "where review fails"),
    ]
    first, spare, larger = (cost.usd for cost in made.costs)
    assert (spare, larger) == (pytest.approx(3 * first), pytest.approx(10 * first))
    assert made.usd == larger
    assert made.tokens == made.costs[0].tokens


def test_the_smallest_window_asked_first_decides_how_the_text_is_cut() -> None:
    wide, narrow = deployed("m", 1, window=32_000), deployed("m", 1, window=4096)
    assert plan(wide, narrow).sections == plan(narrow).sections > plan(wide).sections


def test_a_fallback_whose_window_may_be_too_small_is_marked() -> None:
    made = plan(deployed("first", 1, window=32_000), deployed("spare", 1, window=2048, rank=1))
    assert [cost.fits for cost in made.costs] == [True, False]
    assert "spare" in made.render()
    assert "may not fit its window" in made.render()


def test_the_plan_says_what_it_takes_of_each_budget() -> None:
    limit = LimitLeft(PeriodLimit("day", tenant="*", usd=20), ENDS, usd=0.001)
    made = plan(deployed("first", 100), budget={"usd": 50, "calls": 5, "tokens": 1_000_000}, left=limit)
    lines = made.render().splitlines()
    assert f"run: {made.calls} calls of 5 calls" in made.render()
    assert [share.limit for share in made.shares] == ["run", "run", "run", "day, the tenant"]
    assert lines[-1].endswith("of $0.0010 until 2026-04-01 00:00 UTC  (does not fit)")
    assert "does not fit" not in lines[-2]


def test_a_checklist_adds_a_call_for_each_item() -> None:
    model = Model("m", [deployed("m", 1)])
    items = [ChecklistItem("rent", "Rent", "What is the rent?"), ChecklistItem("term", "Term", "How long?")]
    plain = make_plan([DOCUMENT], PASSAGES, model=model, checklist=[], config=Config())
    listed = make_plan([DOCUMENT], PASSAGES, model=model, checklist=items, config=Config())
    assert (listed.calls - plain.calls, listed.checklist_items) == (2, 2)
    assert listed.usd > plain.usd


def test_a_model_that_costs_nothing_is_planned_at_nothing() -> None:
    free = Deployed(ScriptedBackend("a", name="embedded/extractive", deterministic=True))
    made = plan(free)
    assert (made.tokens, made.usd) == (0, 0.0)
    assert made.calls > 0


def test_the_plan_covers_the_very_prompts_that_a_run_would_send() -> None:
    passages = [
        SafePassage(item.id, item.source, item.start, item.end, item.text, section=item.section) for item in PASSAGES
    ]
    cut = batches(passages, model=ScriptedBackend("a"))
    sent = [prompt_tokens(summarize_prompt(batch, focus="", limits=Limits())) for batch in cut]
    made = plan(deployed("first", 1))
    assert made.sections == len(cut) > 1
    assert made.tokens >= sum(sent) + made.calls * 500
