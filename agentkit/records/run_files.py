"""Where an unfinished run's encrypted texts are, and how they are read."""

import re
import secrets
import zlib
from datetime import UTC, datetime
from pathlib import Path

from agentkit.errors import RunNotFoundError, UsageError
from agentkit.privacy.keys import load_key
from agentkit.privacy.sealed import unseal
from agentkit.records.run_data import RunData, load_run

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


def new_run_id() -> str:
    """Return an id that no run has; those of later seconds sort behind it."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def run_path(home: Path, run_id: str) -> Path:
    """Return where a run's texts are while it is unfinished.

    Raises:
        RunNotFoundError: this is no run's id.
    """
    if not _RUN_ID.fullmatch(run_id):
        raise RunNotFoundError(f"There is no run {run_id!r}: a run's id is made of letters, digits, _ and -.")
    return home / "runs" / f"{run_id}.run"


def load_file(home: Path, run_id: str) -> RunData:
    """Return what an unfinished run keeps.

    Raises:
        RunNotFoundError: no such run, or its store cannot be opened.
    """
    path = run_path(home, run_id)
    try:
        raw = unseal(path, key=load_key(home), context=f"run:{run_id}")
        return load_run(zlib.decompress(raw).decode())
    except FileNotFoundError as error:
        raise RunNotFoundError(f"Run {run_id} is unknown, or it is finished and its texts were deleted.") from error
    except (UsageError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise RunNotFoundError(f"Run {run_id} cannot be continued: {error}") from error
