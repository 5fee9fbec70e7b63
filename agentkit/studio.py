"""The compiled graph for LangGraph Studio (`langgraph.json`): give it paths, it does the rest.

Studio keeps states and brings a checkpointer of its own, so a run's raw side lives in memory here.
"""

from agentkit.app import AgentKit
from agentkit.graph import Graph


def graph() -> Graph:
    """Return the graph of the configuration in force, without a checkpointer."""
    return AgentKit().studio_graph()
