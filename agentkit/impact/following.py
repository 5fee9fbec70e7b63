"""What changes that reached an index mean, at once."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from pathlib import Path

from agentkit.adapters.memory.holding import everybody
from agentkit.changes import Applied
from agentkit.config import Config
from agentkit.impact.checking import (
    Impact,
    Lookup,
    Since,
    affected,
    check_reports,
    drop_answers,
    in_index,
    in_store,
)
from agentkit.indexed import Principal
from agentkit.opening import configured_store, is_address, make_embedding
from agentkit.proposing import TableReader
from agentkit.records.citations import Registered


async def impact_of(
    applied: Applied, *, index: str, config: Config, home: Path, store: TableReader | None = None
) -> Mapping[str, object] | None:
    """Compare and mark the reports that rest on documents that changed, and drop kept answers that do.

    Nobody is shown a text: what comes back are counts.

    Args:
        applied: what became of the changes.
        index: the folder of the index, or a store's address.
        store: the store there, where it is open already.
        config: says where answers are kept.
        home: the folder of all state.

    Returns:
        An event; None where nothing rests on what changed.

    Raises:
        RetrievalError: the store cannot be reached.
        OutputError: a mark could not be written.
        UnavailableError: the registry or the cache cannot be used.
    """
    where = index or config.index.url or ""
    dropped = await drop_answers(list(applied.outdated), config=config, home=home)
    gone = [*applied.removed, *applied.broken]
    keys = [*applied.changed, *gone]
    reports = await asyncio.to_thread(affected, home, keys=keys, sha256=list(applied.outdated))
    if not reports and not dropped:
        return None
    found = Impact()
    if reports:
        since = Since(applied.outdated, gone)
        if store is not None:
            lookup = await _stored(store, reports, since)
        elif is_address(where):
            async with aclosing(configured_store(config, url=where, embedding=make_embedding(config))) as opened:
                lookup = await _stored(opened, reports, since)
        else:
            lookup = await asyncio.to_thread(_indexed, Path(where), reports, since)
        found = await check_reports(reports, lookup, config=config, home=home)
    told = {"event": "impact", **found.counts(), "reports": len(found.reports), "answers": dropped + found.answers}
    return told | ({"unreadable": dict(found.unreadable)} if found.unreadable else {})


def _indexed(folder: Path, reports: Sequence[Registered], since: Since) -> Lookup:
    return in_index(folder, reports, principal=everybody(folder), since=since)


async def _stored(store: TableReader, reports: Sequence[Registered], since: Since) -> Lookup:
    known = (await store.known()).values()
    labels = frozenset(label for one in known for label in one.labels)
    seer = Principal("agentkit", frozenset(one.matter for one in known), labels)
    return await in_store(store, reports, principal=seer, since=since)
