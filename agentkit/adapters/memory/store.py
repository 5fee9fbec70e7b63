"""An index on disk: a manifest and segments that never change.

The manifest names the segments and their documents that are gone. It is replaced in one step, after the
segments it names are on the disk: a reader sees the index before or after a change, and a writer that was
killed leaves at worst a file that nobody names, which the next one removes. Before a manifest is replaced, it
is laid down under its version, and the segments it names stay as long as it does. The folder holds raw text: it is
the firm's own store, the one place that redaction does not cover.
"""

import fcntl
import logging
import secrets
import shutil
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from agentkit.adapters.memory.engine import Part, whole
from agentkit.adapters.memory.folders import sources_of, write_segment
from agentkit.adapters.memory.held import Held
from agentkit.adapters.memory.manifest import (
    GUARDED,
    MANIFEST,
    OLD,
    VERSIONS,
    Manifest,
    changed,
    damaged,
    read_kept,
    read_manifest,
    read_version,
    told_of,
)
from agentkit.adapters.memory.segment import Segment, load, merge
from agentkit.durable import sync
from agentkit.errors import OutputError, UsageError
from agentkit.indexed import Known

_LOG = logging.getLogger("agentkit")
_LOCK = ".lock"
_MOST_SEGMENTS = 8
_ATTEMPTS = 5


def open_parts(folder: Path, *, version: str | None = None) -> tuple[Manifest, list[Part]]:
    """Map the segments of an index, or of an earlier version of it.

    Raises:
        UsageError: there is no index, or it is damaged, or it has no such version.
    """
    for attempt in range(_ATTEMPTS):
        manifest = told_of(folder, version=version)
        try:
            return manifest, [_part(load(folder / name), gone) for name, gone in manifest.segments.items()]
        except (OSError, ValueError) as error:
            # A writer may have replaced the segments since the manifest was read.
            if attempt == _ATTEMPTS - 1 or not changed(folder, version, manifest):
                raise damaged(folder) from error
    raise damaged(folder)


def _part(segment: Segment, gone: Sequence[int]) -> Part:
    part = whole(segment)
    part.gone[np.array(gone, np.int64)] = True
    return part


