"""Flows that only ask a Python action for its verdict, carried out without the Colang engine.

A flow qualifies if NeMo's own parser turned it into nothing but: call an action with texts and constants, and
`stop`, or rewrite the text, as its `RailOutcome` says. Whatever else a flow does, the Colang engine runs it.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# NeMo hands out parsed flows as plain dictionaries and actions as plain functions.

import asyncio
import contextlib
import inspect
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from typing import Any

from nemoguardrails.actions.actions import ActionResult
from nemoguardrails.actions.rail_outcome import RailOutcome, require_rail_outcome

from agentkit.adapters.nemo.service import ServiceClient

_CONDITION = re.compile(r"\$(\w+)\.(is_blocked|is_transform)")
_REWRITE = re.compile(r"\$(\w+)\.transform_text\[[\"'](\w+)[\"']\]")
_CONSTANT = re.compile(r"[\"']([^\"'$]*)[\"']")
_TEXTS = frozenset({"user_message", "bot_message", "relevant_chunks"})
_GIVEN = frozenset({"config", "context"})
_FRESH = frozenset({"context", "http_client"})
"""What makes an action's answer hang on more than its text and settings."""
Memo = dict[Any, RailOutcome]
"""What actions said during one check, by action and arguments: rails that ask the same are evaluated once."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: *call*, *if*, *set*, *stop* or *say*. `skip` is how many steps a false condition goes on."""

    kind: str
    name: str = ""
    key: str = ""
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    skip: int = 1


@dataclass(frozen=True, slots=True)
class CompiledFlow:
    """A flow as steps, with the functions it calls."""

    name: str
    steps: Sequence[Step]
    actions: Mapping[str, Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class FlowOutcome:
    """What a flow did: whether it stopped, the variables afterwards, and every outcome its actions returned."""

    stopped: bool
    variables: Mapping[str, Any]
    outcomes: Sequence[RailOutcome]


def compile_flow(flow: Mapping[str, Any], actions: Mapping[str, Callable[..., Any]], /) -> CompiledFlow | None:
    """Return the flow as steps, or None if it needs the Colang engine."""
    steps: list[Step] = []
    for element in flow["elements"]:
        step = _step(element)
        if step is None or (step.kind == "call" and not callable_here(actions.get(step.name), step)):
            return None
        steps.append(step)
    return CompiledFlow(flow["id"], steps, actions)


def _step(element: Mapping[str, Any]) -> Step | None:
    kind = element["_type"]
    if kind == "meta":
        return Step("say")
    if kind == "run_action":
        return _action_step(element)
    if kind == "if" and (found := _CONDITION.fullmatch(element["expression"])):
        return Step("if", found[2], found[1], skip=element["_next_else"])
    if kind != "set" or element["key"] not in _TEXTS:
        return None
    if found := _REWRITE.fullmatch(element["expression"]):
        return Step("set", element["key"], found[1], {"target": found[2]})
    if found := _CONSTANT.fullmatch(element["expression"]):
        return Step("set", element["key"], "", {"text": found[1]})
    return None


def _action_step(element: Mapping[str, Any]) -> Step | None:
    name, params = element["action_name"], element["action_params"]
    if name == "utter":
        return Step("stop" if params.get("value") == "stop" else "say")
    if "action_result_key" not in element:
        return None
    return Step("call", name, element["action_result_key"], params)


def callable_here(action: Callable[..., Any] | None, step: Step) -> bool:
    """Whether we can give the action everything NeMo would give it."""
    if action is None or not inspect.iscoroutinefunction(action):
        return False
    wanted = inspect.signature(action).parameters.values()
    named = {p.name for p in wanted if p.kind not in {p.VAR_KEYWORD, p.VAR_POSITIONAL}}
    required = {p.name for p in wanted if p.default is p.empty and p.name in named}
    special = {"events", "llm", "llm_task_manager", "llms", "state", "kb"}
    return required <= set(step.params) | _GIVEN and not (named & special - set(step.params))


def has_own_tls(action: Callable[..., Any], /) -> bool:
    """Whether NeMo makes this action a client with certificates of its own; it raises when a call fails."""
    return "hf_classifier" in action.__module__


def awaitable(action: Callable[..., Any], /) -> Callable[..., Any]:
    """Return an action that never holds up the event loop: an ordinary function is run in a thread of its own.

    The thread is a daemon: if the function never returns, neither the check nor the process waits for it.
    """
    if not inspect.isfunction(action) or inspect.iscoroutinefunction(action):
        return action

    @wraps(action)
    async def in_thread(**given: Any) -> Any:
        loop = asyncio.get_running_loop()
        result: asyncio.Future[Any] = loop.create_future()

        def work() -> None:
            try:
                value = action(**given)
            except BaseException as error:  # noqa: BLE001 - handed to the caller, who waits in another thread
                _deliver(loop, result, None, error)
            else:
                _deliver(loop, result, value, None)

        threading.Thread(target=work, name=f"rail {action.__name__}", daemon=True).start()
        return await result

    return in_thread


def _deliver(
    loop: asyncio.AbstractEventLoop, future: asyncio.Future[Any], value: Any, error: BaseException | None
) -> None:
    """Hand a result to the loop that waits for it, if it still does."""

    def settle() -> None:
        if future.done():
            return
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error)

    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(settle)


