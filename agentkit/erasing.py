"""Erases a matter wherever it is kept, and says of each store what became of it."""

import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver

from agentkit import semconv
from agentkit.adapters.sqlite.checkpoints import SqliteCheckpoints
from agentkit.adapters.sqlite.scrubbing import holds_bytes, scrub
from agentkit.calls import LedgerQuery
from agentkit.composition import make_answer_store, make_ledger
from agentkit.config import Config
from agentkit.errors import AgentKitError
from agentkit.privacy.keys import load_naming_key
from agentkit.records.citations import FILE as CITATIONS
from agentkit.records.citations import Citations
from agentkit.records.matters import alone, check_not_held, known_id, runs_of
from agentkit.records.receipts import Action, Receipt, StoreReceipt, keep
from agentkit.wrappers import AnswerCache, CachePolicy

_REPORT_FILES = ("report.json", "report.md", "report.docx", "report.html", "report.status.json")


async def erase_matter(
    matter: str, *, config: Config, home: Path, saver: BaseCheckpointSaver[str] | None, dry_run: bool = False
) -> Receipt:
    """Erase a matter from every store of ours; return what became of each.

    A store that fails does not keep the others from being erased; what links runs to the matter goes last, so that
    the same call can finish what is left.

    Args:
        matter: its name, or the id of a run that had none.
        config: says which stores there are.
        home: the folder of all state.
        saver: where the graph saved its states.
        dry_run: say what there is, and erase nothing.

    Raises:
        HeldError: the matter is under legal hold.
        UsageError: somebody works on it, or its name is none.
    """
    name = known_id(home, matter)
    check_not_held(home, name)
    runs = runs_of(home, name)
    with alone(home, name, runs):
        check_not_held(home, name)  # it may have come while we waited for nobody
        eraser = _Eraser(name, runs, config, home, saver, dry_run=dry_run)
        receipt = Receipt(matter, name, _now(), dry_run, runs, await eraser.all())
    if not dry_run:
        keep(home, receipt)
    return receipt


