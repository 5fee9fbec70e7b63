"""The installation's secrets: the key that opens what is sealed, and the one that gives matters their ids."""

import base64
import binascii
import hmac
import importlib
import os
import secrets
import unicodedata
from pathlib import Path
from typing import Any

from agentkit.errors import MissingExtraError, UsageError
from agentkit.privacy.files import make_once
from agentkit.privacy.sealed import KEY_BYTES, locked, seal, unseal

KEY_FILE = "vault.key"
NEW_KEY_FILE = "vault.key.new"
NAMING_FILE = "naming.sealed"
VARIABLE = "AGENTKIT_KEY"
"""Holds the key (32 bytes in base64), or the word "keyring"; unset, the key lies in a file of the home folder."""
OLD_VARIABLE = "AGENTKIT_OLD_KEY"
"""Holds the key that is given up while it is changed, or where that is: "file", "keyring"."""
_KEYRING = "keyring"
_PENDING = " (new)"
_SERVICE = "agentkit"
_OTHERS = 0o077
# `Any`: the keyring library is optional.


def load_key(home: Path) -> bytes:
    """Return the installation's key, 32 bytes; make it on first use, unless it is to come from the environment.

    Raises:
        UsageError: there is no usable key where it should be; says where and what to do.
        MissingExtraError: the operating system's keyring is asked for, and the library is not installed.
    """
    return _from(os.environ.get(VARIABLE, "") or "file", home, VARIABLE)


def key_source() -> str:
    """Return where the key comes from, in words."""
    given = os.environ.get(VARIABLE, "")
    if not given:
        return f"the file {KEY_FILE} in the home folder"
    return "the operating system's keyring" if given == _KEYRING else f"the variable {VARIABLE}"


def new_key() -> bytes:
    """Return a random key."""
    return secrets.token_bytes(KEY_BYTES)


def encode_key(key: bytes) -> str:
    """Return a key as the environment variable holds it."""
    return base64.b64encode(key).decode()


def decode_key(text: str, name: str) -> bytes:
    """Return the key that a variable holds.

    Raises:
        UsageError: it holds none.
    """
    try:
        key = base64.b64decode(text.strip(), altchars=b"-_" if {"-", "_"} & set(text) else None, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise UsageError(
            f"The variable {name} holds no key: write {KEY_BYTES} random bytes in base64 (openssl rand -base64 32), "
            "or the word keyring."
        )
    return key


def load_naming_key(home: Path) -> bytes:
    """Return the key behind the ids of matters, 32 bytes: sealed beside them, and the same however keys change.

    Raises:
        UsageError: it cannot be opened with the installation's key, or cannot be written.
    """
    key, path = load_key(home), home / NAMING_FILE
    try:
        return unseal(path, key=key, context="naming")
    except FileNotFoundError:
        with locked(path):
            if not path.exists():
                # Of the first key, so that machines which share one share their names for things, too.
                seal(path, hmac.digest(key, b"agentkit-naming", "sha256"), key=key, context="naming")
        return unseal(path, key=key, context="naming")


def matter_id(home: Path, matter: str) -> str:
    """Return what stands for a matter's name outside of its vault: a keyed hash, which tells nothing about it."""
    name = unicodedata.normalize("NFC", " ".join(matter.split()))  # one name, however a keyboard composes it
    return (
        "m"
        + hmac.new(load_naming_key(home), f"matter\0{name}".encode("utf-8", "surrogatepass"), "sha256").hexdigest()[:24]
    )


def changing(home: Path) -> tuple[bytes, bytes]:
    """Return the old and the new key of a change of keys; of one that was interrupted, the same ones again.

    The old one is in the variable `AGENTKIT_OLD_KEY` where the key moves, or comes from the environment.

    Raises:
        UsageError: one of them is missing, or cannot be used.
    """
    told = os.environ.get(OLD_VARIABLE, "")
    if told:
        return _from(told, home, OLD_VARIABLE), load_key(home)
    if os.environ.get(VARIABLE, "") not in {"", _KEYRING}:
        raise UsageError(f"To change a key in {VARIABLE}, put the new one there and the old one into {OLD_VARIABLE}.")
    return load_key(home), _from_keyring(home, _PENDING) if os.environ.get(VARIABLE) else _from_file(
        home / NEW_KEY_FILE
    )


def changed(home: Path, key: bytes) -> None:
    """Make the new key the installation's: nothing is sealed under the old one any more.

    Raises:
        UsageError: it cannot be put where it belongs.
    """
    told, given = os.environ.get(OLD_VARIABLE, ""), os.environ.get(VARIABLE, "")
    try:
        if told == "file":
            (home / KEY_FILE).unlink(missing_ok=True)
        elif not told and given == _KEYRING:
            keyring, name = _keyring(), str(home.absolute())
            keyring.set_password(_SERVICE, name, encode_key(key))
            keyring.delete_password(_SERVICE, name + _PENDING)
        elif not told:
            (home / NEW_KEY_FILE).replace(home / KEY_FILE)
    except OSError as error:
        raise UsageError(f"The new key cannot be put in place: {error.strerror}.") from error


def _from(text: str, home: Path, variable: str) -> bytes:
    match text:
        case "file":
            return _from_file(home / KEY_FILE)
        case "keyring":
            return _from_keyring(home)
        case _:
            return decode_key(text, variable)


def _from_file(path: Path) -> bytes:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            make_once(path, new_key())
        key, mode = path.read_bytes(), path.stat().st_mode
    except OSError as error:
        raise UsageError(f"The key file {path} cannot be used: {error.strerror}.") from error
    if len(key) != KEY_BYTES:
        raise UsageError(f"The key file {path} is damaged: restore it from a backup; without it vaults cannot be read.")
    if mode & _OTHERS:
        raise UsageError(f"The key file {path} can be read by others: make it yours alone with chmod 600.")
    return key


def _from_keyring(home: Path, suffix: str = "") -> bytes:
    keyring, name = _keyring(), str(home.absolute()) + suffix
    try:
        text = keyring.get_password(_SERVICE, name)
        if text is None:
            keyring.set_password(_SERVICE, name, encode_key(new_key()))
            text = keyring.get_password(_SERVICE, name)  # of two processes that start together, one key wins
    except Exception as error:  # every backend raises errors of its own
        raise UsageError(
            f"The operating system's keyring cannot be used ({type(error).__name__}): unlock it, or put a key into "
            f"{VARIABLE}."
        ) from error
    return decode_key(text or "", f"{_SERVICE} in the keyring")


def _keyring() -> Any:
    try:
        return importlib.import_module("keyring")  # an extra, and only where it is asked for
    except ImportError as error:
        raise MissingExtraError("keyring", needed_for="A key in the operating system's keyring") from error
