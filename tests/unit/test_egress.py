"""Which hosts may be contacted, and that the guard holds the whole process to it."""

import json
import socket
import subprocess
import sys
import textwrap
from ipaddress import IPv4Address
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.egress import EgressPolicy, ProcessGuard, host_of, proxy_for
from agentkit.egress.contacts import BOOK
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
        ("loopback", "0177.0.0.1", False),
        ("loopback", "0x7f.0.0.1", False),
        ("loopback", "127.0.0.1.", False),
        ("loopback", "127.0.0.1%lo", False),
        ("loopback", "::1%lo", True),
        ("loopback", "::1%lo lo", False),
        ("loopback", "::", False),
        ("loopback", "64:ff9b::7f00:1", False),
        ("loopback", "::127.0.0.1", False),
        ("loopback", "localhost.", True),
        ("loopback", "localhost..", False),
        ("loopback", "ollama.localhost", True),
        ("loopback", "ｌocalhost", False),
        ("loopback", "localhost。", False),
        ("loopback", "", False),
        ("private", "64:ff9b::10.0.0.7", False),
        ("private", "fd00:ec2::254", False),
        ("private", "fd20:ce::254", False),
        ("private", "fe80::1%eth0", False),
        ("private", "::ffff:169.254.169.254", False),
        ("private", "llm.firm.internal.", True),
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
        (["203.0.113.0/24"], "::ffff:203.0.113.9", True),
        (["1.1.1.0/24"], "64:ff9b::1.1.1.1", True),
        (["1.1.1.0/24"], "64:ff9b:1::1.1.1.1", False),
        (["::ffff:203.0.113.9"], "203.0.113.9", True),
        (["0.0.0.0/0", "::/0"], "1.2.3.4", True),
        (["0.0.0.0/0", "::/0"], "169.254.169.254", False),
        (["0.0.0.0/0", "::/0"], "::ffff:169.254.169.254", False),
        (["0.0.0.0/0", "::/0"], "64:ff9b::169.254.169.254", False),
        (["0.0.0.0/0", "::/0"], "64:ff9b:1::169.254.169.254", False),
        (["0.0.0.0/0", "::/0"], "2002:a9fe:a9fe::1", False),
        (["0.0.0.0/0", "::/0"], "0.0.0.0", False),  # noqa: S104
        (["0.0.0.0/0", "::/0"], "fe80::1", False),
        (["169.254.169.254"], "169.254.169.254", True),
        (["169.254.0.0/16"], "169.254.1.1", True),
        (["fd00:ec2::254"], "fd00:ec2::254", True),
        (["xn--bcher-kva.example"], "Bücher.example", True),
        (["bücher.example"], "xn--bcher-kva.example", True),
        (["strasse.example"], "straße.example", False),
        (["*.firm.de"], "xn--a-ecp.firm.de", True),
        (["loopback", "llm.firm.de"], "127.0.0.1", True),
    ],
)
def test_a_host_is_judged_by_the_policy(policy: str | list[str], host: str, allowed: bool) -> None:  # noqa: FBT001
    assert EgressPolicy.parse(policy).allows(host) is allowed


@pytest.mark.parametrize(
    "entry",
    ["https://llm.firm.de", "llm.firm.de:8000", "a b", "*", "*.", "1.2.3.4.5", "straße.example", "10.0.0.1.", "", "."],
)
def test_an_entry_that_is_no_host_is_refused(entry: str) -> None:
    with pytest.raises(ConfigError, match=r"privacy\.egress"):
        EgressPolicy.parse([entry])


def test_none_cannot_be_combined() -> None:
    with pytest.raises(ConfigError, match="none"):
        EgressPolicy.parse(["none", "llm.firm.de"])


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://a@127.0.0.1@evil.example/", ""),
        ("http://[::1]evil.example/", ""),
        ("http://[::1]:80:81/", ""),
        ("http:evil.example", ""),
        ("http:///evil.example", ""),
        ("http://user:p%40ss@llm.firm.de:8000/v1?x=http://evil.example", "llm.firm.de"),
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


@pytest.mark.parametrize(
    ("policy", "name", "address", "allowed"),
    [
        ("loopback", "localhost", "127.0.0.1", True),
        ("loopback", "localhost", "::1", True),
        ("loopback", "localhost", "8.8.8.8", False),
        ("loopback", "localhost", "10.0.0.7", False),
        ("private", "evil.internal", "8.8.8.8", False),
        ("private", "evil.internal", "64:ff9b::8.8.8.8", False),
        ("private", "llm.internal", "10.0.0.7", True),
        ("private", "llm.internal", "169.254.169.254", False),
        ("private", "gpu-box", "::ffff:8.8.8.8", False),
        (["llm.firm.de"], "llm.firm.de", "8.8.8.8", True),
        (["llm.firm.de"], "llm.firm.de", "10.0.0.7", True),
        (["llm.firm.de"], "llm.firm.de", "2001:db8::7", True),
        (["llm.firm.de"], "llm.firm.de", "169.254.169.254", False),
        (["llm.firm.de"], "llm.firm.de", "::ffff:169.254.169.254", False),
        (["llm.firm.de"], "llm.firm.de", "64:ff9b::a9fe:a9fe", False),
        (["llm.firm.de"], "llm.firm.de", "fd00:ec2::254", False),
        (["llm.firm.de"], "llm.firm.de", "0.0.0.0", False),  # noqa: S104
        (["llm.firm.de"], "other.firm.de", "8.8.8.8", False),
        (["llm.firm.de", "169.254.169.254"], "llm.firm.de", "169.254.169.254", True),
        (["*.firm.de"], "llm.firm.de", "8.8.8.8", True),
        (["localhost"], "localhost", "127.0.0.1", True),
        (["localhost"], "localhost", "8.8.8.8", False),
        (["private", "llm.firm.de"], "evil.internal", "8.8.8.8", False),
        (["llm.firm.de"], "llm.firm.de", "no address", False),
    ],
)
def test_a_name_is_judged_by_where_it_leads(
    policy: str | list[str],
    name: str,
    address: str,
    allowed: bool,  # noqa: FBT001
) -> None:
    assert EgressPolicy.parse(policy).allows_resolved(name, address) is allowed


