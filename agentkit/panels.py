"""What a run does besides where agents of one's own are in it: many reviewers, one verdict; what agents brought."""

from collections.abc import Sequence
from dataclasses import replace

from agentkit import agents
from agentkit.deps import Deps
from agentkit.nodes import unjudged, verdicts_on, with_verdicts
from agentkit.privacy.placeholders import shapes, write
from agentkit.seats import Rule
from agentkit.state import Opinion, State, Update
from agentkit.texts_in import texts_in
from agentkit.types import RailResult, SafePassage, Verdict


async def opine(state: State, deps: Deps) -> Update:
    """Review as one of a panel: by the words that each claim cites."""
    verdicts = await verdicts_on(state, deps)
    return {"opinions": [Opinion("grounding", verdict, state["revisions"]) for verdict in verdicts]}


async def weigh(state: State, deps: Deps, rule: Rule | None) -> Update:
    """Make one verdict of what a panel said of each claim; who said what stays in the record and the report."""
    turn, new = state["revisions"], {claim.id for claim in unjudged(state)}
    said: dict[str, dict[str, Verdict]] = {}
    for opinion in state.get("opinions", []):
        if opinion.turn == turn and opinion.verdict.claim_id in new:
            said.setdefault(opinion.verdict.claim_id, {})[opinion.reviewer] = opinion.verdict
    verdicts = [agents.weighed(by_reviewer, rule=rule) for by_reviewer in said.values()]
    if rule is not None:  # its words are the user's
        safe = deps.store.safe_text
        verdicts = [replace(v, method=safe(v.method), reason=safe(v.reason)) for v in verdicts]
    opinions = [(name, v.claim_id, v.label, v.method) for by in said.values() for name, v in by.items()]
    joint = [(v.claim_id, v.label, v.method) for v in verdicts]
    deps.record.add("review", fields={"verdicts": joint, "opinions": opinions})
    return with_verdicts(state, verdicts)


async def screen_panel(state: State, deps: Deps) -> Update:
    """Check what agents brought, and each reviewer's reasons, before the user reads them."""
    rails, forbidden = deps.rails.at("graph_to_user"), deps.store.vault.originals()
    opinions = state.get("opinions", [])
    said = [opinion.verdict for opinion in opinions]
    shown = shown_of([verdict.reason for verdict in said], deps)
    told = await agents.listen(said, rails=[rails], forbidden=forbidden, shown=shown, by_all=True)
    findings, results = list(state.get("findings", [])), list[RailResult]()
    for place, finding in enumerate(findings):
        shown = shown_of(texts_in(finding.data), deps)
        data, withheld, objections = await agents.screen_data(finding.data, rails=[rails], shown=shown)
        findings[place] = replace(finding, data=data, withheld=finding.withheld + withheld)
        results += objections
    heard = [replace(opinion, verdict=verdict) for opinion, verdict in zip(opinions, told, strict=True)]
    return {"findings": findings, "opinions": heard, "rails": results}


def shown_of(texts: Sequence[str], deps: Deps) -> agents.Shown:
    """What an agent's texts may rest on: the run's passages, and what it brought itself and the vault has taken in."""
    tokens = {write(kind, number) for text in texts for _, _, kind, number in shapes(text)}
    known = "\n".join(token for token in tokens if deps.store.vault.restore(token) != token)
    return agents.Shown([], everything=list[SafePassage], asked=lambda: known)
