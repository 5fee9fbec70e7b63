# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pydantic's adapters and an agent's annotations are whatever its author wrote.
"""The shapes that agents declare for what they take and give, and values held to them."""

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Union

from pydantic import BaseModel, PydanticSchemaGenerationError, PydanticUserError, TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from agentkit.errors import AgentError, ConfigError
from agentkit.structured import faults
from agentkit.types import Claim, SafePassage, Verdict

Kind = Literal["nothing", "claims", "verdicts", "passages", "data"]
_OURS: Mapping[type, Kind] = {Claim: "claims", Verdict: "verdicts", SafePassage: "passages"}


@dataclass(frozen=True, slots=True)
class HandOver:
    """What an agent returns to give its work to another: to whom, and what that one is given."""

    to: str
    given: object = None


@dataclass(frozen=True)
class Shape:
    """What a function takes or gives: claims, verdicts or passages of the run, or data of a class of its own."""

    kind: Kind
    hint: Any = None
    hands_over: bool = False

    @property
    def item(self) -> Any:
        """The class of data, or of what a list of data holds."""
        return typing.get_args(self.hint)[0] if typing.get_origin(self.hint) is list else self.hint

    @property
    def name(self) -> str:
        """The shape in words."""
        if self.kind == "nothing":
            return "nothing"
        named = getattr(self.item, "__name__", str(self.item))
        return named if self.item is self.hint else f"list[{named}]"

    def checked(self, value: object, who: str) -> Any:
        """Return a value as its class says, every field of it looked at.

        Raises:
            AgentError: it does not fit; says what is wrong, without repeating the value.
        """
        if self.kind == "nothing":
            if value is not None:
                raise AgentError(f"The agent {who} returned {_kind(value)}, and declares nothing.", agent=who)
            return None
        try:
            return TypeAdapter(self.hint).validate_python(plain(value))
        except ValidationError as error:
            told = f"The agent {who} returned {_kind(value)} where {self.name} belongs: {faults(error)}."
            raise AgentError(told, agent=who) from None
        except RecursionError:
            raise AgentError(f"The agent {who} returned {_kind(value)} that holds itself.", agent=who) from None

    def unpacked(self, data: object, who: str) -> Any:
        """Return an object of plain values.

        Raises:
            AgentError: they are of another shape.
        """
        try:
            return TypeAdapter(self.hint).validate_python(data)
        except ValidationError as error:
            raise AgentError(f"What the agent {who} is given is no {self.name}: {faults(error)}.", agent=who) from None


NOTHING = Shape("nothing")


def shape_of(hint: object, *, who: str, gives: bool) -> Shape:
    """Return the shape that an annotation declares.

    Raises:
        ConfigError: nobody could check it.
    """
    if hint is None or hint is type(None):
        return NOTHING
    if typing.get_origin(hint) in {Union, types.UnionType}:
        parts = [part for part in typing.get_args(hint) if part not in {HandOver, type(None)}]
        if gives and len(parts) <= 1:
            inner = shape_of(parts[0] if parts else None, who=who, gives=gives)
            return dataclasses.replace(inner, hands_over=HandOver in typing.get_args(hint))
    if hint is HandOver and gives:
        return Shape("nothing", hands_over=True)
    of_list = typing.get_origin(hint) is list
    item = typing.get_args(hint)[0] if of_list else hint
    if item in _OURS:
        if of_list and not (gives and item is SafePassage):
            return Shape(_OURS[item], hint)  # pyright: ignore[reportArgumentType]
    elif isinstance(item, type) and (dataclasses.is_dataclass(item) or issubclass(item, BaseModel)):
        _check_class(hint, who)
        return Shape("data", hint)
    what = "what it returns" if gives else "what it takes"
    raise ConfigError(
        f"The agent {who} must say {what} as a dataclass or pydantic class, a list of one, list[Claim] or "
        f"list[Verdict]; {getattr(hint, '__name__', hint)} cannot be checked."
    )


def _check_class(hint: Any, who: str) -> None:
    try:
        TypeAdapter(hint)
    except (PydanticSchemaGenerationError, PydanticUserError) as error:
        told = str(error).splitlines()[0].rstrip(".")
        raise ConfigError(f"The class that the agent {who} declares cannot be checked: {told}.") from None


def hints_of(run: Callable[..., object], who: str) -> dict[str, Any]:
    """Return the annotations of a function.

    Raises:
        ConfigError: one names a class that cannot be found.
    """
    try:
        return typing.get_type_hints(run)
    except NameError as error:
        raise ConfigError(
            f"The agent {who} is annotated with {error.name}, which cannot be found: define it in the module."
        ) from None


def plain(value: object) -> object:
    """Return an object as plain values, so that all of it is validated again."""
    if isinstance(value, BaseModel):
        return value.model_dump(warnings=False, by_alias=True)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def packed(value: object, who: str) -> object:
    """Return data as the plain values that JSON has.

    Raises:
        AgentError: JSON has no word for some of it.
    """
    try:
        data: object = to_jsonable_python(value, by_alias=True)
        json.dumps(data, allow_nan=False)
    except (ValueError, RecursionError) as error:
        told = str(error).splitlines()[0].rstrip(".")
        raise AgentError(f"What the agent {who} brought cannot be written as JSON: {told}.", agent=who) from None
    return data


def _kind(value: object) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"
