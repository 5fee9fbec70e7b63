"""Where the documents of an index came from."""

from collections.abc import Collection
from pathlib import Path

from agentkit.adapters.memory.folders import sources_of
from agentkit.adapters.memory.manifest import read_manifest, read_version


def keys_of(folder: Path, names: Collection[str], *, version: str | None = None) -> dict[str, str]:
    """Return the keys of some documents of an index, by their names; those that are not there any more are left out.

    Raises:
        UsageError: the index is damaged, or has no such version.
    """
    manifest = read_manifest(folder) if version is None else read_version(folder, version)
    found: dict[str, str] = {}
    for segment, gone in manifest.segments.items() if manifest is not None else ():
        try:
            held = sources_of(folder / segment)
        except OSError:  # a writer replaced it since the manifest was read
            continue
        lost = frozenset(gone)
        found |= {one.name: one.key for place, one in enumerate(held) if one.name in names and place not in lost}
    return found
