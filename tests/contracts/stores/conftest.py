"""Each test gets an empty place in each store."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from places import STORES, Place, place, server


@pytest.fixture(scope="session")
def _addresses() -> Iterator[dict[str, str]]:
    with ExitStack() as stack:
        yield {kind: stack.enter_context(server(kind)) for kind in STORES}


@pytest.fixture(params=STORES)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def where(kind: str, _addresses: dict[str, str], tmp_path: Path) -> Place:
    return place(kind, _addresses[kind], tmp_path)
