"""Everything sealed, sealed anew under another key."""

from collections.abc import Iterator
from pathlib import Path

from agentkit.errors import UsageError
from agentkit.privacy.keys import NAMING_FILE, changed, changing
from agentkit.privacy.sealed import seal, sealed_under, unseal
from agentkit.records.run_record import list_runs


def rotate(home: Path) -> int:
    """Change the installation's key and return how many files were sealed anew; one that was interrupted goes on.

    Raises:
        UsageError: a run is going on, a key is missing, or a file was sealed under neither.
    """
    running = next((row.run_id for row in list_runs(home) if row.state == "running"), None)
    if running is not None:
        raise UsageError(f"Run {running} is going on: change the key when nobody works.")
    old, new = changing(home)
    count = 0
    for path, context in _sealed(home):
        if not sealed_under(path, new):
            seal(path, unseal(path, key=old, context=context), key=new, context=context)
            count += 1
    changed(home, new)
    return count


def _sealed(home: Path) -> Iterator[tuple[Path, str]]:
    if (home / NAMING_FILE).exists():
        yield home / NAMING_FILE, "naming"
    for kind, folder, ending in (("matter", "matters", "vault"), ("hold", "matters", "hold"), ("run", "runs", "run")):
        for path in sorted((home / folder).glob(f"*.{ending}")):
            yield path, f"{kind}:{path.stem}"
