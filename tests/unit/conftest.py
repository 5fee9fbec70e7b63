"""Fixtures that several of these files ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from caches import Cached


@pytest.fixture
def cached(tmp_path: Path) -> Iterator[Cached]:
    made = Cached(tmp_path / "cache.db")
    yield made
    made.cache.close()
