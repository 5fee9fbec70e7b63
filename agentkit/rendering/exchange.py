"""Two directories change places."""

import ctypes
import os
import secrets
import sys
from pathlib import Path

_AT_FDCWD = {"linux": -100, "darwin": -2}
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS are the same number
_CALLS = {"linux": "renameat2", "darwin": "renameatx_np"}


def exchange(new: Path, old: Path) -> None:
    """Put `new` where `old` is and `old` where `new` was, in one step where the system can.

    Raises:
        OSError: it was not possible; everything is as before.
    """
    if not _exchange_at_once(new, old):
        exchange_in_steps(new, old)


def exchange_in_steps(new: Path, old: Path) -> None:
    """Do the same on file systems without such a step: for an instant `old` is missing.

    Raises:
        OSError: it was not possible; everything is as before.
    """
    aside = old.with_name(f".{old.name}.{secrets.token_hex(6)}.old")
    old.rename(aside)
    try:
        new.rename(old)
    except BaseException:
        aside.rename(old)
        raise
    aside.rename(new)


def _exchange_at_once(new: Path, old: Path) -> bool:
    call = getattr(ctypes.CDLL(None), _CALLS.get(sys.platform, ""), None)
    if call is None:
        return False
    here = _AT_FDCWD[sys.platform]
    return call(here, os.fsencode(new), here, os.fsencode(old), _EXCHANGE) == 0
