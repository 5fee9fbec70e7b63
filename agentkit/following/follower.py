"""Keeping an index in step with a feed of changes: read once, then follow; killed at any moment, go on exactly."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import cast

from agentkit.changes import Applied, Batch, ChangeFeed, ChangeSink, Emptied, Gone, Incoming, Put
from agentkit.changes.documents import Documents
from agentkit.errors import AgentKitError, UnavailableError

Event = Mapping[str, object]
_Pending = dict[str, Put | None]
"""What changes come to that were not written yet: the last word on each key."""
_WAIT_S = 1.0
_COMMIT_S = 0.3
"""So much work is done between two states that readers see, unless a transaction is longer."""
_HEARTBEAT_S = 10.0
_LAG_S = 30.0
_PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0)
_MEGABYTE = 1_000_000


class Follower:
    """Brings the changes of a feed into an index.

    Args:
        feed: tells of changes.
        sink: the index.
        documents: makes documents of rows.
        tell: hears of what happens, as it happens.
        after: what to do once readers see changes; returns whether it was done. What was not is tried again, with what
            changed since; also by the next follower, where this one was killed before it was done.
        max_lag_mb: how much of its log a server may keep for us before that is said.
    """

    def __init__(
        self,
        feed: ChangeFeed,
        sink: ChangeSink,
        documents: Documents,
        *,
        tell: Callable[[Event], None],
        after: Callable[[Applied], Awaitable[bool]] | None = None,
        max_lag_mb: int = 1024,
    ) -> None:
        self._feed = feed
        self._sink = sink
        self._documents = documents
        self._tell = tell
        self._after = after
        self._max_lag_mb = max_lag_mb
        self._pending = _Pending()
        self._position = ""
        self._failures = 0
        self._owed = list[Applied]()
        self._kept_at = self._asked_at = self._tried_at = 0.0

    async def run(self, *, once: bool = False) -> None:
        """Follow until cancelled; a server that goes away is waited for.

        Args:
            once: stop when everything that happened so far is in the index.

        Raises:
            UnavailableError: only with `once`: the server cannot be reached.
            ConfigError: it is not set up for this, or the tables are other than configured.
        """
        while True:
            try:
                await self._follow(once=once)
            except UnavailableError as error:
                if once:
                    raise
                pause = _PAUSES_S[min(self._failures, len(_PAUSES_S) - 1)]
                self._failures += 1
                self._tell({"event": "waiting", "reason": str(error), "seconds": pause})
                await asyncio.sleep(pause)
            else:
                return
            finally:
                self._pending = _Pending()
                await self._sink.abandon()

    async def _follow(self, *, once: bool) -> None:
        await self._begin()
        await self._sink.tidy()
        self._failures = 0
        while await self._catch_up() or not once:
            await self._sink.tidy()
            await self._look_at_lag()
            if self._owed and time.monotonic() - self._tried_at > _LAG_S:
                await self._pass_on(Applied())
            await self._feed.wait(_WAIT_S)

    async def _begin(self) -> None:
        """Find the position to go on from; read every row where there is none."""
        self._owed = []
        await self._pass_on(await self._sink.owed())
        known = await self._known()
        reason = await self._feed.resume(known)
        if known is not None and not reason:
            self._position = known
            return
        self._tell({"event": "reading", "reason": reason})
        await self._read_all()

    async def _known(self) -> str | None:
        kept = await self._sink.position()
        told = cast(dict[str, str], json.loads(kept)) if kept is not None else {}
        return told["position"] if told.get("mapping") == self._documents.fingerprint else None

    async def _read_all(self) -> None:
        seen, rows, position, done = set[str](), 0, None, list[Applied]()
        async with aclosing(self._feed.snapshot()) as batches:
            async for batch in batches:
                rows += len(batch.changes)
                await self._note(batch)
                seen.update(key for key, row in self._pending.items() if row is not None)
                position = batch.position
                await self._write()
                if position is None:
                    done.append(await self._sink.commit(None))
        if position is None:
            raise UnavailableError("The rows were not read to the end.")
        gone = [key for key in await self._sink.keys(self._documents.prefix) if key not in seen]
        await self._sink.write([], gone, {})
        await self._commit(position, rows, event="read", before=done)
        self._position = position

    async def _catch_up(self) -> bool:
        """Bring in what happened since the last time; return whether anything did."""
        rows = total = 0
        last, begun = "", time.monotonic()
        async with aclosing(self._feed.changes(self._position)) as batches:
            async for batch in batches:
                await self._note(batch)
                rows, total = rows + batch.rows, total + batch.rows
                is_whole = batch.position is not None
                last = batch.position or last
                if not is_whole or (rows and time.monotonic() - begun > _COMMIT_S):
                    await self._write()
                if is_whole and rows and time.monotonic() - begun > _COMMIT_S:
                    await self._commit(last, rows)
                    rows, begun = 0, time.monotonic()
        if rows:
            await self._write()
            await self._commit(last, rows)
        elif last and time.monotonic() - self._kept_at > _HEARTBEAT_S:
            # What happened elsewhere in the log concerns nobody here; the server need not keep it for us.
            await self._keep(last)
        self._position = last or self._position
        return total > 0

    async def _note(self, batch: Batch) -> None:
        """Remember the last word on each key."""
        last = self._pending
        for change in batch.changes:
            if isinstance(change, Emptied):
                prefix = self._documents.prefix_of(change.table)
                last.update(dict.fromkeys([*await self._sink.keys(prefix), *(k for k in last if k.startswith(prefix))]))
            else:
                key = self._documents.key_of(change.table, change.key)
                last.pop(key, None)
                last[key] = None if isinstance(change, Gone) else change

    async def _write(self) -> None:
        pending, self._pending = self._pending, _Pending()
        await self._sink.write(*await asyncio.to_thread(self._made, pending))

    def _made(self, pending: _Pending) -> tuple[list[Incoming], list[str], dict[str, str]]:
        documents, removed, broken = list[Incoming](), list[str](), dict[str, str]()
        for key, row in pending.items():
            try:
                document = None if row is None else self._documents.document(row)
            except (AgentKitError, OSError) as error:
                broken[key] = str(error) if isinstance(error, AgentKitError) else type(error).__name__
                continue
            if document is None:
                removed.append(key)
            else:
                documents.append(document)
        return documents, removed, broken

    async def _commit(
        self, position: str, rows: int, *, event: str = "changed", before: Sequence[Applied] = ()
    ) -> None:
        applied = _joined([*before, await self._keep(position)])
        told: dict[str, object] = {"event": event, "rows": rows, "changed": len(applied.changed)}
        told |= {"removed": len(applied.removed), "unchanged": applied.unchanged, "version": applied.version}
        told |= {"broken": dict(applied.broken)} if applied.broken else {}
        self._tell(told)
        await self._pass_on(applied)

    async def _pass_on(self, applied: Applied) -> None:
        """Do what is to be done once readers see changes, and forget them only then."""
        self._owed.append(applied)
        self._tried_at = time.monotonic()
        owed = _joined(self._owed)
        if self._after is None or not (owed.changed or owed.removed or owed.broken) or await self._after(owed):
            self._owed = []
            await self._sink.told()

    async def _keep(self, position: str) -> Applied:
        """Keep a position with what was written, and then let the server forget what led up to it."""
        told = json.dumps({"mapping": self._documents.fingerprint, "position": position})
        applied = await self._sink.commit(told)
        self._kept_at = time.monotonic()
        await self._feed.release(position)
        return applied

    async def _look_at_lag(self) -> None:
        if time.monotonic() - self._asked_at < _LAG_S:
            return
        self._asked_at = time.monotonic()
        lag = await self._feed.lag()
        size = lag.kept / _MEGABYTE if lag.unit == "bytes" else lag.behind / 1000
        if lag.lost or size > self._max_lag_mb:
            self._tell({"event": "lag", "behind": lag.behind, "kept": lag.kept, "unit": lag.unit, "lost": lag.lost})


def _joined(parts: Sequence[Applied]) -> Applied:
    """Return what became of changes that were brought in step by step: of each document, the last that did."""
    changed, removed = dict[str, None](), dict[str, None]()
    for part in parts:
        for key in part.changed:
            changed[key] = removed.pop(key, None)
        for key in part.removed:
            removed[key] = changed.pop(key, None)
    return Applied(
        changed=list(changed),
        removed=list(removed),
        unchanged=sum(part.unchanged for part in parts),
        broken={key: reason for part in parts for key, reason in part.broken.items() if key not in changed},
        outdated={digest: key for part in parts for digest, key in part.outdated.items()},
        version=parts[-1].version,
    )
