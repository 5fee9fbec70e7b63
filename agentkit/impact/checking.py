"""Every written report against the documents as they are: what became of it is marked, answers kept are dropped."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from agentkit.adapters.memory.holding import documents_in
from agentkit.composition import make_answer_store
from agentkit.config import Config
from agentkit.errors import UsageError
from agentkit.impact.claims import ReportNow, assess_report
from agentkit.impact.marking import mark
from agentkit.indexed import Entry, Known, Principal, text_of
from agentkit.privacy.keys import load_naming_key
from agentkit.proposing import TableReader
from agentkit.reading import read_document
from agentkit.records.citations import Citations, CitedSource, Registered
from agentkit.rendering.loading import load_report
from agentkit.wrappers import AnswerCache, CachePolicy

UNKNOWN = object()
"""Stands for a document of which nobody knows where it is now: that is said, and it counts as unchanged."""
Lookup = Callable[[CitedSource], str | object | None]
"""Returns the present text of a document, None where it is gone."""


@dataclass(frozen=True, slots=True)
class Since:
    """What became of documents of an index: the keys of those that are gone, and keys by the SHA-256 they had."""

    moved: Mapping[str, str] = field(default_factory=dict[str, str])
    gone: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Impact:
    """What changed documents mean.

    Args:
        reports: each report that was looked at, and what became of it.
        unreadable: reports that could not be compared, with why: they, or their documents, cannot be read.
        answers: how many kept answers were dropped.
        unknown: by the places of reports, the names of documents that are not where was looked; a report of which that
            is true of all is compared with nothing, and neither marked nor among the others.
    """

    reports: Sequence[tuple[Registered, ReportNow]] = ()
    unreadable: Mapping[str, str] = field(default_factory=dict[str, str])
    answers: int = 0
    unknown: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])

    def counts(self) -> dict[str, int]:
        """Return how many claims are still true, stale and contradicted, of those that something happened to."""
        states = [claim.state for _, now in self.reports for claim in now.claims]
        return {state: states.count(state) for state in ("still_true", "stale", "contradicted")}


async def check_reports(reports: Sequence[Registered], lookup: Lookup, *, config: Config, home: Path) -> Impact:
    """Compare reports with the documents as they are, mark them, and drop kept answers that rest on other words.

    Raises:
        OutputError: a mark could not be written.
        UnavailableError: the registry or the cache cannot be used.
    """
    looked: list[tuple[Registered, ReportNow]] = []
    unreadable: dict[str, str] = {}
    outdated: set[str] = set()
    unknown: dict[str, Sequence[str]] = {}
    for known in reports:
        try:
            report = await asyncio.to_thread(load_report, known.path)
            present = await asyncio.to_thread(_present, known, lookup)
        except UsageError as error:
            unreadable[str(known.path)] = str(error)
            continue
        if report.run_id != known.run:
            unreadable[str(known.path)] = "Another report is there now."
            continue
        lost = [source.name for source in known.sources if source.number not in present]
        if lost:
            unknown[str(known.path)] = lost
        if lost and not present:
            continue
        now = await assess_report(report, present)
        await asyncio.to_thread(mark, known.path, now)
        looked.append((known, now))
        outdated.update(known.sources[number].sha256 for number in now.documents)
    dropped = await drop_answers(sorted(outdated), config=config, home=home)
    return Impact(looked, unreadable, dropped, unknown)


def _present(known: Registered, lookup: Lookup) -> dict[int, str | None]:
    found = {source.number: lookup(source) for source in known.sources}
    return {number: text for number, text in found.items() if text is None or isinstance(text, str)}


async def drop_answers(sha256: Sequence[str], *, config: Config, home: Path) -> int:
    """Drop the kept answers that rest on documents of these SHA-256 hashes; return how many there were."""
    is_file = config.cache.adapter == "sqlite"
    if not sha256 or (is_file and not (home / "cache.db").exists()):
        return 0
    store = make_answer_store(config, home)
    if store is None:
        return 0
    with closing(AnswerCache(store, key=load_naming_key(home), policy=CachePolicy())) as cache:
        return await cache.forget_documents(*sha256)


def affected(home: Path, *, keys: Sequence[str], sha256: Sequence[str]) -> list[Registered]:
    """Return the reports that rest on documents of these keys or SHA-256 hashes."""
    return Citations(home).resting_on(keys=keys, sha256=sha256)


def in_files(paths: Sequence[Path], *, password: str | None = None) -> Lookup:
    """Look documents up among files: by where they were, or else by their names."""
    by_key = {str(path.resolve()): path for path in paths}
    by_name: dict[str, list[Path]] = {}
    for path in paths:
        by_name.setdefault(path.name, []).append(path)

    def lookup(source: CitedSource) -> str | object | None:
        same = by_name.get(source.name, [])
        path = by_key.get(source.key) or (same[0] if len(same) == 1 else None)
        return UNKNOWN if path is None else _read(path, password)

    return lookup


def first_of(lookups: Sequence[Lookup]) -> Lookup:
    """Look documents up in one place after the other."""

    def lookup(source: CitedSource) -> str | object | None:
        found = (one(source) for one in lookups)
        return next((text for text in found if text is not UNKNOWN), UNKNOWN)

    return lookup


def where_they_were(*, password: str | None = None) -> Lookup:
    """Look documents up where the reports' runs read them."""

    def lookup(source: CitedSource) -> str | object | None:
        if not source.key.startswith("/"):
            return UNKNOWN
        return _read(Path(source.key), password) if Path(source.key).exists() else None

    return lookup


