"""Which reports rest on which words of which documents: places and keyed hashes, never text."""

import hmac
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from agentkit.errors import UnavailableError
from agentkit.indexed import Known
from agentkit.privacy.keys import load_naming_key
from agentkit.records.matters import known_id
from agentkit.report import Report

FILE = "citations.db"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS reports (
    path TEXT PRIMARY KEY, run TEXT NOT NULL, matter TEXT NOT NULL, written TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS demands (
    path TEXT NOT NULL REFERENCES reports (path) ON DELETE CASCADE, demand TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS demands_path ON demands (path);
CREATE INDEX IF NOT EXISTS reports_matter ON reports (matter);
CREATE INDEX IF NOT EXISTS reports_run ON reports (run);
CREATE TABLE IF NOT EXISTS sources (
    path TEXT NOT NULL REFERENCES reports (path) ON DELETE CASCADE,
    number INTEGER NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (path, number)
);
CREATE INDEX IF NOT EXISTS sources_key ON sources (key);
CREATE INDEX IF NOT EXISTS sources_sha256 ON sources (sha256);
CREATE TABLE IF NOT EXISTS citations (
    path TEXT NOT NULL REFERENCES reports (path) ON DELETE CASCADE,
    claim TEXT NOT NULL, source INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, quote TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS citations_path ON citations (path);
"""
_BUSY_S = 5.0
_NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class CitedSource:
    """A document that a report read: its number there, name, key (where it came from; "" is unknown) and SHA-256."""

    number: int
    name: str
    key: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Registered:
    """A report that was written: where, by which run, and what it rests on."""

    path: Path
    run: str
    matter: str
    written: str
    sources: Sequence[CitedSource]


class Citations:
    """The registry of written reports, in one SQLite file of the home folder, readable by its owner only.

    Every method raises `UnavailableError` where the file cannot be used.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._path = home / FILE

    def register(
        self, report: Report, out: Path, *, keys: Sequence[str] = (), walls: Sequence[Known | None] = ()
    ) -> None:
        """Note what a report rests on, in place of what was at its path.

        Args:
            report: as it was written.
            out: its directory.
            keys: where each source came from, in order; nothing where that is not known.
            walls: documents of an index that it rests on: it is listed for those who may see all of them. None is for
                one of which that is not known: it is listed for nobody.
        """
        place, matter = str(out.resolve()), known_id(self._home, report.matter)
        key, known = load_naming_key(self._home), len(keys) == len(report.sources)
        sources = [
            (place, one.index, one.path, keys[number] if known else "", one.sha256)
            for number, one in enumerate(report.sources)
        ]
        citations = [
            (place, claim.id, one.source, one.start, one.end, hmac.new(key, one.quote.encode(), "sha256").hexdigest())
            for claim in report.claims
            for one in claim.citations
        ]
        demands = {demand for known in walls for demand in self._demanded(known)}
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._transaction() as connection:
            connection.execute("DELETE FROM reports WHERE path = ?", (place,))
            connection.execute("INSERT INTO reports VALUES (?, ?, ?, ?)", (place, report.run_id, matter, now))
            connection.executemany("INSERT INTO demands VALUES (?, ?)", [(place, demand) for demand in sorted(demands)])
            connection.executemany("INSERT INTO sources VALUES (?, ?, ?, ?, ?)", sources)
            connection.executemany("INSERT INTO citations VALUES (?, ?, ?, ?, ?, ?)", citations)

    def _demanded(self, known: Known | None) -> list[str]:
        """Return keyed hashes of what one must have to see a document."""
        if known is None:
            return [_NOBODY]
        told = [f"label {label}" for label in known.labels] + [f"matter {known.matter}"] * bool(known.matter)
        return [self._hashed(one) for one in told]

    def _hashed(self, text: str) -> str:
        return hmac.new(load_naming_key(self._home), text.encode(), "sha256").hexdigest()

    def reports(
        self, *, run: str = "", matters: Sequence[str] | None = None, labels: Sequence[str] = ()
    ) -> list[Registered]:
        """Return reports, oldest first.

        Args:
            run: only those of this run.
            matters: only those of these matters, and those of none; None is for all.
            labels: with `matters`, those that whoever asks holds.
        """
        if not self._path.exists():
            return []
        ids = None if matters is None else {known_id(self._home, name) for name in matters}
        held = Known("", "", "", labels=tuple(labels))
        has = {demand for name in matters or () for demand in self._demanded(replace(held, matter=name))}
        has |= set(self._demanded(held))
        with self._transaction() as connection:
            hidden = {
                path
                for path, demand in connection.execute("SELECT path, demand FROM demands")
                if matters is not None and demand not in has
            }
            rows = connection.execute(
                "SELECT path, run, matter, written FROM reports ORDER BY written, path"
            ).fetchall()
            return [
                Registered(Path(path), owner, matter, written, self._sources(connection, path))
                for path, owner, matter, written in rows
                if path not in hidden
                and (not run or owner == run)
                and (ids is None or matter == owner or matter in ids)
            ]

    def resting_on(self, *, keys: Sequence[str] = (), sha256: Sequence[str] = ()) -> list[Registered]:
        """Return the reports that cite or read one of these documents."""
        wanted, digests = frozenset(keys), frozenset(sha256)
        return [
            report
            for report in self.reports()
            if any(one.key in wanted or one.sha256 in digests for one in report.sources)
        ]

    def forget(self, *, path: Path | None = None, runs: Sequence[str] = ()) -> int:
        """Remove what is known of a report, or of the reports of runs; return how many there were."""
        if not self._path.exists():
            return 0
        with self._transaction() as connection:
            gone = 0
            if path is not None:
                gone += connection.execute("DELETE FROM reports WHERE path = ?", (str(path),)).rowcount
            for run in runs:
                gone += connection.execute("DELETE FROM reports WHERE run = ?", (run,)).rowcount
            return gone

    def count(self, runs: Sequence[str]) -> int:
        """Return how many reports of runs are known."""
        wanted = frozenset(runs)
        return sum(report.run in wanted for report in self.reports())

    def _sources(self, connection: sqlite3.Connection, path: str) -> list[CitedSource]:
        rows = connection.execute(
            "SELECT number, name, key, sha256 FROM sources WHERE path = ? ORDER BY number", (path,)
        )
        return [CitedSource(*row) for row in rows]

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.touch(mode=0o600)
            connection = sqlite3.connect(self._path, timeout=_BUSY_S)
            try:
                connection.execute("PRAGMA foreign_keys = ON")
                connection.execute("PRAGMA secure_delete = ON").fetchall()
                connection.executescript(_SCHEMA)
                with connection:
                    yield connection
            finally:
                connection.close()
        except (sqlite3.Error, OSError) as error:
            raise UnavailableError(f"the registry of citations {self._path} cannot be used: {error}") from error
