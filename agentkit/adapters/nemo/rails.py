"""`Rails` from a NeMo configuration folder: NeMo loads it; plain flows run compiled, all others in its engine."""

import asyncio
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self
from weakref import WeakKeyDictionary

from nemoguardrails.actions.rail_outcome import RailOutcome

from agentkit.adapters.nemo.compiled import CompiledFlow, compile_flow, run_flow
from agentkit.adapters.nemo.engine import Engine
from agentkit.adapters.nemo.folder import STAGES, Folder, load_folder
from agentkit.adapters.nemo.quiet import quiet_logs
from agentkit.text.grounds import grounds_here
from agentkit.types import RailAction, RailReport, RailResult, Stage

_VARIABLE: Mapping[Stage, str] = {"input": "user_message", "retrieval": "relevant_chunks", "output": "bot_message"}
_MODEL_S = 120.0
"""How long a rail may take where the folder has models: a model's own deadlines are shorter."""
_SLICE_S = 0.02
"""After so much computing between two texts, other tasks of the event loop get their turn."""


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What one step of a stage said about a text."""

    rail: str
    action: RailAction
    text: str
    reason: str = ""
    score: float = 0.0


class NemoRails:
    """The rails of one folder. May be shared by tasks and threads; the engine is made once per event loop.

    `asks_models` says whether some need a language model, which they borrow from the run around them.
    """

    def __init__(self, folder: Folder, *, deadline_s: float | None = None, compiled: bool = True) -> None:
        quiet_logs()
        self._folder = folder
        self.asks_models = any(model.type != "embeddings" for model in folder.config.models)
        self._deadline_s = deadline_s or (_MODEL_S if self.asks_models else 5.0)
        self._plans: dict[Stage, list[CompiledFlow | str]] = {
            stage: [_plan(folder, name, compiled=compiled) for name in folder.listed(stage)] for stage in STAGES
        }
        self._engines: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[Stage, str], Engine]]
        self._engines = WeakKeyDictionary()
        self._lock = threading.Lock()

    @classmethod
    def from_folder(cls, path: Path, *, deadline_s: float | None = None) -> Self:
        """Load a folder.

        Args:
            path: a NeMo Guardrails configuration folder.
            deadline_s: how long one rail may take for one text; afterwards the text counts as blocked;
                by default 5 seconds, or 120 where the folder has models to ask.
        Raises:
            ConfigError: the folder is broken; the message names the file and, where known, the line.
        """
        return cls(load_folder(path), deadline_s=deadline_s)

    def flows(self, stage: Stage) -> list[tuple[str, bool]]:
        """The rails of a stage in order, and whether each runs without NeMo's engine."""
        names = self._folder.listed(stage)
        return [(name, isinstance(step, CompiledFlow)) for name, step in zip(names, self._plans[stage], strict=True)]

    async def check(self, text: str, /, *, stage: Stage, forbidden: Sequence[str] = ()) -> RailReport:
        """Run every rail of the stage on one text; a rail that fails or is late blocks ("unchecked")."""
        context = _known(forbidden)
        results: list[RailResult] = []
        score, allowed = 0.0, True
        for name, step in zip(self._folder.listed(stage), self._plans[stage], strict=True):
            if not allowed and not isinstance(step, CompiledFlow):
                continue
            verdict = await self._safely(name, step, text, stage, context)
            results.append(RailResult(stage, name, verdict.action, verdict.reason))
            score = max(score, verdict.score)
            allowed = allowed and verdict.action in {"passed", "modified"}
            text = verdict.text if verdict.action == "modified" else text
        return RailReport(allowed, score, text if allowed or stage != "retrieval" else "", results)

    async def check_many(self, texts: Sequence[str], /, *, stage: Stage) -> list[RailReport]:
        """Run every rail of the stage on each text; one report per text, in order."""
        reports: list[RailReport] = []
        since = time.monotonic()
        for text in texts:
            reports.append(await self.check(text, stage=stage))
            if time.monotonic() - since > _SLICE_S:
                await asyncio.sleep(0)
                since = time.monotonic()
        return reports

    async def _safely(
        self, name: str, step: CompiledFlow | str, text: str, stage: Stage, context: Mapping[str, object]
    ) -> _Verdict:
        """Run one rail; whatever goes wrong becomes *unchecked*."""
        try:
            if not isinstance(step, CompiledFlow):
                self._engine(stage, step)  # made once, before the clock starts
            began = time.monotonic()
            async with asyncio.timeout(self._deadline_s):
                verdict = await self._run(name, step, text, stage, context)
        except TimeoutError:
            return _Verdict(name, "unchecked", text, f"did not answer within {self._deadline_s:g} s")
        except Exception as error:  # noqa: BLE001 - a rail that cannot check blocks, whatever the cause
            return _Verdict(name, "unchecked", text, f"could not check ({type(error).__name__})")
        if time.monotonic() - began > self._deadline_s:
            return _Verdict(name, "unchecked", text, f"did not answer within {self._deadline_s:g} s")
        return verdict

    async def _run(
        self, name: str, step: CompiledFlow | str, text: str, stage: Stage, context: Mapping[str, object]
    ) -> _Verdict:
        if isinstance(step, CompiledFlow):
            return await self._compiled(step, text, stage, context)
        result = await self._engine(stage, step).run(text, context)
        if result.witness.failed is not None:
            return _Verdict(name, "unchecked", text, f"could not check (the action {result.witness.failed} failed)")
        verdict = _verdict(name, text, result.text, result.witness.outcomes)
        return replace(verdict, action="blocked") if result.blocked_by else verdict

    async def _compiled(self, flow: CompiledFlow, text: str, stage: Stage, context: Mapping[str, object]) -> _Verdict:
        variable = _VARIABLE[stage]
        outcome = await run_flow(flow, {**context, variable: text}, self._folder.config)
        after = outcome.variables[variable]
        verdict = _verdict(flow.name, text, str(after), outcome.outcomes)
        withheld = stage == "retrieval" and bool(text) and not after
        return replace(verdict, action="blocked") if outcome.stopped or withheld else verdict

    def _engine(self, stage: Stage, flow: str) -> Engine:
        with self._lock:
            engines = self._engines.setdefault(asyncio.get_running_loop(), {})
        engine = engines.get((stage, flow))
        if engine is None:
            engine = engines[stage, flow] = Engine(self._folder, stage, [flow])
        return engine


