# pyright: reportUnknownMemberType=false
# Haystack's tools are only partly typed.
"""Our pipeline as tools of a Haystack agent."""

from collections.abc import Callable, Coroutine
from typing import Any

from haystack.tools.tool import Tool

from agentkit.blocking import Blocking
from agentkit.offering import DESCRIPTIONS, Offer

_blocking = Blocking()
_TEXT = {"type": "string"}
_SCHEMAS: dict[str, dict[str, Any]] = {
    "summarize": {"focus": {**_TEXT, "description": "What the summary is about; empty for everything."}},
    "ask": {"question": {**_TEXT, "description": "A whole question."}},
    "search": {
        "query": {**_TEXT, "description": "What to look for, in a few words."},
        "top_k": {"type": "integer", "description": "How many passages at most.", "minimum": 1, "maximum": 50},
    },
    "check": {
        "claim": {**_TEXT, "description": "One sentence."},
        "source": {**_TEXT, "description": "The words that it is said to rest on."},
    },
}
_REQUIRED = {"summarize": [], "ask": ["question"], "search": ["query"], "check": ["claim", "source"]}


def offered_tools(offer: Offer) -> list[Tool]:
    """Return the tools of an offer, for any agent of Haystack; each works with and without a loop."""
    return [_tool(name, way) for name, way in offer.ways.items()]


def _tool(name: str, way: Callable[..., Coroutine[Any, Any, str]]) -> Tool:
    def wait(**arguments: Any) -> str:
        return _blocking.run(way(**arguments))

    parameters = {"type": "object", "properties": _SCHEMAS[name], "required": _REQUIRED[name]}
    return Tool(name=name, description=DESCRIPTIONS[name], parameters=parameters, function=wait, async_function=way)
