"""An index on disk: a manifest and segments that never change.

The manifest names the segments and their documents that are gone. It is replaced in one step, after the
segments it names are on the disk: a reader sees the index before or after a change, and a writer that was
killed leaves at worst a folder that nobody names, which the next one removes. The folder holds raw text: it is the
firm's own store, the one place that redaction does not cover.
"""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np

from agentkit import __version__
from agentkit.adapters.memory.engine import Part, whole
from agentkit.adapters.memory.segment import Segment, load, merge, save
from agentkit.errors import OutputError, UsageError
from agentkit.indexed import Known

MANIFEST = "index.json"
FORMAT = "agentkit.index/3"
_OLD = "passages.jsonl"
_LOCK = ".lock"
_SOURCES = "sources.json"
_MOST_SEGMENTS = 8
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A document that could not be read, and why."""

    key: str
    sha256: str
    reason: str


@dataclass(slots=True)
class Manifest:
    """What an index holds: its segments' folders, each with the places of its documents that are gone.

    `positions` says of each feed of changes, by its name, up to where its changes are in these segments.
    """

    segments: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    quarantine: list[Quarantined] = field(default_factory=list[Quarantined])
    positions: dict[str, str] = field(default_factory=dict[str, str], kw_only=True)
    version: str = __version__


def read_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of a folder, or None where it has none.

    Raises:
        UsageError: it is damaged, or of another version.
    """
    try:
        text = (folder / MANIFEST).read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        if (folder / _OLD).exists():
            raise _damaged(folder) from None
        return None
    try:
        data = cast(dict[str, Any], json.loads(text))
        if data["format"] != FORMAT:
            raise _damaged(folder)
        quarantine = [Quarantined(**row) for row in data["quarantine"]]
        positions = dict(data.get("positions", {}))
        return Manifest(dict(data["segments"]), quarantine, data["version"], positions=positions)
    except (ValueError, TypeError, KeyError) as error:
        raise _damaged(folder) from error


def open_parts(folder: Path) -> list[Part]:
    """Map the segments of an index.

    Raises:
        UsageError: there is no index, or it is damaged.
    """
    for attempt in range(_ATTEMPTS):
        manifest = read_manifest(folder)
        if manifest is None:
            raise UsageError(f"There is no index in {folder}: make one with agentkit index PATH --index DIR.")
        try:
            return [_part(load(folder / name), gone) for name, gone in manifest.segments.items()]
        except (OSError, ValueError) as error:
            # A writer may have replaced the segments since the manifest was read.
            if attempt == _ATTEMPTS - 1 or read_manifest(folder) == manifest:
                raise _damaged(folder) from error
    raise _damaged(folder)


def _part(segment: Segment, gone: Sequence[int]) -> Part:
    part = whole(segment)
    part.gone[np.array(gone, np.int64)] = True
    return part


def _damaged(folder: Path) -> UsageError:
    return UsageError(f"The index in {folder} is damaged or of another version: build it again.")


class Writer:
    """The one writer of an index; made by `writing`."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder = folder
        self.manifest = manifest
        self.known: dict[str, tuple[Known, str, int]] = {}
        for name, gone in manifest.segments.items():
            missing = frozenset(gone)
            for place, document in enumerate(self._sources(name)):
                if place not in missing:
                    self.known[document.key] = document, name, place

    def add(self, segment: Segment, documents: Sequence[Known]) -> None:
        """Bring in a segment; documents of the same keys are gone from then on."""
        self.remove([document.key for document in documents])
        name = self._write(segment, documents)
        self.manifest.segments[name] = []
        for place, document in enumerate(documents):
            self.known[document.key] = document, name, place

    def remove(self, keys: Iterable[str]) -> int:
        """Mark documents as gone; return how many there were."""
        found = [entry for key in keys if (entry := self.known.pop(key, None)) is not None]
        for _, name, place in found:
            self.manifest.segments[name].append(place)
        return len(found)

    def commit(self) -> None:
        """Replace the manifest: what was added and removed is now the index."""
        quarantine = [asdict(row) for row in self.manifest.quarantine]
        data = {
            "format": FORMAT,
            "version": __version__,
            "segments": self.manifest.segments,
            "quarantine": quarantine,
            "positions": self.manifest.positions,
        }
        part = self._folder / f".{MANIFEST}.{secrets.token_hex(4)}"
        part.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        _sync(part)
        part.replace(self._folder / MANIFEST)
        _sync(self._folder)

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
            for place, document in enumerate(self._sources(name))
            if not parts[name].gone[place]
        ]
        merged = merge([(parts[name].segment, ~parts[name].gone) for name in chosen]) if kept else None
        for name in chosen:
            del self.manifest.segments[name]
        if merged is not None:
            self.manifest.segments[self._write(merged, kept)] = []

    def sweep(self) -> None:
        """Remove what the manifest does not name."""
        for path in self._folder.iterdir():
            if path.name.startswith("s-") and path.name not in self.manifest.segments:
                shutil.rmtree(path, ignore_errors=True)
            elif path.name == _OLD or path.name.startswith((f".{MANIFEST}.", f".{_OLD}.")):
                path.unlink(missing_ok=True)

    def _write(self, segment: Segment, documents: Sequence[Known]) -> str:
        name = f"s-{secrets.token_hex(8)}"
        folder = self._folder / name
        folder.mkdir()
        save(segment, folder)
        rows = [astuple(document) for document in documents]
        (folder / _SOURCES).write_text(json.dumps(rows, ensure_ascii=True), encoding="utf-8")
        for path in [*folder.iterdir(), folder]:
            _sync(path)
        return name

    def _sources(self, name: str) -> list[Known]:
        rows = json.loads((self._folder / name / _SOURCES).read_text("utf-8"))
        return [Known(*strings, labels=tuple(labels)) for *strings, labels in rows]


@contextmanager
def writing(folder: Path) -> Generator[Writer, None, None]:
    """Lock an index for writing; another writer waits, readers go on.

    What is there and cannot be used (damaged, or of another version of agentkit) counts as empty, and is
    replaced at the first `commit`.

    Raises:
        OutputError: the folder cannot be written, or holds something else.
    """
    fresh = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        known = {MANIFEST, _OLD, _LOCK}
        if not any((folder / name).exists() for name in known) and any(folder.iterdir()):
            raise OutputError(f"{folder} is not empty and holds no index: choose another directory.")
        with (folder / _LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            writer = _writer(folder)
            writer.sweep() if (folder / MANIFEST).exists() else None
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
        if manifest is not None and manifest.version == __version__:
            return Writer(folder, manifest)
    except (UsageError, OSError, ValueError, TypeError):
        pass
    return Writer(folder, Manifest())


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