@given(st.ip_addresses(v=4))
def test_an_address_means_the_same_in_every_clothing(address: IPv4Address) -> None:
    for policy in (EgressPolicy.parse("private"), EgressPolicy.parse(["203.0.113.0/24", "1.0.0.0/8"])):
        assert policy.allows(f"::ffff:{address}") is policy.allows(str(address))
        assert policy.allows(f"[::ffff:{address}]") is policy.allows(str(address))
        if address.is_global:
            assert policy.allows(f"64:ff9b::{address}") is policy.allows(str(address))


PROXIES = {
    "HTTPS_PROXY": "http://user:secret@proxy.firm.example:3128",
    "NO_PROXY": "localhost, .intern,10.0.0.7,a.de:81",
}


@pytest.mark.parametrize(
    ("url", "environ", "proxy"),
    [
        ("https://api.example/v1", PROXIES, ("HTTPS_PROXY", "proxy.firm.example")),
        ("HTTPS://api.example/v1", PROXIES, ("HTTPS_PROXY", "proxy.firm.example")),
        ("http://api.example/v1", PROXIES, None),
        ("api.example", PROXIES, None),
        ("https://localhost:8000/v1", PROXIES, None),
        ("https://llm.intern/v1", PROXIES, None),
        ("https://llmintern/v1", PROXIES, ("HTTPS_PROXY", "proxy.firm.example")),
        ("https://10.0.0.7/v1", PROXIES, None),
        ("https://a.de:81/", PROXIES, None),
        ("https://a.de:82/", PROXIES, ("HTTPS_PROXY", "proxy.firm.example")),
        ("https://api.example/", {**PROXIES, "no_proxy": "*"}, None),
        ("https://api.example/", {**PROXIES, "https_proxy": ""}, None),
        ("https://api.example/", {"ALL_PROXY": "socks5://10.0.0.9:1080"}, ("ALL_PROXY", "10.0.0.9")),
        ("http://api.example/", {"http_proxy": "10.0.0.9:3128"}, ("http_proxy", "10.0.0.9")),
        ("http://api.example/", {"HTTP_PROXY": "http://10.0.0.9", "REQUEST_METHOD": "GET"}, None),
    ],
)
def test_the_proxy_of_a_url_is_found(url: str, environ: dict[str, str], proxy: tuple[str, str] | None) -> None:
    found = proxy_for(url, environ)
    assert (found and (found.variable, found.host)) == proxy
    assert "secret" not in repr(found)


def test_a_proxy_must_be_allowed_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "http_proxy", "all_proxy", "no_proxy", "NO_PROXY", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://user:secret@proxy.firm.example:3128")
    policy = EgressPolicy.parse(["api.example"])
    with pytest.raises(
        EgressDeniedError, match=r"proxy\.firm\.example \(HTTPS_PROXY .* NO_PROXY=api\.example"
    ) as caught:
        policy.check("https://api.example/v1")
    assert "secret" not in str(caught.value)
    assert policy.check("http://api.example/v1") == "api.example"
    assert policy.check("https://api.example/v1", direct=True) == "api.example"
    assert EgressPolicy.parse(["api.example", "proxy.firm.example"]).check("https://api.example/v1") == "api.example"


@given(st.text())
def test_no_text_passes_a_policy_that_allows_nothing(text: str) -> None:
    with pytest.raises(EgressDeniedError):
        EgressPolicy.parse("none").check(text)


def test_a_host_that_is_not_allowed_is_named() -> None:
    policy = EgressPolicy.parse("loopback")
    assert policy.check("http://localhost:11434/api") == "localhost"
    with pytest.raises(EgressDeniedError, match=r"models\.example"):
        policy.check("https://models.example/v1")


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
    BOOK.learn("llm.firm.example", ["198.51.100.7"])
    BOOK.learn("models.example", ["192.0.2.1"])
    if denied is None:
        guard.judge(event, arguments)
        assert guard.denied == []
        return
    for _ in range(2):
        with pytest.raises(EgressDeniedError) as caught:
            guard.judge(event, arguments)
        assert denied in caught.value.host
        assert isinstance(caught.value, OSError)
    assert len(guard.denied) == 1
    guard.release()
    guard.judge(event, arguments)


def run(script: str) -> dict[str, object]:
    """Run a script alone, in a clean environment: libraries hide their telemetry from pytest and CI."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(script)],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
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


def test_a_guard_is_replaced_and_released() -> None:
    answer = run(
        """
        import json, socket
        from agentkit.egress import EgressPolicy, guard_process
        first = guard_process(EgressPolicy.parse("none"))
        guard = guard_process(EgressPolicy.parse("none"))
        try:
            socket.getaddrinfo("localhost", 80)
            seen = "open"
        except OSError as error:
            seen = str(error)
        guard.release()
        socket.getaddrinfo("127.0.0.1", 80)
        print(json.dumps({"seen": seen, "denied": [first.denied, guard.denied]}))
        """
    )
    assert "localhost is not allowed" in str(answer["seen"])
    assert answer["denied"] == [[], ["localhost"]]


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
