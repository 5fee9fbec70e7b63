# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false, reportAttributeAccessIssue=false
# confluent-kafka's types are partial.
"""What happens to the rows of tables, from topics that Debezium writes.

Partitions are read from the offsets that the index itself holds; no consumer group is joined and nothing is committed
to the broker: what is in the index, and nothing else, says what was read.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import confluent_kafka as kafka

from agentkit.adapters.kafka.envelope import changes_in
from agentkit.changes import Batch, Change, Lag, Table
from agentkit.egress import EgressPolicy, note_host
from agentkit.errors import ConfigError, UnavailableError

_MESSAGES = 5_000
_ANSWER_S = 10.0
_LOOK_S = 0.2
_EMPTY_S = 0.02
_PATIENCE_S = 5.0
"""What is not there by then belongs to a transaction that is not committed."""
_SETTINGS = frozenset({"security.protocol", "sasl.mechanism", "sasl.username", "sasl.password", "ssl.ca.location"})
Offsets = dict[str, dict[int, int]]
"""The next offset of each partition of each topic."""


class KafkaChanges:
    """The changes of tables whose topics Debezium writes.

    Args:
        url: `kafka://HOST:PORT[,HOST:PORT]`, with settings of the client behind `?` (`security.protocol`, `sasl.*`,
            `ssl.ca.location`).
        tables: each has the name of its topic.
        egress: the hosts that may be contacted.

    Raises:
        ConfigError: the address is none of Kafka, or has another setting.
        EgressDeniedError: a host may not be contacted.
    """

    def __init__(self, url: str, *, tables: Sequence[Table], egress: EgressPolicy | None = None) -> None:
        servers, settings = _parsed(url)
        self._hosts = [server.rpartition(":")[0] or server for server in servers]
        for host in self._hosts:
            if egress is not None:
                egress.check(host)
        self._egress = egress
        self._tables = {table.name: table for table in tables}
        self._settings = {**settings, "bootstrap.servers": ",".join(servers)}
        self._open: Any = None
        self._assigned: Offsets = {}
        self._failure = ""

    async def resume(self, position: str | None, /) -> str:
        return await asyncio.to_thread(self._resume, position)

    async def snapshot(self) -> AsyncGenerator[Batch]:
        """Read each topic from its first message to its end as of now: Debezium begins it with every row."""
        offsets = {
            topic: {number: low for number, (low, _) in ends.items()}
            for topic, ends in (await asyncio.to_thread(self._ends)).items()
        }
        position = json.dumps(offsets)
        while True:
            read = 0
            async for batch in self.changes(position):
                read += batch.rows
                position = batch.position or position
                yield Batch(batch.changes, None, batch.rows)
            if not read:
                break
        yield Batch([], position)

    async def changes(self, position: str, /) -> AsyncGenerator[Batch]:
        offsets = _read(position)
        ends = await asyncio.to_thread(self._ends)
        wanted = {
            (topic, number): high
            for topic, parts in ends.items()
            for number, (_, high) in parts.items()
            if offsets.get(topic, {}).get(number, 0) < high
        }
        if not wanted:
            return
        await asyncio.to_thread(self._assign, offsets, ends)
        count, patience = 0, time.monotonic() + _PATIENCE_S
        while wanted and count < _MESSAGES and time.monotonic() < patience:
            messages = await asyncio.to_thread(self._messages, wanted, offsets)
            patience = time.monotonic() + _PATIENCE_S if messages else patience
            made: list[Change] = []
            for message in messages:
                made += changes_in(self._tables[message.topic()], message.key(), message.value())
            count += len(messages)
            if messages or not wanted:  # what was no message moves the position, too
                yield Batch(made, json.dumps(offsets), len(messages))

    async def release(self, position: str, /) -> None:
        """Nothing: a topic keeps what it keeps, whoever has read it."""

    async def wait(self, seconds: float, /) -> None:
        end = time.monotonic() + seconds
        await asyncio.to_thread(self._wait, end)

    async def lag(self) -> Lag:
        ends = await asyncio.to_thread(self._ends)
        behind = sum(
            high - self._assigned.get(topic, {}).get(number, low)
            for topic, parts in ends.items()
            for number, (low, high) in parts.items()
        )
        return Lag(behind, "messages")

    async def unread(self) -> dict[str, int]:
        return {}

    async def drop(self) -> bool:
        return False  # nothing of us is on the broker

    async def aclose(self) -> None:
        consumer, self._open = self._open, None
        if consumer is not None:
            await asyncio.to_thread(consumer.close)

    def _consumer(self) -> Any:
        if self._open is None:
            self._open = kafka.Consumer(
                {
                    **self._settings,
                    "group.id": "agentkit",  # asked for, and never joined
                    "enable.auto.commit": False,
                    "enable.auto.offset.store": False,
                    "auto.offset.reset": "error",
                    "isolation.level": "read_committed",
                    "enable.partition.eof": True,
                    "fetch.wait.max.ms": 50,
                    "error_cb": self._fail,
                    "log_level": 0,
                }
            )
        for host in self._hosts:
            note_host(host)
        return self._open

    def _fail(self, error: Any) -> None:
        self._failure = str(error)

    def _ends(self) -> dict[str, dict[int, tuple[int, int]]]:
        """Return the first offset that is kept, and the one after the last, of each partition."""
        try:
            return {topic: self._ends_of(topic) for topic in self._tables}
        except kafka.KafkaException as error:
            raise _unavailable(error) from error

    def _ends_of(self, topic: str) -> dict[int, tuple[int, int]]:
        consumer = self._consumer()
        told = consumer.list_topics(topic, timeout=_ANSWER_S)
        for broker in told.brokers.values():
            if self._egress is not None:
                self._egress.check(broker.host)  # they say themselves under which names they are reached
        found = told.topics[topic]
        if found.error is not None or not found.partitions:
            raise ConfigError(f"There is no topic {topic} on this broker: is Debezium's connector running?")
        return {
            number: consumer.get_watermark_offsets(kafka.TopicPartition(topic, number), timeout=_ANSWER_S)
            for number in found.partitions
        }

    def _resume(self, position: str | None) -> str:
        ends = self._ends()
        if position is None:
            short = [topic for topic, parts in ends.items() if any(low for low, _ in parts.values())]
            left = f"; rows that only deleted messages of {', '.join(short)} told of are missing" if short else ""
            return f"nothing of it was read before{left}"
        offsets = _read(position)
        for topic, parts in ends.items():
            for number, (low, high) in parts.items():
                at = offsets.get(topic, {}).get(number, 0)
                if at > high:
                    return f"the topic {topic} was made anew"
                if at < low:
                    raise ConfigError(
                        f"The broker has deleted messages of {topic} that were not read: have Debezium make a new "
                        "snapshot of the table, and read the topic anew with agentkit follow --restart."
                    )
        return ""

    def _assign(self, offsets: Offsets, ends: dict[str, dict[int, tuple[int, int]]]) -> None:
        """Begin each partition where the index has read to, unless the consumer stands there already."""
        for topic, parts in ends.items():
            for number, (low, _) in parts.items():
                offsets.setdefault(topic, {}).setdefault(number, low)
        if self._assigned == offsets:
            return
        places = [
            kafka.TopicPartition(topic, number, at) for topic, parts in offsets.items() for number, at in parts.items()
        ]
        self._consumer().assign(places)
        self._assigned = {topic: dict(parts) for topic, parts in offsets.items()}

    def _messages(self, wanted: dict[tuple[str, int], int], offsets: Offsets) -> list[Any]:
        """Read on; advance the offsets, and strike off `wanted` the partitions that were read to their ends."""
        try:
            told = self._consumer().consume(500, timeout=_LOOK_S)
        except kafka.KafkaException as error:
            self._assigned = {}
            raise _unavailable(error) from error
        made: list[Any] = []
        for message in told:
            topic, number, error = message.topic(), message.partition(), message.error()
            if error is not None and error.code() != kafka.KafkaError._PARTITION_EOF:  # noqa: SLF001 - its public name
                self._assigned = {}
                raise UnavailableError(f"Kafka cannot be followed ({error.str()}).")
            high = wanted.get((topic, number), 0)
            # At the end of a partition all before it counts as read: markers of transactions are no messages.
            at = min(message.offset(), high) if error is not None else message.offset() + 1
            offsets[topic][number] = max(offsets[topic][number], at)
            self._assigned[topic][number] = offsets[topic][number]
            made += [] if error is not None else [message]
            if error is not None or offsets[topic][number] >= high:
                wanted.pop((topic, number), None)
        if not told and self._failure:
            failure, self._failure = self._failure, ""
            raise UnavailableError(f"Kafka cannot be followed ({failure}).")
        return made

    def _wait(self, end: float) -> None:
        while time.monotonic() < end:
            ends = self._ends()
            if any(
                high > self._assigned.get(topic, {}).get(number, 0)
                for topic, parts in ends.items()
                for number, (_, high) in parts.items()
            ):
                return
            time.sleep(_EMPTY_S)


def _parsed(url: str) -> tuple[list[str], dict[str, str]]:
    """Return the servers of an address, and the client's settings in it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ConfigError("This is no address: write kafka://HOST:PORT.") from None
    servers = [server for server in parts.netloc.rpartition("@")[2].split(",") if server]
    settings = dict(parse_qsl(parts.query))
    if parts.scheme != "kafka" or not servers or not _SETTINGS.issuperset(settings):
        told = f"known settings are {', '.join(sorted(_SETTINGS))}"
        raise ConfigError(f"This is no address of Kafka: write kafka://HOST:PORT ({told}).")
    return servers, settings


def _read(position: str) -> Offsets:
    return {topic: {int(number): at for number, at in parts.items()} for topic, parts in json.loads(position).items()}


def _unavailable(error: Any) -> UnavailableError:
    told = error.args[0] if error.args else error
    return UnavailableError(f"Kafka cannot be followed ({told.str() if hasattr(told, 'str') else told}).")
