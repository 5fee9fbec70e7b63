"""Indexes on disk, made as `agentkit index` makes them."""

import os
import signal
from collections.abc import Sequence
from pathlib import Path

from agentkit.adapters.memory.corpus import by_document, digest
from agentkit.adapters.memory.indexing import Cut, Outcome, Source, update
from agentkit.indexed import Entry


def shelve(folder: Path, entries: Sequence[Entry]) -> Outcome:
    """Make an index hold these passages and no others; a document is who may see its first passage's document."""
    sources = [
        Source(name, name, digest(group), lambda _, group=group: Cut(group), group[0].matter, group[0].labels)
        for name, group in by_document(entries).items()
    ]
    return update(folder, sources, covered=lambda _: True)


def breaks(_: str) -> Cut:
    """End the process, as a fault in a library does."""
    os.kill(os.getpid(), signal.SIGSEGV)
    raise AssertionError


def hangs(_: str) -> Cut:
    """Never come back."""
    while True:
        pass


def stumbles(_: str) -> Cut:
    """Let an exception through, after words that are no answer."""
    print("noise")  # noqa: T201
    raise RecursionError