@dataclass(slots=True)
class _Eraser:
    name: str
    runs: Sequence[str]
    config: Config
    home: Path
    saver: BaseCheckpointSaver[str] | None
    dry_run: bool
    _failed: bool = field(init=False, default=False)

    async def all(self) -> list[StoreReceipt]:
        texts = [self.home / "runs" / f"{run}.run" for run in self.runs]
        vault = [self.home / "matters" / f"{self.name}{ending}" for ending in (".vault", ".vault.lock", ".vault.use")]
        records = [self.home / "runs" / f"{run}.jsonl" for run in self.runs]
        done = [
            await self._safely("texts of runs", lambda: self._files("texts of runs", texts)),
            await self._safely("checkpoints", self._checkpoints),
            await self._safely("answers", self._answers),
            await self._safely("reports", lambda: self._files("reports", self._reports())),
            await self._safely("citations", self._citations),
            await self._safely("spans", self._spans),
            await self._safely("ledger", self._ledger),
            await self._safely("vault", lambda: self._files("vault", vault, beside=2)),
        ]
        if self._failed:
            left = [path for path in records if path.exists()]
            why = "they say which runs are the matter's, until the rest is erased"
            done.append(StoreReceipt("run records", "kept", len(left), _now(), why))
        else:
            done.append(await self._safely("run records", lambda: self._files("run records", records)))
        why = "an index, and reports outside of the home folder, are where you put them: delete them there"
        return [*done, StoreReceipt("your own files", "not ours", 0, _now(), why)]

    async def _safely(self, store: str, work: Callable[[], Awaitable[StoreReceipt]]) -> StoreReceipt:
        """Erase from one store; its failure is a line of the receipt."""
        try:
            done = await work()
        except (AgentKitError, OSError) as error:
            done = StoreReceipt(store, "failed", 0, _now(), f"{type(error).__name__}: {error}", verified=False)
        self._failed = self._failed or done.verified is False
        return done

    async def _files(self, store: str, paths: Sequence[Path], *, beside: int = 0) -> StoreReceipt:
        """Delete files; the last `beside` of them are locks and count for nothing."""
        there = [path for path in paths if path.exists()]
        count = sum(path.exists() for path in paths[: len(paths) - beside])
        if self.dry_run:
            return self._told(store, count)
        for path in there:
            path.unlink(missing_ok=True)
        return self._told(store, count, verified=not any(path.exists() for path in paths))

    async def _checkpoints(self) -> StoreReceipt:
        saver = self.saver
        if saver is None:
            return self._told("checkpoints", 0)
        path = self.home / "checkpoints.db"
        ours = isinstance(saver, SqliteCheckpoints)
        if ours and not path.exists():
            return self._told("checkpoints", 0)
        there = [run for run in self.runs if await saver.aget_tuple(_thread(run)) is not None]
        if self.dry_run:
            return self._told("checkpoints", len(there))
        for run in self.runs:
            await saver.adelete_thread(run)
        if ours:
            scrub(path)
        left = [run for run in there if await saver.aget_tuple(_thread(run)) is not None]
        return self._told("checkpoints", len(there), verified=not left and not (ours and holds_bytes(path, self.runs)))

    async def _answers(self) -> StoreReceipt:
        path, file = self.home / "cache.db", self.config.cache.adapter == "sqlite"
        store = make_answer_store(self.config, self.home) if not file or path.exists() else None
        if store is None:
            return self._told("answers", 0)
        with closing(AnswerCache(store, key=load_naming_key(self.home), policy=CachePolicy())) as cache:
            count = await cache.count_matter(self.name)
            if self.dry_run:
                return self._told("answers", count)
            await cache.forget_matter(self.name)
            gone = await cache.count_matter(self.name) == 0
            owner = cache.sign("matter", self.name)
        if file:
            scrub(path)
            gone = gone and not holds_bytes(path, [owner])
        return self._told("answers", count, verified=gone)

    async def _citations(self) -> StoreReceipt:
        registry = Citations(self.home)
        count = registry.count(self.runs)
        if self.dry_run or not count:
            return self._told("citations", count)
        registry.forget(runs=self.runs)
        gone = not holds_bytes(self.home / CITATIONS, self.runs)
        return self._told("citations", count, verified=gone and registry.count(self.runs) == 0)

    async def _spans(self) -> StoreReceipt:
        tracing = self.config.tracing
        if tracing.adapter == "otlp":
            why = f"they went to another system and hold no text; its traces have these runs as {semconv.RUN_ID}"
            return StoreReceipt("spans", "not ours", 0, _now(), why, traces=list(self.runs))
        path = Path(tracing.path) if tracing.adapter == "file" and tracing.path else None
        if path is None or not path.exists():
            return self._told("spans", 0)
        lines = _lines_of(path, self.runs)
        if self.dry_run:
            return self._told("spans", len(lines))
        _blank(path, lines)
        return self._told("spans", len(lines), verified=not _lines_of(path, self.runs))

    async def _ledger(self) -> StoreReceipt:
        ledger = make_ledger(self.config, self.home)
        if ledger is None or (self.config.ledger.adapter == "sqlite" and not (self.home / "ledger.db").exists()):
            return self._told("ledger", 0)
        try:
            rows = [row for run in self.runs for row in await ledger.rows(LedgerQuery(run=run))]
        finally:
            await ledger.aclose()
        why = "append-only, for the bills: amounts and ids, no text"
        return StoreReceipt("ledger", "kept", len(rows), _now(), why if rows else "")

    def _reports(self) -> list[Path]:
        """Return the files of the matter's reports that were written into the home folder."""
        found: list[Path] = []
        for path in self.home.rglob("report.json"):
            try:
                told = cast(object, json.loads(path.read_text(encoding="utf-8")))
            except (OSError, ValueError):
                continue
            if isinstance(told, dict) and cast(dict[str, object], told).get("run_id") in self.runs:
                found += [path.with_name(name) for name in _REPORT_FILES]
                found += sorted((path.parent / "sources").glob("*.txt"))
        return found

    def _told(self, store: str, count: int, *, verified: bool | None = None) -> StoreReceipt:
        action: Action = "nothing" if not count else "found" if self.dry_run else "erased"
        if verified is False:
            action = "failed"
        return StoreReceipt(store, action, count, _now(), verified=verified)


def _thread(run: str) -> RunnableConfig:
    return {"configurable": {"thread_id": run}}


def _lines_of(path: Path, runs: Sequence[str]) -> list[tuple[int, int]]:
    """Return where, in bytes, the spans of runs stand in a file: those that name a run, and those of the same trace."""
    wanted = frozenset[object](runs)
    places: list[tuple[int, int, object, bool]] = []
    start = 0
    with path.open("rb") as file:
        for line in file:
            if line.strip():
                row = _row(line)
                places.append((start, start + len(line.rstrip(b"\n")), row.get("trace_id"), _run_of(row) in wanted))
            start += len(line)
    traces = {trace for _, _, trace, ours in places if ours} - {None}
    return [(begin, end) for begin, end, trace, _ in places if trace in traces]


def _row(line: bytes) -> dict[str, object]:
    try:
        row = cast(object, json.loads(line))
    except ValueError:
        return {}
    return cast(dict[str, object], row) if isinstance(row, dict) else {}


def _run_of(row: dict[str, object]) -> object:
    attributes = row.get("attributes")
    return cast(dict[str, object], attributes).get(semconv.RUN_ID) if isinstance(attributes, dict) else None


def _blank(path: Path, places: Sequence[tuple[int, int]]) -> None:
    """Write spaces over stretches of a file: other processes that append to it notice nothing."""
    with path.open("r+b") as file:
        for start, end in places:
            file.seek(start)
            file.write(b" " * (end - start))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
