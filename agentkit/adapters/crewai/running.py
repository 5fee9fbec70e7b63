# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# CrewAI's hooks and outputs are untyped.
"""One run of a crew as a guest: inputs in placeholders, every call through our door, the result railed and cited."""

import asyncio
import contextvars
import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, cast

from crewai import Crew
from crewai.hooks.dispatch import HookAborted, InterceptionPoint, scoped_hooks

from agentkit.adapters.crewai.guest import Source, built, settle
from agentkit.adapters.crewai.house import GuestDoor, House
from agentkit.adapters.crewai.lines import HostLine
from agentkit.adapters.crewai.llm import CrewLLM
from agentkit.adapters.crewai.results import CrewResult, cited
from agentkit.errors import AgentKitError, UsageError
from agentkit.texts_in import UnreadableError, rebuilt, texts_in

_OFF = {"1", "true", "yes", "on"}
_SWITCHES = ("CREWAI_DISABLE_TELEMETRY", "CREWAI_DISABLE_TRACKING", "OTEL_SDK_DISABLED")


async def run_crew(
    crew: Source, inputs: Mapping[str, object], *, house: House, models: Mapping[str, str] | None = None
) -> CrewResult:
    """Run a crew under our governance; what it brings is in placeholders until `release`.

    It runs in a thread, so that the host's loop is never blocked; its calls to models run in the host's loop.
    Cancelling cancels the call that is going on, and the next one ends the crew.

    Args:
        crew: a function that builds one, which is best, or a crew, which is copied.
        inputs: as for `Crew.kickoff`; personal data in them become placeholders.
        house: whose governance.
        models: the role or model of an agent, by the agent's role ("manager" and "planner" are CrewAI's own); others
            ask the writer.

    Raises:
        UsageError: the crew has something that cannot be governed; says what, and what to do instead.
        BudgetExceededError: a call did not fit the budget; the crew was stopped.
        RefusedError: a rail held back what a model, a tool or the crew brought.
        AgentKitError: the crew failed.
    """
    _check_silent()
    given = _safe(inputs, house)
    line = HostLine()
    made: dict[str, CrewLLM] = {}

    def llm(role: str) -> CrewLLM:
        name = (models or {}).get(role, "writer")
        if name not in made:
            made[name] = CrewLLM(door=GuestDoor(house.lend(name), house=house, line=line), line=line)
        return made[name]

    try:
        text = await _in_thread(lambda: _kickoff(crew, given, llm, _hooks(house, line)))
    except Exception as error:
        if line.fault is not None:
            raise line.fault from None
        if isinstance(error, AgentKitError):
            raise
        raise AgentKitError(f"The crew failed: {house.safe(str(error) or type(error).__name__)}") from error
    finally:
        line.close()
    if line.fault is not None:  # CrewAI went on without what was refused
        raise line.fault
    text = await house.pass_on(text, "tool_to_agent", "the crew")
    claims, verdicts = await cited(text, house)
    return CrewResult(text, claims, verdicts, calls=line.sent)


def _kickoff(source: Source, inputs: dict[str, Any], llm: Callable[[str], CrewLLM], hooks: Any) -> str:
    crew: Crew = built(source)
    settle(crew, llm)
    with scoped_hooks(hooks):
        return str(cast(Any, crew.kickoff(inputs=inputs)).raw)


def _hooks(house: House, line: HostLine) -> dict[InterceptionPoint, list[Callable[[Any], Any]]]:
    """Return hooks that hold for this crew alone: no model but ours is asked, and what a tool finds is checked."""

    def before_model(context: Any) -> None:
        if not isinstance(context.llm, CrewLLM):
            kind = type(context.llm).__name__
            _abort(line, UsageError(f"The crew asks a model of its own ({kind}), which cannot be governed."))

    def after_tool(context: Any) -> str | None:
        if not isinstance(context.tool_result, str):
            return None
        try:
            return line.run(_checked(context.tool_result, context.tool_name, house))
        except AgentKitError as error:
            _abort(line, error)
        except Exception:  # noqa: BLE001  (CrewAI would go on with what was not checked)
            _abort(line, UsageError(f"What the tool {context.tool_name} found could not be checked."))

    return {InterceptionPoint.PRE_MODEL_CALL: [before_model], InterceptionPoint.POST_TOOL_CALL: [after_tool]}


async def _checked(text: str, tool: str, house: House) -> str:
    return await house.pass_on(text, "tool_to_agent", f"the tool {tool}")


def _abort(line: HostLine, error: AgentKitError) -> None:
    line.stop(error)
    raise HookAborted(str(error), source="agentkit") from error


async def _in_thread(work: Callable[[], str]) -> str:
    """Run in a thread of its own, which a cancelled caller does not wait for."""
    done: Future[str] = Future()
    context = contextvars.copy_context()

    def run() -> None:
        try:
            result = context.run(work)
        except BaseException as error:  # noqa: BLE001  (it is handed on)
            if not done.cancelled():
                done.set_exception(error)
        else:
            if not done.cancelled():
                done.set_result(result)

    threading.Thread(target=run, name="agentkit-crew", daemon=True).start()
    return await asyncio.wrap_future(done)


def _safe(inputs: Mapping[str, object], house: House) -> dict[str, Any]:
    try:
        texts = texts_in(dict(inputs))
        return rebuilt(dict(inputs), [house.safe(text) for text in texts])
    except UnreadableError:
        raise UsageError("The crew's inputs hold something whose texts cannot be redacted: give texts.") from None


def _check_silent() -> None:
    if not any(os.environ.get(name, "").lower() in _OFF for name in _SWITCHES):
        raise UsageError("CrewAI's telemetry is on: set CREWAI_DISABLE_TELEMETRY=true before crewai is imported.")
