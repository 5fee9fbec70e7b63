"""What Debezium writes for each change: before, after and what was done; with or without a schema around it.

Source: Debezium documentation, "Change event values" and "Truncate events".
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from agentkit.changes import Change, Emptied, Gone, Put, Table
from agentkit.errors import ConfigError

_UNAVAILABLE = "__debezium_unavailable_value"
_PRESENT = ("c", "u", "r")
_NOTHING = ("m",)  # a message that a program wrote into the log


def changes_in(table: Table, key: bytes | None, value: bytes | None) -> Sequence[Change]:
    """Return what a message says of the rows of a table.

    Args:
        table: the topic's.
        key: the message's key: the row's, as JSON.
        value: the envelope; nothing is a tombstone, which says that the row is gone.

    Raises:
        ConfigError: the message is none of Debezium's, or lacks what the configuration asks for.
    """
    told = _payload(value, table)
    if told is None:
        named = _payload(key, table)
        return [] if named is None else [Gone(table.name, _key(table, named, named))]
    doing, before, after = told.get("op"), _row(told.get("before")), _row(told.get("after"))
    if doing in _NOTHING:
        return []
    if doing == "t":
        return [Emptied(table.name)]
    named = _payload(key, table)
    if doing == "d":
        return [Gone(table.name, _key(table, before, named))]
    if doing not in _PRESENT or after is None:
        raise ConfigError(f"A message of {table.name} is no change that Debezium writes (op is {doing!r}).")
    now = _key(table, after, named)
    made: list[Change] = []
    if before is not None and all(name in before for name in table.key):
        was = _key(table, before, named)
        made += [Gone(table.name, was)] if was != now else []
    return [*made, Put(table.name, now, _values(table, before, after))]


def _payload(data: bytes | None, table: Table) -> dict[str, Any] | None:
    if not data:
        return None
    try:
        read = cast(object, json.loads(data))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"A message of {table.name} is not JSON: use Debezium's JSON converter.") from error
    if isinstance(read, dict) and set(cast(dict[str, object], read)) == {"schema", "payload"}:
        read = cast(dict[str, object], read)["payload"]
    if read is None:
        return None
    if not isinstance(read, dict):
        raise ConfigError(f"A message of {table.name} is no JSON object: use Debezium's JSON converter.")
    return cast(dict[str, Any], read)


def _row(value: object) -> dict[str, object] | None:
    return cast(dict[str, object], value) if isinstance(value, dict) else None


def _key(table: Table, row: Mapping[str, object] | None, named: Mapping[str, object] | None) -> tuple[str, ...]:
    """Return a row's key: from the columns that are configured, or from the message's key."""
    source = row if table.key and row is not None and all(row.get(name) is not None for name in table.key) else named
    names = table.key or tuple(sorted(named or ()))
    values = [None if source is None else source.get(name) for name in names]
    if not names or any(value is None for value in values):
        raise ConfigError(f"A message of {table.name} does not tell the row's key ({', '.join(names) or 'none'}).")
    return tuple(_text(value) for value in values)


def _values(table: Table, before: Mapping[str, object] | None, after: Mapping[str, object]) -> dict[str, str | None]:
    """Return a row's values; one that Debezium left out, as it did not change, is what it was, where that is told."""
    made, columns = dict[str, str | None](), table.columns
    for name, value in after.items():
        known = value
        if known == _UNAVAILABLE:
            known = (before or {}).get(name, _UNAVAILABLE)
        if known == _UNAVAILABLE and name in columns:
            raise ConfigError(
                f"A message of {table.name} leaves {name} out, as it did not change: set REPLICA IDENTITY FULL on the "
                "table, or Debezium's column.reselect post-processor."
            )
        made[name] = None if known is None else _text(known)
    for name in columns:
        if name not in made:
            raise ConfigError(f"A message of {table.name} has no field {name}; it has {', '.join(made)}.")
    return made


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
