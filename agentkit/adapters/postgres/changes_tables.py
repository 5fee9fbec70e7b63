# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false, reportMissingTypeStubs=false
# asyncpg has no types.
"""Which columns of a table are read, and what tells its rows apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agentkit.adapters.postgres import changes_sql as sql
from agentkit.adapters.postgres.pgoutput import UNCHANGED, Value
from agentkit.changes import Key, Put, Table
from agentkit.errors import ConfigError

Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Followed:
    """A table as it is in the database: `name` with its schema, `key` and `columns` that are read, with their types."""

    table: Table
    name: str
    quoted: str
    key: tuple[str, ...]
    columns: Mapping[str, str]

    @property
    def select(self) -> str:
        """What reads every row."""
        return f"SELECT {', '.join(map(sql.as_text, self.columns))} FROM {self.quoted}"  # noqa: S608 - quoted names

    @property
    def select_one(self) -> str:
        """What reads a row by its key."""
        places = [
            f"{sql.quoted(name)} = (${place}::text)::{self.columns[name]}"
            for place, name in enumerate(self.key, start=1)
        ]
        return f"{self.select} WHERE {' AND '.join(places)}"

    def key_of(self, row: Row) -> Key:
        """Return the key of a row.

        Raises:
            ConfigError: the log does not tell it.
        """
        values = [row.get(name) for name in self.key]
        if not all(isinstance(value, str) for value in values):
            raise ConfigError(
                f"The log does not tell the key ({', '.join(self.key)}) of a row of {self.name}: choose a key whose "
                f"columns are never NULL, and ALTER TABLE {self.quoted} REPLICA IDENTITY FULL."
            )
        return tuple(str(value) for value in values)

    def complete(self, row: Row) -> bool:
        """Tell whether a row has every column that is read."""
        return all(name in row and row[name] is not UNCHANGED for name in self.columns)

    def put(self, row: Row) -> Put:
        """Return what a complete row says."""
        values = {name: None if row[name] is None else str(row[name]) for name in self.columns}
        return Put(self.table.name, self.key_of(row), values)


def resolved(new: Row, old: Row) -> Row:
    """Return a row, with what did not change taken from what the log says it was, where it does."""
    return {name: old.get(name, value) if value is UNCHANGED else value for name, value in new.items()}


async def examine(connection: Any, tables: Sequence[Table]) -> list[Followed]:
    """Look tables up.

    Raises:
        ConfigError: one is not there, lacks a column, or its log would not say which row was changed.
    """
    return [await _examined(connection, table) for table in tables]


async def _examined(connection: Any, table: Table) -> Followed:
    row = await connection.fetchrow(sql.TABLE, table.name)
    if row is None:
        raise ConfigError(
            f"There is no table {table.name} in this database: write its schema too (public.{table.name})."
        )
    if row["kind"] not in "rp":
        raise ConfigError(f"{table.name} is no table: what happens to its rows is not in the log.")
    types = {column["name"]: column["type"] for column in await connection.fetch(sql.COLUMNS, row["oid"])}
    indexed = await connection.fetch(sql.IDENTITY, row["oid"])
    primary = tuple(item["name"] for item in indexed if item["primary"])
    told = {"d": primary, "i": tuple(item["name"] for item in indexed if item["chosen"]), "f": tuple(types), "n": ()}
    key, place = table.key or primary, f"{sql.quoted(row['schema'])}.{sql.quoted(row['name'])}"
    if not key:
        raise ConfigError(f"{table.name} has no primary key: say under `key` which columns tell its rows apart.")
    wanted = dict.fromkeys([*key, *table.columns])
    for name in wanted:
        if name not in types:
            raise ConfigError(f"{table.name} has no column {name}; it has {', '.join(types)}.")
    if not set(key) <= set(told[row["identity"]]):
        # Without it, publishing the table would make the database refuse its changes, or they could not be followed.
        raise ConfigError(
            f"The log does not say which row of {table.name} changed by {', '.join(key)}: add a primary key of these "
            f"columns, or ALTER TABLE {place} REPLICA IDENTITY FULL."
        )
    return Followed(table, f"{row['schema']}.{row['name']}", place, key, {name: types[name] for name in wanted})


async def publish(connection: Any, name: str, tables: Sequence[Followed]) -> None:
    """Have the log tell of tables; a publication of that name that tells of more is left as it is.

    Raises:
        ConfigError: there is one that leaves something out.
    """
    if not await connection.fetchval(sql.PUBLISHED, name):
        places = ", ".join(table.quoted for table in tables)
        made = f"CREATE PUBLICATION {sql.quoted(name)} FOR TABLE {places} WITH (publish_via_partition_root = true)"
        await connection.execute(made)
        return
    there = {row["name"]: row["rowfilter"] for row in await connection.fetch(sql.PUBLICATION, name)}
    if any(there.get(table.name) for table in tables) or not await connection.fetchval(sql.COMPLETE, name):
        raise ConfigError(f"The publication {name} leaves rows or kinds of changes out: drop it, and it is made anew.")
    missing = [table.quoted for table in tables if table.name not in there]
    if missing:
        await connection.execute(f"ALTER PUBLICATION {sql.quoted(name)} ADD TABLE {', '.join(missing)}")


async def there(connection: Any, name: str, tables: Sequence[Followed]) -> tuple[dict[str, int], list[str]]:
    """Return the OIDs of tables by their names, 0 for one that is gone, and which of them a publication leaves out."""
    asked = [table.name for table in tables], [table.quoted for table in tables], name
    rows = await connection.fetch(sql.THERE, *asked)
    return {row["name"]: row["oid"] or 0 for row in rows}, [row["name"] for row in rows if not row["published"]]
