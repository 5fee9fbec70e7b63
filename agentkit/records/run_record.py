"""The trace of a run: JSON lines, one event each, redacted by construction (only ids, counts and labels go in)."""

import fcntl
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

from agentkit.errors import OutputError, RunNotFoundError


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of `agentkit runs`. `state` is running, waiting (for a person), interrupted, failed, or the report's."""

    run_id: str
    started: str
    state: str
    task: str
    model: str
    sources: int
    claims: int
    cost_usd: float
    resumable: bool


class FileRunRecord:
    """Appends events to `runs/ID.jsonl` and holds the run's lease while it is open.

    Raises:
        RunNotFoundError: another process is working on this run.
        OutputError: the record cannot be written.
    """

    def __init__(self, home: Path, run_id: str) -> None:
        folder = home / "runs"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(folder / f"{run_id}.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as error:
            raise OutputError(f"The run record in {folder} cannot be written: {error.strerror}.") from error
        self._file = os.fdopen(descriptor, "a", encoding="utf-8")
        if not _lock(self._file, fcntl.LOCK_EX):
            self._file.close()
            raise RunNotFoundError(f"Run {run_id} is being worked on by another process.")
        self.run_id = run_id

    def add(self, event: str, /, *, fields: Mapping[str, object]) -> None:
        """Append one event; it is in the file when this returns."""
        row = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **fields}
        self._file.write(json.dumps(row, ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Give up the lease."""
        self._file.close()


class SilentRecord:
    """Keeps nothing: for runs that a host drives and records itself."""

    def add(self, event: str, /, *, fields: Mapping[str, object]) -> None:
        """Forget the event."""


def read_events(home: Path, run_id: str) -> list[dict[str, object]]:
    """Return the events of a run, oldest first; a line cut off by a crash is left out.

    Raises:
        RunNotFoundError: there is no such run.
    """
    path = home / "runs" / f"{run_id}.jsonl"
    try:
        lines = path.read_text(encoding="utf-8").split("\n")  # other ends of lines may stand in a text
    except (FileNotFoundError, OSError) as error:
        raise RunNotFoundError(f"There is no run {run_id!r}.") from error
    events: list[dict[str, object]] = []
    for line in lines:
        try:
            row = cast(object, json.loads(line))
        except ValueError:
            continue
        if isinstance(row, dict):
            events.append(cast(dict[str, object], row))
    return events


def list_runs(home: Path) -> list[RunSummary]:
    """Return every run recorded in a home folder, newest first."""
    folder = home / "runs"
    if not folder.is_dir():
        return []
    rows = [_summary(home, path) for path in folder.glob("*.jsonl")]
    return sorted(rows, key=lambda row: (row.started, row.run_id), reverse=True)


def _summary(home: Path, path: Path) -> RunSummary:
    events = read_events(home, path.stem)
    first = _event(events, "run_started")
    last = _event(events, "run_finished")
    with path.open(encoding="utf-8") as file:
        running = not _lock(file, fcntl.LOCK_SH)
    unfinished = "running" if running else "interrupted"
    stopped = {"run_failed": "failed", "run_waiting": "waiting"}
    state = unfinished if running or not events else stopped.get(str(events[-1]["event"]), unfinished)
    return RunSummary(
        run_id=path.stem,
        started=str(first.get("at", "")),
        state=str(last.get("status", state)),
        task=str(first.get("task", "")),
        model=str(first.get("model", "")),
        sources=_integer(first.get("sources")),
        claims=_integer(last.get("claims")),
        cost_usd=float(str(last.get("cost_usd", 0.0))),
        resumable=not last and not running and (path.parent / f"{path.stem}.run").exists(),
    )


def _event(events: Sequence[dict[str, object]], name: str) -> dict[str, object]:
    found = [event for event in events if event["event"] == name]
    return found[-1] if found else {}


def _integer(value: object) -> int:
    return value if isinstance(value, int) else 0


def _lock(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
