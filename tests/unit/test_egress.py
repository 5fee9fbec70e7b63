"""Which hosts may be contacted, and that the guard holds the whole process to it."""

import json
import socket
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.egress import EgressPolicy, ProcessGuard, guard_process, host_of, record_hosts
from agentkit.errors import ConfigError, EgressDeniedError

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("policy", "host", "allowed"),
    [
        ("none", "localhost", False),
        ("none", "127.0.0.1", False),
        ("loopback", "localhost", True),
        ("loopback", "127.8.9.1", True),
        ("loopback", "[::1]", True),
        ("loopback", "::ffff:127.0.0.1", True),
        ("loopback", "::ffff:8.8.8.8", False),
        ("loopback", "localhost.evil.example", False),
        ("loopback", "10.0.0.7", False),
        ("loopback", "0.0.0.0", False),  # noqa: S104
        ("loopback", "2130706433", False),
        ("loopback", "0x7f000001", False),
        ("loopback", "127.1", False),
        ("loopback", "", False),
        ("private", "10.0.0.7", True),
        ("private", "192.168.1.4", True),
        ("private", "172.31.255.255", True),
        ("private", "172.32.0.1", False),
        ("private", "fd00::7", True),
        ("private", "169.254.169.254", False),
        ("private", "gpu-box", True),
        ("private", "llm.firm.internal", True),
        ("private", "llm.firm.example", False),
        ("private", "134744072", False),
        (["llm.firm.de"], "LLM.Firm.de.", True),
        (["llm.firm.de"], "firm.de", False),
        (["llm.firm.de"], "evil-llm.firm.de", False),
        (["llm.firm.de"], "localhost", False),
        (["*.firm.de"], "a.b.firm.de", True),
        (["*.firm.de"], "firm.de", False),
        (["*.firm.de"], "evilfirm.de", False),
        (["203.0.113.0/24"], "203.0.113.9", True),
        (["203.0.113.0/24"], "203.0.114.9", False),
        (["loopback", "llm.firm.de"], "127.0.0.1", True),
    ],
)
def test_a_host_is_judged_by_the_policy(policy: str | list[str], host: str, allowed: bool) -> None:  # noqa: FBT001
    assert EgressPolicy.parse(policy).allows(host) is allowed


@pytest.mark.parametrize("entry", ["https://llm.firm.de", "llm.firm.de:8000", "a b", "*", "*.", "1.2.3.4.5", ""])
def test_an_entry_that_is_no_host_is_refused(entry: str) -> None:
    with pytest.raises(ConfigError, match=r"privacy\.egress"):
        EgressPolicy.parse([entry])


def test_none_cannot_be_combined() -> None:
    with pytest.raises(ConfigError, match="none"):
        EgressPolicy.parse(["none", "llm.firm.de"])


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://127.0.0.1@evil.example/x", "evil.example"),
        ("http://evil.example#@127.0.0.1/", "evil.example"),
        ("http://evil.example\\@127.0.0.1/", ""),
        ("http://127.0.0.1\t.evil.example/", ""),
        ("localhost:11434", "localhost"),
        ("http://[::1]:8000/v1", "::1"),
        ("HTTPS://LLM.Firm.DE./v1", "llm.firm.de"),
        ("http://[::1", ""),
    ],
)
def test_the_host_of_a_url_is_the_one_that_would_be_called(url: str, host: str) -> None:
    assert host_of(url) == host


@given(st.text())
def test_no_text_passes_a_policy_that_allows_nothing(text: str) -> None:
    with pytest.raises(EgressDeniedError):
        EgressPolicy.parse("none").check(text)


def test_allowed_hosts_are_recorded_and_denied_ones_are_not() -> None:
    policy = EgressPolicy.parse("loopback")
    with record_hosts() as hosts:
        policy.check("http://localhost:11434/api")
        with pytest.raises(EgressDeniedError, match=r"models\.example"):
            policy.check("https://models.example/v1")
    assert hosts == {"localhost"}


@pytest.mark.parametrize(
    ("event", "arguments", "denied"),
    [
        ("socket.connect", (None, ("192.0.2.1", 80)), "192.0.2.1"),
        ("socket.connect", (None, ("127.0.0.1", 80)), None),
        ("socket.connect", (None, ("198.51.100.7", 443)), None),
        ("socket.sendto", (None, (b"192.0.2.1", 53)), "192.0.2.1"),
        ("socket.sendmsg", (None, None), None),
        ("socket.connect", (SimpleNamespace(family=socket.AF_UNIX), "/run/service"), None),
        ("socket.connect", (None, "an address of an unknown kind"), "an unnamed host"),
        ("socket.getaddrinfo", (b"models.example", 443), "models.example"),
        ("socket.getaddrinfo", ("llm.firm.example", 443), None),
        ("socket.getaddrinfo", (None, 443), None),
        ("socket.getaddrinfo", ("", 443), None),
        ("socket.gethostbyaddr", ("192.0.2.1",), "192.0.2.1"),
        ("socket.getnameinfo", (("192.0.2.1", 53),), "192.0.2.1"),
        ("socket.bind", (None, ("0.0.0.0", 80)), None),  # noqa: S104
    ],
)
def test_the_guard_judges_each_kind_of_contact(event: str, arguments: tuple[object, ...], denied: str | None) -> None:
    guard = ProcessGuard(EgressPolicy.parse(["loopback", "llm.firm.example"]))
    guard.resolved("llm.firm.example", ["198.51.100.7"])
    guard.resolved("models.example", ["192.0.2.1"])
    if denied is None:
        guard.judge(event, arguments)
        assert guard.denied == []
        return
    for _ in range(2):
        with pytest.raises(EgressDeniedError) as caught:
            guard.judge(event, arguments)
        assert caught.value.host == denied
        assert isinstance(caught.value, OSError)
    assert len(guard.denied) == 1
    guard.release()
    guard.judge(event, arguments)


