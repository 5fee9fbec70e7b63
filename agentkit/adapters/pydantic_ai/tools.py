"""Our pipeline as a Pydantic AI toolset."""

from collections.abc import Awaitable, Callable
from typing import Any

from pydantic_ai.toolsets import FunctionToolset

from agentkit.offering import DESCRIPTIONS, Offer


def offered_toolset(offer: Offer) -> FunctionToolset[Any]:
    """Return the tools of an offer (summarize, ask, search, check), for any `Agent(toolsets=[...])`."""
    ways: dict[str, Callable[..., Awaitable[str]]] = {
        "summarize": offer.summarize,
        "ask": offer.ask,
        "search": offer.search,
        "check": offer.check,
    }
    toolset: FunctionToolset[Any] = FunctionToolset()
    for name in offer.names:
        toolset.add_function(ways[name], takes_ctx=False, name=name, description=DESCRIPTIONS[name])
    return toolset
