"""Which reports rest on which documents: names and places are encrypted, and no text is kept."""

import hmac
import json
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from agentkit.errors import UnavailableError
from agentkit.indexed import Known
from agentkit.privacy.keys import load_naming_key
from agentkit.privacy.sealed import opened_bytes, sealed_bytes
from agentkit.records.matters import known_id
from agentkit.report import Report

FILE = "citations.db"
_CONTEXT = "the registry of citations"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS registered (
    place TEXT PRIMARY KEY, run TEXT NOT NULL, matter TEXT NOT NULL, written TEXT NOT NULL, sealed BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS registered_run ON registered (run);
CREATE TABLE IF NOT EXISTS demands (
    place TEXT NOT NULL REFERENCES registered (place) ON DELETE CASCADE, demand TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS demands_place ON demands (place);
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
        path, matter = str(out.resolve()), known_id(self._home, report.matter)
        known = len(keys) == len(report.sources)
        sources = [
            CitedSource(one.index, one.path, keys[number] if known else "", one.sha256)
            for number, one in enumerate(report.sources)
        ]
        place, sealed = self._hashed(path), self._sealed(path, sources)
        demands = {demand for known in walls for demand in self._demanded(known)}
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._transaction() as connection:
            connection.execute("DELETE FROM registered WHERE place = ?", (place,))
            row = place, report.run_id, matter, now, sealed
            connection.execute("INSERT INTO registered VALUES (?, ?, ?, ?, ?)", row)
            connection.executemany("INSERT INTO demands VALUES (?, ?)", [(place, demand) for demand in sorted(demands)])

    def _demanded(self, known: Known | None) -> list[str]:
        """Return keyed hashes of what one must have to see a document."""
        if known is None:
            return [_NOBODY]
        told = [f"label {label}" for label in known.labels] + [f"matter {known.matter}"] * bool(known.matter)
        return [self._hashed(one) for one in told]

    def _hashed(self, text: str) -> str:
        return hmac.new(self._naming, text.encode(), "sha256").hexdigest()

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
                place
                for place, demand in connection.execute("SELECT place, demand FROM demands")
                if matters is not None and demand not in has
            }
            rows = connection.execute("SELECT * FROM registered ORDER BY written, rowid").fetchall()
        return [
            Registered(path, owner, matter, written, sources)
            for place, owner, matter, written, sealed in rows
            if place not in hidden and (not run or owner == run) and (ids is None or matter == owner or matter in ids)
            for path, sources in [self._opened(sealed)]
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
                gone += connection.execute(
                    "DELETE FROM registered WHERE place = ?", (self._hashed(str(path)),)
                ).rowcount
            for run in runs:
                gone += connection.execute("DELETE FROM registered WHERE run = ?", (run,)).rowcount
            return gone

    def count(self, runs: Sequence[str]) -> int:
        """Return how many reports of runs are known."""
        if not self._path.exists():
            return 0
        wanted = frozenset(runs)
        with self._transaction() as connection:
            return sum(run in wanted for (run,) in connection.execute("SELECT run FROM registered"))

    def _sealed(self, path: str, sources: Sequence[CitedSource]) -> bytes:
        """Return encrypted what may name people: where a report is, and its documents."""
        data = json.dumps([path, [list(asdict(one).values()) for one in sources]]).encode()
        return sealed_bytes(data, key=self._key, context=_CONTEXT)

    def _opened(self, sealed: bytes) -> tuple[Path, list[CitedSource]]:
        path, sources = json.loads(opened_bytes(sealed, key=self._key, context=_CONTEXT))
        return Path(path), [CitedSource(*row) for row in sources]

    @cached_property
    def _naming(self) -> bytes:
        """The key that stays the same however keys change, so that a change of keys leaves the registry alone."""
        return load_naming_key(self._home)

    @cached_property
    def _key(self) -> bytes:
        return hmac.digest(self._naming, b"agentkit-citations", "sha256")

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
