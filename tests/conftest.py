"""What every test shares: a home of its own, and no network beyond loopback."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from pytest_socket import enable_socket, socket_allow_hosts

_LIVE_TIMEOUT_S = 600
# A slow machine is no fault of the code.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# What decides whether a change lands tries the same examples each time; everybody else's runs draw new ones.
settings.register_profile("the same each time", settings.get_profile("any machine"), derandomize=True)
settings.load_profile("the same each time" if "SAME_EXAMPLES" in os.environ else "any machine")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test its own `$AGENTKIT_HOME`."""
    folder = tmp_path / "home"
    monkeypatch.setenv("AGENTKIT_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def _network() -> Iterator[None]:
    """Allow loopback and nothing else: servers that tests need, they start themselves."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)
    yield
    enable_socket()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests that start real servers and models the time that takes."""
    for item in items:
        live = "live" in Path(str(item.path)).relative_to(Path(__file__).parent).parts
        if live and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(_LIVE_TIMEOUT_S))
