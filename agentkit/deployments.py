"""What stands behind a model's name: its deployments, each with what the composed door needs to know of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from agentkit.calls import Price
from agentkit.ports import ModelBackend
from agentkit.wrappers import Circuit, Gate, RetryPolicy


@dataclass(frozen=True, slots=True)
class Deployed:
    """One deployment of a model.

    Args:
        backend: the door to it, which makes one attempt per call.
        identity: everything that decides how it answers; part of a cache key.
        label: tells deployments of one name apart ("local", "local#2"); by default the backend's name.
        max_output_tokens: its longest answer; 0 where its window is the bound.
        price: dollars per token.
        tags: what it is ("local", "eu", "no-training"), for confidentiality labels.
        weight: its share of the calls among those of its rank.
        rank: 0 is asked first, a fallback where all before it failed.
        rung: its place in the ladder of a role, cheapest first.
        policy: how its failures are met.
        gate: its limit of calls at once; by default 32.
        circuit: its breaker.
        host: where it is; empty in this process, None where nobody knows.
    """

    backend: ModelBackend
    identity: str = ""
    label: str = ""
    max_output_tokens: int = 0
    price: Price = field(default_factory=Price)
    tags: frozenset[str] = frozenset()
    weight: float = 1.0
    rank: int = 0
    rung: int = 0
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    gate: Gate | None = None
    circuit: Circuit | None = None
    host: str | None = None

    @property
    def name(self) -> str:
        """What tells it apart from every other deployment."""
        return self.label or self.backend.name

    @property
    def longest_answer(self) -> int:
        """The most tokens that one answer can have."""
        window = self.backend.context_tokens
        return min(self.max_output_tokens or window, window)


@dataclass(frozen=True, slots=True)
class Model:
    """A model by the name the user knows, with all deployments that may answer for it."""

    name: str
    deployments: Sequence[Deployed]

    @classmethod
    def of(cls, backend: ModelBackend) -> "Model":
        """Return a model that is one backend of the caller's own."""
        return cls(backend.name, [Deployed(backend, gate=Gate(backend.name), circuit=Circuit(backend.name))])

    @property
    def deterministic(self) -> bool:
        """Whether every call is free and repeatable."""
        return all(item.backend.deterministic for item in self.deployments)

    @property
    def context_tokens(self) -> int:
        """The smallest window among the deployments that are asked first."""
        return min(item.backend.context_tokens for item in self.deployments if item.rank == item.rung == 0)

    @property
    def identity(self) -> str:
        """Everything that decides how it answers."""
        return "|".join(item.identity for item in self.deployments)

    def rungs(self) -> list[list[Deployed]]:
        """Return the deployments by rung, cheapest first."""
        return [
            [item for item in self.deployments if item.rung == rung]
            for rung in sorted({d.rung for d in self.deployments})
        ]

    async def aclose(self) -> None:
        """Release connections and weights."""
        for item in self.deployments:
            await item.backend.aclose()
