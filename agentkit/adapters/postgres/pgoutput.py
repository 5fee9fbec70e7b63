"""The messages of Postgres's own logical decoding plug-in, protocol version 1.

Source: PostgreSQL documentation, "Logical Replication Message Formats".
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from agentkit.errors import UnavailableError

UNCHANGED = object()
"""Stands for a value that was stored out of line and did not change: the server does not send it again."""
Value = str | object | None
_TRANSACTION = frozenset("BC")
_NOTHING = frozenset("OYM")  # an origin, a type, a message of another program


@dataclass(frozen=True, slots=True)
class Relation:
    """A table as it is at this point of the log; `identity` are the columns that tell its rows apart."""

    number: int
    name: str
    replica_identity: str
    columns: tuple[str, ...]
    identity: frozenset[str]


@dataclass(frozen=True, slots=True)
class Begun:
    """A transaction begins; it ends at `end`."""

    end: int


@dataclass(frozen=True, slots=True)
class Committed:
    """A transaction ends; `end` is the place after its commit."""

    end: int


@dataclass(frozen=True, slots=True)
class Written:
    """A row was inserted or changed. `old` holds what the server tells of it as it was, if it does."""

    relation: int
    new: Mapping[str, Value]
    old: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Deleted:
    """A row was deleted."""

    relation: int
    old: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Truncated:
    """Tables were emptied."""

    relations: tuple[int, ...]


Message = Relation | Begun | Committed | Written | Deleted | Truncated | None


class Decoder:
    """Decodes messages one after the other; it remembers the tables they speak of."""

    def __init__(self) -> None:
        self.relations: dict[int, Relation] = {}

    def decode(self, data: bytes) -> Message:
        """Return a message; None for one that tells nothing of rows.

        Raises:
            UnavailableError: the server speaks another protocol.
        """
        kind, reader = chr(data[0]), _Reader(data, 1)
        if kind in _NOTHING:
            return None
        if kind in _TRANSACTION:
            return self._bracket(kind, reader)
        read = {"R": self._relation, "I": self._inserted, "U": self._updated, "D": self._deleted, "T": _truncated}
        if kind not in read:
            raise UnavailableError(f"Postgres sent a message of an unknown kind ({kind!r}).")
        return read[kind](reader)

    def _bracket(self, kind: str, reader: "_Reader") -> Begun | Committed:
        if kind == "B":
            return Begun(reader.whole("!q"))
        reader.whole("!b")
        reader.whole("!q")
        return Committed(reader.whole("!q"))

    def _relation(self, reader: "_Reader") -> Relation:
        number, schema, name = reader.whole("!i"), reader.text(), reader.text()
        replica_identity, columns, identity = reader.byte(), list[str](), list[str]()
        for _ in range(reader.whole("!h")):
            flags, column = reader.whole("!b"), reader.text()
            reader.whole("!i")
            reader.whole("!i")
            columns.append(column)
            identity += [column] if flags & 1 else []
        made = Relation(number, f"{schema}.{name}", replica_identity, tuple(columns), frozenset(identity))
        self.relations[number] = made
        return made

    def _deleted(self, reader: "_Reader") -> Deleted:
        number = reader.whole("!i")
        reader.byte()
        return Deleted(number, self._tuple(number, reader))

    def _inserted(self, reader: "_Reader") -> Written:
        number = reader.whole("!i")
        reader.byte()
        return Written(number, self._tuple(number, reader), {})

    def _updated(self, reader: "_Reader") -> Written:
        number, kind = reader.whole("!i"), reader.byte()
        old: Mapping[str, Value] = {}
        if kind != "N":
            old = self._tuple(number, reader)
            reader.byte()
        return Written(number, self._tuple(number, reader), old)

    def _tuple(self, number: int, reader: "_Reader") -> dict[str, Value]:
        columns = self.relations[number].columns
        return dict(zip(columns, [reader.value() for _ in range(reader.whole("!h"))], strict=True))


def _truncated(reader: "_Reader") -> Truncated:
    count, _ = reader.whole("!i"), reader.whole("!b")
    return Truncated(tuple(reader.whole("!i") for _ in range(count)))


class _Reader:
    def __init__(self, data: bytes, place: int) -> None:
        self._data = data
        self._place = place

    def whole(self, form: str) -> int:
        (value,) = struct.unpack_from(form, self._data, self._place)
        self._place += struct.calcsize(form)
        return int(value)

    def byte(self) -> str:
        self._place += 1
        return chr(self._data[self._place - 1])

    def text(self) -> str:
        end = self._data.index(b"\0", self._place)
        found = self._data[self._place : end].decode()
        self._place = end + 1
        return found

    def value(self) -> Value:
        kind = self.byte()
        if kind == "n":
            return None
        if kind == "u":
            return UNCHANGED
        length = self.whole("!i")
        self._place += length
        return self._data[self._place - length : self._place].decode()
