"""Chooses the deployment of a call: by confidentiality label, window, weight and health; fallbacks where it fails."""

import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol

from agentkit.calls import Chunk
from agentkit.errors import AgentKitError, BackendError, Billed, ContextWindowError, NoDeploymentError
from agentkit.ports import ModelBackend
from agentkit.streams import stream_of
from agentkit.types import Completion, Prompt
from agentkit.wrappers.charges import fewest_tokens


class Health(Protocol):
    """What tells whether a deployment can be asked now."""

    @property
    def is_open(self) -> bool:
        """Whether a call would be turned away."""
        ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """One deployment that may take a call.

    Args:
        backend: the door to it.
        tags: what it is ("local", "eu", "no-training").
        weight: its share of the calls among candidates of its rank.
        rank: 0 is asked first; a higher one where all of the lower ones failed.
        health: its circuit breaker.
        longest_answer: tokens that it is asked for at most, where the prompt does not say; 0 where nobody knows.
    """

    backend: ModelBackend
    tags: frozenset[str] = frozenset()
    weight: float = 1.0
    rank: int = 0
    health: Health | None = None
    longest_answer: int = 0

    def room(self, prompt: Prompt) -> int:
        """Return how many tokens of its window an answer leaves to a prompt."""
        return self.backend.context_tokens - self.answer(prompt)

    def answer(self, prompt: Prompt) -> int:
        """Return how many tokens its answer to a prompt may have."""
        return prompt.options.max_output_tokens or self.longest_answer


@dataclass(slots=True)
class RoutedBackend:
    """One model by name, behind which several deployments stand.

    A prompt's labels are looked up in `clearances`: each names the tags that a deployment must all have. An unknown
    label excludes every deployment; a deployment whose window the prompt and its answer certainly exceed is passed
    over. Where one deployment fails, for whatever reason, the next is asked; a stream that has begun is not begun
    again.

    Args:
        name: the model's name.
        candidates: at least one.
        clearances: the tags that each label requires.
        chance: decides among candidates of one rank.
    """

    name: str
    candidates: Sequence[Candidate]
    clearances: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    chance: random.Random = field(default_factory=random.Random)  # noqa: S311 - no secret
    context_tokens: int = field(init=False)
    deterministic: bool = field(init=False)

    def __post_init__(self) -> None:
        first = [item.backend for item in self.candidates if item.rank == min(c.rank for c in self.candidates)]
        self.context_tokens = min(backend.context_tokens for backend in first)
        self.deterministic = all(item.backend.deterministic for item in self.candidates)

    async def complete(self, prompt: Prompt, /) -> Completion:
        failures: list[BackendError] = []
        for candidate in self._order(prompt):
            try:
                return await candidate.backend.complete(prompt)
            except BackendError as error:
                failures.append(error)
        raise _joint(self.name, failures)

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        """Answer in pieces."""
        failures: list[BackendError] = []
        for candidate in self._order(prompt):
            begun = False
            try:
                async with aclosing(stream_of(candidate.backend, prompt)) as chunks:
                    async for chunk in chunks:
                        begun = True
                        yield chunk
                    return
            except BackendError as error:
                if begun:
                    raise
                failures.append(error)
        raise _joint(self.name, failures)

    async def aclose(self) -> None:
        for candidate in self.candidates:
            await candidate.backend.aclose()

    def cleared(self, labels: Sequence[str]) -> list[Candidate]:
        """Return the candidates that may see a text with these labels.

        Raises:
            NoDeploymentError: there is none; nothing was sent.
        """
        unknown = [label for label in labels if label not in self.clearances]
        if unknown:
            raise NoDeploymentError(
                f"Nothing says who may see a text labelled {unknown[0]!r}: add it to labels in the configuration."
            )
        required = {tag for label in labels for tag in self.clearances[label]}
        kept = [item for item in self.candidates if required <= item.tags]
        if not kept:
            lacking = "; ".join(
                f"{item.backend.name} lacks {', '.join(sorted(required - item.tags))}" for item in self.candidates
            )
            raise NoDeploymentError(
                f"No deployment of {self.name} may see a text labelled {', '.join(labels)}: {lacking}."
            )
        return kept

    def _fitting(self, prompt: Prompt, cleared: Sequence[Candidate]) -> list[Candidate]:
        """Return the candidates into whose window the prompt and its answer may go.

        Servers count exactly, we cannot: what fits by the fewest tokens that it can have is sent.
        """
        rooms = [item.room(prompt) for item in cleared]
        tokens = fewest_tokens(prompt, up_to=min(rooms))
        kept = [item for item, room in zip(cleared, rooms, strict=True) if tokens <= room]
        if kept:
            return kept
        windows = "; ".join(
            f"{item.backend.name}: {item.backend.context_tokens:,} with an answer of {item.answer(prompt):,}"
            for item in cleared
        )
        raise ContextWindowError(
            f"The prompt is at least {tokens:,} tokens long, which with the answer fits no window of {self.name} "
            f"({windows}): shorten it, lower max_tokens, or set context_tokens if a window is larger.",
            model=self.name,
        )

    def _order(self, prompt: Prompt) -> list[Candidate]:
        """Rank by rank, in a weighted random order (Efraimidis and Spirakis), those that rest last in their rank."""
        kept = self._fitting(prompt, self.cleared(prompt.labels))
        if len(kept) == 1:
            return kept
        drawn = [(item, self.chance.random() ** (1.0 / item.weight)) for item in kept]
        drawn.sort(key=lambda pair: (_rests(pair[0]), pair[0].rank, -pair[1]))
        return [item for item, _ in drawn]


def _rests(candidate: Candidate) -> bool:
    return candidate.health is not None and candidate.health.is_open


def _joint(name: str, failures: Sequence[BackendError]) -> AgentKitError:
    """Return the one failure, or one error that names them all."""
    if len(failures) == 1:
        return failures[0]
    told = "; ".join(str(error).rstrip(".") for error in failures)
    said = {error.billed for error in failures}
    billed: Billed = "unknown" if "unknown" in said else "yes" if "yes" in said else "no"
    return BackendError(f"No deployment of {name} answered: {told}.", model=name, billed=billed)
