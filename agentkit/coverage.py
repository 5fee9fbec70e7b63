"""Coverage: every edge of a compiled graph where text crosses, and the rails that stand on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from agentkit.policy import RailPolicy
from agentkit.ports import Rails
from agentkit.types import Edge, Stage


@dataclass(frozen=True, slots=True)
class Crossing:
    """What crosses one edge of the graph: `what` in words, `guard` the node (or the door) that asks the rails.

    An edge over which no text goes has no `edge`, and says in `what` why there is none.
    """

    source: str
    target: str
    what: str
    edge: Edge | None = None
    guard: str = ""


@dataclass(frozen=True, slots=True)
class Covered:
    """One crossing with the rails on it. It is *guarded* if no text crosses, or a guard asks at least one rail."""

    crossing: Crossing
    rails: list[str]
    unchecked: str
    guarded: bool


@runtime_checkable
class _Listing(Protocol):
    """Rails that can say what they consist of."""

    def flows(self, stage: Stage) -> Sequence[tuple[str, bool]]:
        """Return the rails of a stage."""
        ...


def cover(crossings: Sequence[Crossing], *, rails: Rails, policy: RailPolicy) -> list[Covered]:
    """Look up the rails of every crossing."""
    return [_covered(crossing, rails, policy) for crossing in crossings]


def _covered(crossing: Crossing, rails: Rails, policy: RailPolicy) -> Covered:
    if crossing.edge is None:
        return Covered(crossing, [], "", guarded=True)
    rule = policy.rule(crossing.edge)
    names = _names(rails, rule.stage) if rule.stage and crossing.guard else []
    return Covered(crossing, names, rule.unchecked, guarded=bool(names))


def _names(rails: Rails, stage: Stage) -> list[str]:
    if isinstance(rails, _Listing):
        return [name for name, _ in rails.flows(stage)]
    return [type(rails).__name__]


def unguarded(covered: Sequence[Covered]) -> list[Crossing]:
    """Return the crossings where a text passes that no rail sees."""
    return [item.crossing for item in covered if not item.guarded]


def missing(edges: Sequence[tuple[str, str]], declared: Mapping[tuple[str, str], object]) -> list[Crossing]:
    """Return the edges of a graph that nobody declared: what crosses them is unknown, so they are unguarded."""
    known = "unknown: nothing says what crosses here"
    return [Crossing(*edge, known, "agent_to_agent") for edge in edges if edge not in declared]
