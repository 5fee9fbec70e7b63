"""Our model, pipeline and tools as LlamaIndex's, in LlamaIndex's own classes."""

import asyncio
import json
import warnings
from pathlib import Path

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what vendors deprecate among themselves, while they are imported
    from llama_index.core.agent.workflow import FunctionAgent
    from llama_index.core.base.llms.types import ChatMessage, ImageBlock, ToolCallBlock
    from llama_index.core.callbacks import CallbackManager, TokenCountingHandler
    from llama_index.core.prompts import PromptTemplate
    from llama_index.core.tools import FunctionTool, QueryEngineTool

    from agentkit.adapters.llamaindex import AgentKitLLM, AgentKitQueryEngine, offered_tools

from leases import NAME, QUESTION, RENT, TEXT
from pydantic import BaseModel

from agentkit.app import AgentKit
from agentkit.calls import Completion, ToolCall
from agentkit.errors import InvalidResponseError, StructuredOutputError, UsageError
from agentkit.gateway import Gateway
from agentkit.offering import Offer
from agentkit.testing.fakes import ScriptedBackend
from agentkit.testing.server import ModelServer, stream_reply

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
ASKED = [ChatMessage(role="system", content="Be brief."), ChatMessage(role="user", content="When?")]


class Rent(BaseModel):
    euros: int


def add(a: int, b: int) -> int:
    """Add."""
    return a + b


async def test_every_way_to_ask_says_the_same() -> None:
    llm = AgentKitLLM(door=ScriptedBackend("It is due."))
    said = [
        llm.chat(ASKED).message.content,
        (await llm.achat(ASKED)).message.content,
        llm.complete("When?").text,
        (await llm.acomplete("When?")).text,
        list(llm.stream_chat(ASKED))[-1].message.content,
        [piece async for piece in await llm.astream_chat(ASKED)][-1].message.content,
        list(llm.stream_complete("When?"))[-1].text,
        [piece async for piece in await llm.astream_complete("When?")][-1].text,
    ]
    assert said == ["It is due."] * 8
    llm.close()


async def test_a_stream_comes_in_pieces_and_ends_with_its_usage(tmp_path: Path) -> None:
    async with ModelServer([stream_reply("It ", "is ", "due.")]) as server:
        params = {"model": "openai/served", "api_base": server.url}
        models = [{"model_name": "served", "litellm_params": params, "client": "openai"}]
        config = Gateway().config.model_validate({"models": models, "roles": {"writer": "served"}})
        async with Gateway(config) as gateway:
            llm = AgentKitLLM(door=gateway.door())
            pieces = [piece async for piece in await llm.astream_chat(ASKED)]
    deltas = [piece.delta for piece in pieces if piece.delta]
    assert ("".join(deltas), len(deltas)) == ("It is due.", 3)
    assert [piece.message.content for piece in pieces][-1] == "It is due."
    assert pieces[-1].raw["usage"]["completion_tokens"] == 3
    assert [message["role"] for message in server.received[0].body["messages"]] == ["system", "user"]


async def test_llamaindexs_own_counter_counts_what_was_taken() -> None:
    counter = TokenCountingHandler(tokenizer=str.split)
    llm = AgentKitLLM(door=ScriptedBackend("It is due."), callback_manager=CallbackManager([counter]))
    await llm.achat(ASKED)
    assert (counter.prompt_llm_token_count, counter.completion_llm_token_count) == (10, 5)


async def test_tools_are_offered_and_one_call_is_kept_where_one_is_wanted() -> None:
    wishes = [ToolCall("1", "add", '{"a": 1, "b": 2}'), ToolCall("2", "add", '{"a": 3')]
    door = ScriptedBackend(Completion("", "m", tool_calls=wishes))
    llm, tool = AgentKitLLM(door=door), FunctionTool.from_defaults(add)
    both = await llm.achat_with_tools([tool], "Add.", allow_parallel_tool_calls=True, tool_required=True)
    assert [call.tool_kwargs for call in llm.get_tool_calls_from_response(both)] == [{"a": 1, "b": 2}, {"a": 3}]
    one = await llm.achat_with_tools([tool], "Add.")
    assert [call.tool_id for call in llm.get_tool_calls_from_response(one)] == ["1"]
    assert (await llm.apredict_and_call([tool], "Add.")).response == "3"
    offered = door.prompts[0]
    assert offered.options.tool_choice == "required"
    assert set(offered.tools[0].parameters["properties"]) == {"a", "b"}


async def test_a_reply_without_a_call_is_an_error_only_where_a_call_is_wanted() -> None:
    llm = AgentKitLLM(door=ScriptedBackend("No."))
    said = await llm.achat(ASKED)
    assert llm.get_tool_calls_from_response(said, error_on_no_tool_call=False) == []
    with pytest.raises(InvalidResponseError, match="called no tool"):
        llm.get_tool_calls_from_response(said)


