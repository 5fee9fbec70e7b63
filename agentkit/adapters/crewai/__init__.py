"""CrewAI: our models, retriever and pipeline as its parts, and any crew as a guest under our governance."""

from agentkit.agents import combine_verdicts
from agentkit.errors import MissingExtraError
from agentkit.quiet import silence

try:
    silence()  # CrewAI reads its switches when it is imported
    from crewai import BaseLLM
except ImportError as error:
    raise MissingExtraError("crewai", needed_for="A crew") from error

from agentkit.adapters.crewai.house import House
from agentkit.adapters.crewai.llm import CrewLLM
from agentkit.adapters.crewai.node import crew_node
from agentkit.adapters.crewai.results import CrewResult, release
from agentkit.adapters.crewai.reviewing import CrewReviewer
from agentkit.adapters.crewai.running import run_crew
from agentkit.adapters.crewai.tools import PipelineTool, RetrieverTool

__all__ = [
    "BaseLLM",
    "CrewLLM",
    "CrewResult",
    "CrewReviewer",
    "House",
    "PipelineTool",
    "RetrieverTool",
    "combine_verdicts",
    "crew_node",
    "release",
    "run_crew",
]
