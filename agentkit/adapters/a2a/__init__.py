"""A2A: other people's agents can hand us documents, and get a report back as a task's artifact."""

from agentkit.errors import MissingExtraError

try:
    from a2a.types import Task as _Task
except ImportError as error:
    raise MissingExtraError("a2a", needed_for="A2A") from error

from agentkit.adapters.a2a.card import CARD_PATH, agent_card
from agentkit.adapters.a2a.executor import ReportExecutor
from agentkit.adapters.a2a.routes import a2a_routes

__all__ = ["CARD_PATH", "ReportExecutor", "a2a_routes", "agent_card"]
TASK = _Task.DESCRIPTOR.full_name
