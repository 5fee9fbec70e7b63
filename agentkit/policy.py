"""The rail policy: which rails check a text where it crosses an edge of the graph, and what follows if they cannot."""

from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Literal

from agentkit.ports import Rails, RunRecord
from agentkit.text.grounds import Grounds, grounds_here
from agentkit.types import Edge, RailReport, RailResult, Stage

Unchecked = Literal["block", "allow"]
_Key = tuple[Stage, str, int, Grounds]
USUAL: Mapping[Edge, Stage] = {
    "user_to_graph": "input",
    "document_to_passage": "retrieval",
    "tool_to_agent": "retrieval",
    "model_to_agent": "output",
    "agent_to_agent": "output",
    "graph_to_user": "output",
}
"""The rails of each edge, by the stage of the rails folder that lists them."""
_ACCEPTED = frozenset({"passed", "modified"})
_REMEMBERED = 20_000
"""So many texts are known again: guards on a graph of one's own may serve every user for as long as a process lives."""
_checking: ContextVar[bool] = ContextVar("agentkit_checking", default=False)


@dataclass(frozen=True, slots=True)
class EdgeRule:
    """What happens on one edge: the stage whose rails run (None: none do), and what *could not check* means."""

    stage: Stage | None
    unchecked: Unchecked = "block"


@dataclass(frozen=True, slots=True)
class RailPolicy:
    """One rule for every edge; an edge without one has its usual stage, and blocks what could not be checked."""

    rules: Mapping[Edge, EdgeRule] = field(default_factory=dict[Edge, EdgeRule])

    def rule(self, edge: Edge) -> EdgeRule:
        """Return the rule of an edge."""
        return self.rules.get(edge) or EdgeRule(USUAL[edge])


class EdgeGuards:
    """The policy at work in one run: rails by edge, each text checked once by each stage, each verdict recorded.

    Args:
        rails: the rails of the folder.
        policy: which of them run where.
        record: gets every verdict that is not *passed*, with its rail and reason; without one, nothing is kept.
        clean: takes personal data out of a reason, which may quote what a rail objects to.
    """

    def __init__(
        self,
        rails: Rails,
        policy: RailPolicy | None = None,
        record: RunRecord | None = None,
        clean: Callable[[str], str] = str,
    ) -> None:
        self.rails = rails
        self.policy = policy or RailPolicy()
        self._record = record
        self._clean = clean
        self._known: dict[_Key, RailReport] = {}
        self._counts: dict[Edge, Counter[str]] = {}

    def at(self, edge: Edge) -> Rails:
        """Return the rails of an edge. They decide by the edge's own rule, whatever stage they are asked for."""
        return _EdgeRails(self, edge)

    def allows_unchecked(self, edge: Edge) -> bool:
        """Return whether the policy lets a text through on this edge that could not be checked."""
        rule = self.policy.rule(edge)
        return rule.stage is None or rule.unchecked == "allow"

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many texts crossed each edge since the last call, by what became of them, and start anew."""
        counts, self._counts = self._counts, {}
        return {edge: dict(counter) for edge, counter in counts.items()}

    async def check(self, texts: Sequence[str], edge: Edge, forbidden: Sequence[str]) -> list[RailReport]:
        """Check texts that cross an edge; one report per text, in order."""
        rule = self.policy.rule(edge)
        if rule.stage is None:
            self._counts.setdefault(edge, Counter())["unguarded"] += len(texts)
            return [RailReport(allowed=True, score=0.0, text=text, results=[]) for text in texts]
        with _as_rail():
            reports = await self._look(texts, rule.stage, forbidden)
        judged = [_judged(report, text, rule) for report, text in zip(reports, texts, strict=True)]
        self._note(edge, judged)
        return judged

    async def _look(self, texts: Sequence[str], stage: Stage, forbidden: Sequence[str]) -> list[RailReport]:
        """Ask the rails about texts that this run has not shown them at this stage."""
        # Originals are only ever added during a run, so that their number tells one list from another.
        keys: list[_Key] = [(stage, text, len(forbidden), grounds_here()) for text in texts]
        # Of this call alone: others may add and forget texts while the rails are asked.
        found = {key: self._known[key] for key in keys if key in self._known}
        new = list(dict.fromkeys(key for key in keys if key not in found))
        if len(new) == 1 or forbidden:
            for key in new:
                found[key] = await self.rails.check(key[1], stage=stage, forbidden=forbidden)
        else:
            found.update(zip(new, await self.rails.check_many([key[1] for key in new], stage=stage), strict=True))
        for key in new:
            found[key] = self._cleaned(found[key])
            if all(result.action != "unchecked" for result in found[key].results):  # or it may be checkable next time
                self._known[key] = found[key]
        for key in list(self._known)[: max(len(self._known) - _REMEMBERED, 0)]:
            del self._known[key]
        return [found[key] for key in keys]

    def _cleaned(self, report: RailReport) -> RailReport:
        told = {reason: self._clean(reason) for reason in {result.reason for result in report.results} if reason}
        if not told:
            return report
        return replace(report, results=[replace(item, reason=told.get(item.reason, "")) for item in report.results])

    def _note(self, edge: Edge, reports: Sequence[RailReport]) -> None:
        counter = self._counts.setdefault(edge, Counter())
        for report in reports:
            counter["allowed" if report.allowed else "blocked"] += 1
            if self._record is None:
                continue
            for result in report.results:
                if result.action != "passed":
                    self._record.add("rail", fields={"edge": edge, **_fields(result), "allowed": report.allowed})


class _EdgeRails:
    """The rails of one edge."""

    def __init__(self, guards: EdgeGuards, edge: Edge) -> None:
        self._guards = guards
        self._edge: Edge = edge

    async def check(self, text: str, /, *, stage: Stage, forbidden: Sequence[str] = ()) -> RailReport:  # noqa: ARG002
        return (await self._guards.check([text], self._edge, forbidden))[0]

    async def check_many(self, texts: Sequence[str], /, *, stage: Stage) -> list[RailReport]:  # noqa: ARG002
        return await self._guards.check(texts, self._edge, ())


def objections(results: Sequence[RailResult]) -> str:
    """Return which rails spoke against a text, and why; empty where none did."""
    against = [result for result in results if result.action not in _ACCEPTED]
    return "; ".join(f"{result.rail}: {result.reason}" if result.reason else result.rail for result in against)


def is_rail_asking() -> bool:
    """Return whether this code runs on behalf of a rail, whose own question to a model no rail checks."""
    return _checking.get()


@contextmanager
def _as_rail() -> Generator[None]:
    token = _checking.set(True)
    try:
        yield
    finally:
        _checking.reset(token)


def _judged(report: RailReport, text: str, rule: EdgeRule) -> RailReport:
    """Apply the rule for what could not be checked; a rail that said *blocked* is never overruled."""
    if report.allowed or rule.unchecked == "block":
        return report
    kinds = {result.action for result in report.results} - _ACCEPTED
    if kinds != {"unchecked"}:
        return report
    return replace(report, allowed=True, text=report.text or text)


def _fields(result: RailResult) -> dict[str, str]:
    return {"stage": result.stage, "rail": result.rail, "action": result.action, "reason": result.reason}
