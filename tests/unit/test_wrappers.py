"""What the wrappers around a model promise."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.errors import BackendError, RefusedError
from agentkit.testing.fakes import MemoryVault, ScriptedBackend
from agentkit.types import Prompt, SafePassage, Usage
from agentkit.wrappers import (
    Accounts,
    Budget,
    BudgetedBackend,
    Meter,
    MeteredBackend,
    RedactionCheckedBackend,
    SilentTracer,
    TracedBackend,
)
from agentkit.wrappers.redaction_checked import holds_any

ADA = {"PERSON": ["Ada Lovelace"]}
COST = Usage(input_tokens=100, output_tokens=20, cost_usd=0.15)


def prompt(text: str = "<PERSON_1> pays EUR 1,250.", *, version: str = "1") -> Prompt:
    passage = SafePassage(id="d0p0", source=0, start=0, end=len(text), text=text)
    return Prompt(role="writer", task="summarize", version=version, instructions="Summarize.", passages=[passage])


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
            BudgetedBackend(MeteredBackend(inner, meter=Meter()), accounts=Accounts(Budget())),
            tracer=SilentTracer(),
        ),
        vault=MemoryVault(),
    )
    assert (backend.name, backend.deterministic, backend.context_tokens) == ("m", True, 7)
    assert (await backend.complete(prompt())).text == "a"
    await backend.aclose()
    assert inner.closed
