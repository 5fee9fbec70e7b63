"""Where agents of one's own stand in the graph: which follows which. No framework is needed to decide it."""

import difflib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from agentkit.deps import Deps
from agentkit.errors import AgentError, ConfigError
from agentkit.state import State, Update
from agentkit.types import Edge, Verdict

Way = Literal["before", "after", "beside", "instead_of", "handed"]
Rule = Callable[[Mapping[str, Verdict]], Verdict]
PLACES: Mapping[str, tuple[Way, ...]] = {
    "summarize": ("before", "after", "beside", "instead_of"),
    "review": ("before", "after", "beside", "instead_of"),
    "report": ("before",),
}
"""The steps that an agent may stand at, and how."""
# Agents one after the other, by what comes when all of them are done.
_CHAINS: Mapping[str, tuple[tuple[Way, str], ...]] = {
    "summarize": (("before", "summarize"),),
    "review": (("after", "summarize"), ("before", "review")),
    "report": (("after", "review"), ("before", "report")),
}
RESERVED = frozenset(
    "screen_request read retrieve redact screen_passages prepare summarize combine review revise weigh screen_answer "
    "screen_panel refuse report grounding writer reviewer judge router".split()
)


@dataclass(frozen=True, slots=True)
class Seat:
    """An agent in the graph.

    `act` is its work in a run; `edges` are the kinds of edge that what it brings crosses; `hands_over` says whether it
    may give its work to another agent.
    """

    name: str
    way: Way
    place: str
    act: Callable[[State, Deps], Awaitable[Update]]
    edges: tuple[Edge, ...] = ("agent_to_agent",)
    hands_over: bool = False


@dataclass(frozen=True, slots=True)
class Seats:
    """Every agent of a kit, in the order in which they were added; `rule` makes one verdict of several."""

    seats: tuple[Seat, ...] = ()
    rule: Rule | None = field(default=None, compare=False)

    def __bool__(self) -> bool:
        return bool(self.seats)

    def at(self, way: Way, place: str) -> list[str]:
        """Return who stands there."""
        return [seat.name for seat in self.seats if (seat.way, seat.place) == (way, place)]

    def handed(self) -> list[str]:
        """Return those who work only where another hands over to them."""
        return [seat.name for seat in self.seats if seat.way == "handed"]

    def chain(self, until: str) -> list[str]:
        """Return who works, one after the other, before a step."""
        return [name for way, place in _CHAINS[until] for name in self.at(way, place)]

    def receiver(self, name: str) -> str:
        """Return who is handed work to.

        Raises:
            AgentError: nobody of that name waits for it; says who does.
        """
        if name not in (known := self.handed()):
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"those who wait are {', '.join(known) or 'none'}."
            raise AgentError(f"Work was handed to {name}, and no agent of that name waits for it: {hint}", agent=name)
        return name

    def first(self, until: str) -> str:
        """Return who begins the chain before a step, or the step."""
        return (self.chain(until) or [until])[0]

    def after(self, name: str) -> str:
        """Return what follows an agent: the next of its chain, or the step that the chain leads to."""
        seat = next(seat for seat in self.seats if seat.name == name)
        if seat.way in {"beside", "instead_of"}:
            return "combine" if seat.place == "summarize" else "weigh"
        for until in _CHAINS:
            chain = self.chain(until)
            if name in chain:
                return [*chain, until][chain.index(name) + 1]
        raise ConfigError(f"Nothing leads on from the agent {name}.")

    @property
    def writers(self) -> list[str]:
        """Those who write beside the summarizer, or in its place."""
        return [*self.at("instead_of", "summarize"), *self.at("beside", "summarize")]

    @property
    def reviewers(self) -> list[str]:
        """Those who review beside our reviewer, or in its place."""
        return [*self.at("instead_of", "review"), *self.at("beside", "review")]

    def starts(self, step: str) -> list[str]:
        """Return the nodes that begin a step together: ours, unless an agent takes its place, and agents."""
        others = self.writers if step == "summarize" else self.reviewers
        return [*([] if self.at("instead_of", step) else [step]), *others]

    def ends(self, name: str) -> tuple[str, ...]:
        """Return the nodes that may follow an agent."""
        seat = next(seat for seat in self.seats if seat.name == name)
        given = [other for other in self.handed() if other != name] if seat.hands_over else []
        if seat.way != "handed":
            return (*given, *self.entry(self.after(name)))
        givers = [other.name for other in self.seats if other.hands_over and other.way != "handed"]
        return (*given, *dict.fromkeys(end for giver in givers for end in self.entry(self.after(giver))))

    def entry(self, step: str) -> list[str]:
        """Return the nodes that going to a step leads to."""
        if step == "summarize":
            return [*dict.fromkeys([*self.starts(step), "summarize"])]  # checklist items stay the summarizer's
        return self.starts(step) if step == "review" else [step]


