"""Paths to bytes: what a file really is, and which files of a folder are documents."""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from agentkit.errors import DocumentError

MAX_BYTES = 512 * 1024 * 1024
"""The largest file read, in bytes."""

SUFFIXES = {
    ".pdf": "pdf",
    ".docx": "docx",
    ".docm": "docx",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".text": "text",
}
KINDS = "PDF, DOCX, HTML, Markdown and plain text"


def expand_paths(paths: Sequence[Path]) -> list[Path]:
    """Replace each folder by every readable document in it, at any depth, sorted; files stay as they are.

    Hidden files and folders are left out, a folder reached twice (through a link) is entered once, and
    a document named twice is listed once.

    Raises:
        DocumentError: a path does not exist, or a folder holds nothing that can be read.
    """
    found: dict[str, Path] = {}
    for path in paths:
        name = shown_name(path)
        if not path.exists():
            raise DocumentError(f"{name} does not exist: check the path.", name=name)
        if not path.is_dir():
            found.setdefault(os.path.realpath(path), path)
            continue
        if not os.access(path, os.R_OK | os.X_OK):
            raise DocumentError(f"{name} may not be read: check the folder's permissions.", name=name)
        inside = sorted(_documents(path))
        if not inside:
            raise DocumentError(f"{name} holds no document: {KINDS} are read.", name=name)
        for document in inside:
            found.setdefault(os.path.realpath(document), document)
    return list(found.values())


def shown_name(path: Path) -> str:
    """Return a path's base name as valid text: a file system may hold bytes that are not."""
    return os.fsencode(path.name or str(path)).decode("utf-8", errors="replace")


def sent_name(written: str, /, *, otherwise: str) -> str:
    """Return the base name of a file that somebody sent, as any folder can hold it: at most 200 bytes, its end kept."""
    base = re.split(r"[/\\]", written)[-1].replace("\0", "").strip(". ")
    return base.encode("utf-8", "replace")[-200:].decode("utf-8", "ignore").strip(". ") or otherwise


def _documents(folder: Path) -> Iterator[Path]:
    entered: set[str] = set()
    for root, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(root)
        if real in entered:
            folders.clear()
            continue
        entered.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in files:
            path = Path(root, name)
            if not name.startswith((".", "~$")) and path.suffix.lower() in SUFFIXES and path.is_file():
                yield path


def load(path: Path) -> bytes:
    """Return the bytes of a regular file.

    Raises:
        DocumentError: it is missing, not a regular file, empty, too large, or may not be read.
    """
    name = shown_name(path)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise DocumentError(f"{name} is a folder: give the documents in it.", name=name)
        if not stat.S_ISREG(status.st_mode):
            raise DocumentError(
                f"{name} is not a regular file but a device or pipe: copy its content into a file.", name=name
            )
        if status.st_size > MAX_BYTES:
            raise DocumentError(f"{name} is larger than {MAX_BYTES >> 20} MB: split it.", name=name)
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise DocumentError(f"{name} does not exist: check the path.", name=name) from error
    except PermissionError as error:
        raise DocumentError(f"{name} may not be read: check its permissions.", name=name) from error
    except OSError as error:
        raise DocumentError(f"{name} cannot be read: {error.strerror or error}.", name=name) from error
    if not data.strip(b"\0\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise DocumentError(f"{name} is empty: there is nothing to read in it.", name=name)
    return data