async def test_an_answer_is_an_object_through_the_models_own_schema() -> None:
    door = ScriptedBackend('{"euros": 1250}', '{"euros": "many"}')
    llm, template = AgentKitLLM(door=door), PromptTemplate("The rent of {who}?")
    assert await llm.astructured_predict(Rent, template, who="Mary") == Rent(euros=1250)
    assert door.prompts[0].schema["properties"]["euros"]["type"] == "integer"
    with pytest.raises(StructuredOutputError, match="gave no Rent: euros"):
        await asyncio.to_thread(llm.structured_predict, Rent, template, who="Mary")


async def test_an_earlier_call_and_its_result_go_back_to_the_model() -> None:
    door = ScriptedBackend("3")
    call = ToolCallBlock(tool_call_id="7", tool_name="add", tool_kwargs={"a": 1, "b": 2})
    result = ChatMessage(role="tool", content="3", additional_kwargs={"tool_call_id": "7"})
    await AgentKitLLM(door=door).achat([*ASKED, ChatMessage(role="assistant", blocks=[call]), result])
    sent = door.prompts[0].messages
    assert [message.role for message in sent] == ["system", "user", "assistant", "tool"]
    assert (json.loads(sent[2].tool_calls[0].arguments), sent[3].tool_call_id) == ({"a": 1, "b": 2}, "7")


async def test_what_cannot_be_sent_is_refused_in_one_sentence() -> None:
    llm = AgentKitLLM(door=ScriptedBackend("x"))
    with pytest.raises(UsageError, match="type 'image', and only text can be sent"):
        await llm.achat([ChatMessage(role="user", blocks=[ImageBlock(url="http://localhost/x.png")])])
    with pytest.raises(UsageError, match="takes no option top_p"):
        await llm.achat(ASKED, top_p=0.5)


async def test_the_pipeline_is_a_query_engine_whose_sources_are_exact(lease: Path) -> None:
    async with AgentKit() as kit:
        engine = AgentKitQueryEngine(kit, [lease])
        answer = await engine.aquery(QUESTION)
        waited = await asyncio.to_thread(engine.query, QUESTION)
        silent = await engine.aquery("Who won the cup?")
    assert RENT in str(answer)
    assert str(waited) == str(answer)
    (found,) = answer.source_nodes
    assert TEXT[found.node.start_char_idx : found.node.end_char_idx] == found.node.text
    assert (found.node.metadata["file_name"], found.node.metadata["verdict"]) == ("lease.txt", "supported")
    assert (silent.source_nodes, silent.metadata["status"]) == ([], "unanswered")


async def test_an_agent_of_llamaindex_asks_our_documents_and_its_model_sees_no_name(offer: Offer) -> None:
    engine = AgentKitQueryEngine(offer.kit, offer.paths, gateway=offer.gateway)
    tools = [QueryEngineTool.from_defaults(engine, name="lease", description="The lease."), *offered_tools(offer)]
    wish = Completion("", "m", tool_calls=[ToolCall("1", "lease", json.dumps({"input": QUESTION}))])
    more = Completion("", "m", tool_calls=[ToolCall("2", "search", json.dumps({"query": "rent", "top_k": 1}))])
    door = ScriptedBackend(wish, more, "EUR 1,250.")
    said = await FunctionAgent(tools=tools, llm=AgentKitLLM(door=door)).run(QUESTION)
    assert str(said) == "EUR 1,250."
    assert {tool.name for tool in door.prompts[0].tools} == {"lease", "summarize", "ask", "search", "check"}
    first, second = [message.content for message in door.prompts[2].messages if message.role == "tool"]
    for words in (first, second):
        assert "1,250" in words
        assert "<PERSON_1>" in words
        assert NAME not in words


@pytest.mark.parametrize("arguments", ["[1]", '{"a":' * 100_000], ids=["no object", "too deep"])
async def test_arguments_that_are_no_object_stay_the_text_the_model_wrote(arguments: str) -> None:
    broken = Completion("", "m", tool_calls=[ToolCall("1", "look", arguments)])
    said = await AgentKitLLM(door=ScriptedBackend(broken)).achat(ASKED)
    assert [block.tool_kwargs for block in said.message.blocks] == [arguments]


def test_a_model_is_told_what_each_argument_of_a_tool_is(offer: Offer) -> None:
    told = {tool.metadata.name: tool.metadata.get_parameters_dict()["properties"] for tool in offered_tools(offer)}
    assert told["search"]["query"]["description"] == "What to look for, in a few words."
    assert told["check"]["source"]["description"] == "The words that it is said to rest on."
