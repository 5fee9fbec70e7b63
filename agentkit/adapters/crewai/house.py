"""What a host lends a guest: doors to models, redaction, rails, and the passages that a result may cite."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from agentkit.adapters.crewai.lines import HostLine
from agentkit.calls import Completion
from agentkit.deps import Deps
from agentkit.errors import RefusedError
from agentkit.lending import borrow
from agentkit.policy import EdgeGuards, objections
from agentkit.ports import ModelBackend
from agentkit.prompts.parse import parse_summary
from agentkit.types import Edge, Passage, Prompt, SafePassage

# What CrewAI puts around a task's own words.
_TASK = re.compile(r"Current Task:\s*(.*?)\s*This is the expected criteria", re.DOTALL)


class Lending(Protocol):
    """The part of a `Gateway` that a guest needs."""

    def door(self) -> ModelBackend:
        """Return the governed writer, which may be a backend that no configuration names."""
        ...

    def lend(self, name: str, /) -> ModelBackend:
        """Return the governed door to a role or a model by its name."""
        ...

    def safe_text(self, text: str, /) -> str:
        """Return a text with personal data replaced."""
        ...

    def restore(self, text: str, /) -> str:
        """Return a text with the originals in place of placeholders."""
        ...


@dataclass(frozen=True, slots=True)
class House:
    """The governance that a crew runs under.

    Args:
        lend: the door to a role ("writer", "reviewer", "judge") or a model, by name.
        safe: replaces personal data by placeholders; what is a placeholder stays.
        restore: puts originals back.
        guards: the rails by edge.
        passages: what a result may cite, as it was read.
        railed: whether `lend` already holds back what the rails of *model → agent* have not passed.
    """

    lend: Callable[[str], ModelBackend]
    safe: Callable[[str], str]
    restore: Callable[[str], str]
    guards: EdgeGuards
    passages: Sequence[Passage] = ()
    railed: bool = False

    @classmethod
    def of_gateway(cls, gateway: Lending, guards: EdgeGuards, passages: Sequence[Passage] = ()) -> "House":
        """Take a crew in at a gateway: its budget, vault, cache and ledger are the crew's."""

        def lend(name: str) -> ModelBackend:
            return gateway.door() if name == "writer" else gateway.lend(name)

        return cls(lend, gateway.safe_text, gateway.restore, guards, passages)

    @classmethod
    def of_run(cls, deps: Deps, passage_ids: Sequence[str] = ()) -> "House":
        """Take a crew in at a run of our graph; it may cite the passages named, unless they are quarantined."""
        open_ids = {passage.id for passage in deps.store.safe(passage_ids) if not passage.quarantined}
        passages = [passage for passage in deps.store.passages() if passage.id in open_ids]
        store = deps.store
        return cls(borrow, store.safe_text, store.vault.restore, deps.rails, passages, railed=True)

    async def pass_on(self, text: str, edge: Edge, who: str) -> str:
        """Return a text as the rails of an edge let it through, in placeholders on both sides of them.

        The rails see what a writer's claims are made of: what a door restored is no leak of the model's.

        Raises:
            RefusedError: they do not, or could not check it.
        """
        text = self.safe(text)
        if not text.strip():
            return text
        report = (await self.guards.check([text], edge, ()))[0]
        if report.allowed:
            return self.safe(report.text)
        raise RefusedError(f"A rail held back what {who} brought ({self.safe(objections(report.results))}).")


class GuestDoor:
    """A lent door whose answers stay in placeholders: the guest's memory, events and files never see an original."""

    def __init__(self, inner: ModelBackend, *, house: House, line: HostLine) -> None:
        self._inner, self._house, self._line = inner, house, line
        self.name = inner.name
        self.context_tokens = inner.context_tokens
        self.deterministic = inner.deterministic

    async def complete(self, prompt: Prompt, /) -> Completion:
        if self._line.fault is not None:
            raise self._line.fault
        self._line.sent += 1
        if self.deterministic and prompt.task == "chat" and self._house.passages:
            return await self._read(prompt)
        completion = await self._inner.complete(prompt)
        safe = self._house.safe
        text = safe(completion.text) if self._house.railed else await self._passed(completion.text)
        calls = [replace(call, arguments=safe(call.arguments)) for call in completion.tool_calls]
        return replace(completion, text=text, tool_calls=calls)

    async def _read(self, prompt: Prompt) -> Completion:
        """Ask a model that reads but does not converse what the passages say of the task: it answers in quotes."""
        safe = self._house.safe
        passages = [safe_passage(passage, safe) for passage in self._house.passages]
        words = prompt.messages[-1].content if prompt.messages else ""
        question = safe(task[1] if (task := _TASK.search(words)) else words).strip()
        asked = Prompt(
            role="writer", task="ask", version="ask/1", instructions="", passages=passages, question=question
        )
        completion = await self._inner.complete(asked)
        said = [
            claim.text.strip(' "') for claim in parse_summary(safe(completion.text), passages, prefix="crew").claims
        ]
        text = "\n".join(f'"{words}"' for words in said) or "The passages do not say."
        return replace(completion, text=await self._passed(text))

    async def aclose(self) -> None:
        """Do nothing: the door belongs to whoever lent it."""

    async def _passed(self, text: str) -> str:
        return await self._house.pass_on(text, "model_to_agent", self.name)


def safe_passage(passage: Passage, safe: Callable[[str], str] = str) -> SafePassage:
    """Return a passage whose texts are made safe; by default, as they are."""
    return SafePassage(
        passage.id,
        passage.source,
        passage.start,
        passage.end,
        safe(passage.text),
        passage.page,
        None if passage.locator is None else safe(passage.locator),
        safe(passage.section),
        passage.kind,
    )
