"""Files that only who has the key can read: AES-GCM, bound to what they are for, written whole or not at all."""

import fcntl
import hashlib
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from agentkit.errors import UsageError
from agentkit.privacy.files import write_whole

KEY_BYTES = 32
_MAGIC = b"agentkit-sealed/2\n"
_ID_BYTES = 8
_NONCE_BYTES = 12
_HEAD = len(_MAGIC) + _ID_BYTES


def key_id(key: bytes) -> bytes:
    """Return 8 bytes that tell keys apart and tell nothing about them."""
    return hashlib.blake2s(b"agentkit-key-id", key=key, digest_size=_ID_BYTES).digest()


def seal(path: Path, data: bytes, *, key: bytes, context: str) -> None:
    """Encrypt `data` into `path`, atomically and durably, mode 0600; `context` must be given again to read it.

    Raises:
        UsageError: the file cannot be written.
    """
    head, nonce = _MAGIC + key_id(key), secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, data, head + context.encode())
    try:
        write_whole(path, head + nonce + sealed)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error


def unseal(path: Path, *, key: bytes, context: str) -> bytes:
    """Return what `seal` put into `path`.

    Raises:
        FileNotFoundError: there is no such file.
        UsageError: the file was changed, cut short, sealed under another key, or belongs to something else.
    """
    data = _read(path)
    if not data.startswith(_MAGIC):
        raise UsageError(f"{path} is not a file of agentkit's, or it is damaged.")
    if data[len(_MAGIC) : _HEAD] != key_id(key):
        raise UsageError(
            f"{path} cannot be opened with this key: it was written under another one. Give that key again; if a "
            "change of keys was interrupted, finish it with agentkit key --rotate."
        )
    nonce, sealed = data[_HEAD : _HEAD + _NONCE_BYTES], data[_HEAD + _NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, sealed, data[:_HEAD] + context.encode())
    except (InvalidTag, ValueError) as error:
        raise UsageError(
            f"{path} cannot be opened: it was changed or cut short, or belongs to another matter or run."
        ) from error


def sealed_bytes(data: bytes, *, key: bytes, context: str) -> bytes:
    """Return data encrypted, for a place in a file of another kind."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, context.encode())


def opened_bytes(sealed: bytes, *, key: bytes, context: str) -> bytes:
    """Return what `sealed_bytes` encrypted.

    Raises:
        UsageError: it was changed, sealed under another key, or belongs to something else.
    """
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode())
    except (InvalidTag, ValueError) as error:
        raise UsageError(f"An entry of {context} cannot be opened: it was changed, or sealed elsewhere.") from error


def sealed_under(path: Path, key: bytes) -> bool:
    """Return whether a file says that it was sealed under this key.

    Raises:
        FileNotFoundError: there is no such file.
        UsageError: it cannot be read.
    """
    return _read(path)[:_HEAD] == _MAGIC + key_id(key)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Hold the lock beside `path` (`path.lock`); other processes wait.

    Raises:
        UsageError: the lock file cannot be made.
    """
    handle = _locked(path.with_name(path.name + ".lock"), fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(handle)


def used(path: Path) -> int:
    """Say that something is in use (`path.use`) until the number returned is closed with `os.close`.

    Raises:
        UsageError: the file cannot be made.
    """
    return _locked(path.with_name(path.name + ".use"), fcntl.LOCK_SH)


def unused(path: Path) -> int | None:
    """Take something for oneself (`path.use`), or return None where another process, or this one, uses it.

    Raises:
        UsageError: the file cannot be made.
    """
    try:
        return _locked(path.with_name(path.name + ".use"), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None


def _locked(path: Path, how: int) -> int:
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise UsageError(f"{path} cannot be locked: {error.strerror}.") from error
        try:
            fcntl.flock(handle, how)
            # Whoever erased meanwhile took the file away: its lock means nothing to those who come later.
            if path.exists() and path.stat().st_ino == os.fstat(handle).st_ino:
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
