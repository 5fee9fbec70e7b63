"""Flows that need the Colang engine: NeMo's `LLMRails`, one per event loop, without its memory of earlier texts."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# NeMo's events, messages and actions are plain dictionaries and functions.

import inspect
import threading
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nemoguardrails import LLMRails
from nemoguardrails.actions.action_dispatcher import ActionDispatcher
from nemoguardrails.actions.actions import ActionResult
from nemoguardrails.actions.rail_outcome import RailOutcome
from nemoguardrails.colang import runtime
from nemoguardrails.rails.llm.config import RailsConfig
from nemoguardrails.rails.llm.options import RailType

from agentkit.adapters.nemo.compiled import has_own_tls
from agentkit.adapters.nemo.library import REPLACED
from agentkit.adapters.nemo.loaded import STAGES, Folder, parse
from agentkit.adapters.nemo.model import DoorModel, take_models
from agentkit.adapters.nemo.service import ServiceClient
from agentkit.types import Stage

_DONE = "agentkit retrieval done"


class NoMemory(dict[Any, Any]):
    """A dictionary that keeps nothing: NeMo's history cache leaks one caller's context to the next, and grows."""

    def __setitem__(self, key: Any, value: Any) -> None:
        """Forget at once."""


@dataclass(slots=True)
class Witness:
    """What happened to the actions during one check."""

    outcomes: list[RailOutcome] = field(default_factory=list[RailOutcome])
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class EngineResult:
    """The engine's word: the text as modified, the flow that blocked if one did, and what its actions said."""

    text: str
    blocked_by: str | None
    witness: Witness


_constructing = threading.Lock()
_witness: ContextVar[Witness | None] = ContextVar("agentkit_nemo_witness", default=None)


class Engine:
    """An `LLMRails` that runs some flows of one stage. Use it in the event loop it was made in."""

    def __init__(self, folder: Folder, stage: Stage, flows: Sequence[str]) -> None:
        self._stage = stage
        with _constructing:  # to silence warnings is a matter of the whole process
            config = parse(folder.path)
        for other in STAGES:
            getattr(config.rails, other).flows = list(flows) if other == stage else []
        config.bot_messages.setdefault(_DONE, ["ok"])
        written, models = config.models, take_models(config)
        self._rails = _construct(config, models.get("main"))
        config.models = written  # NeMo chooses among prompts by the engine and the model they are for
        self._rails.register_action_param("llms", dict(models))
        for kind, model in models.items():
            self._rails.register_action_param(f"{kind}_llm", model)
        self._rails.events_history_cache = NoMemory()
        dispatcher = self._rails.runtime.action_dispatcher
        for name, function in REPLACED.items():
            if dispatcher.is_manifest_action(name):  # neither the folder nor its config.py has one of its own
                self._rails.register_action(function, name)
        for name, function in folder.actions.items() if not folder.has_code else ():  # config.py may have replaced them
            self._rails.register_action(function, name)
        self._rails.register_action(_given_chunks, "retrieve_relevant_chunks")
        dispatcher.execute_action = _watched(dispatcher)
        self._flows = list(flows)

    async def run(self, text: str, context: Mapping[str, Any]) -> EngineResult:
        """Run the flows on one text.

        Raises:
            Exception: whatever NeMo raises; the caller treats it as a block.
        """
        witness = Witness()
        token = _witness.set(witness)
        try:
            if self._stage == "retrieval":
                return await self._retrieval(text, context, witness)
            return await self._message(text, context, witness)
        finally:
            _witness.reset(token)

    async def _message(self, text: str, context: Mapping[str, Any], witness: Witness) -> EngineResult:
        given: list[dict[str, Any]] = [{"role": "context", "content": dict(context)}] if context else []
        if self._stage == "input":
            given.append({"role": "user", "content": text})
        else:
            given += [{"role": "user", "content": ""}, {"role": "assistant", "content": text}]
        result = await self._rails.check_async(given, rail_types=[RailType(self._stage)])
        blocked = (result.rail or self._flows[0]) if result.status.value == "blocked" else None
        return EngineResult(text if blocked else result.content, blocked, witness)

    async def _retrieval(self, text: str, context: Mapping[str, Any], witness: Witness) -> EngineResult:
        """NeMo runs retrieval rails only on the way to a bot message: pretend to be on it."""
        data = {**context, "relevant_chunks": text, "skip_output_rails": True}
        events = await self._rails.generate_events_async(
            [{"type": "ContextUpdate", "data": data}, {"type": "BotIntent", "intent": _DONE}]
        )
        updates = [event["data"] for event in events if event["type"] == "ContextUpdate"]
        texts = [update["relevant_chunks"] for update in updates if "relevant_chunks" in update]
        stopped = any(event["type"] == "BotIntent" and event["intent"] == "stop" for event in events)
        after = str(texts[-1]) if texts else text
        blocked = self._flows[0] if stopped or (text and not after) else None
        return EngineResult(after, blocked, witness)


class _OwnActions(ActionDispatcher):
    """Does not import `actions.py` from the working directory, which may hold anybody's documents."""

    def load_actions_from_path(self, path: Path) -> None:
        if Path(path) != Path.cwd():
            super().load_actions_from_path(path)


def _construct(config: RailsConfig, main: DoorModel | None) -> LLMRails:
    """Make an `LLMRails`; it loads the actions of the folder, and those of no other place."""
    with _constructing:
        theirs = runtime.ActionDispatcher
        runtime.ActionDispatcher = _OwnActions
        try:
            return LLMRails(config, llm=main)
        finally:
            runtime.ActionDispatcher = theirs


def _client_for(action: Any) -> ServiceClient | None:
    if not inspect.isfunction(action) or has_own_tls(action):
        return None
    return ServiceClient() if "http_client" in inspect.signature(action).parameters else None


async def _given_chunks(context: dict[str, Any] | None = None) -> ActionResult:
    """Stand in for NeMo's retrieval step, which would add to the text: the passage at hand is what was retrieved."""
    chunks = (context or {}).get("relevant_chunks", "")
    return ActionResult(return_value=chunks, context_updates={"relevant_chunks": chunks})


def _watched(dispatcher: ActionDispatcher) -> Callable[..., Any]:
    """Let an action's outcome and its failure be seen from outside; a service that fails makes its action fail."""
    execute = dispatcher.execute_action

    async def execute_action(action_name: str, params: dict[str, Any]) -> Any:
        client = _client_for(dispatcher.get_action(action_name))
        result, status = await execute(action_name, {**params, "http_client": client} if client else params)
        status = "failed" if client and client.failed else status
        witness = _witness.get()
        if witness is not None:
            if status == "failed":
                witness.failed = witness.failed or action_name
            elif isinstance(told := result.return_value if isinstance(result, ActionResult) else result, RailOutcome):
                witness.outcomes.append(told)
        return result, status

    return execute_action
