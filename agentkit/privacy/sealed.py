"""Files that only this installation can read: AES-GCM under one key, written whole or not at all."""

import fcntl
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from agentkit.errors import UsageError

KEY_FILE = "vault.key"
_MAGIC = b"agentkit-sealed/1\n"
_KEY_BYTES = 32
_NONCE_BYTES = 12


def load_key(home: Path) -> bytes:
    """Return the installation's key, 32 bytes, from `home/vault.key`; make it on first use, readable by its owner only.

    Raises:
        UsageError: the file cannot be read or written, or is not a key.
    """
    path = home / KEY_FILE
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _create_key(path)
        key = path.read_bytes()
    except OSError as error:
        raise UsageError(f"The key file {path} cannot be used: {error.strerror}.") from error
    if len(key) != _KEY_BYTES:
        raise UsageError(f"The key file {path} is damaged: restore it from a backup; without it vaults cannot be read.")
    return key


def _create_key(path: Path) -> None:
    # A hard link fails if the name exists: of two processes that start together, one key wins and both read it.
    temporary = _temporary(path)
    try:
        _write(temporary, secrets.token_bytes(_KEY_BYTES))
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def seal(path: Path, data: bytes, *, key: bytes, context: str) -> None:
    """Encrypt `data` into `path`, atomically and durably, mode 0600; `context` must be given again to read it.

    Raises:
        UsageError: the file cannot be written.
    """
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, data, _MAGIC + context.encode())
    temporary = _temporary(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(temporary, _MAGIC + nonce + sealed)
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error


def unseal(path: Path, *, key: bytes, context: str) -> bytes:
    """Return what `seal` put into `path`.

    Raises:
        FileNotFoundError: there is no such file.
        UsageError: the file was changed, cut short, sealed under another key, or belongs to something else.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    if not data.startswith(_MAGIC):
        raise UsageError(f"{path} is not a file of agentkit's, or it is damaged.")
    nonce, sealed = data[len(_MAGIC) : len(_MAGIC) + _NONCE_BYTES], data[len(_MAGIC) + _NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, sealed, _MAGIC + context.encode())
    except (InvalidTag, ValueError) as error:
        raise UsageError(
            f"{path} cannot be opened: it was changed or cut short, belongs to another matter or run, "
            f"or was written under another {KEY_FILE}."
        ) from error


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Hold the lock beside `path` (`path.lock`); other processes wait.

    Raises:
        UsageError: the lock file cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UsageError(f"{path} cannot be locked: {error.strerror}.") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
