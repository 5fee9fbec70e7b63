"""Files that are there whole or not at all, and that their owner alone can read."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from agentkit.durable import sync


def write_whole(path: Path, data: bytes) -> None:
    """Write a file atomically and durably, mode 0600, its folder 0700 where it is made.

    Raises:
        OSError: it cannot be written; nothing was left behind.
    """
    temporary = _temporary(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(temporary, data)
        temporary.replace(path)
        sync(path.parent)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def make_once(path: Path, data: bytes) -> None:
    """Write a file that is not there yet; of two processes that do so together, one wins.

    Raises:
        OSError: it cannot be written.
    """
    temporary = _temporary(path)
    try:
        _write(temporary, data)
        with suppress(FileExistsError):  # what a hard link fails with if the name exists
            os.link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    sync(path.parent)


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
