"""Matters as a whole: which runs belong to one, who works on it, and what may not be erased."""

import fcntl
import gc
import json
import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from agentkit.errors import HeldError, RunNotFoundError, UsageError
from agentkit.privacy.keys import load_key
from agentkit.privacy.keys import matter_id as keyed_id
from agentkit.privacy.sealed import seal, unseal, unused
from agentkit.privacy.vault import vault_path
from agentkit.records.run_files import load_file

_WORKED_ON = "Somebody works on this matter ({who}): wait for it to end, or end it, and try again."


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold: the matter's name, since when (ISO 8601, UTC), and why."""

    matter: str
    since: str
    reason: str = ""


def known_id(home: Path, matter: str) -> str:
    """Return what stands for a matter outside of its vault: a keyed hash of its name, or the id of the run it is.

    Raises:
        UsageError: the name is empty or too long.
    """
    vault = vault_path(home, matter)
    if Path(matter).name == matter and (home / "runs" / f"{matter}.jsonl").is_file():
        return matter  # a run without a named matter is a matter of its own
    return vault.stem


def runs_of(home: Path, matter_id: str) -> list[str]:
    """Return the ids of a matter's runs, oldest first: from their records, and from what unfinished runs keep."""
    folder = home / "runs"
    names = {path.stem for ending in ("jsonl", "run") for path in folder.glob(f"*.{ending}")}
    return sorted(name for name in names if _owner(home, name) == matter_id)


def hold(home: Path, matter: str, *, reason: str = "") -> Hold:
    """Forbid that a matter is erased, until the hold is released; one that is held already stays as it is.

    Raises:
        UsageError: the name is empty or too long, or the home folder cannot be written.
    """
    name = known_id(home, matter)
    if (held := find_hold(home, name)) is not None:
        return held
    made = Hold(matter, datetime.now(UTC).isoformat(timespec="seconds"), reason)
    seal(_hold_path(home, name), json.dumps(asdict(made)).encode(), key=load_key(home), context=f"hold:{name}")
    return made


def release(home: Path, matter: str) -> bool:
    """End a legal hold; return whether there was one.

    Raises:
        UsageError: the name is empty or too long.
    """
    path = _hold_path(home, known_id(home, matter))
    there = path.exists()
    path.unlink(missing_ok=True)
    return there


def holds(home: Path) -> list[Hold]:
    """Return every legal hold, oldest first."""
    found = [find_hold(home, path.stem) for path in (home / "matters").glob("*.hold")]
    return sorted((item for item in found if item is not None), key=lambda item: (item.since, item.matter))


def find_hold(home: Path, matter_id: str) -> Hold | None:
    """Return the hold on a matter, or None; one that cannot be read is one all the same."""
    path = _hold_path(home, matter_id)
    if not path.exists():
        return None
    try:
        return Hold(**json.loads(unseal(path, key=load_key(home), context=f"hold:{matter_id}")))
    except (OSError, UsageError, ValueError, TypeError):
        return Hold("(a hold that cannot be read)", "")


def check_not_held(home: Path, matter_id: str) -> None:
    """Refuse what would delete something of a matter that is held.

    Raises:
        HeldError: the matter is under legal hold.
    """
    if find_hold(home, matter_id) is not None:
        raise HeldError(
            "This matter is under legal hold: nothing of it is deleted. End the hold first with: "
            "agentkit hold --matter NAME --release."
        )


def check_run_not_held(home: Path, run_id: str) -> None:
    """Refuse to delete what a run of a held matter keeps.

    Raises:
        HeldError: the run's matter is under legal hold.
    """
    check_not_held(home, _owner(home, run_id) or run_id)


@contextmanager
def alone(home: Path, matter_id: str, runs: Sequence[str]) -> Generator[None]:
    """Keep everybody else from working on a matter.

    Raises:
        UsageError: somebody works on it.
    """
    taken: list[int] = []
    try:
        vault = home / "matters" / f"{matter_id}.vault"
        if vault.exists() or vault.with_name(f"{vault.name}.use").exists():
            taken.append(_taken(_unused(vault), "its vault is open"))
        taken += [
            _taken(_leased(home / "runs" / f"{run}.jsonl"), f"run {run}")
            for run in runs
            if (home / "runs" / f"{run}.jsonl").exists()
        ]
        yield
    finally:
        for handle in taken:
            os.close(handle)


def _unused(vault: Path) -> int | None:
    """Take a vault, also one that this process has forgotten without closing it."""
    if (handle := unused(vault)) is not None:  # 0 is a handle, too
        return handle
    gc.collect()
    return unused(vault)


def _taken(handle: int | None, who: str) -> int:
    if handle is None:
        raise UsageError(_WORKED_ON.format(who=who))
    return handle


def _leased(path: Path) -> int | None:
    handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _owner(home: Path, run_id: str) -> str:
    """Return what stands for a run's matter; the run's own id where nothing says that it belongs to another."""
    try:
        with (home / "runs" / f"{run_id}.jsonl").open(encoding="utf-8") as file:
            first = cast(dict[str, object], json.loads(file.readline() or "{}"))
    except (OSError, ValueError):
        first = {}
    if "matter" in first:
        return str(first["matter"])
    try:
        matter = load_file(home, run_id).matter
    except RunNotFoundError:
        return run_id
    return run_id if matter == run_id else keyed_id(home, matter)


def _hold_path(home: Path, matter_id: str) -> Path:
    return home / "matters" / f"{matter_id}.hold"
