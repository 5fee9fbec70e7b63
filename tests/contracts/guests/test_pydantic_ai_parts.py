"""Our model and pipeline as Pydantic AI's, in Pydantic AI's own agents."""

import asyncio
import json
from pathlib import Path

import pytest
from leases import NAME, QUESTION
from pydantic import BaseModel
from pydantic_ai import Agent, BinaryContent, ModelRetry, NativeOutput
from pydantic_ai.exceptions import UsageLimitExceeded
from pydantic_ai.usage import UsageLimits

from agentkit.adapters.pydantic_ai import AgentKitModel, offered_toolset
from agentkit.calls import Completion, ToolCall
from agentkit.config import Config
from agentkit.errors import UsageError
from agentkit.gateway import Gateway
from agentkit.offering import Offer
from agentkit.testing.fakes import ScriptedBackend
from agentkit.testing.server import ModelServer, Reply, stream_event, stream_reply

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


class Rent(BaseModel):
    euros: int


def wishing(name: str, **arguments: object) -> Completion:
    return Completion("", "m", tool_calls=[ToolCall("1", name, json.dumps(arguments))])


def served(url: str) -> Config:
    params = {"model": "openai/served", "api_base": url}
    models = [{"model_name": "served", "litellm_params": params, "client": "openai"}]
    return Config.model_validate({"models": models, "roles": {"writer": "served"}})


async def test_an_agent_is_answered_and_its_usage_counted() -> None:
    door = ScriptedBackend("It is due.")
    agent = Agent(AgentKitModel(door), instructions="Be brief.", system_prompt="You are a clerk.")
    done = await agent.run("When?", model_settings={"max_tokens": 50, "temperature": 0.5, "stop_sequences": ["."]})
    assert done.output == "It is due."
    assert (done.usage.input_tokens, done.usage.output_tokens, done.usage.requests) == (10, 5, 1)
    sent = door.prompts[0]
    assert [message.role for message in sent.messages] == ["system", "system", "user"]
    assert {"Be brief.", "You are a clerk."} == {message.content for message in sent.messages[:2]}
    assert (sent.options.max_output_tokens, sent.options.temperature, sent.options.stop) == (50, 0.5, (".",))
    response = done.all_messages()[-1]
    assert (response.finish_reason, response.provider_name, response.model_name) == ("stop", "agentkit", "scripted")


async def test_without_a_loop_it_answers_as_well() -> None:
    agent = Agent(AgentKitModel(ScriptedBackend("It is due.")))

    def answer() -> str:
        try:
            return agent.run_sync("When?").output
        finally:
            asyncio.get_event_loop().close()  # Pydantic AI leaves the loop that it makes for a thread open

    assert await asyncio.to_thread(answer) == "It is due."


async def test_an_object_comes_through_a_tool_or_through_the_models_own_schema() -> None:
    by_tool = ScriptedBackend(wishing("final_result", euros=1250))
    assert (await Agent(AgentKitModel(by_tool), output_type=Rent).run("How much?")).output == Rent(euros=1250)
    assert by_tool.prompts[0].options.tool_choice == "required"
    by_schema = ScriptedBackend('{"euros": 1250}')
    assert (await Agent(AgentKitModel(by_schema), output_type=NativeOutput(Rent)).run("?")).output == Rent(euros=1250)
    assert by_schema.prompts[0].schema["properties"]["euros"]["type"] == "integer"


async def test_an_object_that_does_not_fit_is_asked_for_again() -> None:
    door = ScriptedBackend(wishing("final_result", euros="many"), wishing("final_result", euros=2))
    assert (await Agent(AgentKitModel(door), output_type=Rent).run("How much?")).output == Rent(euros=2)
    assert door.prompts[1].messages[-1].role == "tool"
    assert "euros" in door.prompts[1].messages[-1].content


async def test_a_tool_that_wants_another_try_is_called_again() -> None:
    door = ScriptedBackend(wishing("look", at="x"), wishing("look", at="y"), "Done.")
    agent = Agent(AgentKitModel(door))

    @agent.tool_plain
    def look(at: str) -> str:
        if at == "x":
            raise ModelRetry("Not there.")
        return "A lease."

    assert (await agent.run("Look.")).output == "Done."
    assert "Not there." in door.prompts[1].messages[-1].content
    assert door.prompts[2].messages[-1].content == "A lease."


async def test_a_stream_comes_in_pieces_and_ends_with_its_usage() -> None:
    async with ModelServer([stream_reply("It ", "is ", "due.")]) as server, Gateway(served(server.url)) as gateway:
        agent = Agent(AgentKitModel(gateway.door()))
        async with agent.run_stream("When?") as run:
            pieces = [piece async for piece in run.stream_text(delta=True, debounce_by=None)]
    assert ("".join(pieces), len(pieces)) == ("It is due.", 3)
    assert run.usage.output_tokens == 3


async def test_a_stream_that_is_left_hangs_up_on_the_model() -> None:
    open_end = Reply(
        end="open", pieces=[stream_event({"content": "It "})], headers={"content-type": "text/event-stream"}
    )
    async with ModelServer([open_end]) as server, Gateway(served(server.url)) as gateway:
        agent = Agent(AgentKitModel(gateway.door()))
        async with agent.run_stream("When?") as run:
            async for _ in run.stream_text(delta=True, debounce_by=None):
                break
        await asyncio.wait_for(server.hung_up.wait(), 120)


async def test_pydantic_ais_own_limits_hold_as_well() -> None:
    agent = Agent(AgentKitModel(ScriptedBackend(wishing("look"))))

    @agent.tool_plain
    def look() -> str:
        return "nothing"

    with pytest.raises(UsageLimitExceeded):
        await agent.run("Look.", usage_limits=UsageLimits(request_limit=1))


@pytest.mark.parametrize(("settings", "why"), [({"top_p": 0.5}, "takes no top_p"), ({"seed": 1}, "takes no seed")])
async def test_a_setting_that_would_be_ignored_is_refused(settings, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        await Agent(AgentKitModel(ScriptedBackend("x"))).run("When?", model_settings=settings)


async def test_a_picture_is_refused_in_one_sentence() -> None:
    picture = BinaryContent(b"x", media_type="image/png")
    with pytest.raises(UsageError, match="BinaryContent, and only text can be sent"):
        await Agent(AgentKitModel(ScriptedBackend("x"))).run(["What is this?", picture])


async def test_an_agent_has_our_pipeline_as_a_toolset_and_its_model_sees_no_name(offer: Offer, lease: Path) -> None:
    door = ScriptedBackend(
        wishing("ask", question=QUESTION),
        wishing("search", query="rent", top_k=1),
        wishing("check", claim="The term is five years.", source="The term is five years."),
        "Done.",
    )
    done = await Agent(AgentKitModel(door), toolsets=[offered_toolset(offer)]).run(QUESTION)
    assert done.output == "Done."
    assert {tool.name for tool in door.prompts[0].tools} == {"summarize", "ask", "search", "check"}
    asked, found, checked = [message.content for message in door.prompts[3].messages if message.role == "tool"]
    for words in (asked, found):
        assert "1,250" in words
        assert "<PERSON_1>" in words
        assert NAME not in words
    assert checked.startswith("supported")