NOBODY = Seats()


def placed(given: Mapping[Way, str | None], *, who: str) -> tuple[Way, str]:
    """Return how and where an agent stands; without a place, another hands over to it.

    Raises:
        ConfigError: there is no such place, or there are two; says what there is.
    """
    chosen = [(way, place) for way, place in given.items() if place is not None]
    if not chosen:
        return "handed", ""
    if len(chosen) > 1:
        told = " and ".join(f"{way}={place!r}" for way, place in chosen)
        raise ConfigError(f"The agent {who} has {told}: name one place.")
    way, place = chosen[0]
    if place not in PLACES:
        near = difflib.get_close_matches(place, PLACES, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(PLACES)}."
        raise ConfigError(f"There is no step {place!r} for the agent {who} to stand {way}: {hint}")
    if way not in PLACES[place]:
        ways = " or ".join(PLACES[place])
        raise ConfigError(f"The agent {who} cannot stand {way} {place}: an agent stands {ways} it.")
    return way, place


def check_name(name: str, taken: Sequence[str]) -> None:
    """Refuse a name that is none, or belongs to somebody else.

    Raises:
        ConfigError: says what to do.
    """
    if not isinstance(name, str) or not name.isidentifier() or name.startswith("__"):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigError(f"{name!r} is no name for an agent: write letters, digits and _, as in agent(name='risk').")
    if name in RESERVED:
        raise ConfigError(f"An agent cannot be called {name}: a step, node or role of agentkit is called so.")
    if name in taken:
        near = f"{name}_2"
        raise ConfigError(f"There is an agent {name} already: give this one another name, as in agent(name={near!r}).")


Rows = list[tuple[str, Edge | None, str]]


def crossings(seats: Seats, source: str, target: str) -> Rows | None:
    """Return what crosses an edge that agents brought about: in words, the kind of edge, and who asks its rails.

    None for an edge of agentkit's own.
    """
    seat = next((seat for seat in seats.seats if seat.name == source), None)
    if seat is not None:
        told: Rows = [(f"what a model answered {source}", "model_to_agent", source)]
        return told + [(f"what {source} brought", edge, source) for edge in seat.edges]
    if not seats:
        return None
    if source == "prepare" and target != "report":
        what = "passages of the documents, or of a retriever of yours"
        return [(what, "document_to_passage", "screen_passages")]
    if source == "weigh":
        return [("verdicts of all reviewers, in words that were checked", "agent_to_agent", "review")]
    if source == "report":
        ours = "claims with their verdicts; what was removed, and why"
        return [(ours, "graph_to_user", "screen_answer"), ("what agents brought", "graph_to_user", "screen_panel")]
    asked: dict[str, Rows] = {
        "summarize": [("what the writer answered", "model_to_agent", "summarize")],
        "review": [("what the judge answered", "model_to_agent", "review")],
        "revise": [("what the writer mended", "model_to_agent", "revise")],
    }
    handed: dict[str, tuple[str, str]] = {
        "summarize": ("drafts", "summarize"),
        "combine": ("claims that were chosen, in words that were checked", "summarize"),
        "review": ("claims with their verdicts", "review"),
        "revise": ("claims", "revise"),
    }
    if source not in handed:
        return None
    what, guard = handed[source]
    return [*asked.get(source, []), (what, "agent_to_agent", guard)]
