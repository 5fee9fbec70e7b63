"""Our retriever, pipeline and tools as LangChain's, under LangChain's own standard tests."""

import asyncio
from pathlib import Path

import pytest
from langchain_core.caches import InMemoryCache
from langchain_core.globals import get_llm_cache, set_llm_cache
from langchain_core.language_models import BaseChatModel
from langchain_core.retrievers import BaseRetriever
from langchain_core.tools import BaseTool
from langchain_tests.integration_tests import RetrieversIntegrationTests, ToolsIntegrationTests
from langchain_tests.unit_tests import ToolsUnitTests
from leases import NAME, QUESTION, RENT, TEXT, retriever_of

from agentkit.adapters.langchain import (
    AgentKitRetriever,
    ChatAgentKit,
    ask_runnable,
    offered_tools,
    summarize_runnable,
)
from agentkit.adapters.memory.retriever import Bm25Retriever
from agentkit.app import AgentKit
from agentkit.calls import Completion, ToolCall
from agentkit.gateway import Gateway
from agentkit.offering import Offer
from agentkit.testing.fakes import ScriptedBackend
from agentkit.types import Passage

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
MANY = [Passage(f"d0p{n}", 0, 60 * n, 60 * n + 30, f"The rent of flat {n} is EUR {n}00.") for n in range(8)]


class TestStandardRetriever(RetrieversIntegrationTests):
    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return AgentKitRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, object]:
        return {"retriever": Bm25Retriever(lambda: MANY)}

    @property
    def retriever_query_example(self) -> str:
        return "What is the rent of the flat?"


class _Asking:
    @pytest.fixture(autouse=True)
    def _given(self, offer: Offer) -> None:
        self._tool = next(tool for tool in offered_tools(offer) if tool.name == "ask")

    @property
    def tool_constructor(self) -> BaseTool:
        return self._tool

    @property
    def tool_invoke_params_example(self) -> dict[str, str]:
        return {"question": QUESTION}


class TestStandardToolUnit(_Asking, ToolsUnitTests):
    pass


class TestStandardToolIntegration(_Asking, ToolsIntegrationTests):
    pass


async def test_documents_say_where_their_text_stands(lease: Path) -> None:
    (found,) = await AgentKitRetriever(retriever=retriever_of(lease), k=1).ainvoke("five years term")
    assert TEXT[found.metadata["start"] : found.metadata["end"]] == found.page_content
    assert "five years" in found.page_content


async def test_the_pipeline_is_a_runnable_that_returns_a_report(lease: Path) -> None:
    async with AgentKit() as kit:
        ask, summarize = ask_runnable(kit, [lease]), summarize_runnable(kit)
        report = await ask.ainvoke(QUESTION)
        summary = await asyncio.to_thread(summarize.invoke, lease)
        chain = ask | (lambda answer: answer.status)
        assert await chain.abatch([QUESTION, "Who won the cup?"]) == ["approved", "unanswered"]
    (citation,) = report.claims[0].citations
    assert TEXT[citation.start : citation.end] == citation.quote
    assert RENT in report.claims[0].text
    assert any("five years" in claim.text for claim in summary.claims)


async def test_what_tools_say_is_in_placeholders_and_what_they_are_asked_is_restored(offer: Offer) -> None:
    tools = {tool.name: tool for tool in offered_tools(offer)}
    assert list(tools) == ["summarize", "ask", "search", "check"]
    said = [
        await tools["summarize"].ainvoke({}),
        await tools["ask"].ainvoke({"question": f"What does {offer.gateway.safe_text(NAME)} pay?"}),
        await tools["search"].ainvoke({"query": "rent", "top_k": 1}),
        await asyncio.to_thread(
            tools["check"].invoke,
            {"claim": "<PERSON_1> pays EUR 1,350 a month.", "source": f"{NAME} pays EUR 1,250 a month."},
        ),
    ]
    assert "Quxzov" not in "".join(said)
    assert all("<PERSON_1>" in words for words in said[:3])
    assert "1,250" in said[1]
    assert "(supported)" in said[1]
    assert said[3].startswith("contradicted")


async def test_an_agent_of_langchain_asks_our_documents(offer: Offer) -> None:
    wish = Completion("", "m", tool_calls=[ToolCall("1", "ask", f'{{"question": "{QUESTION}"}}')])
    tools = {tool.name: tool for tool in offered_tools(offer)}
    model: BaseChatModel = ChatAgentKit(door=ScriptedBackend(wish, "EUR 1,250."))
    said = await model.bind_tools(list(tools.values())).ainvoke(QUESTION)
    found = await tools[said.tool_calls[0]["name"]].ainvoke(said.tool_calls[0])
    assert "EUR 1,250" in found.content


async def test_what_a_model_says_in_a_stream_can_be_left_early() -> None:
    async with Gateway(model=ScriptedBackend("one two")) as gateway:
        async for piece in ChatAgentKit(door=gateway.door()).astream("Count."):
            assert piece.text
            break
        assert gateway.usage().model_calls == 1


async def test_the_hosts_own_cache_gives_nobody_an_answer_that_was_somebody_elses(tmp_path: Path) -> None:
    before = get_llm_cache()
    set_llm_cache(InMemoryCache())
    try:
        said: list[object] = []
        for name in ("one", "two"):
            model = ScriptedBackend(f"It is for {name}, <PERSON_1>.", name="served")
            async with Gateway(model=model, home=tmp_path, tenant=name) as gateway:
                said.append((await ChatAgentKit(door=gateway.door()).ainvoke(f"Who is Ms. {NAME}?")).content)
    finally:
        set_llm_cache(before)
    assert said == [f"It is for one, {NAME}.", f"It is for two, {NAME}."]
