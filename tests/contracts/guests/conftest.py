"""What the guests' tests share: a place for what CrewAI writes, and a house at a model server for each test."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from crews import Inn, echo
from leases import retriever_of, write_lease

from agentkit.app import AgentKit
from agentkit.blocking import Blocking
from agentkit.gateway import Gateway
from agentkit.offering import Offer
from agentkit.testing.server import ModelServer, Received, Reply


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What building a crew makes CrewAI write, before we see it, goes here.
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
async def inn(tmp_path: Path) -> AsyncIterator[Callable[..., Inn]]:
    opened: list[tuple[ModelServer, Inn]] = []

    async def make(*replies: Reply | Callable[[Received], Reply], **more: object) -> Inn:
        server = await ModelServer(replies or [echo]).__aenter__()
        opened.append((server, Inn(server, tmp_path / f"home{len(opened)}", **more)))
        return opened[-1][1]

    yield make
    for server, one in opened:
        await one.gateway.aclose()
        await server.__aexit__(None, None, None)


@pytest.fixture
def lease(tmp_path: Path) -> Path:
    """The lease."""
    return write_lease(tmp_path)


@pytest.fixture
def offer(lease: Path, home: Path) -> Iterator[Offer]:
    """Everything that a kit offers about the lease."""
    gateway, kit, blocking = Gateway(home=home), AgentKit(home=home), Blocking()
    yield Offer(kit, [lease], gateway, retriever_of(lease))
    blocking.run(kit.aclose())
    blocking.run(gateway.aclose())
    blocking.close()
