"""What `agentkit index` brings into an index: files, and passages that are already cut."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from agentkit.adapters.memory.corpus import as_entries, by_document, digest, from_rows
from agentkit.adapters.memory.indexing import Source
from agentkit.cli import options as o
from agentkit.errors import UsageError
from agentkit.indexed import Entry
from agentkit.reading import expand_paths, read_document
from agentkit.text.splitting import split_document

Sources = tuple[Iterable[Source], Callable[[str], bool]]
"""Documents, and whether the place a key names is among those that were looked at."""


def of_files(paths: Sequence[Path], *, password: str | None, max_chars: int) -> Sources:
    """Return the documents in files and folders.

    Raises:
        UsageError: none is named, one is missing, or a folder holds none.
    """
    if not paths:
        raise UsageError("Say what to read: documents or folders, or an index with --index DIR.")
    o.check_paths(paths)
    roots = [path.resolve() for path in paths]
    files = expand_paths(paths)

    def sources() -> Iterator[Source]:
        for path in files:
            read = partial(_passages, path, password=password, max_chars=max_chars)
            yield Source(str(path.resolve()), path.name, _digest(path, max_chars), read)

    return sources(), lambda key: any(Path(key).is_relative_to(root) for root in roots)


def _passages(path: Path, name: str, *, password: str | None, max_chars: int) -> list[Entry]:
    document = read_document(path, index=0, password=password)
    return as_entries(split_document(document, max_chars=max_chars), name, version=document.sha256)


def _digest(path: Path, max_chars: int) -> str:
    found = hashlib.sha256(str(max_chars).encode())
    try:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                found.update(block)
    except OSError:
        return ""  # reading it says what is wrong
    return found.hexdigest()


def of_passages(path: Path, rows: Iterable[Mapping[str, object]]) -> Sources:
    """Return the documents of a file of passages; those of the same file that are no longer in it are gone.

    Raises:
        UsageError: a row is no passage.
    """
    prefix = f"{path.resolve()}#"
    grouped = by_document(from_rows(rows))
    return (
        [Source(prefix + name, name, digest(group), lambda _, group=group: group) for name, group in grouped.items()],
        lambda key: key.startswith(prefix),
    )