def _known(forbidden: Sequence[str]) -> dict[str, object]:
    """What the rails of an answer may compare it with; what is not known is left out, in NeMo's words None."""
    grounds = grounds_here()
    known = {
        "redacted_originals": list(forbidden) or None,
        "known_placeholders": None if grounds.placeholders is None else sorted(grounds.placeholders),
        "cited_text": grounds.cited,
    }
    return {name: value for name, value in known.items() if value is not None}


def _plan(folder: Folder, name: str, *, compiled: bool) -> CompiledFlow | str:
    flow = folder.flows.get(name)
    if flow is None or folder.has_code or not compiled:
        return name
    return compile_flow(flow, folder.actions) or name


def _verdict(rail: str, before: str, after: str, outcomes: Sequence[RailOutcome]) -> _Verdict:
    scores = [float(outcome.metadata["score"]) for outcome in outcomes if "score" in outcome.metadata]
    reasons = [_reason(outcome) for outcome in outcomes if outcome.decision.value != "allow" or outcome.reason]
    action: RailAction = "passed" if before == after else "modified"
    return _Verdict(rail, action, after, "; ".join(reason for reason in reasons if reason), max(scores, default=0.0))


def _reason(outcome: RailOutcome) -> str:
    rule = str(outcome.metadata.get("rule", ""))
    return f"{rule}: {outcome.reason}" if rule and outcome.reason else outcome.reason or rule
