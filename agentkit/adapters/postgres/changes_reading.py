# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false, reportMissingTypeStubs=false
# asyncpg has no types.
"""From the messages of the log to changes of rows, one transaction after the other."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from agentkit.adapters.postgres.changes_tables import Followed, Row, resolved
from agentkit.adapters.postgres.pgoutput import Begun, Committed, Decoder, Deleted, Relation, Truncated, Written
from agentkit.changes import Batch, Change, Emptied, Gone, Put

_CHUNK_CHARS = 4_000_000
_CHUNK_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the log of one database of one server, and which tables were read there: their OIDs by their names."""

    system: str
    database: str
    lsn: int
    tables: Mapping[str, int] = field(default_factory=dict[str, int])

    @classmethod
    def read(cls, text: str | None) -> "Position | None":
        """Return what `told` wrote; None for anything else."""
        try:
            return None if text is None else cls(**json.loads(text))
        except (ValueError, TypeError):
            return None

    def told(self) -> str:
        """Return it as text."""
        return json.dumps(asdict(self))


@dataclass(slots=True)
class Transaction:
    """What a transaction did so far; `skipped` where that is known already."""

    skipped: bool
    _changes: list[Change] = field(default_factory=list[Change])
    _chars: int = 0
    _rows: int = 0

    @property
    def is_long(self) -> bool:
        """Whether there is so much that it should be handed on before its end."""
        return self._chars > _CHUNK_CHARS or self._rows > _CHUNK_ROWS

    def take(self, changes: Sequence[Change]) -> None:
        """Add what happened to a row."""
        self._changes += changes
        self._rows += 1
        for change in changes:
            if isinstance(change, Put):
                self._chars += sum(len(value) for value in change.values.values() if value)

    def cut(self, position: str | None) -> Batch:
        """Return what was added since the last time."""
        made = Batch(self._changes, position, self._rows)
        self._changes, self._chars, self._rows = [], 0, 0
        return made


class Reading:
    """Takes messages of the log, in order.

    Args:
        connection: for values that the log leaves out.
        followed: the tables, by their names with schema.
        known: up to where everything is known already.
    """

    def __init__(self, connection: Any, followed: Mapping[str, Followed], known: Position) -> None:
        self._connection = connection
        self._followed = followed
        self._known = known
        self._decoder = Decoder()
        self._transaction = Transaction(skipped=True)
        self.last = known.lsn
        self.count = 0

    async def take(self, data: bytes) -> Batch | None:
        """Take a message; return a batch where a transaction ends, or grows long."""
        self.count += 1
        message = self._decoder.decode(data)
        if isinstance(message, Begun):
            self._transaction = Transaction(skipped=message.end < self._known.lsn)
        elif self._transaction.skipped or message is None or isinstance(message, Relation):
            return None
        elif isinstance(message, Committed):
            self.last = max(self.last, message.end)
            return self._transaction.cut(replace(self._known, lsn=self.last).told())
        else:
            self._transaction.take(await self._changes_of(message))
        return self._transaction.cut(None) if self._transaction.is_long else None

    async def _changes_of(self, message: Written | Deleted | Truncated) -> Sequence[Change]:
        if isinstance(message, Truncated):
            names = [self._decoder.relations[number].name for number in message.relations]
            return [Emptied(self._followed[name].table.name) for name in names if name in self._followed]
        relation = self._decoder.relations[message.relation]
        table = self._followed.get(relation.name)
        if table is None:
            return []  # the publication has more tables than are followed
        if isinstance(message, Deleted):
            return [Gone(table.table.name, table.key_of(message.old))]
        new = resolved(message.new, message.old if relation.replica_identity == "f" else {})
        made: list[Change] = []
        if message.old and table.key_of(message.old) != table.key_of(new):
            made.append(Gone(table.table.name, table.key_of(message.old)))
        return [*made, await self._there(table, new)]

    async def _there(self, table: Followed, new: Row) -> Change:
        """Return the row; what the log leaves out, as it did not change, is read from the table as it is now.

        That may be newer than this place of the log. What made it so is still to come, and says the same.
        """
        if table.complete(new):
            return table.put(new)
        key = table.key_of(new)
        row = await self._connection.fetchrow(table.select_one, *key)
        return Gone(table.table.name, key) if row is None else table.put(dict(row))