def test_the_guard_watches_this_process_until_it_is_released() -> None:
    first = guard_process(EgressPolicy.parse("none"))
    guard = guard_process(EgressPolicy.parse("none"))  # replaces the first
    with pytest.raises(EgressDeniedError, match="localhost"):
        socket.getaddrinfo("localhost", 80)
    guard.release()
    assert socket.getaddrinfo("127.0.0.1", 80)
    assert (first.denied, guard.denied) == ([], ["localhost"])


def run(script: str) -> dict[str, object]:
    """Run a script alone, in a clean environment: libraries hide their telemetry from pytest and CI."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(script)],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_the_guard_denies_every_way_out_and_leaves_loopback_open() -> None:
    answer = run(
        """
        import asyncio, json, socket, urllib.request
        from agentkit.egress import EgressPolicy, guard_process
        guard = guard_process(EgressPolicy.parse("loopback"))
        datagram = lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        async def stream(): await asyncio.open_connection("192.0.2.6", 80)
        attempts = {
            "tcp": lambda: socket.create_connection(("192.0.2.1", 80)),
            "tcp6": lambda: socket.socket(socket.AF_INET6).connect(("::ffff:192.0.2.2", 80)),
            "sendto": lambda: datagram().sendto(b"x", ("192.0.2.3", 53)),
            "sendmsg": lambda: datagram().sendmsg([b"x"], [], 0, ("192.0.2.4", 53)),
            "connect_ex": lambda: datagram().connect_ex(("192.0.2.5", 53)),
            "asyncio": lambda: asyncio.run(stream()),
            "name": lambda: socket.getaddrinfo("models.example", 443),
            "old name": lambda: socket.gethostbyname("old.example"),
            "reverse": lambda: socket.getnameinfo(("192.0.2.7", 53), 0),
            "urllib": lambda: urllib.request.urlopen("http://urllib.example/"),
        }
        outcome = {}
        for name, attempt in attempts.items():
            try:
                attempt()
                outcome[name] = "open"
            except OSError as error:
                outcome[name] = "denied" if "not allowed" in str(error) else repr(error)
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(("localhost", server.getsockname()[1])).close()
        socket.socketpair()
        guard.release()
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("127.0.0.1", 9))
        print(json.dumps({"outcome": outcome, "denied": guard.denied}))
        """
    )
    assert set(answer["outcome"].values()) == {"denied"}  # type: ignore[attr-defined]
    assert len(answer["denied"]) == 10  # type: ignore[arg-type]


def test_an_allowed_names_addresses_are_allowed_and_no_others() -> None:
    answer = run(
        """
        import json, socket
        row = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))
        socket.getaddrinfo = lambda host, *more: [row]  # stands for the firm's name server
        from agentkit.egress import EgressPolicy, guard_process
        guard = guard_process(EgressPolicy.parse(["127.0.0.1/32", "llm.firm.example"]))
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            guard_process(EgressPolicy.parse(["llm.firm.example"]))
            seen = []
            for host in ("127.0.0.1", "llm.firm.example"):
                try:
                    address = host if host[0] == "1" else socket.getaddrinfo(host, port)[0][4][0]
                    probe = socket.socket()
                    probe.connect((address, port))
                    seen.append("open")
                except OSError:
                    seen.append("denied")
        print(json.dumps({"seen": seen}))
        """
    )
    assert answer["seen"] == ["denied", "open"]


@pytest.mark.timeout(60)
def test_our_libraries_contact_nobody_when_they_are_silenced() -> None:
    answer = run(
        """
        import json
        from agentkit.egress import EgressPolicy, guard_process
        guard = guard_process(EgressPolicy.parse("none"))
        from agentkit.quiet import silence
        silence()
        import langgraph.graph
        from nemoguardrails import LLMRails, RailsConfig
        LLMRails(RailsConfig.from_content(yaml_content="models: []"))
        from agentkit.adapters.litellm import LiteLLMBackend
        import time
        time.sleep(1)  # their background threads would call now
        print(json.dumps({"denied": guard.denied}))
        """
    )
    assert answer["denied"] == []


@pytest.mark.timeout(60)
def test_the_same_libraries_would_contact_somebody_otherwise() -> None:
    """Without this, the test above could be green because it looks at nothing."""
    answer = run(
        """
        import json, time
        from agentkit.egress import EgressPolicy, guard_process
        guard = guard_process(EgressPolicy.parse("none"))
        from nemoguardrails import LLMRails, RailsConfig
        LLMRails(RailsConfig.from_content(yaml_content="models: []"))
        for _ in range(100):
            if guard.denied:
                break
            time.sleep(0.1)
        print(json.dumps({"denied": guard.denied}))
        """
    )
    assert "nvidia.com" in str(answer["denied"])
