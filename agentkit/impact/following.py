"""What changes that reached an index mean, at once."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from agentkit.adapters.memory.holding import everybody
from agentkit.changes import Applied
from agentkit.config import Config
from agentkit.impact.checking import Impact, affected, check_reports, drop_answers, in_index
from agentkit.opening import is_address


async def impact_of(applied: Applied, *, index: str, config: Config, home: Path) -> Mapping[str, object] | None:
    """Compare and mark the reports that rest on documents that changed, and drop kept answers that do.

    Nobody is shown a text: what comes back are counts.

    Args:
        applied: what became of the changes.
        index: the folder of the index, or a store's address: a store does not tell what its documents held before, so
            nothing is compared and nothing dropped.
        config: says where answers are kept.
        home: the folder of all state.

    Returns:
        An event; None where nothing rests on what changed.

    Raises:
        OutputError: a mark could not be written.
        UnavailableError: the registry or the cache cannot be used.
    """
    where = index or config.index.url or ""
    if is_address(where):
        return None
    dropped = await drop_answers(list(applied.outdated), config=config, home=home)
    gone = [*applied.removed, *applied.broken]
    keys = [*applied.changed, *gone]
    reports = await asyncio.to_thread(affected, home, keys=keys, sha256=list(applied.outdated))
    if not reports and not dropped:
        return None
    folder, found = Path(where), Impact()
    if reports:
        lookup = await asyncio.to_thread(
            lambda: in_index(folder, reports, principal=everybody(folder), moved=applied.outdated, gone=gone)
        )
        found = await check_reports(reports, lookup, config=config, home=home)
    told = {"event": "impact", **found.counts(), "reports": len(found.reports), "answers": dropped + found.answers}
    return told | ({"unreadable": dict(found.unreadable)} if found.unreadable else {})
