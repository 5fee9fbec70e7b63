# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# LlamaIndex's tools are only partly typed.
"""Our pipeline as tools of a LlamaIndex agent."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from llama_index.core.tools.function_tool import FunctionTool

from agentkit.blocking import Blocking
from agentkit.offering import DESCRIPTIONS, Offer

_blocking = Blocking()


def offered_tools(offer: Offer) -> list[FunctionTool]:
    """Return the tools of an offer, for any agent of LlamaIndex; each works with and without a loop."""
    return [_tool(name, way) for name, way in offer.ways.items()]


def _tool(name: str, way: Callable[..., Coroutine[Any, Any, str]]) -> FunctionTool:
    @wraps(way)
    def wait(*given: Any, **arguments: Any) -> str:
        return _blocking.run(way(*given, **arguments))

    return FunctionTool.from_defaults(fn=wait, async_fn=way, name=name, description=DESCRIPTIONS[name])
