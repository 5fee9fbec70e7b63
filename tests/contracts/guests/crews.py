"""Crews as CrewAI documents them, a model server that plays their model, and the house that takes them in."""

import json
import warnings
from pathlib import Path

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # CrewAI's own, while it is imported
    from crewai import Agent, Crew, Task
    from crewai.tools import tool

    from agentkit.adapters.crewai import House

from agentkit.config import Config
from agentkit.gateway import Gateway
from agentkit.policy import EdgeGuards
from agentkit.testing.fakes import WordRails
from agentkit.testing.server import ModelServer, Received, Reply, chat_reply
from agentkit.types import Passage

MARKS = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
NAME, OTHER = "Mary Quxzovbadeko", "Peter Quxzovdugini"
TEXT = f"The rent of Ms. {NAME} is EUR 1,250. It is due on the first day of each month. Notice is three months."
PASSAGE = Passage("d0p0", 0, 100, 100 + len(TEXT), TEXT)


def agent(role: str, **more: object) -> Agent:
    return Agent(role=role, goal=f"work as {role}", backstory="A lawyer.", **more)


def task(words: str, who: Agent | None, **more: object) -> Task:
    return Task(description=words, expected_output="a sentence", agent=who, **more)


def solo(**more: object) -> Crew:
    one = agent("analyst")
    return Crew(agents=[one], tasks=[task("Analyse {text}", one)], **more)


def echo(request: Received) -> Reply:
    """Repeat what the user said last, as a final answer."""
    words = str(request.body["messages"][-1]["content"])
    return chat_reply(f"Thought: I know.\nFinal Answer: {words.partition('Analyse ')[2][:400] or words[:400]}")


def config(url: str, **more: object) -> Config:
    params = {"model": "openai/served", "api_base": url}
    served = {"model_name": "served", "litellm_params": params, "client": "openai"}
    return Config.model_validate({"models": [served], "roles": {"writer": "served"}, **more})


class Inn:
    """A gateway to a scripted server, with rails that obey words."""

    def __init__(self, server: ModelServer, home: Path, **more: object) -> None:
        self.server, self.rails = server, WordRails()
        matter = str(more.pop("matter", ""))
        self.gateway = Gateway(config(server.url, **more), home=home, matter=matter)
        self.house = House.of_gateway(self.gateway, EdgeGuards(self.rails), [PASSAGE])

    def sent(self) -> str:
        return json.dumps([request.body for request in self.server.received])


def files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def wishing(name: str, arguments: dict[str, str]) -> Reply:
    function = {"name": name, "arguments": json.dumps(arguments)}
    return chat_reply(None, tool_calls=[{"id": "c1", "type": "function", "function": function}])


@tool
def look_up(query: str) -> str:
    """Look something up."""
    return f"Ms. {NAME} owes EUR 5. {query}"


def looking() -> Crew:
    one = agent("analyst", tools=[look_up])
    return Crew(agents=[one], tasks=[task("Analyse {text}", one)])
