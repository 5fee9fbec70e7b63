# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# ruff: noqa: SLF001
# pyright: reportPrivateUsage=false, reportAttributeAccessIssue=false
# CrewAI keeps in private attributes what decides where a crew's texts go.
"""A crew made ready to be a guest: every model it may ask is ours, and what cannot be governed is refused."""

from collections.abc import Callable, Iterator
from typing import Any, cast

from crewai import Agent, Crew, Process

from agentkit.adapters.crewai.llm import CrewLLM
from agentkit.errors import UsageError

Source = Crew | Callable[[], Crew]
_CREW = {
    "memory": "keeps what it learns in files and asks an embedder: give it what it must know as inputs",
    "embedder": "sends texts to an embedder: use RetrieverTool",
    "knowledge": "stores texts and asks an embedder: use RetrieverTool",
    "knowledge_sources": "stores texts and asks an embedder: use RetrieverTool",
    "output_log_file": "writes texts to a file: read the run's record",
    "checkpoint": "writes texts to a file: checkpoint the graph that the crew is a node of",
    "trained_agents_file": "loads a pickle, which can run any code",
}
_AGENT = {
    **{name: _CREW[name] for name in ("memory", "embedder", "knowledge", "knowledge_sources")},
    "mcps": "connects to servers outside of the run: give the agent their tools",
    "apps": "connects to services outside of the run: give the agent tools",
    "a2a": "connects to agents outside of the run: give the agent tools",
    "allow_code_execution": "runs code that a model wrote",
}
_TASK = {
    "human_input": "waits at a terminal: pause the graph with LangGraph's interrupt",
    "output_file": "writes a text to a file: write the released result",
}


class SilentOutputs:
    """In place of CrewAI's database of task outputs, which keeps them in clear: nothing is kept."""

    def update(self, task_index: int, log: object) -> None:
        """Keep nothing."""

    def add(self, *args: object, **kwargs: object) -> None:
        """Keep nothing."""

    def reset(self) -> None:
        """Forget nothing, as nothing was kept."""

    def load(self) -> None:
        """Return nothing."""


def built(source: Source) -> Crew:
    """Return a crew for one run: a new one of a function, or a copy of one that was given.

    Raises:
        UsageError: something in it cannot be governed; says what, and what to do instead.
    """
    if isinstance(source, Crew):
        check(source)  # before it is copied, which would open what it stores
        return source.copy()
    crew = source()
    check(crew)
    return crew


def check(crew: Crew) -> None:
    """Refuse what could not be kept in bounds.

    Raises:
        UsageError: says what, and what to do instead.
    """
    _refuse(crew, _CREW, "The crew")
    for agent in _agents(crew):
        name = f"The agent {agent.role.strip()!r}"
        if not isinstance(agent, Agent):
            raise UsageError(f"{name} is a {type(agent).__name__}, whose models cannot be governed: use crewai.Agent.")
        _refuse(agent, _AGENT, name)
    for task in crew.tasks:
        _refuse(task, _TASK, f"The task {(task.name or task.description)[:40]!r}")


def settle(crew: Crew, llm: Callable[[str], CrewLLM]) -> None:
    """Give every part of a crew that asks a model one of ours, and let none of it write or report.

    Args:
        crew: one that nobody else uses.
        llm: the model of an agent, by its role; "manager" and "planner" are those of CrewAI's own agents.
    """
    any_crew = cast(Any, crew)
    for agent in _agents(crew):
        _settle_agent(agent, llm(agent.role.strip()))
    if crew.process == Process.hierarchical and crew.manager_agent is None:
        crew.manager_llm = llm("manager")
    if crew.planning:
        crew.planning_llm = llm("planner")
    for task in crew.tasks:
        owner = task.agent.role.strip() if task.agent else "manager"
        for guardrail in (task._guardrail, *task._guardrails):
            if hasattr(guardrail, "llm"):
                cast(Any, guardrail).llm = llm(owner)
    any_crew.__dict__["function_calling_llm"] = None
    crew.chat_llm = None
    crew.share_crew, crew.tracing, crew.stream = False, False, False
    any_crew._task_output_handler = SilentOutputs()


def _settle_agent(agent: Any, llm: CrewLLM) -> None:
    agent.llm = agent._declared_llm = llm
    agent._overlay_built = None
    if agent.function_calling_llm is not None:
        agent.function_calling_llm = llm
    if agent.planning_config is not None:
        agent.planning_config.llm = llm
    agent.agent_executor = None


def _agents(crew: Crew) -> Iterator[Any]:
    seen: set[int] = set()
    for agent in (*crew.agents, crew.manager_agent, *(task.agent for task in crew.tasks)):
        if agent is not None and id(agent) not in seen:
            seen.add(id(agent))
            yield agent


def _refuse(part: object, forbidden: dict[str, str], name: str) -> None:
    for key, why in forbidden.items():
        if getattr(part, key, None):
            raise UsageError(f"{name} has {key}, which {why}.")
