"""Our model, retriever and pipeline as Haystack's components, in real pipelines, written down and read again."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from leases import NAME, QUESTION, RENT, TEXT, make_gateway, make_kit, retriever_of, write_lease

from agentkit.adapters.haystack import (
    AgentKitAnswerer,
    AgentKitChatGenerator,
    AgentKitRetriever,
    AgentKitSummarizer,
    offered_tools,
)
from agentkit.calls import Completion, ToolCall
from agentkit.errors import UsageError
from agentkit.gateway import Gateway
from agentkit.offering import Offer
from agentkit.testing.fakes import ScriptedBackend

from haystack import Pipeline  # isort: skip  (after our adapter, which keeps its telemetry off)
from haystack.components.agents import Agent  # isort: skip
from haystack.components.builders import ChatPromptBuilder  # isort: skip
from haystack.core.errors import SerializationError  # isort: skip
from haystack.dataclasses import ChatMessage, ImageContent, StreamingChunk  # isort: skip

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
ALLOWED = ["agentkit.*", "leases", "test_haystack_parts"]


def make_retriever():
    """Make a retriever as a written pipeline names it."""
    return retriever_of(write_lease(Path(os.environ["AGENTKIT_HOME"]).parent))


def reading() -> Pipeline:
    """Find passages, put them into a prompt, ask the model."""
    template = [ChatMessage.from_user("{% for d in documents %}{{ d.content }}{% endfor %} {{ query }}")]
    pipeline = Pipeline()
    pipeline.add_component("retriever", AgentKitRetriever(make_retriever, top_k=2))
    pipeline.add_component("prompt", ChatPromptBuilder(template=template, required_variables="*"))
    pipeline.add_component("llm", AgentKitChatGenerator(make_gateway, generation_kwargs={"max_tokens": 50}))
    pipeline.connect("retriever.documents", "prompt.documents")
    pipeline.connect("prompt.prompt", "llm.messages")
    return pipeline


def again(pipeline: Pipeline) -> Pipeline:
    """Return a pipeline that was written down and read again."""
    return Pipeline.loads(pipeline.dumps(), allowed_modules=ALLOWED)


GIVEN = {"retriever": {"query": QUESTION}, "prompt": {"query": QUESTION}}


async def test_a_pipeline_that_was_written_down_runs_in_a_loop_and_without_one() -> None:
    pipeline = again(reading())
    assert pipeline.to_dict()["components"] == reading().to_dict()["components"]
    waited = await asyncio.to_thread(pipeline.run, GIVEN, {"retriever"})
    awaited = await pipeline.run_async(GIVEN)
    assert waited["llm"]["replies"][0].text == awaited["llm"]["replies"][0].text == "It is due."
    meta = waited["llm"]["replies"][0].meta
    assert (meta["model"], meta["usage"]["prompt_tokens"], meta["finish_reason"]) == ("one", 10, "stop")
    found = waited["retriever"]["documents"]
    assert all(TEXT[found_one.meta["start"] : found_one.meta["end"]] == found_one.content for found_one in found)
    await pipeline.close_async()


async def test_the_pipeline_answers_and_summarizes_as_components_that_are_written_down(lease: Path) -> None:
    pipeline = Pipeline()
    pipeline.add_component("ask", AgentKitAnswerer(make_kit, paths=[str(lease)]))
    pipeline.add_component("sum", AgentKitSummarizer(make_kit))
    pipeline = again(pipeline)
    done = await pipeline.run_async({"ask": {"query": QUESTION}, "sum": {"paths": [str(lease)]}})
    (answer,) = done["ask"]["answers"]
    (document,) = answer.documents
    assert RENT in answer.data
    assert TEXT[document.meta["start"] : document.meta["end"]] == document.content
    assert (answer.meta["verdict"], done["ask"]["report"].status) == ("supported", "approved")
    assert "five years" in done["sum"]["summary"]
    assert [TEXT[d.meta["start"] : d.meta["end"]] == d.content for d in done["sum"]["documents"]].count(False) == 0
    waited = await asyncio.to_thread(
        pipeline.run, {"ask": {"query": "Who won the cup?"}, "sum": {"paths": [str(lease)]}}
    )
    assert waited["ask"]["answers"] == []
    await pipeline.close_async()


def test_closing_a_pipeline_closes_what_it_opened_and_a_later_run_opens_another() -> None:
    made: list[Gateway] = []

    def opened() -> Gateway:
        made.append(make_gateway())
        return made[-1]

    generator = AgentKitChatGenerator(opened)
    for _ in range(2):
        generator.warm_up()
        assert generator.run("When?")["replies"][0].text == "It is due."
        generator.close()
    assert len(made) == 2
    with pytest.raises(UsageError, match="was closed"):
        made[0].door()


def test_what_has_no_name_cannot_be_written_down() -> None:
    with pytest.raises(SerializationError):
        AgentKitChatGenerator(lambda: make_gateway()).to_dict()


async def test_a_callback_hears_the_answer_in_pieces_and_calls_whole() -> None:
    wish = Completion("One moment.", "m", tool_calls=[ToolCall("1", "ask", '{"question": "When?"}')])
    heard: list[StreamingChunk] = []

    async def hear(chunk: StreamingChunk) -> None:
        heard.append(chunk)

    async with Gateway(model=ScriptedBackend(wish)) as gateway:
        generator = AgentKitChatGenerator(lambda: gateway)
        said = await generator.run_async("When?", hear)
        await asyncio.to_thread(generator.run, "When?", heard.append)
    for chunks in (heard[: len(heard) // 2], heard[len(heard) // 2 :]):
        assert "".join(chunk.content for chunk in chunks) == "One moment."
        (call,) = [call for chunk in chunks for call in chunk.tool_calls or []]
        assert (call.tool_name, json.loads(call.arguments)) == ("ask", {"question": "When?"})
        assert chunks[-1].finish_reason == "stop"
    assert said["replies"][0].tool_calls[0].arguments == {"question": "When?"}


async def test_an_agent_of_haystack_asks_our_documents_and_its_model_sees_no_name(offer: Offer) -> None:
    wishes = [
        Completion("", "m", tool_calls=[ToolCall("1", "ask", json.dumps({"question": QUESTION}))]),
        Completion("", "m", tool_calls=[ToolCall("2", "search", json.dumps({"query": "rent", "top_k": 1}))]),
    ]
    door = ScriptedBackend(*wishes, "EUR 1,250.")
    async with Gateway(model=door) as gateway:
        agent = Agent(chat_generator=AgentKitChatGenerator(lambda: gateway), tools=offered_tools(offer))
        said = await agent.run_async(messages=[ChatMessage.from_user(QUESTION)])
    assert said["last_message"].text == "EUR 1,250."
    assert {tool.name for tool in door.prompts[0].tools} == {"summarize", "ask", "search", "check"}
    for message in [message for message in door.prompts[2].messages if message.role == "tool"]:
        assert "1,250" in message.content
        assert NAME not in message.content


async def test_what_cannot_be_sent_is_refused_in_one_sentence() -> None:
    async with Gateway(model=ScriptedBackend("x")) as gateway:
        generator = AgentKitChatGenerator(lambda: gateway)
        picture = ChatMessage.from_user(content_parts=["What?", ImageContent(base64_image="eA==", validation=False)])
        with pytest.raises(UsageError, match="only text can be sent"):
            await generator.run_async([picture])
        with pytest.raises(UsageError, match="takes no option top_p"):
            await generator.run_async("When?", generation_kwargs={"top_p": 0.5})


TALKATIVE = """
import sys
sys.modules["posthog"] = type(sys)("posthog")
import haystack
import agentkit.adapters.haystack as ours
ours.AgentKitRetriever(list)
"""
SILENT = """
import os, sys
seen = ("socket.connect", "socket.getaddrinfo", "socket.sendto")
sys.addaudithook(lambda event, given: print("NETWORK", event, given) if event in seen else None)
from agentkit.adapters.haystack import AgentKitChatGenerator
from haystack import Pipeline
from agentkit import Gateway
from agentkit.testing.fakes import ScriptedBackend
pipeline = Pipeline()
pipeline.add_component("llm", AgentKitChatGenerator(lambda: Gateway(model=ScriptedBackend("It is due."))))
print(pipeline.run({"llm": {"messages": "When?"}})["llm"]["replies"][0].text)
pipeline.close()
print(os.environ.get("HAYSTACK_TELEMETRY_ENABLED"))
"""


def run(program: str, home: Path) -> tuple[str, str]:
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environ, cwd=home, capture_output=True, text=True, check=False
    )
    return done.stdout, done.stderr


def test_a_pipeline_reports_to_nobody_and_the_environment_is_as_it_was(tmp_path: Path) -> None:
    out, err = run(SILENT, tmp_path)
    assert out.splitlines() == ["It is due.", "None"], err
    assert not (tmp_path / ".haystack").exists()


def test_telemetry_that_is_switched_on_is_refused(tmp_path: Path) -> None:
    _, err = run(TALKATIVE, tmp_path)
    assert "Haystack's telemetry is on" in err
