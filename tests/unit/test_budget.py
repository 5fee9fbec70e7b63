"""What a run may spend, and what each attempt of a call is charged."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.calls import CallOptions, Chunk, Price, Tool
from agentkit.errors import (
    BackendError,
    BackendTimeoutError,
    BudgetExceededError,
    InvalidResponseError,
    OverloadedError,
)
from agentkit.testing.fakes import MemoryRecord, ScriptedBackend
from agentkit.text.token_bound import most_tokens
from agentkit.types import Completion, Message, Prompt, SafePassage, Usage
from agentkit.wrappers import Accounts, Budget, BudgetedBackend, Meter, MeteredBackend
from agentkit.wrappers.charges import prompt_tokens, worst_case

COST = Usage(input_tokens=100, output_tokens=20, cost_usd=0.15)
DEAR = Price(0.001, 0.002)


def prompt(text: str = "<PERSON_1> pays EUR 1,250.") -> Prompt:
    passage = SafePassage(id="d0p0", source=0, start=0, end=len(text), text=text)
    return Prompt(role="writer", task="summarize", version="1", instructions="Summarize.", passages=[passage])


SENT = prompt_tokens(prompt())


class Retrying:
    """Asks one model after another until one answers, as retries and fallbacks do."""

    deterministic = False
    context_tokens = 8192
    name = "routed"

    def __init__(self, *inner: MeteredBackend) -> None:
        self._inner = inner

    async def complete(self, prompt: Prompt, /) -> Completion:
        for backend in self._inner[:-1]:
            try:
                return await backend.complete(prompt)
            except BackendError:
                continue
        return await self._inner[-1].complete(prompt)

    async def aclose(self) -> None: ...


class Streaming(ScriptedBackend):
    """Streams its pieces; the last carries the completion, unless it breaks off before."""

    def __init__(self, *pieces: str, breaks: Exception | None = None, whole: bool = True) -> None:
        super().__init__("".join(pieces))
        self._pieces = pieces
        self._breaks = breaks
        self._whole = whole

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        for piece in self._pieces:
            yield Chunk(piece)
        if self._breaks:
            raise self._breaks
        if self._whole:
            yield Chunk("", Completion("".join(self._pieces), self.name, COST))


def budgeted(
    *models: ScriptedBackend, budget: Budget, longest: int = 100, meter: Meter | None = None
) -> BudgetedBackend:
    accounts = Accounts(budget)
    metered = [MeteredBackend(model, meter=meter or Meter(), price=DEAR, max_output_tokens=longest) for model in models]
    inner = metered[0] if len(metered) == 1 else Retrying(*metered)
    return BudgetedBackend(inner, accounts=accounts, candidates=[(DEAR, longest)])


# --- metered


async def test_the_meter_adds_up_calls_by_model_and_records_them_without_text() -> None:
    record = MemoryRecord()
    meter = Meter(record)
    backend = MeteredBackend(ScriptedBackend("a", usage=COST), meter=meter)
    await backend.complete(prompt())
    await backend.complete(prompt())
    usage = meter.usage()
    assert (usage.model_calls, usage.input_tokens, usage.output_tokens) == (2, 200, 40)
    assert usage.cost_usd == pytest.approx(0.30)
    assert usage.by_model["scripted"].calls == 2
    event, fields = record.events[0]
    assert event == "call"
    assert (fields["model"], fields["passages"], fields["prompt_version"]) == ("scripted", ["d0p0"], "1")
    assert "EUR" not in str(record.events)


async def test_a_failed_call_is_counted_and_recorded_by_its_kind() -> None:
    record = MemoryRecord()
    meter = Meter(record)
    failing = ScriptedBackend(BackendError("down", model="scripted"))
    with pytest.raises(BackendError):
        await MeteredBackend(failing, meter=meter).complete(prompt())
    assert meter.usage().model_calls == 1
    assert record.events[0][1]["error"] == "BackendError"


# --- budgeted


async def test_calls_made_together_cannot_overdraw_together() -> None:
    model = ScriptedBackend("a", usage=COST)
    budget = Budget(usd=0.20)
    backend = BudgetedBackend(model, accounts=Accounts(budget), candidates=[(Price(0, 0.0015), 100)])
    results = await asyncio.gather(*(backend.complete(prompt()) for _ in range(20)), return_exceptions=True)
    assert len(model.prompts) == 1
    assert sum(isinstance(result, BudgetExceededError) for result in results) == 19
    assert budget.left("usd") == pytest.approx(0.05)


async def test_what_a_call_did_not_take_is_given_back() -> None:
    budget = Budget(tokens=3000)
    backend = BudgetedBackend(ScriptedBackend("a", usage=COST), accounts=Accounts(budget), candidates=[(Price(), 1000)])
    for _ in range(3):
        await backend.complete(prompt())
    assert budget.left("tokens") == 3000 - 3 * 120


async def test_the_error_names_the_limit_and_what_is_left() -> None:
    backend = BudgetedBackend(ScriptedBackend("a"), accounts=Accounts(Budget(calls=2)))
    await backend.complete(prompt())
    await backend.complete(prompt())
    with pytest.raises(BudgetExceededError, match="budget of 2 model calls is used up") as caught:
        await backend.complete(prompt())
    assert (caught.value.limit, caught.value.needed, caught.value.left) == ("calls", 1, 0)


async def test_a_failed_call_gives_its_tokens_back_but_one_that_timed_out_does_not() -> None:
    budget = Budget(tokens=10_000)
    refused = ScriptedBackend(
        BackendError("refused", model="m"), BackendTimeoutError("slow", model="m", billed="unknown")
    )
    backend = BudgetedBackend(refused, accounts=Accounts(budget), candidates=[(Price(), 100)])
    with pytest.raises(BackendError):
        await backend.complete(prompt())
    assert budget.left("tokens") == 10_000
    with pytest.raises(BackendTimeoutError):
        await backend.complete(prompt())
    assert (budget.left("tokens") or 0) < 10_000 - 100


async def test_the_embedded_model_needs_no_tokens_but_its_calls_count() -> None:
    embedded = ScriptedBackend("a", deterministic=True, usage=Usage())
    backend = BudgetedBackend(embedded, accounts=Accounts(Budget(tokens=1, usd=0.01, calls=1)))
    await backend.complete(prompt())
    with pytest.raises(BudgetExceededError):
        await backend.complete(prompt())


async def test_a_call_ends_when_the_seconds_of_the_run_are_over() -> None:
    class Hanging(ScriptedBackend):
        async def complete(self, prompt: Prompt, /) -> Completion:
            await asyncio.Event().wait()
            raise AssertionError

    backend = BudgetedBackend(Hanging("a"), accounts=Accounts(Budget(seconds=0.05)))
    with pytest.raises(BudgetExceededError, match="longer than its budget"):
        await backend.complete(prompt())


async def test_no_call_is_made_when_no_seconds_are_left() -> None:
    now = [0.0]
    model = ScriptedBackend("a")
    backend = BudgetedBackend(model, accounts=Accounts(Budget(seconds=5, clock=lambda: now[0])))
    await backend.complete(prompt())
    now[0] = 6.0
    with pytest.raises(BudgetExceededError):
        await backend.complete(prompt())
    assert len(model.prompts) == 1


@given(st.text())
def test_the_worst_case_covers_every_word_and_every_foreign_character(text: str) -> None:
    foreign = sum(1 for character in text if ord(character) > 127)
    assert most_tokens(text) >= max(len(text.split()), foreign)


# --- attempts under one hold


@pytest.mark.parametrize(
    ("text", "tokens"),
    # Each digit and sign can be a token of its own, and so can the white space between them.
    [("7 " * 100, 199), ("8" * 50, 50), ("|--|" * 20, 60), ("| 12 | 9.50 |\n" * 40, 360), ("A B " * 40, 81)],
)
def test_the_worst_case_covers_tables_and_figures(text: str, tokens: int) -> None:
    assert tokens <= most_tokens(text) <= len(text) + 1


async def test_a_retry_after_an_attempt_of_unknown_billing_is_charged_on_top() -> None:
    budget = Budget(tokens=100_000)
    slow = ScriptedBackend(BackendTimeoutError("slow", model="m", billed="unknown"))
    backend = budgeted(slow, ScriptedBackend("a", usage=COST), budget=budget)
    await backend.complete(prompt())
    assert budget.left("tokens") == 100_000 - (SENT + 100) - 120
    assert budget.left("calls") is None


async def test_a_retry_that_no_longer_fits_is_not_made() -> None:
    budget = Budget(tokens=SENT + 150)
    second = ScriptedBackend("a", usage=COST)
    slow = ScriptedBackend(BackendTimeoutError("slow", model="m", billed="unknown"))
    with pytest.raises(BudgetExceededError) as caught:
        await budgeted(slow, second, budget=budget).complete(prompt())
    assert (caught.value.limit, caught.value.needed, caught.value.left) == ("tokens", SENT + 100, 50)
    assert second.prompts == []
    assert budget.left("tokens") == 50


async def test_a_retry_after_a_failure_that_was_not_billed_needs_no_more_than_one_attempt() -> None:
    budget, meter = Budget(tokens=SENT + 100, calls=2), Meter()
    refused = ScriptedBackend(BackendError("no", model="m", billed="no"))
    await budgeted(refused, ScriptedBackend("a", usage=COST), budget=budget, meter=meter).complete(prompt())
    assert (budget.left("tokens"), budget.left("calls")) == (SENT + 100 - 120, 0)
    assert meter.usage().model_calls == 2


async def test_every_attempt_counts_as_a_call() -> None:
    refused = ScriptedBackend(BackendError("no", model="m", billed="no"))
    with pytest.raises(BudgetExceededError, match="budget of 1 model calls"):
        await budgeted(refused, ScriptedBackend("a"), budget=Budget(calls=1)).complete(prompt())


async def test_a_failure_whose_usage_the_provider_told_is_charged_that() -> None:
    budget, record = Budget(usd=10), MemoryRecord()
    told = BackendError("cut", model="m", billed="yes", usage=Usage(input_tokens=100, output_tokens=10))
    with pytest.raises(BackendError):
        await budgeted(ScriptedBackend(told), budget=budget, meter=Meter(record)).complete(prompt())
    assert budget.left("usd") == pytest.approx(10 - 0.12)
    assert record.events[0][1]["billed"] == "yes"


async def test_a_call_that_was_turned_away_before_it_was_made_costs_nothing() -> None:
    budget = Budget(usd=10, calls=1)
    full = ScriptedBackend(OverloadedError("full", model="m"))
    backend = BudgetedBackend(full, accounts=Accounts(budget), candidates=[(DEAR, 100)])
    with pytest.raises(OverloadedError):
        await backend.complete(prompt())
    assert (budget.left("usd"), budget.left("calls")) == (10, 1)


async def test_a_cancelled_call_is_charged_at_its_worst_case() -> None:
    class Hanging(ScriptedBackend):
        async def complete(self, prompt: Prompt, /) -> Completion:
            await asyncio.Event().wait()
            raise AssertionError

    budget, record = Budget(tokens=10_000), MemoryRecord()
    call = asyncio.create_task(budgeted(Hanging("a"), budget=budget, meter=Meter(record)).complete(prompt()))
    await asyncio.sleep(0)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    assert budget.left("tokens") == 10_000 - SENT - 100
    assert (record.events[0][1]["error"], record.events[0][1]["billed"]) == ("cancelled", "unknown")


async def test_the_dearest_deployment_that_may_answer_decides() -> None:
    model = ScriptedBackend("a")
    both = [(Price(0, 0.001), 100), (Price(0, 0.01), 50)]
    with pytest.raises(BudgetExceededError) as caught:
        await BudgetedBackend(model, accounts=Accounts(Budget(usd=0.4)), candidates=both).complete(prompt())
    assert caught.value.needed == pytest.approx(0.5)
    assert model.prompts == []


async def test_a_priced_model_that_does_not_say_what_it_took_is_charged_its_worst_case() -> None:
    budget = Budget(usd=10)
    await budgeted(ScriptedBackend("a", usage=Usage()), budget=budget).complete(prompt())
    assert budget.left("usd") == pytest.approx(10 - DEAR.of(input_tokens=SENT, output_tokens=100))


@pytest.mark.parametrize("longest", [0, -1, -1_000_000])
async def test_a_limit_below_one_token_does_not_make_a_call_cheap(longest: int) -> None:
    model = ScriptedBackend("a")
    asked = replace(prompt(), options=CallOptions(max_output_tokens=longest))
    with pytest.raises(BudgetExceededError):
        await budgeted(model, budget=Budget(tokens=SENT + 200)).complete(asked)
    assert model.prompts == []


async def test_a_free_model_that_does_not_say_what_it_took_is_held_to_a_limit_of_tokens() -> None:
    budget = Budget(tokens=100_000)
    model = BudgetedBackend(ScriptedBackend("7 " * 100, usage=Usage()), accounts=Accounts(budget))
    await model.complete(prompt())
    assert budget.left("tokens") == 100_000 - SENT - most_tokens("7 " * 100)


def test_a_prompt_may_be_written_into_the_provider_s_cache_as_a_whole() -> None:
    case = partial(worst_case, prompt(), input_tokens=1000, max_output_tokens=10, context_tokens=9000)
    assert case(price=Price(1e-6, 2e-6, 1e-7, 1.25e-6)).usd == pytest.approx(1250e-6 + 20e-6)
    assert case(price=Price(1e-6, 2e-6, 1e-7, 0.5e-6)).usd == pytest.approx(1000e-6 + 20e-6)


def test_tools_schemas_and_longer_answers_asked_for_are_part_of_the_worst_case() -> None:
    chat = Prompt(role="writer", task="chat", version="1", instructions="", messages=[Message("user", "Hello there")])
    tool = Tool("clock", "Tells the time.", {"type": "object", "properties": {"zone": {"type": "string"}}})
    with_tool = Prompt(
        role="writer", task="chat", version="1", instructions="", messages=chat.messages, tools=[tool], schema={"a": 1}
    )
    assert prompt_tokens(with_tool) > prompt_tokens(chat) + 30


async def test_a_prompt_that_allows_a_longer_answer_needs_more() -> None:
    asked = Prompt(
        role="writer",
        task="chat",
        version="1",
        instructions="",
        messages=[Message("user", "Hi")],
        options=CallOptions(max_output_tokens=4000),
    )
    with pytest.raises(BudgetExceededError) as caught:
        await budgeted(ScriptedBackend("a"), budget=Budget(tokens=1000)).complete(asked)
    assert caught.value.needed > 4000


# --- streams


async def test_a_stream_is_settled_when_it_ends() -> None:
    budget = Budget(tokens=10_000)
    backend = budgeted(Streaming("The rent ", "is due."), budget=budget)
    pieces = [chunk async for chunk in backend.stream(prompt())]
    assert "".join(chunk.text for chunk in pieces) == "The rent is due."
    assert budget.left("tokens") == 10_000 - 120


async def test_a_stream_that_is_left_early_is_charged_at_its_worst_case() -> None:
    budget = Budget(tokens=10_000)
    chunks = budgeted(Streaming("The rent ", "is due."), budget=budget).stream(prompt())
    assert (await anext(chunks)).text == "The rent "
    assert budget.left("tokens") == 10_000 - SENT - 100
    await chunks.aclose()
    assert budget.left("tokens") == 10_000 - SENT - 100


RESET = BackendError("reset", model="m", billed="unknown")


@pytest.mark.parametrize("breaks", [RESET, None], ids=["an error", "an end without a completion"])
async def test_a_stream_that_breaks_is_charged_at_its_worst_case(breaks: Exception | None) -> None:
    budget = Budget(tokens=10_000)
    backend = budgeted(Streaming("a", breaks=breaks, whole=False), budget=budget)
    with pytest.raises(BackendError if breaks else InvalidResponseError):
        _ = [chunk async for chunk in backend.stream(prompt())]
    assert budget.left("tokens") == 10_000 - SENT - 100


async def test_a_stream_does_not_outlast_the_seconds_of_the_run() -> None:
    class Stalled(Streaming):
        async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
            yield Chunk("a")
            await asyncio.Event().wait()

    chunks = budgeted(Stalled("a"), budget=Budget(seconds=0.05)).stream(prompt())
    with pytest.raises(BudgetExceededError, match="longer than its budget"):
        _ = [chunk async for chunk in chunks]
