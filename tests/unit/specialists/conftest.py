"""Fixtures of every test of agents of one's own."""

from pathlib import Path

import pytest
from specialist_samples import LEASE


@pytest.fixture
def lease(tmp_path: Path) -> Path:
    path = tmp_path / "lease.txt"
    path.write_text(LEASE, encoding="utf-8")
    return path
