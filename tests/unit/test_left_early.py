"""A run whose events nobody wants any more is over before whoever left goes on."""

from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path

import pytest

from agentkit.app import AgentKit
from agentkit.records.run_record import list_runs

TEXT = "LEASE\n\n1. Rent. The rent is EUR 1,250 a month.\n\n2. Term. The term is five years.\n"


@pytest.fixture
def lease(tmp_path: Path) -> Path:
    path = tmp_path / "lease.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


async def test_a_stream_that_is_left_ends_its_run_at_once(lease: Path, tmp_path: Path) -> None:
    async with AgentKit(home=tmp_path / "home") as kit:
        async with aclosing(kit.stream([lease])) as events:
            async for event in events:
                if event["event"] == "node_started":
                    break
        assert [run.state for run in list_runs(tmp_path / "home")] == ["interrupted"]
        run_id = list_runs(tmp_path / "home")[0].run_id
        await kit.forget(run_id)  # nobody works on it any more


async def test_a_listener_that_fails_ends_the_run_at_once(lease: Path, tmp_path: Path) -> None:
    def listen(event: Mapping[str, object]) -> None:
        if event["event"] == "node_started":
            raise ZeroDivisionError

    async with AgentKit(home=tmp_path / "home") as kit:
        with pytest.raises(ZeroDivisionError) as caught:
            await kit.summarize([lease], progress=listen)
        assert [run.state for run in list_runs(tmp_path / "home")] == ["interrupted"]
        assert caught.value.__traceback__ is not None  # what keeps its frames alive does not keep the run going