class Writer:
    """The one writer of an index; made by `writing`."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder = folder
        self._found = replace(manifest) if manifest.version and not manifest.partial else None
        self._before = manifest.encoded()
        self._use(manifest)

    def _use(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.known = Held()
        self._is_swept = False
        for name, gone in manifest.segments.items():
            gaps = frozenset(gone)
            for place, document in enumerate(sources_of(self._folder / name)):
                if place not in gaps:
                    self.known.put(document, name, place)

    def restore(self, version: str) -> None:
        """Take up an earlier version; what is current becomes one at the next `commit`.

        Raises:
            UsageError: it is not kept.
        """
        earlier = read_version(self._folder, version)
        self._use(replace(earlier, kept=self.manifest.kept, keep=self.manifest.keep))

    def forget(self) -> None:
        """Begin anew; what is there can be read until the next `commit`, and is kept as a version."""
        self.known = Held()
        self._is_swept = False
        self.manifest = Manifest(kept=self.manifest.kept, keep=self.manifest.keep)

    def size(self) -> tuple[int, int]:
        """Return how many passages and documents there are."""
        parts = [_part(load(self._folder / name), gone) for name, gone in self.manifest.segments.items()]
        return sum(int(np.diff(part.segment.firsts)[~part.gone].sum()) for part in parts), len(self.known)

    def add(self, segment: Segment, documents: Sequence[Known]) -> None:
        """Bring in a segment; documents of the same keys are gone from then on."""
        self.remove([document.key for document in documents])
        name = self._write(segment, documents)
        self.manifest.segments[name] = []
        for place, document in enumerate(documents):
            self.known.put(document, name, place)

    def remove(self, keys: Iterable[str]) -> int:
        """Mark documents as gone; return how many there were."""
        found = [entry for key in keys if (entry := self.known.pop(key)) is not None]
        for _, name, place in found:
            self.manifest.segments[name].append(place)
        return len(found)

    def commit(self, *, partial: bool = False) -> None:
        """Replace the manifest: what was added and removed is now the index.

        Args:
            partial: this is the middle of a run, and no version that anybody would go back to.
        """
        manifest, found = self.manifest, self._found
        manifest.version = self.known.version()
        manifest.partial = partial
        if found is not None and found.version != manifest.version:
            (self._folder / VERSIONS).mkdir(exist_ok=True)
            self._replace(self._folder / VERSIONS / f"{found.version}.json", self._before)
            manifest.kept = [version for version in manifest.kept if version != found.version] + [found.version]
        kept = [version for version in manifest.kept if version != manifest.version]
        manifest.kept = kept if partial else kept[max(0, len(kept) - manifest.keep) :]
        self._is_swept = self._is_swept and partial
        self._before = manifest.encoded()
        mark = self._folder / GUARDED
        if self.known.is_guarded:
            if not mark.exists():
                mark.touch()
                sync(self._folder)
            self._replace(self._folder / MANIFEST, self._before)
        else:
            self._replace(self._folder / MANIFEST, self._before)
            mark.unlink(missing_ok=True)
        self._found = None if partial else replace(manifest)

    def _replace(self, path: Path, text: str) -> None:
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        part.write_text(text, encoding="utf-8")
        sync(part)
        part.replace(path)
        sync(path.parent)

    def compact(self) -> None:
        """Join the segments where there are many, or most of one is gone; the small ones first."""
        parts = {name: _part(load(self._folder / name), gone) for name, gone in self.manifest.segments.items()}
        chosen = [name for name, part in parts.items() if part.gone.mean() > 0.5] if parts else []
        if len(parts) > _MOST_SEGMENTS:
            largest = max(parts, key=lambda name: parts[name].segment.size)
            rest = sum(part.segment.size for name, part in parts.items() if name != largest)
            chosen = [name for name in parts if name != largest or rest * 2 > parts[largest].segment.size]
        if not chosen:
            return
        kept = [
            document
            for name in chosen
            for place, document in enumerate(sources_of(self._folder / name))
            if not parts[name].gone[place]
        ]
        merged = merge([(parts[name].segment, ~parts[name].gone) for name in chosen]) if kept else None
        for name in chosen:
            del self.manifest.segments[name]
        self._is_swept = False
        if merged is not None:
            self.manifest.segments[self._write(merged, kept)] = []

    def sweep(self) -> None:
        """Remove what neither the manifest nor that of a version it keeps names, where there can be any."""
        if self._is_swept:
            return
        self._is_swept = True
        kept = {version: read_kept(self._folder, version) for version in self.manifest.kept}
        self.manifest.kept = [version for version, manifest in kept.items() if manifest is not None]
        named = set(self.manifest.segments).union(*(manifest.segments for manifest in kept.values() if manifest))
        for path in self._folder.iterdir():
            if path.name.startswith("s-") and path.name not in named:
                if path.is_dir():  # as up to version 3 of the format
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)
            elif path.name == OLD or path.name.startswith((f".{MANIFEST}.", f".{OLD}.")):
                path.unlink(missing_ok=True)
        for path in (self._folder / VERSIONS).glob("*"):
            if path.stem not in self.manifest.kept or path.suffix != ".json":
                path.unlink(missing_ok=True)

    def swap(
        self, names: Sequence[str], gone: Mapping[str, Sequence[int]], file: str, documents: Sequence[Known]
    ) -> bool:
        """Put a segment that was written beside the index in place of those it was made of.

        Args:
            names: those.
            gone: of each, the places of the documents that were left out; others may have gone since.
            file: the name of the new one.
            documents: its documents, in their order.

        Returns:
            False where one of them is no longer part of the index: nothing was changed.
        """
        segments = self.manifest.segments
        if not all(name in segments for name in names):
            return False
        self._is_swept = False
        made, place, lost = f"s-{secrets.token_hex(8)}", 0, list[int]()
        (self._folder / file).rename(self._folder / made)
        for name in names:
            left, since = frozenset(gone[name]), frozenset(segments.pop(name))
            for before in range(len(load(self._folder / name).names)):
                if before in left:
                    continue
                if before in since:
                    lost.append(place)
                else:
                    self.known.move(documents[place].key, made, place)
                place += 1
        segments[made] = lost
        return True

    def is_current(self) -> bool:
        """Tell whether nobody has written since this writer's last `commit`."""
        try:
            return (self._folder / MANIFEST).read_text("utf-8") == self._before
        except (OSError, ValueError):
            return False

    def _write(self, segment: Segment, documents: Sequence[Known]) -> str:
        name = f"s-{secrets.token_hex(8)}"
        write_segment(self._folder / name, segment, documents)
        return name


@contextmanager
def writing(folder: Path, *, again: Writer | None = None) -> Generator[Writer, None, None]:
    """Lock an index for writing; another writer waits, readers go on.

    What is there and cannot be used (damaged, or of another version of agentkit) counts as empty, and is
    replaced at the first `commit`; a warning says so.

    Args:
        folder: where the index is, or will be.
        again: the writer of an earlier turn: it is lent again where nobody has written since, and need not read.

    Raises:
        OutputError: the folder cannot be written, or holds something else.
    """
    fresh = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        known = {MANIFEST, OLD, _LOCK}
        if not any((folder / name).exists() for name in known) and any(folder.iterdir()):
            raise OutputError(f"{folder} is not empty and holds no index: choose another directory.")
        with (folder / _LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            writer = again if again is not None and again.is_current() else _writer(folder)
            yield writer
            if (folder / MANIFEST).exists():
                writer.sweep()
    except OSError as error:
        raise OutputError(f"The index in {folder} cannot be written: {error.strerror}.") from error
    finally:
        if fresh and not (folder / MANIFEST).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _writer(folder: Path) -> Writer:
    try:
        manifest = read_manifest(folder)
        writer = Writer(folder, manifest or Manifest())
        if manifest is None:
            return writer
        writer.sweep()
        if not manifest.is_foreign:
            return writer
        writer.forget()
        told = f"was made by another version of agentkit ({manifest.made_by})"
    except (UsageError, ValueError, TypeError, FileNotFoundError):
        writer, told = Writer(folder, Manifest()), "is damaged or of another version of agentkit"
    _LOG.warning("The index in %s %s: it is made anew, and will hold only what this run reads.", folder, told)
    return writer