async def run_flow(
    flow: CompiledFlow, variables: Mapping[str, Any], config: object, /, *, memo: Memo | None = None
) -> FlowOutcome:
    """Carry out a compiled flow.

    Args:
        flow: the flow.
        variables: NeMo's context: the text under its name, and what else is known.
        config: NeMo's configuration of the folder.
        memo: what was said before about the same texts.
    Raises:
        TypeError: an action returned something other than a `RailOutcome`.
        Exception: whatever an action raises.
    """
    known = dict(variables)
    results: dict[str, RailOutcome] = {}
    position, stopped = 0, False
    while position < len(flow.steps) and not stopped:
        step = flow.steps[position]
        position += 1
        if step.kind == "call":
            results[step.key] = await _call(flow.actions[step.name], step, known, config, memo)
        elif step.kind == "if" and not getattr(results[step.key], step.name):
            position += step.skip - 1
        elif step.kind == "set":
            known[step.name] = _value(step, results)
        stopped = step.kind == "stop"
    return FlowOutcome(stopped, known, list(results.values()))


def _value(step: Step, results: Mapping[str, RailOutcome]) -> str:
    return results[step.key].transform_text[step.params["target"]] if step.key else step.params["text"]


async def _call(
    action: Callable[..., Any], step: Step, known: dict[str, Any], config: object, memo: Memo | None
) -> RailOutcome:
    given: dict[str, Any] = {name: _argument(value, known) for name, value in step.params.items()}
    wanted = _parameters(action)
    key = None if memo is None or wanted & _FRESH else _key(action, given)
    if memo is not None and key in memo:
        return memo[key]
    if "config" in wanted:
        given["config"] = config
    if "context" in wanted:
        given["context"] = dict(known)
    result = await _asked(action, given, has_client="http_client" in wanted)
    if isinstance(result, ActionResult):
        known.update(result.context_updates or {})
        return require_rail_outcome(result.return_value)
    outcome = require_rail_outcome(result)
    if memo is not None and key is not None:
        memo[key] = outcome
    return outcome


def _key(action: Callable[..., Any], given: Mapping[str, Any]) -> object:
    """Return what tells one question to an action from another; None where an argument cannot tell."""
    return (action, frozenset(given.items())) if all(isinstance(value, str) for value in given.values()) else None


async def _asked(action: Callable[..., Any], given: dict[str, Any], *, has_client: bool) -> Any:
    if not has_client or has_own_tls(action):
        return await action(**given)
    client = ServiceClient()
    result = await action(**given, http_client=client)
    client.check()
    return result


@lru_cache(maxsize=256)
def _parameters(action: Callable[..., Any]) -> frozenset[str]:
    return frozenset(inspect.signature(action).parameters)


def _argument(value: object, known: Mapping[str, Any]) -> object:
    """As NeMo does it: a variable that is not set stays its own name."""
    return known.get(value[1:], value) if isinstance(value, str) and value.startswith("$") else value
