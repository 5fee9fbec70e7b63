"""A run that waits for a person: who asks what, and the answer on its way back in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from langgraph.types import Command, Interrupt

from agentkit.deps import Deps
from agentkit.errors import RefusedError, RunNotFoundError, UsageError, WaitingError
from agentkit.policy import objections
from agentkit.ports import Vault
from agentkit.records.run_record import read_events


class _Store(Protocol):
    @property
    def run_id(self) -> str: ...
    @property
    def vault(self) -> Vault: ...


class RefusedAnswerError(RefusedError):
    """A rail blocked what a person answered; the run goes on waiting."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question that a run waits on, in placeholders; of an agent of ours, or of a graph inside one."""

    id: str
    agent: str
    question: str
    ours: bool = True

    def error(self, run_id: str, restore: Callable[[str], str]) -> WaitingError:
        """Return what tells the person, with the originals in it."""
        asked = restore(self.question)
        return WaitingError(run_id=run_id, agent=self.agent, question=asked, redacted=self.question)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person answered, as typed."""

    asked: Asked
    text: str

    async def command(self, deps: Deps) -> Command[str]:
        """Return what continues the graph: the answer as the input rails let it through, in placeholders.

        Raises:
            RefusedError: a rail blocked it; the run goes on waiting.
        """
        report = (await deps.rails.check([self.text], "user_to_graph", ()))[0]
        if not report.allowed:
            raise RefusedAnswerError(f"A rail held back the answer ({objections(report.results)}).")
        safe = deps.store.safe_text(report.text)
        deps.store.save()  # before a checkpoint holds its placeholders
        given = {"question": self.asked.question, "answer": safe} if self.asked.ours else safe
        return Command(resume={self.asked.id: given})


def asked_in(interrupts: Sequence[Interrupt]) -> Asked | None:
    """Return the first question of those that a graph waits on; None where it waits on none."""
    if not interrupts:
        return None
    value = cast(object, interrupts[0].value)
    told = cast(Mapping[str, object], value) if isinstance(value, Mapping) else {"question": value}
    who, ours = str(told.get("agent", "the graph")), told.keys() == {"agent", "question"}
    return Asked(interrupts[0].id, who, str(told.get("question", "")), ours)


def answer_to(question: str, given: object) -> str | None:
    """Return the answer in what continues an agent; None where it was given to another question.

    A host that drives the graph itself gives the answer alone.
    """
    told = cast(Mapping[str, object], given) if isinstance(given, Mapping) else dict[str, object]()
    if told.keys() != {"question", "answer"}:
        return str(cast(object, given))
    return str(told["answer"]) if told["question"] == question else None


def check_answer(asked: Asked | None, answer: str | None, store: _Store, missing: Sequence[str]) -> Answer | None:
    """Return what continues a run.

    Raises:
        WaitingError: it waits for an answer, and there is none.
        UsageError: there is one, and it waits for none; or agents are missing that it was begun with.
    """
    if missing:
        raise UsageError(f"Run {store.run_id} was begun with the agents {', '.join(missing)}: add them to continue it.")
    if asked is None and answer is not None:
        raise UsageError(f"Run {store.run_id} waits for no answer: continue it without one.")
    if asked is None:
        return None
    if answer is None or not answer.strip():
        raise asked.error(store.run_id, store.vault.restore)
    return Answer(asked, answer)


def answers_taken(home: Path, run_id: str) -> int:
    """Return how many answers a run was continued with."""
    try:
        events = read_events(home, run_id)
    except RunNotFoundError:
        return 0
    return sum(event["event"] == "run_resumed" and bool(event.get("answered")) for event in events)


def begun_with(home: Path, run_id: str, agents: Sequence[str]) -> list[str]:
    """Return the agents that a run was begun with and a kit has not."""
    began = [event for event in read_events(home, run_id) if event["event"] == "run_started"]
    named = cast(Sequence[object], began[0].get("agents", []) if began else [])
    return [str(name) for name in named if name not in agents]
