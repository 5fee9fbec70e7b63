"""`Rails` from a NeMo configuration folder: NeMo loads it; plain flows run compiled, all others in its engine."""

import asyncio
import re
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self
from weakref import WeakKeyDictionary

from nemoguardrails.actions.rail_outcome import RailOutcome

from agentkit.adapters.nemo.compiled import CompiledFlow, Memo, compile_flow, run_flow
from agentkit.adapters.nemo.engine import Engine
from agentkit.adapters.nemo.folder import Resolve, load_folder
from agentkit.adapters.nemo.library import REPLACED, compile_surface
from agentkit.adapters.nemo.loaded import STAGES, Folder, Listed
from agentkit.adapters.nemo.quiet import quiet_logs
from agentkit.egress import EgressPolicy
from agentkit.errors import UnavailableError
from agentkit.text.grounds import grounds_here
from agentkit.types import RailAction, RailReport, RailResult, Stage

_VARIABLE: Mapping[Stage, str] = {"input": "user_message", "retrieval": "relevant_chunks", "output": "bot_message"}
_MODEL_S = 120.0
"""How long a rail may take where the folder has models: a model's own deadlines are shorter."""
_CODE = re.compile(r"[SO]\d{1,2}", re.IGNORECASE)
"""A category of Llama Guard."""
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
        self._plans: dict[Stage, list[CompiledFlow | str]] = {stage: [] for stage in STAGES}
        for rail in folder.rails():
            self._plans[rail.stage].append(_plan(folder, rail, compiled=compiled))
        self._engines: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[Stage, str], Engine]]
        self._engines = WeakKeyDictionary()
        self._lock = threading.Lock()
        self._named = _prompted(folder)
        self._spare = self._warm()

    @classmethod
    def from_folder(
        cls,
        path: Path,
        *,
        deadline_s: float | None = None,
        egress: EgressPolicy | None = None,
        resolve: Resolve | None = None,
    ) -> Self:
        """Load a folder.

        Args:
            path: a NeMo Guardrails configuration folder.
            deadline_s: how long one rail may take for one text; afterwards the text counts as blocked;
                by default 5 seconds, or 120 where the folder has models to ask.
            egress: where rails may send texts; by default to this machine.
            resolve: says what is wrong with the name of a model the folder asks, if anything.
        Raises:
            ConfigError: the folder is broken; the message names the file and, where known, the line.
        """
        return cls(load_folder(path, egress=egress, resolve=resolve), deadline_s=deadline_s)

    def _warm(self) -> dict[tuple[Stage, str], Engine]:
        """Make the engines that the first event loop will use: the first text waits for none, and a faulty one shows.

        Raises:
            ConfigError: NeMo's engine refuses the folder.
        """
        wanted = [rail for rail in self._folder.rails() if rail.entry in self._plans[rail.stage]]
        if not wanted:
            return {}

        async def make() -> dict[tuple[Stage, str], Engine]:
            return {(rail.stage, rail.entry): self._made(rail) for rail in wanted}

        with ThreadPoolExecutor(1) as aside:  # NeMo wants an event loop, and the caller may be in one
            return aside.submit(asyncio.run, make()).result()

    def _made(self, rail: Listed) -> Engine:
        try:
            return Engine(self._folder, rail.stage, [rail.entry])
        except Exception as error:
            sentence = f"NeMo Guardrails' engine refuses the folder: {error}"
            raise self._folder.fault_at(rail, sentence).error from error

    def flows(self, stage: Stage) -> list[tuple[str, bool]]:
        """The rails of a stage in order, and whether each runs without NeMo's engine."""
        names = self._folder.listed(stage)
        return [(name, isinstance(step, CompiledFlow)) for name, step in zip(names, self._plans[stage], strict=True)]

    async def check(self, text: str, /, *, stage: Stage, forbidden: Sequence[str] = ()) -> RailReport:
        """Run every rail of the stage on one text; a rail that fails or is late blocks ("unchecked")."""
        context = _known(forbidden)
        results: list[RailResult] = []
        score, allowed = 0.0, True
        memo: Memo = {}
        for name, step in zip(self._folder.listed(stage), self._plans[stage], strict=True):
            if not allowed and not isinstance(step, CompiledFlow):
                continue
            verdict = await self._safely(step, text, stage, context, memo)
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
        self, step: CompiledFlow | str, text: str, stage: Stage, context: Mapping[str, object], memo: Memo
    ) -> _Verdict:
        """Run one rail; whatever goes wrong becomes *unchecked*."""
        name = step.name if isinstance(step, CompiledFlow) else step
        try:
            if not isinstance(step, CompiledFlow):
                self._engine(stage, step)  # made once, before the clock starts
            began = time.monotonic()
            async with asyncio.timeout(self._deadline_s):
                verdict = await self._run(step, text, stage, context, memo)
        except TimeoutError:
            return _Verdict(name, "unchecked", text, f"did not answer within {self._deadline_s:g} s")
        except Exception as error:  # noqa: BLE001 - a rail that cannot check blocks, whatever the cause
            told = str(error) if type(error) is UnavailableError else type(error).__name__
            return _Verdict(name, "unchecked", text, f"could not check ({told})")
        if time.monotonic() - began > self._deadline_s:
            return _Verdict(name, "unchecked", text, f"did not answer within {self._deadline_s:g} s")
        return verdict

    async def _run(
        self, step: CompiledFlow | str, text: str, stage: Stage, context: Mapping[str, object], memo: Memo
    ) -> _Verdict:
        if isinstance(step, CompiledFlow):
            return await self._compiled(step, text, stage, context, memo)
        result = await self._engine(stage, step).run(text, context)
        if result.witness.failed is not None:
            return _Verdict(step, "unchecked", text, f"could not check (the action {result.witness.failed} failed)")
        verdict = _verdict(step, text, result.text, result.witness.outcomes, self._named)
        return _blocked(verdict) if result.blocked_by else verdict

    async def _compiled(
        self, flow: CompiledFlow, text: str, stage: Stage, context: Mapping[str, object], memo: Memo
    ) -> _Verdict:
        variable = _VARIABLE[stage]
        outcome = await run_flow(flow, {**context, variable: text}, self._folder.config, memo=memo)
        after = outcome.variables[variable]
        verdict = _verdict(flow.name, text, str(after), outcome.outcomes, self._named)
        withheld = stage == "retrieval" and bool(text) and not after
        return _blocked(verdict) if outcome.stopped or withheld else verdict

    def _engine(self, stage: Stage, flow: str) -> Engine:
        with self._lock:
            spare, loop = self._spare, asyncio.get_running_loop()
            if loop not in self._engines:
                self._engines[loop], self._spare = spare, {}
            engines = self._engines[loop]
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


