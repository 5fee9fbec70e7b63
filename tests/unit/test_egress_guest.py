"""Inside somebody's process: only our own calls are held to the policy, and what they contact is recorded.

Each test runs alone in a process, because the command line's tests hold theirs as a whole. `DNS` stands for the
machine's resolver: it raises the same audit event.
"""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PREPARED = """
import asyncio, contextlib, json, socket, sys, threading
DNS = {}
real = socket.getaddrinfo
def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
    if host not in DNS:
        return real(host, port, family, type, proto, flags)
    sys.audit("socket.getaddrinfo", host, port, family, type, proto)
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port or 0)) for address in DNS[host]]
socket.getaddrinfo = getaddrinfo

from agentkit.egress import EgressPolicy, enforced, held, record_hosts
from agentkit.errors import EgressDeniedError

servers = {address: socket.create_server((address, 0)) for address in ("127.0.0.1", "127.0.0.2", "127.0.0.3")}
for server in servers.values():
    server.listen(64)

def port(address): return servers[address].getsockname()[1]

def visit(host, at=None):
    "Connect as synchronous libraries do."
    try:
        socket.create_connection((host, port(at or host)), timeout=120).close()
        return "open"
    except OSError as error:
        return "denied" if "not allowed" in str(error) else repr(error)

async def call(host, at=None):
    "Connect as asynchronous libraries do."
    try:
        _, writer = await asyncio.open_connection(host, port(at or host))
        writer.close()
        return "open"
    except OSError as error:
        return "denied" if "not allowed" in str(error) else repr(error)

ONE = EgressPolicy.parse(["127.0.0.1"])
TWO = EgressPolicy.parse(["127.0.0.2"])
seen = {}
"""


def run(script: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PREPARED + textwrap.dedent(script) + "\nprint(json.dumps(seen))"],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_the_hosts_own_sockets_work_before_during_and_after_our_call() -> None:
    seen = run(
        """
        seen["before"] = visit("127.0.0.2")
        inside, done, host = threading.Event(), threading.Event(), []
        def mind_own_business():
            inside.wait(120)
            host.extend(visit("127.0.0.2") for _ in range(5))
            done.set()
        thread = threading.Thread(target=mind_own_business)
        thread.start()
        with enforced(ONE):
            inside.set()
            done.wait(120)
            seen["ours"] = [visit("127.0.0.1"), visit("127.0.0.2")]
        thread.join()
        seen["host"] = host
        seen["after"] = visit("127.0.0.2")
        seen["patched"] = socket.getaddrinfo is not getaddrinfo
        """
    )
    assert seen == {
        "before": "open",
        "ours": ["open", "denied"],
        "host": ["open"] * 5,
        "after": "open",
        "patched": False,
    }


def test_tasks_and_threads_that_our_call_starts_are_held_and_the_hosts_tasks_are_not() -> None:
    seen = run(
        """
        async def ours(inside, leave):
            with enforced(ONE):
                inside.set()
                seen["task"] = await asyncio.create_task(call("127.0.0.2"))
                seen["thread"] = await asyncio.to_thread(visit, "127.0.0.2")
                seen["allowed"] = [await call("127.0.0.1"), await asyncio.to_thread(visit, "127.0.0.1")]
                await leave.wait()
        async def main():
            inside, leave = asyncio.Event(), asyncio.Event()
            task = asyncio.create_task(ours(inside, leave))
            await inside.wait()
            seen["host"] = [await call("127.0.0.2"), await asyncio.to_thread(visit, "127.0.0.2")]
            leave.set()
            await task
            seen["same loop"] = await call("127.0.0.2")
        asyncio.run(main())
        with enforced(ONE):
            # Documented: a thread that does not inherit the context is out of reach, unless the process is ours.
            bare = threading.Thread(target=lambda: seen.update(bare=visit("127.0.0.2")))
            bare.start()
            bare.join()
        """
    )
    assert seen == {
        "task": "denied",
        "thread": "denied",
        "allowed": ["open", "open"],
        "host": ["open", "open"],
        "same loop": "open",
        "bare": "open",
    }


