"""Our pipeline as a Pydantic AI toolset."""

from typing import Any

from pydantic_ai.toolsets import FunctionToolset

from agentkit.offering import DESCRIPTIONS, Offer


def offered_toolset(offer: Offer) -> FunctionToolset[Any]:
    """Return the tools of an offer (summarize, ask, search, check), for any `Agent(toolsets=[...])`."""
    toolset: FunctionToolset[Any] = FunctionToolset()
    for name, way in offer.ways.items():
        toolset.add_function(way, takes_ctx=False, name=name, description=DESCRIPTIONS[name])
    return toolset
