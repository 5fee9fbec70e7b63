"""Agents of one's own in a run: declared by `agent`, given a context, and held to what they declare."""

from agentkit.specialists.context import AgentContext
from agentkit.specialists.declared import Agent, HandOver, agent, as_agent
from agentkit.specialists.loading import load_agent
from agentkit.specialists.seating import seat

__all__ = ["Agent", "AgentContext", "HandOver", "agent", "as_agent", "load_agent", "seat"]