def test_installing_the_hook_again_changes_nothing_and_policies_inside_each_other_both_hold() -> None:
    seen = run(
        """
        import sys
        hooks = []
        sys.addaudithook(lambda event, _: hooks.append(event) if event == "sys.addaudithook" else None)
        with enforced(ONE), enforced(ONE), record_hosts(EgressPolicy.parse("loopback")) as hosts:
            with enforced(TWO):
                seen["neither"] = [visit("127.0.0.1"), visit("127.0.0.2")]
            seen["one"] = visit("127.0.0.1")
        seen["hosts"] = sorted(hosts)
        seen["hooks"] = len(hooks)
        """
    )
    assert seen == {"neither": ["denied", "denied"], "one": "open", "hosts": ["127.0.0.1"], "hooks": 1}


def test_a_name_that_leads_elsewhere_is_refused_when_it_is_connected_to() -> None:
    seen = run(
        """
        DNS.update({"evil.internal": ["8.8.8.8"], "localhost": ["8.8.8.8"], "meta.example": ["169.254.169.254"],
                    "mixed.example": ["127.0.0.3"], "llm.internal": ["127.0.0.1"]})
        private, listed = EgressPolicy.parse("private"), EgressPolicy.parse(["meta.example", "mixed.example"])
        async def both(policy, name, at="127.0.0.1"):
            with enforced(policy):
                return [visit(name, at), await call(name, at)]
        async def main():
            seen["internal"] = await both(private, "evil.internal")
            seen["localhost"] = await both(EgressPolicy.parse("loopback"), "localhost")
            seen["listed localhost"] = await both(EgressPolicy.parse(["localhost"]), "localhost")
            seen["metadata"] = await both(listed, "meta.example")
            seen["unlisted"] = await both(listed, "evil.internal")
            seen["sound"] = await both(private, "llm.internal")
            # A name that is listed may lead anywhere else, and nothing else may lead there.
            seen["anywhere"] = await both(listed, "mixed.example", "127.0.0.3")
            try:
                await private.admit("http://evil.internal/v1")
            except OSError as error:
                seen["admit"] = str(error)
        asyncio.run(main())
        with enforced(EgressPolicy.parse("loopback")), socket.socket() as probe:
            try:
                probe.connect(("localhost", port("127.0.0.1")))
            except OSError as error:
                seen["connected by name"] = "denied" if "not allowed" in str(error) else repr(error)
        with enforced(listed):
            seen["its address"] = visit("127.0.0.3")
            seen["another"] = visit("127.0.0.2")
        """
    )
    words = seen.pop("admit")
    assert str(words).startswith("Contacting 8.8.8.8, to which evil.internal resolves, is not allowed")
    assert seen == {
        "internal": ["denied"] * 2,
        "localhost": ["denied"] * 2,
        "listed localhost": ["denied"] * 2,
        "metadata": ["denied"] * 2,
        "unlisted": ["denied"] * 2,
        "sound": ["open"] * 2,
        "anywhere": ["open"] * 2,
        "connected by name": "denied",
        "its address": "open",
        "another": "denied",
    }


def test_a_pattern_lets_an_asynchronous_library_through_whose_look_up_nobody_could_attribute() -> None:
    seen = run(
        """
        DNS["db.firm.example"] = ["127.0.0.3"]
        async def main():
            with record_hosts(EgressPolicy.parse(["*.firm.example"])) as hosts:
                seen["call"] = await call("db.firm.example", "127.0.0.3")
            seen["hosts"] = sorted(hosts)
        asyncio.run(main())
        """
    )
    assert seen == {"call": "open", "hosts": ["db.firm.example"]}


