"""Changes into an index on disk, as they come; its position is part of the state that readers see."""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import ParamSpec, TypeVar

from agentkit.adapters.memory.compacting import Merged, merge_aside
from agentkit.adapters.memory.manifest import Quarantined, read_manifest
from agentkit.adapters.memory.renaming import held_by, renamed
from agentkit.adapters.memory.reusing import rebuild
from agentkit.adapters.memory.segment import load
from agentkit.adapters.memory.store import Writer, writing
from agentkit.changes import Applied, Incoming
from agentkit.changes.doings import Doings, Owed, Place, came_of
from agentkit.errors import AgentKitError, UnavailableError
from agentkit.indexed import Entry, Known
from agentkit.naming import Labels, is_same

P = ParamSpec("P")
T = TypeVar("T")
_VERSION_S = 60.0
"""An earlier version is kept at most so often: rows change faster than anybody goes back."""


class FollowedIndex:
    """A `ChangeSink` over an index on disk.

    The index is locked for other writers from the first `write` to the next `commit`. Small segments are joined by a
    thread, beside what is written; readers notice nothing.

    Args:
        folder: where the index is, or will be.
        feed: the name under which the position is kept.
        owed: remembers what changed until everybody was told; by default as long as the process lives.
    """

    def __init__(self, folder: Path, feed: str, *, owed: Owed | None = None) -> None:
        self._folder = folder
        self._feed = feed
        self._turn = threading.Lock()
        self._stack = ExitStack()
        self._open: Writer | None = None
        self._again: Writer | None = None
        self._labels = Labels([])
        self._doings = Doings(owed)
        self._place = Place()
        self._versioned_at = 0.0
        self._merging: asyncio.Task[Merged | None] | None = None

    async def position(self) -> str | None:
        position = await asyncio.to_thread(self._position)
        self._place.note(position)
        return position

    async def keys(self, prefix: str, /) -> list[str]:
        return await self._alone(lambda: [key for key in self._writer().known if key.startswith(prefix)])

    async def write(self, documents: Sequence[Incoming], removed: Sequence[str], broken: Mapping[str, str], /) -> None:
        await self._alone(self._write, documents, removed, broken)

    async def commit(self, position: str | None, /) -> Applied:
        return await self._alone(self._commit, position)

    async def owed(self) -> Applied:
        return await self._alone(self._owed)

    async def told(self) -> None:
        await self._alone(self._doings.told)

    async def abandon(self) -> None:
        await self._alone(self._abandon)

    async def tidy(self) -> None:
        """Start joining small segments, or take in what was joined."""
        if self._merging is None:
            self._merging = asyncio.ensure_future(asyncio.to_thread(merge_aside, self._folder))
        elif self._merging.done():
            merged, self._merging = self._merging.result(), None
            if merged is not None:
                await self._alone(self._take, merged)

    async def _alone(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do one thing after the other, also where who waited for the one has gone."""

        def taken() -> T:
            with self._turn:
                return work(*args, **kwargs)

        return await asyncio.to_thread(taken)

    def _position(self) -> str | None:
        manifest = read_manifest(self._folder)
        return None if manifest is None or manifest.is_foreign else manifest.positions.get(self._feed)

    def _owed(self) -> Applied:
        done = self._doings.recall(self._position())
        if not done:
            return Applied()
        applied = came_of(done, self._writer().known)
        self._close()
        return applied

    def _writer(self) -> Writer:
        if self._open is None:
            writer = self._stack.enter_context(writing(self._folder, again=self._again))
            if writer is not self._again:
                self._check(writer)
                self._labels = Labels(known for known, _, _ in writer.known.values())
            self._open = self._again = writer
        return self._open

    def _check(self, writer: Writer) -> None:
        try:
            self._place.check(writer.manifest.positions.get(self._feed), str(self._folder))
        except UnavailableError:
            self._again = None
            self._close()
            raise

    def _write(self, documents: Sequence[Incoming], removed: Sequence[str], broken: Mapping[str, str]) -> None:
        writer = self._writer()
        stuck = {row.key: row for row in writer.manifest.quarantine}
        made = list[tuple[Known, list[Entry]]]()
        broken = dict(broken)
        for document in documents:
            known = document.known
            if known.key in writer.known and is_same(writer.known[known.key][0], known):
                self._doings.same(known.key)
                stuck.pop(known.key, None)
                continue
            try:
                made.append((known, document.read(known.name)))
            except AgentKitError as error:
                broken[known.key] = str(error)
            except Exception as error:  # noqa: BLE001  (whatever a file makes a reader stumble over concerns that file alone)
                broken[known.key] = f"{known.name} could not be read: {type(error).__name__}."
            else:
                stuck.pop(known.key, None)
        self._forget([*removed, *broken])
        for key in removed:
            stuck.pop(key, None)
        stuck |= {key: Quarantined(key, "", reason) for key, reason in broken.items()}
        self._doings.broke(broken)
        self._bring(made)
        writer.manifest.quarantine = list(stuck.values())

    def _bring(self, made: Sequence[tuple[Known, list[Entry]]]) -> None:
        """Bring in documents, each under the name that it has beside the others; others may get another one by it."""
        writer, new = self._writer(), {known.key: (known, entries) for known, entries in made}
        self._remember([*new])
        for key, (known, _) in new.items():
            if key in writer.known:
                self._labels.drop(writer.known[key][0])
            self._labels.take(known)
            self._doings.put(key)
        documents = dict(new)
        for key in self._labels.touched():
            known = new[key][0] if key in new else writer.known[key][0]
            name = self._labels.name(known)
            if name != known.name:
                documents[key] = renamed(*(new.get(key) or held_by(self._folder, writer, key)), name)
        if documents:
            chosen = list(documents.values())
            writer.add(rebuild(self._folder, writer.known, chosen)[0], [known for known, _ in chosen])

    def _forget(self, keys: Sequence[str]) -> None:
        writer = self._writer()
        there = [key for key in keys if key in writer.known]
        self._remember(there)
        for key in keys:
            self._doings.remove(key, was_there=key in writer.known)
        for key in there:
            self._labels.drop(writer.known[key][0])
        writer.remove(there)

    def _remember(self, keys: Sequence[str]) -> None:
        """Note what documents held that are about to be added, replaced or removed."""
        places: dict[str, list[tuple[int, str]]] = {}
        for key in keys:
            if key in self._writer().known:
                _, name, place = self._writer().known[key]
                places.setdefault(name, []).append((place, key))
        held = dict.fromkeys(keys, "")
        for name, found in places.items():
            versions = load(self._folder / name).versions
            held |= {key: versions[place] for place, key in found}
        self._doings.note(list(held.items()))

    def _commit(self, position: str | None) -> Applied:
        writer = self._writer()
        if position is None:
            writer.manifest.positions.pop(self._feed, None)
        else:
            writer.manifest.positions[self._feed] = position
        self._bring([])
        self._doings.promise(position)
        now = time.monotonic()
        is_version = position is not None and now - self._versioned_at > _VERSION_S
        writer.commit(partial=not is_version)
        self._versioned_at = now if is_version else self._versioned_at
        self._place.note(position)
        self._close()
        return self._doings.applied(writer.manifest.version)

    def _take(self, merged: Merged) -> None:
        writer = self._writer()
        if writer.swap(merged.names, merged.gone, merged.file, merged.documents):
            writer.commit(partial=writer.manifest.partial)
        self._close()

    def _abandon(self) -> None:
        self._doings.forget()
        if self._open is not None:
            self._again = None  # it holds what was not committed
        self._close()

    def _close(self) -> None:
        self._open = None
        self._stack.close()
