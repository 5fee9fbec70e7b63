"""What an index says of itself: the version it is of, the files that hold it, and what could not be read."""

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, cast

from agentkit import __version__
from agentkit.errors import UsageError

MANIFEST = "index.json"
VERSIONS = "versions"
FORMAT = "agentkit.index/5"
GUARDED = ".guarded"
"""Stands in the folder of an index in which a document has a matter or a label, also when nothing else can be read."""
OLD = "passages.jsonl"
KEEP = 5
"""So many earlier versions are kept unless told otherwise."""
_SHORTEST = 8


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A document that could not be read, and why."""

    key: str
    sha256: str
    reason: str


@dataclass(slots=True)
class Manifest:
    """What an index holds: its segments' files, each with the places of its documents that are gone.

    `positions` says of each feed of changes, by its name, up to where its changes are in these segments. `version`
    names what it holds, `made_by` the version of agentkit that wrote it; `kept` are the earlier versions that can
    be had, oldest first, at most `keep`; `partial` is a state in the middle of a run, which no one goes back to.
    """

    segments: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    quarantine: list[Quarantined] = field(default_factory=list[Quarantined])
    positions: dict[str, str] = field(default_factory=dict[str, str], kw_only=True)
    version: str = ""
    kept: list[str] = field(default_factory=list[str])
    keep: int = KEEP
    partial: bool = False
    made_by: str = __version__

    @property
    def is_foreign(self) -> bool:
        """Whether another version of agentkit made it: it is read, and whoever writes makes it anew."""
        return self.made_by != __version__

    def encoded(self) -> str:
        """Return it as JSON."""
        told = {item.name: getattr(self, item.name) for item in fields(self)}
        told["quarantine"] = [asdict(row) for row in self.quarantine]
        return json.dumps({"format": FORMAT, **told}, ensure_ascii=False)


def read_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of a folder, or None where it has none.

    Raises:
        UsageError: it is damaged, or of another version.
    """
    manifest = _read(folder / MANIFEST, damaged(folder))
    if manifest is None and (folder / OLD).exists():
        raise damaged(folder)
    return manifest


def told_of(folder: Path, *, version: str | None = None) -> Manifest:
    """Return what an index, or an earlier version of it, says of itself.

    Raises:
        UsageError: there is no index, or it is damaged, or it has no such version.
    """
    manifest = read_version(folder, version) if version is not None else read_manifest(folder)
    if manifest is None:
        raise missing(folder)
    return manifest


def read_version(folder: Path, version: str) -> Manifest:
    """Return the manifest of a version of an index: the current one, or one that is kept.

    Args:
        folder: the index.
        version: its name, or at least the first eight characters of it.

    Raises:
        UsageError: there is no index, or it is damaged; or it has no such version, or several.
    """
    while True:
        current = read_manifest(folder)
        if current is None:
            raise missing(folder)
        found = _named(folder, version, current)
        manifest = current if found == current.version else read_kept(folder, found)
        if manifest is not None:
            return manifest
        if read_manifest(folder) == current:
            raise UsageError(f"Version {found[:12]} of the index in {folder} is kept no longer.")
        # A writer has made it the current one, or dropped it, since the manifest was read.


def _named(folder: Path, version: str, current: Manifest) -> str:
    named = dict.fromkeys(one for one in [current.version, *current.kept] if one.startswith(version))
    if len(version) < _SHORTEST or len(named) != 1:
        kept = ", ".join(one[:12] for one in [*current.kept, current.version])
        raise UsageError(f"The index in {folder} holds no version {version or '(empty)'}; it holds {kept}.")
    return next(iter(named))


def read_kept(folder: Path, version: str) -> Manifest | None:
    """Return the manifest of an earlier version, or None where it is not there or damaged."""
    try:
        return _read(folder / VERSIONS / f"{version}.json", UsageError("damaged"))
    except UsageError:
        return None


def is_guarded(folder: Path) -> bool:
    """Tell whether an index holds a document that not everybody may see, also where it is damaged."""
    return (folder / GUARDED).exists()


def changed(folder: Path, version: str | None, manifest: Manifest) -> bool:
    """Tell whether an index, or a version of it, is another now than a manifest that was read."""
    try:
        return (read_version(folder, version) if version else read_manifest(folder)) != manifest
    except UsageError:
        return True


def _read(path: Path, error: UsageError) -> Manifest | None:
    try:
        text = path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        data = cast(dict[str, Any], json.loads(text))
        if data.pop("format") != FORMAT:
            raise error
        quarantine = [Quarantined(**row) for row in data.pop("quarantine")]
        return Manifest(quarantine=quarantine, **data)
    except (ValueError, TypeError, KeyError, AttributeError) as cause:
        raise error from cause


def damaged(folder: Path) -> UsageError:
    """Return the error of an index that cannot be used."""
    return UsageError(f"The index in {folder} is damaged or of another version of agentkit: build it again.")


def missing(folder: Path) -> UsageError:
    """Return the error of an index that is not there."""
    return UsageError(f"There is no index in {folder}: make one with agentkit index PATH --index DIR.")
