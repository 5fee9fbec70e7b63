# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# LangChain's factories of tools are only partly typed.
"""Our pipeline as LangChain's runnables and tools."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

from langchain_core.runnables import Runnable, RunnableLambda
from langchain_core.tools import BaseTool, StructuredTool

from agentkit.blocking import Blocking
from agentkit.offering import DESCRIPTIONS, Kit, Offer
from agentkit.report import Report

_blocking = Blocking()
G = TypeVar("G")
T = TypeVar("T")


def ask_runnable(kit: Kit, paths: Sequence[str | Path]) -> Runnable[str, Report]:
    """Return a runnable that answers a question from documents with a `Report`, originals in it, as `AgentKit.ask`."""
    return _runnable(lambda question: kit.ask(paths, question), "ask")


def summarize_runnable(kit: Kit, *, focus: str = "") -> Runnable[str | Path | Sequence[str | Path], Report]:
    """Return a runnable that summarizes the document, folder or list of them that it is given."""

    def summarize(given: str | Path | Sequence[str | Path]) -> Awaitable[Report]:
        return kit.summarize([given] if isinstance(given, str | Path) else list(given), focus=focus)

    return _runnable(summarize, "summarize")


def offered_tools(offer: Offer) -> list[BaseTool]:
    """Return the tools of an offer, for any agent of LangChain or LangGraph; each works with and without a loop."""

    async def summarize(focus: Annotated[str, "What the summary is about; empty for everything."] = "") -> str:
        return await offer.summarize(focus)

    async def ask(question: Annotated[str, "A whole question."]) -> str:
        return await offer.ask(question)

    async def search(
        query: Annotated[str, "What to look for, in a few words."],
        top_k: Annotated[int, "How many passages at most."] = 5,
    ) -> str:
        return await offer.search(query, top_k)

    async def check(
        claim: Annotated[str, "One sentence."], source: Annotated[str, "The words that it is said to rest on."]
    ) -> str:
        return await offer.check(claim, source)

    ways: dict[str, Callable[..., Awaitable[str]]] = {
        "summarize": summarize,
        "ask": ask,
        "search": search,
        "check": check,
    }
    return [_tool(name, ways[name]) for name in offer.names]


def _tool(name: str, way: Callable[..., Awaitable[str]]) -> BaseTool:
    def wait(**arguments: object) -> str:
        return _blocking.run(_awaited(way(**arguments)))

    described = StructuredTool.from_function(coroutine=way, name=name, description=DESCRIPTIONS[name])
    return described.model_copy(update={"func": wait})


def _runnable(way: Callable[[G], Awaitable[Report]], name: str) -> Runnable[G, Report]:
    def wait(given: G) -> Report:
        return _blocking.run(_awaited(way(given)))

    async def run(given: G) -> Report:
        return await way(given)

    return RunnableLambda(wait, afunc=run, name=name)


async def _awaited(work: Awaitable[T]) -> T:
    return await work
