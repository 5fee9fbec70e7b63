# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# LangChain's factories of tools are only partly typed.
"""Our pipeline as LangChain's runnables and tools."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

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
    return [_tool(name, way) for name, way in offer.ways.items()]


def _tool(name: str, way: Callable[..., Coroutine[Any, Any, str]]) -> BaseTool:
    def wait(**arguments: object) -> str:
        return _blocking.run(way(**arguments))

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
