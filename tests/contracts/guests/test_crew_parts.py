"""Our model, retriever and pipeline as CrewAI's own parts."""

import asyncio
import warnings
from pathlib import Path

import pytest
from crews import MARKS, PASSAGE
from pydantic import BaseModel

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # CrewAI's own, while it is imported
    from crewai.events import LLMCallCompletedEvent, LLMCallFailedEvent, LLMCallStartedEvent, crewai_event_bus

    from agentkit.adapters.crewai import CrewLLM, PipelineTool, RetrieverTool

from agentkit.adapters.memory.retriever import Bm25Retriever
from agentkit.app import AgentKit
from agentkit.calls import Completion, ToolCall
from agentkit.errors import UsageError
from agentkit.testing.fakes import ScriptedBackend

pytestmark = MARKS


class Rent(BaseModel):
    euros: int


def heard() -> tuple[list[object], object]:
    events: list[object] = []
    return events, crewai_event_bus.scoped_handlers()


@pytest.mark.parametrize("way", ["call", "acall"])
async def test_a_call_emits_crewais_events_and_counts_its_tokens(way: str) -> None:
    events, scope = heard()
    llm = CrewLLM(door=ScriptedBackend("It is due."))
    with scope:
        for kind in (LLMCallStartedEvent, LLMCallCompletedEvent, LLMCallFailedEvent):
            crewai_event_bus.on(kind)(lambda _, event: events.append(event))
        said = await llm.acall("When?") if way == "acall" else await asyncio.to_thread(llm.call, "When?")
        crewai_event_bus.flush()
    assert said == "It is due."
    assert sorted(event.type for event in events) == ["llm_call_completed", "llm_call_started"]
    assert len({event.call_id for event in events}) == 1
    assert llm.get_token_usage_summary().total_tokens == 15


async def test_a_failed_call_emits_that_it_failed() -> None:
    events, scope = heard()
    llm = CrewLLM(door=ScriptedBackend(UsageError("no")))
    with scope:
        crewai_event_bus.on(LLMCallFailedEvent)(lambda _, event: events.append(event.error))
        with pytest.raises(UsageError):
            await llm.acall("When?")
        crewai_event_bus.flush()
    assert events == ["no"]


async def test_an_answer_is_an_object_where_crewai_asks_for_one() -> None:
    door = ScriptedBackend('{"euros": 1250}')
    assert await CrewLLM(door=door).acall("How much?", response_model=Rent) == Rent(euros=1250)
    assert door.prompts[0].schema["properties"]["euros"]["type"] == "integer"


async def test_stop_words_end_an_answer_also_of_a_model_that_ignores_them() -> None:
    door = ScriptedBackend("Action: look\nObservation: made up")
    assert await CrewLLM(door=door, stop=["\nObservation:"]).acall("Act.") == "Action: look"
    assert door.prompts[0].options.stop == ("\nObservation:",)


async def test_tools_are_called_where_functions_are_given_and_wished_for_elsewhere() -> None:
    described = [{"type": "function", "function": {"name": "add", "description": "Adds.", "parameters": {}}}]
    wish = Completion("", "m", tool_calls=[ToolCall("7", "add", '{"a": 1, "b": 2}')])
    llm = CrewLLM(door=ScriptedBackend(wish))
    functions = {"add": lambda a, b: a + b}
    assert await llm.acall("Add.", tools=described, available_functions=functions) == "3"
    assert (await llm.acall("Add.", tools=described))[0]["function"]["name"] == "add"


async def test_a_picture_is_refused_in_one_sentence() -> None:
    picture = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]
    with pytest.raises(UsageError, match="only text can be sent"):
        await CrewLLM(door=ScriptedBackend("x")).acall(picture)


async def test_our_retriever_and_our_pipeline_are_tools_of_a_crew(tmp_path: Path) -> None:
    lease = tmp_path / "lease.txt"
    lease.write_text("LEASE\n\n1. Rent. The rent is EUR 1,250 a month.\n\n2. Term. The term is five years.\n")
    found = RetrieverTool(Bm25Retriever(lambda: [PASSAGE]))
    assert found.run(query="rent due").startswith("[d0p0] The rent of")
    async with AgentKit(home=tmp_path / "home") as kit:
        asked = PipelineTool(kit, [lease])
        said = await asyncio.to_thread(asked.run, question="What is the rent?")
    assert said.startswith('- The rent is EUR 1,250 a month. (supported) "')
    assert "[lease.txt, " in said
