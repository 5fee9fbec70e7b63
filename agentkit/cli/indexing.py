"""What `agentkit index` brings into an index: files, and passages that are already cut."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from agentkit.adapters.memory.corpus import by_document, digest, from_rows
from agentkit.adapters.memory.indexing import Cut, Source
from agentkit.adapters.memory.parsing import passages_of
from agentkit.cli import options as o
from agentkit.cli.access import Access, Rules
from agentkit.errors import DocumentError, UsageError
from agentkit.indexed import Entry, Known
from agentkit.naming import distinct
from agentkit.reading import expand_paths

Sources = tuple[Sequence[Path], Iterable[Source], Callable[[str], bool]]
"""The files to read, the documents in them, and whether the place a key names is among those looked at."""


def of_files(paths: Sequence[Path], *, password: str | None, max_chars: int, rules: Rules) -> Sources:
    """Return the documents in files and folders.

    Raises:
        UsageError: none is named, one is missing, or a folder holds none.
    """
    if not paths:
        raise UsageError("Say what to read: documents or folders, or an index with --index DIR.")
    o.check_paths(paths)
    roots = [path.resolve() for path in paths]
    files = expand_paths(paths)
    apart = distinct(
        Known(str(path.resolve()), access.named(path.name), "") for path in files if (access := rules(path)) is not None
    )

    def sources() -> Iterator[Source]:
        for path in files:
            access, key = rules(path), str(path.resolve())
            if access is None:
                yield Source(key, path.name, "", partial(_undecided, path.name))
                continue
            read = partial(passages_of, path, password=password, max_chars=max_chars)
            name = access.named(path.name)
            yield Source(key, name, _digest(path, max_chars), read, access.matter, access.labels, apart[key])

    return files, sources(), lambda key: any(Path(key).is_relative_to(root) for root in roots)


def _undecided(name: str, _: str) -> Cut:
    raise DocumentError(f"{name}: no rule of index.access says who may see it.", name=name)


def _digest(path: Path, max_chars: int) -> str:
    found = hashlib.sha256(str(max_chars).encode())
    try:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                found.update(block)
    except OSError:
        return ""  # reading it says what is wrong
    return found.hexdigest()


def of_passages(path: Path, rows: Iterable[Mapping[str, object]], *, rules: Rules) -> Sources:
    """Return the documents of a file of passages; those of the same file that are no longer in it are gone.

    Raises:
        UsageError: a row is no passage, or no rule says who may see those of this file.
    """
    prefix = f"{path.resolve()}#"
    grouped = by_document(from_rows(rows))
    access = rules(path)
    if access is None:
        raise UsageError(f"{path.name}: no rule of index.access says who may see it.")
    return (
        [],
        [_cut(prefix, name, group, access) for name, group in grouped.items()],
        lambda key: key.startswith(prefix),
    )


def _cut(prefix: str, name: str, group: Sequence[Entry], access: Access) -> Source:
    named = access.named(name)
    return Source(prefix + name, named, digest(group), partial(_renamed, group, name), access.matter, access.labels)


def _renamed(group: Sequence[Entry], written: str, name: str) -> Cut:
    return Cut(group if name == written else [replace(entry, document=name) for entry in group])
