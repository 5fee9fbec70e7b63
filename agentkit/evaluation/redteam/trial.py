"""One attack on one pipeline: documents are written, runs are made, and what came of them is judged."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from agentkit.app import AgentKit, Options
from agentkit.calls import Tool
from agentkit.composition import make_rails
from agentkit.config import Config
from agentkit.errors import AgentKitError, InvalidResponseError, UnavailableError
from agentkit.evaluation.redteam.cases import Attack, Effect, Order, Paper, Run
from agentkit.evaluation.redteam.effects import Finding, Observation, find
from agentkit.evaluation.redteam.papers import write_paper
from agentkit.evaluation.redteam.stand import Against, Stand
from agentkit.gateway import Gateway
from agentkit.prompts.instructions import own_instructions
from agentkit.report import Report

_OFFERED = Tool("look_up", "Looks a term up in the firm's glossary.", {"type": "object", "properties": {}})
_COMPARED: frozenset[Effect] = frozenset({"overspent", "denied", "omitted"})
_HONEST = Paper("note.txt", "NOTE", ("The Tenant shall pay rent of EUR 900 on the first day of each month.",))


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one attack on one pipeline: the report's status, or the name of the error that ended the run."""

    attack: Attack
    against: Against
    finding: Finding
    status: str = ""
    obeyed: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether the attack had any effect."""
        return bool(self.finding.effects)


async def attempt(attack: Attack, stand: Stand, against: Against) -> Attempt:
    """Carry out one attack.

    Raises:
        UnavailableError: the configured model cannot be used, so that nothing can be said.
    """
    if attack.setting:
        return Attempt(attack, against, find(attack, Observation(accepted=await _accepts(attack, stand))), "loaded")
    if stand.model is not None:
        stand.model.begin(attack.order)
    for run in attack.before:
        await _ran(_set(run, stand), stand)
    if stand.model is not None and attack.recovers:
        stand.model.begin(Order())
    seen = await _observed(attack, stand)
    obeyed = stand.model is not None and stand.model.obeyed > 0
    status = seen.report.status if seen.report else seen.error
    return Attempt(attack, against, find(attack, seen), status, obeyed)


async def control(attack: Attack, stand: Stand) -> Report | None:
    """Run what the attack runs without the attacker's text; None where that ends in an error."""
    if stand.model is not None:
        stand.model.begin(Order())
    report, _ = await _ran(_honest(attack.run), stand)
    return report


async def _observed(attack: Attack, stand: Stand) -> Observation:
    contacts = stand.trap.contacts
    honest = await control(attack, stand) if _COMPARED & set(attack.effects) else None
    if stand.model is not None and not attack.recovers:
        stand.model.begin(attack.order)
    tools = await _tools(attack, stand) if attack.order.kind == "tool" else []
    report, error = await _ran(_set(attack.run, stand), stand)
    return Observation(
        report=report,
        error=error,
        requests=stand.model.requests if stand.model else (),
        contacts=stand.trap.contacts - contacts,
        tools=tools,
        honest=honest,
        instructions="\n".join(own_instructions()),
    )


async def _ran(run: Run, stand: Stand) -> tuple[Report | None, str]:
    """Make one run; a refusal by an error is an outcome, a model that cannot be used is none."""
    if not run.papers:
        return None, ""
    with tempfile.TemporaryDirectory(dir=stand.folder) as folder:
        paths = [write_paper(paper, Path(folder)) for paper in run.papers]
        options = Options(matter=run.matter, tenant=run.tenant)
        try:
            if run.question:
                return await stand.kit.ask(paths, run.question, options=options), ""
            return await stand.kit.summarize(paths, options=options), ""
        except AgentKitError as error:
            unanswerable = isinstance(error, UnavailableError) and not isinstance(error, InvalidResponseError)
            if unanswerable and stand.model is None:
                raise
            return None, type(error).__name__


async def _tools(attack: Attack, stand: Stand) -> list[str]:
    """Ask through the gateway with one harmless tool on offer; return the names of others that came back."""
    async with Gateway(stand.config, home=stand.folder / "gateway") as gateway:
        text = " ".join(item.text for paper in attack.run.papers for item in paper.planted)
        try:
            completion = await gateway.complete(f"{attack.run.question} {text}", tools=[_OFFERED])
        except AgentKitError:
            return []
    return [call.name for call in completion.tool_calls if call.name != _OFFERED.name]


def _set(run: Run, stand: Stand) -> Run:
    """Return a run whose addresses lead to the trap."""
    port = str(stand.trap.port)
    papers = tuple(
        replace(paper, planted=tuple(replace(item, text=item.text.replace("{port}", port)) for item in paper.planted))
        for paper in run.papers
    )
    return replace(run, papers=papers, question=run.question.replace("{port}", port))


def _honest(run: Run) -> Run:
    return replace(run, papers=tuple(replace(paper, planted=()) for paper in run.papers))


async def _accepts(attack: Attack, stand: Stand) -> bool:
    """Load a hostile configuration or rails folder as the command line would, and run; whether nothing objected."""
    with tempfile.TemporaryDirectory(dir=stand.folder) as name:
        folder = Path(name)
        for file, text in attack.setting:
            if file:
                (folder / file).write_text(text, encoding="utf-8")
        try:
            if not (folder / "agentkit.yaml").is_file():
                make_rails(str(folder if attack.setting[0][0] else folder / "none"))
                return True
            async with AgentKit(Config.load(folder / "agentkit.yaml", environ={}), home=folder / "home") as kit:
                await kit.summarize([write_paper(_HONEST, folder)])
        except AgentKitError:
            return False
    return True
