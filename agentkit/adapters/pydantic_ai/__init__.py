"""Pydantic AI: our door as its model, our pipeline as a toolset."""

from agentkit.errors import MissingExtraError

try:
    from pydantic_ai.models import Model
except ImportError as error:
    raise MissingExtraError("pydantic-ai", needed_for="A Pydantic AI model") from error

from agentkit.adapters.pydantic_ai.model import AgentKitModel
from agentkit.adapters.pydantic_ai.tools import offered_toolset

__all__ = ["AgentKitModel", "Model", "offered_toolset"]