def test_what_was_contacted_is_recorded_under_the_name_used_and_runs_are_kept_apart() -> None:
    seen = run(
        """
        DNS.update({"one.example": ["127.0.0.1"], "three.example": ["127.0.0.3"]})
        policy = EgressPolicy.parse(["one.example", "three.example", "127.0.0.2", "127.0.0.1"])
        async def one(visits):
            with record_hosts(policy) as hosts:
                for host, at in visits:
                    policy.check(f"http://{host}/v1")
                    await call(host, at)
                    await asyncio.sleep(0)
            return sorted(hosts)
        async def main():
            return await asyncio.gather(
                one([("one.example", "127.0.0.1"), ("127.0.0.2", None)]),
                one([("three.example", "127.0.0.3")]),
                one([("127.0.0.1", None), ("127.0.0.1", None)]),
                one([]),
            )
        seen["runs"] = asyncio.run(main())
        with record_hosts(policy) as hosts:
            policy.check("http://three.example/")   # may go over a connection that is still open
            with contextlib.suppress(EgressDeniedError):
                policy.check("http://four.example/")
            EgressPolicy.parse("loopback").check("http://127.0.0.9/")  # passed the check, never contacted
        seen["checked"] = sorted(hosts)
        """
    )
    assert seen == {
        "runs": [["127.0.0.2", "one.example"], ["three.example"], ["127.0.0.1"], []],
        "checked": ["three.example"],
    }


def test_a_stream_holds_its_own_work_and_not_its_consumer() -> None:
    seen = run(
        """
        async def items():
            yield await call("127.0.0.2")
            yield await call("127.0.0.1")
        async def main():
            seen["theirs"], seen["ours"] = [], []
            async for item in held(ONE, items()):
                seen["ours"].append(item)
                seen["theirs"].append(await call("127.0.0.2"))
        asyncio.run(main())
        """
    )
    assert seen == {"ours": ["denied", "open"], "theirs": ["open", "open"]}


def test_a_held_backend_is_held_in_anybodys_program_and_that_program_is_not() -> None:
    seen = run(
        """
        from agentkit.calls import Chunk, Completion
        from agentkit.types import Prompt
        from agentkit.wrappers.held import HeldBackend
        class Backend:
            name, deterministic, context_tokens = "b", True, 4096
            async def complete(self, prompt):
                return Completion(f"{await call('127.0.0.1')} {await call('127.0.0.2')}", "b")
            async def stream(self, prompt):
                try:
                    for address in ("127.0.0.1", "127.0.0.2"):
                        yield Chunk(await call(address))
                finally:
                    seen["closing"] = await call("127.0.0.2")
            async def aclose(self): ...
        async def main():
            backend = HeldBackend(Backend(), egress=ONE)
            prompt = Prompt(role="writer", task="ask", version="1", instructions="", passages=[])
            seen["complete"] = (await backend.complete(prompt)).text
            chunks = backend.stream(prompt)
            seen["stream"], seen["host"] = [], []
            async for chunk in chunks:
                seen["stream"].append(chunk.text)
                seen["host"].append(await call("127.0.0.2"))
            early = backend.stream(prompt)
            await anext(early)
            seen["closing"] = ""
            await early.aclose()
        asyncio.run(main())
        """
    )
    assert seen == {
        "complete": "open denied",
        "stream": ["open", "denied"],
        "host": ["open", "open"],
        "closing": "denied",
    }


def test_an_event_loop_that_connects_out_of_our_sight_is_judged_by_the_look_up() -> None:
    pytest.importorskip("uvloop")
    seen = run(
        """
        import uvloop
        DNS = {"evil.internal": ["8.8.8.8"], "mixed.internal": ["127.0.0.1", "8.8.8.8"], "llm.internal": ["127.0.0.1"]}
        policy = EgressPolicy.parse("private")
        async def look_up(host):
            with record_hosts(policy) as hosts:
                try:
                    policy.resolved(host, DNS[host])
                    policy.check(f"http://{host}/")
                    return sorted(hosts)
                except OSError:
                    return "denied"
        async def main():
            for host in DNS:
                seen[host] = await look_up(host)
        uvloop.run(main())
        """
    )
    assert seen == {"evil.internal": "denied", "mixed.internal": "denied", "llm.internal": ["llm.internal"]}
