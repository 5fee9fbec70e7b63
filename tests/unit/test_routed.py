"""Which deployment takes a call, and what happens where it fails."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from agentkit.calls import CallOptions, Message
from agentkit.errors import (
    AuthenticationError,
    BackendError,
    BudgetExceededError,
    ContextWindowError,
    NoDeploymentError,
)
from agentkit.testing.fakes import ScriptedBackend
from agentkit.types import Prompt
from agentkit.wrappers.circuit import Circuit
from agentkit.wrappers.routed import Candidate, RoutedBackend

PROMPT = Prompt(role="writer", task="chat", version="t", instructions="")
SECRET = Prompt(role="writer", task="chat", version="t", instructions="", labels=["privileged"])


def failing(name: str, message: str, *, billed: str = "no") -> ScriptedBackend:
    return ScriptedBackend(BackendError(message, model=name, billed=billed), name=name)


def routed(*candidates: Candidate, **settings: object) -> RoutedBackend:
    return RoutedBackend("writer", candidates, chance=random.Random(7), **settings)


async def test_calls_are_shared_by_weight() -> None:
    heavy, light = ScriptedBackend("a", name="heavy"), ScriptedBackend("b", name="light")
    router = routed(Candidate(heavy, weight=3), Candidate(light, weight=1))
    for _ in range(400):
        await router.complete(PROMPT)
    share = Counter({"heavy": len(heavy.prompts), "light": len(light.prompts)})
    assert 250 <= share["heavy"] <= 350


async def test_the_fallback_answers_where_the_first_fails() -> None:
    router = routed(Candidate(failing("a", "a broke.")), Candidate(ScriptedBackend("fine", name="b"), rank=1))
    assert (await router.complete(PROMPT)).model == "b"


async def test_the_fallback_is_left_in_peace_while_the_first_works() -> None:
    spare = ScriptedBackend("spare")
    router = routed(Candidate(ScriptedBackend("fine")), Candidate(spare, rank=1))
    for _ in range(20):
        await router.complete(PROMPT)
    assert spare.prompts == []


async def test_all_failures_are_told_in_one_sentence() -> None:
    router = routed(
        Candidate(failing("a", "a at host cannot be reached: start it.")),
        Candidate(failing("b", "b did not answer.", billed="unknown"), rank=1),
    )
    with pytest.raises(BackendError) as caught:
        await router.complete(PROMPT)
    assert str(caught.value) == (
        "No deployment of writer answered: a at host cannot be reached: start it; b did not answer."
    )
    assert caught.value.billed == "unknown"


async def test_a_single_failure_keeps_its_kind() -> None:
    with pytest.raises(AuthenticationError):
        await routed(Candidate(ScriptedBackend(AuthenticationError("key.", model="a")))).complete(PROMPT)


async def test_an_exceeded_budget_asks_nobody_else() -> None:
    spare = ScriptedBackend("spare")
    error = BudgetExceededError("no.", limit="usd", needed=1, left=0)
    with pytest.raises(BudgetExceededError):
        await routed(Candidate(ScriptedBackend(error)), Candidate(spare, rank=1)).complete(PROMPT)
    assert spare.prompts == []


async def test_a_resting_deployment_is_asked_last() -> None:
    circuit = Circuit("a", failures=1)
    circuit.failed()
    first, spare = ScriptedBackend("first"), ScriptedBackend("spare")
    router = routed(Candidate(first, health=circuit), Candidate(spare, rank=1))
    assert (await router.complete(PROMPT)).text == "spare"
    assert first.prompts == []


async def test_a_label_keeps_a_text_from_deployments_that_are_not_cleared() -> None:
    hosted, local = ScriptedBackend("hosted"), ScriptedBackend("local")
    router = routed(
        Candidate(hosted, tags=frozenset({"eu"})),
        Candidate(local, tags=frozenset({"local", "no-training"}), rank=1),
        clearances={"privileged": frozenset({"local"})},
    )
    for _ in range(10):
        assert (await router.complete(SECRET)).text == "local"
    assert hosted.prompts == []


async def test_a_cleared_deployment_that_fails_hands_on_to_nobody_else() -> None:
    hosted = ScriptedBackend("hosted")
    router = routed(
        Candidate(failing("local", "local broke."), tags=frozenset({"local"})),
        Candidate(hosted, rank=1),
        clearances={"privileged": frozenset({"local"})},
    )
    with pytest.raises(BackendError, match="local broke"):
        await router.complete(SECRET)
    assert hosted.prompts == []


async def test_a_text_nobody_may_see_is_sent_to_nobody() -> None:
    hosted = ScriptedBackend("hosted", name="hosted")
    router = routed(Candidate(hosted), clearances={"privileged": frozenset({"local"})})
    with pytest.raises(NoDeploymentError, match="hosted lacks local"):
        await router.complete(SECRET)
    assert hosted.prompts == []


async def test_a_label_nobody_defined_excludes_everybody() -> None:
    hosted = ScriptedBackend("hosted")
    with pytest.raises(NoDeploymentError, match="'privileged'"):
        await routed(Candidate(hosted)).complete(SECRET)
    with pytest.raises(NoDeploymentError, match="'privileged'"):
        _ = [chunk async for chunk in routed(Candidate(hosted)).stream(SECRET)]
    assert hosted.prompts == []


async def test_a_stream_falls_back_before_its_first_piece() -> None:
    router = routed(Candidate(failing("a", "a broke.")), Candidate(ScriptedBackend("fine"), rank=1))
    assert [chunk.text async for chunk in router.stream(PROMPT)] == ["fine"]


# --- the window


def worded(words: int, *, asked: int | None = None) -> Prompt:
    options = CallOptions(max_output_tokens=asked)
    return replace(PROMPT, messages=[Message("user", "rent " * words)], options=options)


async def test_a_deployment_whose_window_is_too_small_is_passed_over() -> None:
    small, large = ScriptedBackend("s", name="small", context_tokens=1000), ScriptedBackend("l", context_tokens=8000)
    router = routed(Candidate(small, longest_answer=100), Candidate(large, longest_answer=100, rank=1))
    assert [(await router.complete(worded(words))).text for words in (800, 900, 901)] == ["s", "s", "l"]
    assert len(small.prompts) == 2


async def test_a_prompt_that_fits_no_window_is_sent_to_nobody() -> None:
    small = ScriptedBackend("s", name="small", context_tokens=1000)
    large = ScriptedBackend("l", name="large", context_tokens=2000)
    router = routed(Candidate(small, longest_answer=100), Candidate(large, longest_answer=500, rank=1))
    with pytest.raises(ContextWindowError) as caught:
        await router.complete(worded(1800))
    assert str(caught.value) == (
        "The prompt is at least 1,800 tokens long, which with the answer fits no window of writer (small: 1,000 with "
        "an answer of 100; large: 2,000 with an answer of 500): shorten it, lower max_tokens, or set context_tokens "
        "if a window is larger."
    )
    assert (caught.value.billed, caught.value.passing) == ("no", False)
    assert (small.prompts, large.prompts) == ([], [])
    with pytest.raises(ContextWindowError):
        _ = [chunk async for chunk in router.stream(worded(1800))]


async def test_what_a_call_asks_for_decides_whether_its_answer_fits() -> None:
    router = routed(Candidate(ScriptedBackend("fits", context_tokens=1000), longest_answer=500))
    assert (await router.complete(worded(800, asked=200))).text == "fits"
    with pytest.raises(ContextWindowError):
        await router.complete(worded(800, asked=201))


async def test_a_prompt_that_perhaps_fits_is_sent() -> None:
    """Only what can fit in no tokenizer's count is held back: twelve letters may be one token."""
    router = routed(Candidate(ScriptedBackend("fits", context_tokens=1000), longest_answer=100))
    prompt = replace(PROMPT, messages=[Message("user", "responsibili " * 800)])
    assert (await router.complete(prompt)).text == "fits"
