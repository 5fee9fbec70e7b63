"""What the wrappers around a model promise."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import BackendError, RefusedError
from agentkit.testing.fakes import MemoryVault, ScriptedBackend
from agentkit.types import Completion, Prompt, SafePassage, Usage
from agentkit.wrappers import (
    AnswerCache,
    Budget,
    BudgetedBackend,
    CachedBackend,
    Meter,
    MeteredBackend,
    RedactionCheckedBackend,
    SilentTracer,
    TracedBackend,
)
from agentkit.wrappers.redaction_checked import holds_any

COST = Usage(input_tokens=100, output_tokens=20, cost_usd=0.15)


def prompt(text: str = "<PERSON_1> pays EUR 1,250.", *, version: str = "1") -> Prompt:
    passage = SafePassage(id="d0p0", source=0, start=0, end=len(text), text=text)
    return Prompt(role="writer", task="summarize", version=version, instructions="Summarize.", passages=[passage])


# --- cached


def cached(
    inner: ScriptedBackend, cache: AnswerCache, *, scope: str = "m1", names: Mapping[str, list[str]], meter: Meter
) -> CachedBackend:
    return CachedBackend(inner, cache=cache, scope=scope, identity="x", vault=MemoryVault(names), meter=meter)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[AnswerCache]:
    kept = AnswerCache(tmp_path / "cache.db", key=b"k" * 32)
    yield kept
    kept.close()


ADA = {"PERSON": ["Ada Lovelace"]}


async def test_the_same_prompt_is_answered_from_the_cache_at_no_cost(cache: AnswerCache) -> None:
    model, meter = ScriptedBackend("first", "second"), Meter()
    backend = cached(model, cache, names=ADA, meter=meter)
    await backend.complete(prompt())
    again = await backend.complete(prompt())
    assert (again.text, again.cache_hit, again.usage) == ("first", True, Usage())
    assert (len(model.prompts), meter.usage().cache_hits, meter.usage().model_calls) == (1, 1, 0)


@pytest.mark.parametrize(
    ("scope", "names", "asked"),
    [
        ("m2", ADA, prompt()),
        ("m1", {"PERSON": ["Grace Hopper"]}, prompt()),
        ("m1", ADA, prompt("Other words.")),
        ("m1", ADA, prompt(version="2")),
    ],
    ids=["another matter", "another person behind the placeholder", "another text", "another prompt version"],
)
async def test_an_answer_is_not_reused_for(
    scope: str, names: Mapping[str, list[str]], asked: Prompt, cache: AnswerCache
) -> None:
    model = ScriptedBackend("first", "second")
    await cached(model, cache, names=ADA, meter=Meter()).complete(prompt())
    other = await cached(model, cache, scope=scope, names=names, meter=Meter()).complete(asked)
    assert (other.text, other.cache_hit) == ("second", False)


async def test_an_answer_that_was_cut_is_not_kept(cache: AnswerCache) -> None:
    cut = Completion(text="cut", model="scripted", finish_reason="length")
    backend = cached(ScriptedBackend(cut, "whole"), cache, names=ADA, meter=Meter())
    await backend.complete(prompt())
    assert (await backend.complete(prompt())).text == "whole"


async def test_the_embedded_model_is_asked_each_time(cache: AnswerCache) -> None:
    model = ScriptedBackend("a", deterministic=True)
    backend = cached(model, cache, names=ADA, meter=Meter())
    await backend.complete(prompt())
    await backend.complete(prompt())
    assert len(model.prompts) == 2


def test_neither_names_nor_prompts_are_in_the_file(cache: AnswerCache, tmp_path: Path) -> None:
    asyncio.run(cached(ScriptedBackend("answer"), cache, names=ADA, meter=Meter()).complete(prompt()))
    cache.close()
    data = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"answer" in data
    assert b"Lovelace" not in data
    assert b"EUR" not in data


async def test_a_cache_that_cannot_be_read_misses(tmp_path: Path) -> None:
    (tmp_path / "cache.db").write_bytes(b"this is no database" * 100)
    broken = AnswerCache(tmp_path / "cache.db", key=b"k")
    backend = cached(ScriptedBackend("first", "second"), broken, names=ADA, meter=Meter())
    assert [(await backend.complete(prompt())).text for _ in range(2)] == ["first", "second"]


def test_the_least_recently_used_answers_go_first(tmp_path: Path) -> None:
    small = AnswerCache(tmp_path / "cache.db", key=b"k", max_entries=2)
    small.put("a", "1")
    small.put("b", "2")
    small.get("a")
    small.put("c", "3")
    assert [small.get(key) for key in "abc"] == ["1", None, "3"]
    small.close()


# --- redaction checked


async def test_a_prompt_with_a_redacted_name_is_not_sent() -> None:
    model = ScriptedBackend("a")
    backend = RedactionCheckedBackend(model, vault=MemoryVault(ADA))
    with pytest.raises(RefusedError) as caught:
        await backend.complete(prompt("Signed by Ada\nLovelace."))
    assert model.prompts == []
    assert "Lovelace" not in str(caught.value)


async def test_a_redacted_prompt_is_sent() -> None:
    model = ScriptedBackend("a")
    await RedactionCheckedBackend(model, vault=MemoryVault(ADA)).complete(prompt())
    assert len(model.prompts) == 1


@pytest.mark.parametrize(
    ("text", "original", "held"),
    [
        ("Call +44 20 7946 0123 now", "+44 20 7946 0123", True),
        ("write to ada@firm.example.", "ada@firm.example", True),
        ("SSN 078-05-1120", "078-05-1120", True),
        ("account 12345678", "2345678", False),
        ("The Price is due", "Price", False),
        ("Adam Lovelace-Byron", "Ada Lovelace", False),
        ("Lovelace Ada", "Ada Lovelace", False),
        ("at the age of 45", "45", False),
    ],
)
def test_originals_are_looked_for_as_whole_words(text: str, original: str, held: bool) -> None:  # noqa: FBT001
    assert holds_any(text, [original]) is held


@given(st.text(max_size=50), st.text(max_size=50))
def test_a_distinctive_original_is_found_wherever_it_stands(before: str, after: str) -> None:
    assert holds_any(f"{before} Ada  Lovelace {after}", ["Grace Hopper", "Ada Lovelace"])


# --- traced


class ListTracer:
    def __init__(self) -> None:
        self.spans: list[tuple[str, dict[str, object]]] = []

    @contextmanager
    def span(self, name: str, /, *, attributes: Mapping[str, object]) -> Iterator["ListTracer"]:
        self.spans.append((name, dict(attributes)))
        yield self

    def set(self, attributes: Mapping[str, object], /) -> None:
        self.spans[-1][1].update(attributes)


async def test_a_span_names_the_model_and_its_usage_and_holds_no_text() -> None:
    tracer = ListTracer()
    await TracedBackend(ScriptedBackend("secret answer", usage=COST), tracer=tracer).complete(prompt())
    name, attributes = tracer.spans[0]
    assert name == "chat scripted"
    assert attributes["gen_ai.usage.input_tokens"] == 100
    assert attributes["agentkit.passages"] == ["d0p0"]
    assert "EUR" not in str(tracer.spans)
    assert "secret" not in str(tracer.spans)


async def test_a_failed_call_leaves_its_error_type_in_the_span() -> None:
    tracer = ListTracer()
    with pytest.raises(BackendError):
        await TracedBackend(ScriptedBackend(BackendError("down", model="m")), tracer=tracer).complete(prompt())
    assert tracer.spans[0][1]["error.type"] == "BackendError"


async def test_wrappers_pass_on_what_the_port_promises_and_close() -> None:
    inner = ScriptedBackend("a", name="m", deterministic=True, context_tokens=7)
    backend = RedactionCheckedBackend(
        TracedBackend(
            BudgetedBackend(MeteredBackend(inner, meter=Meter()), budget=Budget()),
            tracer=SilentTracer(),
        ),
        vault=MemoryVault(),
    )
    assert (backend.name, backend.deterministic, backend.context_tokens) == ("m", True, 7)
    assert (await backend.complete(prompt())).text == "a"
    await backend.aclose()
    assert inner.closed
