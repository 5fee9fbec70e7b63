"""A crew as a node of a LangGraph graph."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from langgraph.runtime import Runtime

from agentkit.adapters.crewai.guest import Source
from agentkit.adapters.crewai.house import House
from agentkit.adapters.crewai.running import run_crew
from agentkit.deps import Deps
from agentkit.errors import UsageError

Node = Callable[[Any, Runtime[Any]], Awaitable[dict[str, object]]]


def crew_node(
    crew: Source,
    *,
    inputs: Callable[[Any], Mapping[str, object]] = dict,
    output: str = "crew",
    house: House | None = None,
    models: Mapping[str, str] | None = None,
) -> Node:
    """Return a node that runs a crew and writes its `CrewResult`, in placeholders, under one key of the state.

    Args:
        crew: a function that builds one, or a crew, which is copied for every run.
        inputs: makes the crew's inputs of the state; by default the state itself.
        output: the key.
        house: whose governance; by default that of the run of our graph that the node is part of.
        models: as for `run_crew`.
    """

    async def run(state: Any, runtime: Runtime[Any]) -> dict[str, object]:
        hosts = house or _host(runtime.context, state)
        return {output: await run_crew(crew, inputs(state), house=hosts, models=models)}

    return run


def _host(deps: object, state: Any) -> House:
    if not isinstance(deps, Deps):
        raise UsageError("A crew outside of our graph needs a house: give crew_node one made by House.of_gateway.")
    return House.of_run(deps, state.get("passages") or [])
