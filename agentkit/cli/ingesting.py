"""How far `agentkit index` is, for a terminal; and in how many processes it reads."""

import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from agentkit.adapters.memory.indexing import Read, Reader, Source, one_by_one
from agentkit.adapters.memory.parallel import in_processes

_EASY = frozenset({".txt", ".md", ".text", ".markdown"})
_EASY_BYTES = 2_000_000
"""So much plain text is read sooner than another process has started."""


def sizes_of(files: Sequence[Path]) -> dict[str, int]:
    """Return how many bytes each file has, by its key."""
    found: dict[str, int] = {}
    for path in files:
        with suppress(OSError):
            found[str(path.resolve())] = path.stat().st_size
    return found


def choose_reader(files: Sequence[Path], sizes: Mapping[str, int], jobs: int | None) -> Reader:
    """Return what reads these files: processes of their own, except for a little plain text.

    Args:
        files: what there is.
        sizes: their bytes.
        jobs: so many processes; None for as many as there are cores, where there is work for them.
    """
    total = sum(sizes.values())
    if jobs is not None:
        return in_processes(jobs)
    if all(path.suffix.lower() in _EASY for path in files) and total < _EASY_BYTES:
        return one_by_one
    return in_processes(max(1, min(_cores(), len(files), 1 + total // _EASY_BYTES)))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(slots=True)
class Ingestion:
    """Counts documents and bytes on their way into an index, and shows them on a terminal.

    Args:
        sizes: bytes by key, of every document that is looked at.
        shown: whether there is a terminal to show it on.
    """

    sizes: Mapping[str, int]
    shown: bool
    done: int = 0
    read: int = 0
    read_bytes: int = 0
    _began: float = field(default_factory=time.monotonic)

    @classmethod
    def on_terminal(cls, sizes: Mapping[str, int]) -> "Ingestion":
        """Return one that speaks only to a terminal."""
        return cls(sizes, sys.stderr.isatty())

    def watched(self, reader: Reader) -> Reader:
        """Return a reader that counts what it gives."""

        def read(sources: Iterable[Source]) -> Iterator[tuple[Source, Read]]:
            for source, result in reader(sources):
                yield source, result
                self.read += 1
                self.read_bytes += self.sizes.get(source.key, 0)

        return read

    def along(self, sources: Iterable[Source]) -> Iterator[Source]:
        """Yield the sources; as long as there are more, show how far it is."""
        if not self.shown or len(self.sizes) < 2:
            for source in sources:
                yield source
                self.done += 1
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn("reading"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("", total=len(self.sizes), rate="")
            for source in sources:
                yield source
                self.done += 1
                progress.update(task, completed=self.done, rate=self.rate())

    def rate(self) -> str:
        """Return how fast documents are read, in words."""
        seconds = max(time.monotonic() - self._began, 1e-3)
        return f"{self.read / seconds:.1f} documents a second, {self.read_bytes / seconds / 1e6:.1f} MB"

    def close(self) -> None:
        """Say on a terminal what was read, and how fast."""
        if self.shown:
            seconds = time.monotonic() - self._began
            sys.stderr.write(
                f"agentkit: read {self.read} of {self.done} documents in {seconds:.1f} s: {self.rate()}.\n"
            )
