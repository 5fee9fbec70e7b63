"""Who holds something in the ledger, and whether that process is still there."""

import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_PROC = Path("/proc")
_DEAD_STATES = "ZX"


@dataclass(frozen=True, slots=True)
class Owner:
    """A process: its machine (of this start, and this process namespace), its number, and when it was started."""

    host: str
    pid: int
    started: str

    def is_dead(self) -> bool | None:
        """Return whether the process is gone; None where this machine cannot know."""
        if self.host != _host():
            return None
        if not (_PROC / "self").exists():
            return _is_missing(self.pid)
        found = _started(self.pid)
        return found is None or found != self.started


def this_process() -> Owner:
    """Return the process we are."""
    pid = os.getpid()
    return Owner(_host(), pid, _started(pid) or "")


def _started(pid: int) -> str | None:
    """Return the start of a process in ticks since the machine's, or None where it is gone."""
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the name before it may hold anything
    return None if fields[0] in _DEAD_STATES else fields[19]


def _is_missing(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


@lru_cache(maxsize=1)
def _host() -> str:
    parts = [socket.gethostname()]
    with suppress(OSError):  # elsewhere than on Linux the name and the number must do
        parts.append((_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
        parts.append(str((_PROC / "self/ns/pid").readlink()))
    return "|".join(parts)
