"""Every ledger keeps the promises of the port. Postgres is in tests/live, where servers are started."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

from agentkit.calls import PeriodLimit
from agentkit.ports import Ledger
from agentkit.records.ledger import SqlLedger
from agentkit.records.ledger_sqlite import SqliteDatabase
from agentkit.testing.ledgers import NOON, Clock, LedgerContract


class TestSqlite(LedgerContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.path = tmp_path / "new" / "ledger.db"

    async def make(self, limits: Sequence[PeriodLimit] = (), clock: Clock = lambda: NOON) -> Ledger:
        return SqlLedger(SqliteDatabase(self.path), limits=limits, clock=clock)


@pytest.mark.parametrize(
    ("per", "name", "ends"),
    [
        ("hour", "2024-02-29T23", "2024-03-01T00"),
        ("day", "2024-02-29", "2024-03-01T00"),
        ("month", "2024-02", "2024-03-01T00"),
    ],
)
def test_periods_are_those_of_the_calendar_in_utc(per: str, name: str, ends: str) -> None:
    time = datetime.fromisoformat("2024-03-01T01:30:00+02:00")
    limit = PeriodLimit(per)
    assert limit.period(time) == name
    assert limit.ends(time).isoformat() == f"{ends}:00:00+00:00"


def test_a_year_ends_in_december() -> None:
    assert PeriodLimit("month").ends(datetime.fromisoformat("2025-12-31T23:59:59+00:00")).isoformat()[:7] == "2026-01"
