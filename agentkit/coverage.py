"""Coverage: every edge of a compiled graph where text crosses, and the rails that stand on it."""

from collections.abc import Iterable, Mapping, Sequence
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
    """One crossing with the rails on it, those of a stage of the rails folder.

    It is *guarded* if no text crosses, or if a guard asks at least one rail.
    """

    crossing: Crossing
    stage: Stage | None
    rails: list[str]
    unchecked: str
    guarded: bool


_QUESTION = "the question or focus, and the checklist"
_CLAIMS = "claims, and why they were sent back"
_ANSWER = "claims with their verdicts; what was removed, and why"
OURS: Mapping[tuple[str, str], Sequence[tuple[str, Edge | None, str]]] = {
    ("__start__", "prepare"): [(_QUESTION, "user_to_graph", "screen_request")],
    ("prepare", "summarize"): [
        ("passages of the documents, or of a retriever of yours", "document_to_passage", "screen_passages"),
    ],
    ("prepare", "report"): [("no text: the request was refused", None, "")],
    ("summarize", "combine"): [
        ("what the writer answered", "model_to_agent", "summarize"),
        ("drafts", "agent_to_agent", "summarize"),
    ],
    ("summarize", "review"): [
        ("what the writer answered", "model_to_agent", "summarize"),
        ("drafts", "agent_to_agent", "summarize"),
    ],
    ("combine", "review"): [("claims that were chosen, in words that were checked", "agent_to_agent", "summarize")],
    ("review", "revise"): [
        ("what the judge answered", "model_to_agent", "review"),
        (_CLAIMS, "agent_to_agent", "review"),
    ],
    ("revise", "review"): [
        ("what the writer mended", "model_to_agent", "revise"),
        ("claims", "agent_to_agent", "revise"),
    ],
    ("review", "report"): [
        ("what the judge answered", "model_to_agent", "review"),
        ("claims with their verdicts", "agent_to_agent", "review"),
    ],
    ("report", "__end__"): [(_ANSWER, "graph_to_user", "screen_answer")],
}
"""What crosses each edge of agentkit's own graph: in words, the kind of edge, and the node that asks its rails."""


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
        return Covered(crossing, None, [], "", guarded=True)
    rule = policy.rule(crossing.edge)
    names = _names(rails, rule.stage) if rule.stage and crossing.guard else []
    return Covered(crossing, rule.stage, names, rule.unchecked, guarded=bool(names))


def _names(rails: Rails, stage: Stage) -> list[str]:
    if isinstance(rails, _Listing):
        return [name for name, _ in rails.flows(stage)]
    return [type(rails).__name__]


def unguarded(covered: Sequence[Covered]) -> list[Crossing]:
    """Return the crossings where a text passes that no rail sees."""
    return [item.crossing for item in covered if not item.guarded]


def of_our_graph(edges: Iterable[tuple[str, str]]) -> list[Crossing]:
    """Return what crosses the edges of agentkit's graph; of an edge that nobody declared, nobody can say."""
    found: list[Crossing] = []
    for source, target in edges:
        known = OURS.get((source, target), [("unknown: this edge is not agentkit's own", "agent_to_agent", "")])
        found += [Crossing(source, target, *row) for row in known]
    return found