def in_index(
    folder: Path, reports: Sequence[Registered], *, principal: Principal | None, since: Since | None = None
) -> Lookup:
    """Look documents up in an index: by where they came from, by what they held, or else by their names.

    Args:
        folder: the index.
        reports: those that will be looked at.
        principal: who asks; what they may not see is not there for them.
        since: what became of documents since the reports were written, where that is known.
    """
    wanted = _Wanted(reports, since or Since())
    return wanted.among(documents_in(folder, wanted=wanted, principal=principal))


async def in_store(
    store: TableReader, reports: Sequence[Registered], *, principal: Principal | None, since: Since | None = None
) -> Lookup:
    """Look documents up in a store, as `in_index` does in a folder.

    Raises:
        RetrievalError: it cannot be reached, or has no index.
    """
    wanted = _Wanted(reports, since or Since())
    return wanted.among(await store.documents(wanted, principal))


class _Wanted:
    """Which documents of an index reports rest on; called with one, it tells."""

    def __init__(self, reports: Sequence[Registered], since: Since) -> None:
        sources = [source for report in reports for source in report.sources]
        self._since = since
        self._keys = {key for one in sources for key in (one.key, since.moved.get(one.sha256, ""))} - {""}
        self._names = {source.name for source in sources}

    def __call__(self, known: Known) -> bool:
        return known.key in self._keys or not self._names.isdisjoint((known.name, _bare(known)))

    def among(self, documents: Iterable[tuple[Known, list[Entry]]]) -> Lookup:
        """Look documents up among these."""
        by_key: dict[str, str] = {}
        by_name: dict[str, list[str]] = {}
        for known, entries in documents:
            by_key[known.key] = text_of(entries)
            for name in {known.name, _bare(known)}:
                by_name.setdefault(name, []).append(known.key)
        moved, removed = self._since.moved, frozenset(self._since.gone)

        def lookup(source: CitedSource) -> str | object | None:
            # Another document may have held the same: it is asked only of a source that is none of this index.
            is_here = source.key in by_key or source.key in removed
            place = source.key if is_here else moved.get(source.sha256, source.key)
            if place in removed:
                return None
            same = by_name.get(source.name, [])
            key = place if place in by_key else same[0] if len(same) == 1 else ""
            return by_key[key] if key else UNKNOWN

        return lookup


def _bare(known: Known) -> str:
    """Return a document's name without the matter that stands before it in an index."""
    return known.name.rpartition("/")[2]


def _read(path: Path, password: str | None) -> str:
    return read_document(path, index=0, password=password).text
