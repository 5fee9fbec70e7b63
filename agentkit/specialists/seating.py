# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# What an agent is given and gives is whatever its author declared.
"""An agent's turn in a run: what it is given, its attempts, and what becomes of what it brings."""

import asyncio
import copy
import difflib
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from langgraph.errors import GraphBubbleUp

from agentkit import agents, nodes, panels
from agentkit.deps import Deps
from agentkit.errors import AgentError, AgentKitError, BackendError, ConfigError
from agentkit.seats import Seat, Way
from agentkit.specialists.context import AgentContext
from agentkit.specialists.declared import Agent
from agentkit.specialists.shapes import HandOver, Shape, packed
from agentkit.state import Draft, Finding, Handed, Opinion, State, Update
from agentkit.texts_in import UnreadableError, rebuilt, texts_in
from agentkit.types import Citation, Claim, RemovedClaim, Verdict

_LONGEST_WAY = 8
_LATE = 1_000_000  # drafts of agents come after those of batches
_METHOD = re.compile(r"[\w.-]{1,40}")
_BEFORE_REVIEW = {("after", "summarize"), ("before", "review")}


def seat(made: Agent, way: Way, place: str, *, among: Sequence[Agent]) -> Seat:
    """Return an agent's seat in the graph; `among` are the other agents of the kit.

    Raises:
        ConfigError: it cannot do there what it declares; says what it can.
    """
    _check_gives(made, way, place)
    if made.takes.kind == "data" and way != "handed" and not _givers(made.takes, among):
        known = sorted({other.gives.name for other in among if other.gives.kind == "data"})
        near = difflib.get_close_matches(made.takes.name, known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else "add the agent that gives it first."
        raise ConfigError(f"The agent {made.name} takes {made.takes.name}, which no agent gives: {hint}")

    async def act(state: State, deps: Deps) -> Update:
        return await _turn(made, way, state, deps, among)

    return Seat(made.name, way, place, act, made.edges, made.gives.hands_over)


def _check_gives(made: Agent, way: Way, place: str) -> None:
    kind, at = made.gives.kind, f"{way} {place}".replace("_", " ")
    side_by_side = way in {"beside", "instead_of"}
    if made.gives.hands_over and side_by_side:
        raise ConfigError(f"The agent {made.name} stands {at}, where nobody hands over: put it before a step.")
    if (kind == "verdicts" or place == "review") and side_by_side and (kind == "verdicts") != (place == "review"):
        raise ConfigError(
            f"The agent {made.name} gives {made.gives.name}: verdicts are given beside review, only there."
        )
    if kind == "verdicts" and not side_by_side:
        raise ConfigError(f"The agent {made.name} gives verdicts: put it beside review, or instead_of it.")
    if way == "instead_of" and place == "summarize" and kind != "claims":
        raise ConfigError(f"The agent {made.name} stands instead of summarize, and must give list[Claim].")
    if kind == "claims" and not side_by_side and (way, place) not in _BEFORE_REVIEW:
        raise ConfigError(
            f"The agent {made.name} gives claims that nobody would review there: put it beside or after summarize."
        )


def _givers(shape: Shape, among: Sequence[Agent]) -> list[str]:
    """Return who gives data of a shape; a list may hold what several give."""
    return [
        other.name for other in among if other.gives.kind == "data" and other.gives.hint in {shape.hint, shape.item}
    ]


async def _turn(made: Agent, way: Way, state: State, deps: Deps, among: Sequence[Agent]) -> Update:
    if deps.consult is None:
        raise AgentError(f"This run opens no door for the agent {made.name}: run it by a kit.", agent=made.name)
    doors = deps.consult(made.name, made.role, share=made.budget_share)
    try:
        given = _given(made, way, state, deps, among)
        brought = await _brought(made, given, lambda: AgentContext(made, state, deps, doors), deps)
        update = await _kept(made, way, brought, state, deps)
    except (AgentError, BackendError) as fault:
        if made.gives.kind != "verdicts":
            raise
        update = await _silent(made, fault, state, deps)  # a reviewer that fails has not approved
    deps.store.save()  # what it brought may hold placeholders that are new
    return update


async def _brought(made: Agent, given: Sequence[object], begin: Callable[[], AgentContext], deps: Deps) -> object:
    """Return what the agent brings in one of its attempts."""
    left = made.retries
    while True:
        context = begin()
        try:
            return await _attempt(made, context, given)
        except GraphBubbleUp:
            raise
        except Exception as error:  # noqa: BLE001  (an agent may raise anything; it is told whose it is)
            fault = context.fault or _failed(made, error, deps)
            deps.record.add("agent_failed", fields={"agent": made.name, "error": type(error).__name__})
            if not left or not isinstance(fault, AgentError | BackendError):  # no other try helps
                raise fault from (None if fault is error or context.fault else error)
            left -= 1


async def _attempt(made: Agent, context: AgentContext, given: Sequence[object]) -> object:
    """Return what one attempt brings; what stopped the agent stops it, whatever its code made of that."""
    try:
        async with asyncio.timeout(made.timeout_s):
            brought = await made.run(context, *copy.deepcopy(given))
    except (Exception, SystemExit) as error:
        if context.paused is not None:
            raise context.paused from None
        if isinstance(error, SystemExit):  # a program's main, say: it ends its turn, and not the host
            raise AgentError(f"The agent {made.name} ended with SystemExit.", agent=made.name) from error
        raise
    finally:
        context.over = True
    if stopped := context.paused or context.fault:
        raise stopped
    return brought


def _failed(made: Agent, error: Exception, deps: Deps) -> AgentKitError:
    if isinstance(error, AgentKitError):
        return error
    if isinstance(error, TimeoutError) and made.timeout_s is not None:
        return AgentError(f"The agent {made.name} took longer than its {made.timeout_s:g} seconds.", agent=made.name)
    told = deps.store.safe_text(str(error))
    return AgentError(f"The agent {made.name} failed: {type(error).__name__}: {told}", agent=made.name)


def _given(made: Agent, way: Way, state: State, deps: Deps, among: Sequence[Agent]) -> tuple[Any, ...]:
    match made.takes.kind:
        case "nothing":
            return ()
        case "claims":
            return (nodes.unjudged(state) if made.gives.kind == "verdicts" else list(state.get("claims", [])),)
        case "verdicts":
            return (list(state.get("verdicts", [])),)
        case "passages":
            return ([item for item in deps.store.safe(state["passages"]) if not item.quarantined],)
        case "data":
            data = state["handed"].data if way == "handed" else _found(made, state, among)
            return (made.takes.unpacked(data, made.name),)


def _found(made: Agent, state: State, among: Sequence[Agent]) -> object:
    """Return what other agents gave of the shape that this one takes."""
    givers = {name: next(other for other in among if other.name == name) for name in _givers(made.takes, among)}
    found = [item for item in state.get("findings", []) if item.agent in givers and item.data is not None]
    if not found and made.takes.item is made.takes.hint:
        told = f"The agent {made.name} takes {made.takes.name}, which {' and '.join(givers)} did not give before it."
        raise AgentError(told, agent=made.name)
    if made.takes.item is made.takes.hint:
        return found[-1].data
    lists = [item.data if givers[item.agent].gives.hint == made.takes.hint else [item.data] for item in found]
    return [part for items in lists if isinstance(items, list) for part in items]


async def _kept(made: Agent, way: Way, brought: object, state: State, deps: Deps) -> Update:
    """Hold what an agent brought to its shape, take personal data out of it, and let the rails look at it."""
    try:
        if isinstance(brought, HandOver) and made.gives.hands_over:
            return await _handed(made, brought, way, state, deps)
        value = made.gives.checked(brought, made.name)
        match made.gives.kind:
            case "claims":
                return await _claims(made, way, _safe(value, deps), state, deps)
            case "verdicts":
                return await _opinions(made, way, _safe(value, deps), state, deps)
            case "data":
                data, withheld, results = await _screened(made, _safe(packed(value, made.name), deps), deps)
                return {"findings": [Finding(made.name, data, withheld=withheld)], "rails": results}
            case _:
                return {}
    except UnreadableError as error:  # a key that holds personal data, for one: nothing can stand in its place
        told = f"What the agent {made.name} brought cannot be kept: {error}. Put such words into values."
        raise AgentError(told, agent=made.name) from None


async def _screened(made: Agent, data: object, deps: Deps) -> tuple[object, int, list[Any]]:
    rails = [deps.rails.at(edge) for edge in made.edges]
    return await agents.screen_data(data, rails=rails, shown=panels.shown_of(texts_in(data), deps))


async def _claims(made: Agent, way: Way, claims: list[Claim], state: State, deps: Deps) -> Update:
    known = {claim.id for claim in state.get("claims", [])}
    if way in {"beside", "instead_of"}:
        claims = [_citing(replace(claim, id=f"{made.name}.{number}"), deps) for number, claim in enumerate(claims)]
        given = await nodes.handed_over(claims, deps, made.edges)
        place = _LATE + sum(map(ord, made.name))
        draft = Draft(place, given.claims, answered=True, removed=given.removed, by=made.name)
        return {"drafts": [draft], "rails": given.results}
    named = _named(claims, known)
    given = await nodes.handed_over([_citing(claim, deps) for claim in named], deps, made.edges)
    mine = [claim.id for claim in given.claims if claim not in state["claims"]]
    left = {claim.id for claim in named}
    because = f"left out by the agent {made.name}"
    gone = [RemovedClaim(claim.text, because) for claim in state["claims"] if claim.id not in left]
    return {
        "claims": given.claims,
        "removed": [*state.get("removed", []), *given.removed, *gone],
        "rails": given.results,
        "findings": [Finding(made.name, claims=mine)],
    }


def _named(claims: Sequence[Claim], known: Collection[str]) -> list[Claim]:
    """Return claims under ids of their own: a verdict on one is never read as one on another."""
    used, result = set(known), list[Claim]()
    kept = set[str]()
    for claim in claims:
        name = claim.id
        if name not in known or name in kept:
            name = next(new for number in count(len(used) + 1) if (new := f"c{number}") not in used)
        kept.add(name)
        used.add(name)
        result.append(replace(claim, id=name))
    return result


def _citing(claim: Claim, deps: Deps) -> Claim:
    """Return a claim with those of its citations that are words of a passage of the run, which models may read."""
    passages = {passage.id: passage for passage in deps.store.passages()}

    def sound(citation: Citation) -> bool:
        passage = passages.get(citation.passage)
        if passage is None or passage.source != citation.source:
            return False
        return passage.start <= citation.start < citation.end <= passage.end

    return replace(claim, citations=[citation for citation in claim.citations if sound(citation)])


async def _opinions(made: Agent, way: Way, verdicts: list[Verdict], state: State, deps: Deps) -> Update:
    new = [claim.id for claim in nodes.unjudged(state)]
    stray = [verdict.claim_id for verdict in verdicts if verdict.claim_id not in new]
    if stray:
        told = f"The agent {made.name} gave a verdict on {stray[0]}, which is none of the claims it was given."
        raise AgentError(told, agent=made.name)
    if odd := [verdict.score for verdict in verdicts if not 0 <= verdict.score <= 1]:
        raise AgentError(f"The agent {made.name} gave the score {odd[0]:g}; scores are from 0 to 1.", agent=made.name)
    heard = await _heard(made, [_signed(made, verdict) for verdict in agents.combine_verdicts(verdicts)], deps)
    if way == "instead_of":
        said = {verdict.claim_id for verdict in heard}
        silent = "It said nothing of this claim."
        heard += [Verdict(name, "unverified", 0.0, made.name, silent) for name in new if name not in said]
    return {"opinions": [Opinion(made.name, verdict, state["revisions"]) for verdict in heard]}


async def _silent(made: Agent, fault: AgentKitError, state: State, deps: Deps) -> Update:
    """Leave unverified what a reviewer that failed was to judge, and say why."""
    deps.record.add("reviewer_failed", fields={"agent": made.name, "error": type(fault).__name__})
    because = f"It judged nothing. {fault}"
    verdicts = [Verdict(claim.id, "unverified", 0.0, made.name, because) for claim in nodes.unjudged(state)]
    heard = await _heard(made, _safe(verdicts, deps), deps)
    return {"opinions": [Opinion(made.name, verdict, state["revisions"]) for verdict in heard]}


async def _heard(made: Agent, verdicts: Sequence[Verdict], deps: Deps) -> list[Verdict]:
    """Return verdicts with reasons as the rails let them through."""
    rails = [deps.rails.at(edge) for edge in made.edges]
    shown = panels.shown_of([verdict.reason for verdict in verdicts], deps)
    forbidden = deps.store.vault.originals()
    return await agents.listen(verdicts, rails=rails, forbidden=forbidden, shown=shown, by_all=True)


def _signed(made: Agent, verdict: Verdict) -> Verdict:
    """Return a verdict whose method says whose it is: nobody passes for another reviewer."""
    method = f"{made.name}:{verdict.method}" if _METHOD.fullmatch(verdict.method) else made.name
    return replace(verdict, method=method)


async def _handed(made: Agent, brought: HandOver, way: Way, state: State, deps: Deps) -> Update:
    before = state["handed"] if way == "handed" else None
    hops = before.hops + 1 if before else 1
    if hops > _LONGEST_WAY:
        told = f"Agents handed their work on {_LONGEST_WAY} times, the last of them {made.name}: they go in a circle."
        raise AgentError(told, agent=made.name)
    if not isinstance(brought.to, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        told = f"The agent {made.name} hands over to a {type(brought.to).__name__}: write the name of an agent."
        raise AgentError(told, agent=made.name)
    data, _, results = await _screened(made, _safe(packed(brought.given, made.name), deps), deps)
    since = before.since if before else made.name
    return {"handed": Handed(brought.to, data, since, hops), "rails": results}


def _safe(value: Any, deps: Deps) -> Any:
    """Return a value with placeholders for personal data, whatever the agent put into it."""
    return rebuilt(value, [deps.store.safe_text(text) for text in texts_in(value)])
