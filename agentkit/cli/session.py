"""What every command that runs the pipeline does: configuration, guard, progress, interruption."""

import asyncio
import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from agentkit.config import Config
from agentkit.egress import EgressPolicy, guard_process
from agentkit.quiet import silence

T = TypeVar("T")
_GRACE_S = 1.5
_LAST_S = 0.1
_WORDS = {
    "screen_request": "checking the request",
    "read": "reading",
    "retrieve": "choosing passages",
    "redact": "redacting",
    "screen_passages": "checking passages",
    "summarize": "writing",
    "combine": "combining",
    "review": "reviewing",
    "revise": "revising",
    "screen_answer": "checking the answer",
    "report": "reporting",
}


def configure(config: Path | None, *, rails: str | None = None, model: str | None = None) -> Config:
    """Load the configuration, apply the command line's choices, and hold the process to its egress policy."""
    silence()
    loaded = Config.load(config)
    changes: dict[str, object] = {}
    if rails is not None:
        changes["rails"] = loaded.rails.model_copy(update={"folder": rails})
    if model is not None:
        changes["roles"] = loaded.roles.model_copy(update={"writer": model})
        floors = {role: floor for role, floor in loaded.gateway.floors.items() if role != "writer"}
        changes["gateway"] = loaded.gateway.model_copy(update={"floors": floors})  # who names a model wants that one
    chosen = loaded.model_copy(update=changes)
    guard_process(EgressPolicy.parse(chosen.privacy.egress))
    return chosen


def options_again(config: Path | None, *, rails: str | None = None, model: str | None = None) -> str:
    """Return the options of this command that continuing its run needs again, ready to be typed."""
    given = {"--config": config, "--rails": rails, "--model": model}
    return "".join(f" {name} {shlex.quote(str(value))}" for name, value in given.items() if value is not None)


def run(work: Coroutine[object, object, T], *, parting: Callable[[], str] = str) -> T:
    """Run a coroutine; an interrupt cancels it, and ends the process if it does not stop soon.

    Args:
        work: what to run.
        parting: what an interrupted user should know, said before the process ends.

    Raises:
        KeyboardInterrupt: the user interrupted.
    """
    timers: list[threading.Timer] = []

    def leave_in(seconds: float) -> None:
        timer = threading.Timer(seconds, _leave)
        timer.daemon = True
        timer.start()
        timers.append(timer)

    async def interruptible() -> T:
        task = asyncio.ensure_future(work)
        interrupted = False

        def stop() -> None:
            nonlocal interrupted
            interrupted = True
            task.cancel()
            sys.stderr.write(parting())
            leave_in(_GRACE_S)

        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop)
        try:
            return await task
        except asyncio.CancelledError:
            if interrupted:
                # What had to be put in order is. A thread cannot be cancelled; nothing it does is worth waiting for.
                leave_in(_LAST_S)
                raise KeyboardInterrupt from None
            raise

    try:
        return asyncio.run(interruptible())
    finally:
        for timer in timers:
            timer.cancel()


def _leave() -> None:
    sys.stderr.write("agentkit: Interrupted.\n")
    sys.stderr.flush()
    os._exit(130)


class _Closable(Protocol):
    async def aclose(self) -> None: ...


async def closing(used: _Closable, work: Coroutine[object, object, T]) -> T:
    """Return what a coroutine returns, and close what it used, however it ends."""
    try:
        return await work
    finally:
        await used.aclose()


@dataclass(slots=True)
class Progress:
    """Says on standard error which node works, on which part, how far; silent unless that is a terminal."""

    enabled: bool
    run_id: str = ""
    _saved: bool = False
    _has_read: bool = False
    _done: int = 0

    @classmethod
    def on_terminal(cls) -> "Progress":
        """Return one that speaks only to a terminal."""
        return cls(enabled=sys.stderr.isatty())

    def __call__(self, event: Mapping[str, object]) -> None:
        """Take an event of `AgentKit.stream`."""
        if event["event"] == "run_started":
            self.run_id = str(event["run_id"])
        if event["event"] == "node_started":
            self._saved = True  # LangGraph saves the request before the first node
            self._has_read = self._has_read or event["node"] not in ("screen_request", "read")
        if event["event"] == "node_finished" and event.get("total"):
            self._done += 1
        if not self.enabled or event["event"] not in ("node_started", "report"):
            return
        line = "" if event["event"] == "report" else self._line(event)
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()

    def parting(self, paths: Sequence[Path], *, again: str) -> str:
        """Return what an interrupted user should know: how the run is continued, if it can be.

        Standard input is not there a second time: a run that was still to read it has nothing to continue from.
        """
        fleeting = any(str(path).startswith(("/dev/", "/proc/")) for path in paths)
        if not self._has_read and (fleeting or not self._saved):
            return "\n"
        return f"\nagentkit: Continue with: agentkit runs --resume {self.run_id}{again}\n"

    def _line(self, event: Mapping[str, object]) -> str:
        words = _WORDS.get(str(event["node"]), str(event["node"]))
        total = event.get("total")
        part = f" {self._done + 1} of {total}" if total else ""
        item = f" ({event['item']})" if event.get("item") else ""
        return f"{words}{part}{item} …"
