# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# A value is whatever the author of a graph put into its state.
"""The texts inside any value of a graph's state, and the same value with other texts in their places."""

import copy
import dataclasses
import datetime
import decimal
import enum
import pathlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

_SCALARS = (
    type(None), bool, int, float, complex, decimal.Decimal, datetime.date, datetime.time, datetime.timedelta,
    uuid.UUID, type, enum.Enum,
)  # fmt: skip
_Change = Callable[[str], str]


class UnreadableError(TypeError):
    """A value whose texts cannot be found, so that nobody can say what crosses."""


def texts_in(value: object, /) -> list[str]:
    """Return every text in a value, in an order that `rebuilt` follows.

    Dictionaries (keys and values), lists, tuples, sets, dataclasses, pydantic models (LangChain's messages among them)
    and LangGraph's commands are looked into.

    Raises:
        UnreadableError: the value holds something else that may hide text, such as bytes, or is nested too deeply.
    """
    found: list[str] = []

    def keep(text: str) -> str:
        found.append(text)
        return text

    try:
        _walk(value, keep)
    except RecursionError:
        raise UnreadableError("it is nested too deeply to be looked at") from None
    return found


def rebuilt(value: Any, texts: Sequence[str], /) -> Any:
    """Return a copy of the value with its texts replaced, one for each that `texts_in` returned.

    Raises:
        UnreadableError: the key of a dictionary would change.
    """
    rest = iter(texts)
    return _walk(value, lambda _: next(rest))


def _walk(value: Any, change: _Change) -> Any:
    match value:
        case _ if isinstance(value, _SCALARS):
            return value
        case pathlib.PurePath():
            return type(value)(change(str(value)))
        case str() | Mapping() | list() | tuple() | set() | frozenset() if getattr(value, "__dict__", None):
            raise UnreadableError(f"a {type(value).__name__} has attributes of its own, which may hide text")
        case str():
            return change(value)
        case Mapping():
            return {_key(key, change): _walk(item, change) for key, item in value.items()}
        case tuple() if hasattr(value, "_fields"):
            return type(value)(*(_walk(item, change) for item in value))
        case list() | tuple() | set() | frozenset():
            items = value if isinstance(value, list | tuple) else sorted(value, key=repr)
            return type(value)(_walk(item, change) for item in items)
        case _:
            return _walk_object(value, change)


def _key(key: Any, change: _Change) -> Any:
    """A key is looked at like any text, but its place cannot take another."""
    if _walk(key, change) != key:
        raise UnreadableError("a rail would change the key of a dictionary")
    return key


def _walk_object(value: Any, change: _Change) -> Any:
    fields = cast("Mapping[str, object] | None", getattr(type(value), "model_fields", None))
    if fields is not None:
        names = [*fields, *(getattr(value, "model_extra", None) or {})]
        twin = value.model_copy(update={name: _walk(getattr(value, name), change) for name in names})
        hidden = getattr(value, "__pydantic_private__", None)
        return _with(twin, {"__pydantic_private__": _walk(hidden, change)}) if hidden else twin
    if type(value).__name__ == "Send" and hasattr(value, "arg"):
        return type(value)(value.node, _walk(value.arg, change))
    if dataclasses.is_dataclass(value):
        names = dict.fromkeys([item.name for item in dataclasses.fields(value)] + [*getattr(value, "__dict__", ())])
        there = [name for name in names if hasattr(value, name)]
        return _with(copy.copy(value), {name: _walk(getattr(value, name), change) for name in there})
    raise UnreadableError(f"a {type(value).__name__} may hold text that nobody can look at")


def _with(twin: Any, values: Mapping[str, object]) -> Any:
    """Set attributes, also of an object that is frozen, without its constructor: it might make others of them."""
    for name, value in values.items():
        object.__setattr__(twin, name, value)
    return twin
