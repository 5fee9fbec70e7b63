"""Real crews as guests: what rails, budgets and our rules keep from happening."""

import asyncio
import sys
import warnings

import pytest
from crews import MARKS, agent, looking, solo, task, wishing

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # CrewAI's own, while it is imported
    from crewai import Crew

    from agentkit.adapters.crewai import CrewLLM, release, run_crew

from agentkit.errors import BudgetExceededError, RefusedError, UsageError
from agentkit.testing.server import chat_reply

pytestmark = MARKS


async def test_a_rail_blocks_what_a_crew_brings(inn) -> None:
    here = await inn(chat_reply("Thought: ok\nFinal Answer: retrieval:bad"))
    with pytest.raises(RefusedError, match="what the crew brought"):
        await run_crew(solo, {"text": "a lease"}, house=here.house)


async def test_a_rail_blocks_what_a_model_tells_a_crew(inn) -> None:
    here = await inn(chat_reply("Thought: ok\nFinal Answer: output:bad"))
    with pytest.raises(RefusedError, match="what served brought"):
        await run_crew(solo, {"text": "a lease"}, house=here.house)
    assert len(here.server.received) == 1  # CrewAI would try again


async def test_a_rail_of_the_exit_blocks_what_is_released(inn) -> None:
    here = await inn()
    result = await run_crew(solo, {"text": "a lease"}, house=here.house)
    guilty = type(result)(text="output:bad")
    with pytest.raises(RefusedError):
        await release(guilty, here.house)


async def test_what_a_tool_finds_passes_the_rails_or_ends_the_crew(inn) -> None:
    here = await inn(wishing("look_up", {"query": "retrieval:bad"}), chat_reply("never asked"))
    with pytest.raises(RefusedError, match="what the tool look_up brought"):
        await run_crew(looking, {"text": "a lease"}, house=here.house)
    assert len(here.server.received) == 1


async def test_a_crew_that_loops_is_stopped_by_the_budget(inn) -> None:
    here = await inn(wishing("look_up", {"query": "again"}), budget={"calls": 3})
    with pytest.raises(BudgetExceededError):
        await run_crew(looking, {"text": "a lease"}, house=here.house)
    assert len(here.server.received) == 3


@pytest.mark.parametrize(
    ("crew", "why"),
    [
        (lambda: solo(memory=True), "has memory"),
        (lambda: Crew(agents=[a := agent("x")], tasks=[task("t", a, human_input=True)]), "has human_input"),
        (lambda: Crew(agents=[a := agent("x")], tasks=[task("t", a, output_file="out.txt")]), "has output_file"),
        (lambda: solo(output_log_file="log.txt"), "has output_log_file"),
    ],
)
async def test_what_cannot_be_governed_is_refused_before_any_call(inn, crew, why: str) -> None:
    here = await inn()
    with pytest.raises(UsageError, match=why):
        await run_crew(crew, {"text": "x"}, house=here.house)
    assert here.server.received == []


async def test_a_model_that_a_part_of_the_crew_brings_along_is_refused(inn) -> None:
    here = await inn()
    asked: list[object] = []

    class Own(CrewLLM.__mro__[1]):
        def call(self, messages, *args, **kwargs):
            asked.append(messages)
            return "stolen"

    def smuggle(output):
        own = agent("smuggler", llm=Own(model="own"))
        return True, own.kickoff(output.raw).raw

    def crew() -> Crew:
        one = agent("analyst")
        return Crew(agents=[one], tasks=[task("Analyse {text}", one, guardrail=smuggle)])

    with pytest.raises(UsageError, match="a model of its own"):
        await run_crew(crew, {"text": "a lease"}, house=here.house)
    assert asked == []


async def test_telemetry_that_is_switched_on_is_refused(inn, monkeypatch: pytest.MonkeyPatch) -> None:
    here = await inn()
    for name in ("CREWAI_DISABLE_TELEMETRY", "CREWAI_DISABLE_TRACKING", "OTEL_SDK_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UsageError, match="telemetry is on"):
        await run_crew(solo, {"text": "x"}, house=here.house)


async def test_without_the_extra_the_message_names_it() -> None:
    program = "import sys; sys.modules['crewai'] = None; import agentkit.adapters.crewai"
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=pipe, stderr=pipe)
    _, err = await child.communicate()
    assert b"A crew needs an optional part: pip install 'governed-agentkit[crewai]'." in err


async def test_a_budget_that_crewai_would_get_over_ends_the_crew_all_the_same(inn) -> None:
    def crew() -> Crew:
        one = agent("analyst")
        return Crew(agents=[one], tasks=[task("Analyse {text}", one, guardrail="It is polite.")])

    here = await inn(budget={"calls": 1})
    with pytest.raises(BudgetExceededError):
        await run_crew(crew, {"text": "a lease"}, house=here.house)