def _plan(folder: Folder, rail: Listed, *, compiled: bool) -> CompiledFlow | str:
    """The rail as steps, or its entry in the list where it needs NeMo's engine, or NeMo's server for actions."""
    if folder.has_code or folder.config.actions_server_url or not compiled:
        return rail.entry
    flow = folder.flows.get(rail.entry)
    if flow is None:
        return rail.entry if rail.name in folder.flows else compile_surface(rail) or rail.entry
    return compile_flow(flow, {**REPLACED, **folder.actions}) or rail.entry


def _blocked(verdict: _Verdict) -> _Verdict:
    return replace(verdict, action="blocked", reason=verdict.reason or f"refused by the rail {verdict.rail}")


def _prompted(folder: Folder) -> str:
    """The words of the folder's prompts: a category that a model names must be one of theirs."""
    return repr([prompt.model_dump() for prompt in folder.config.prompts or []]).lower()


def _verdict(rail: str, before: str, after: str, outcomes: Sequence[RailOutcome], named: str) -> _Verdict:
    scores = [float(outcome.metadata["score"]) for outcome in outcomes if "score" in outcome.metadata]
    reasons = [_reason(outcome, named) for outcome in outcomes if outcome.decision.value != "allow" or outcome.reason]
    action: RailAction = "passed" if before == after else "modified"
    return _Verdict(rail, action, after, "; ".join(reason for reason in reasons if reason), max(scores, default=0.0))


def _reason(outcome: RailOutcome, named: str) -> str:
    """Why, in an action's own words; else the categories that a rail of NeMo's library names."""
    rule = str(outcome.metadata.get("rule", ""))
    reason = outcome.reason or ("" if outcome.decision.value == "allow" else _categories(outcome.metadata, named))
    return f"{rule}: {reason}" if rule and reason else reason or rule


def _categories(metadata: Mapping[str, Any], named: str) -> str:
    """What a rail of NeMo's library says it found.

    Of a model's own words only what is a category: the rest may be the text that it was asked about.
    """
    said = {part.strip() for name in metadata.get("policy_violations") or () for part in str(name).split(",")} - {""}
    if said:
        known = sorted(name for name in said if _CODE.fullmatch(name) or name.lower() in named)
        return (
            f"violates {', '.join(name.upper() if _CODE.fullmatch(name) else name for name in known) or 'its policy'}"
        )
    found = [str(name) for name in metadata.get("detections") or ()]
    return f"matches {', '.join(sorted(found))}" if found else ""
