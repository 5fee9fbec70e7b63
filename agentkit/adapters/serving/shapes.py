"""The schema that a client wants an answer to fit: looked at before it is used, because a client may mean harm."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import SchemaError, ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable

from agentkit.adapters.serving.wire import RequestError
from agentkit.calls import Completion
from agentkit.errors import StructuredOutputError
from agentkit.prompts.parse import read_json

_PARAM = "response_format.json_schema.schema"
_MOST_PARTS = 20_000


def _unlooked(*_: object) -> None:
    """Pass a pattern over: it can be made to run for ever over an answer that its author asked for."""


_Validator: Any = cast(Any, validators).extend(Draft202012Validator, {"pattern": _unlooked})


def check_schema(schema: Mapping[str, object]) -> None:
    """Refuse what is no schema, or what comparing an answer with it could take for ever.

    Raises:
        RequestError: says why.
    """
    try:
        Draft202012Validator.check_schema(schema)
        parts = _parts(schema, schema, {})
    except (SchemaError, RecursionError):
        raise RequestError("The schema is no JSON schema.", param=_PARAM) from None
    if parts > _MOST_PARTS:
        raise RequestError(f"The schema has more than {_MOST_PARTS} parts, references followed.", param=_PARAM)
    for part in _objects(schema):
        if "patternProperties" in part:
            raise RequestError("patternProperties is not supported here: name the properties.", param=_PARAM)
        if not _is_near(part, is_top=part is schema):
            raise RequestError("A schema may refer to its own parts only, as in #/$defs/NAME.", param=_PARAM)


def fitting(completion: Completion, schema: Mapping[str, object]) -> Completion:
    """Return an answer that is JSON and fits, patterns aside: repaired where it is no JSON.

    Raises:
        StructuredOutputError: it does not fit.
    """
    try:
        data = cast(object, json.loads(completion.text))
    except (ValueError, RecursionError):
        data = dict(read_json(completion.text))
    try:
        nothing_fetched = cast(Any, Registry)()
        _Validator(schema, registry=nothing_fetched).validate(data)
    except (ValidationError, Unresolvable, RecursionError) as error:
        place = "/".join(str(part) for part in error.absolute_path) if isinstance(error, ValidationError) else ""
        wrong = f"{completion.model} gave no answer that fits the schema (at {place or 'the top'})."
        raise StructuredOutputError(wrong, model=completion.model, billed="yes") from None
    text = json.dumps(data, ensure_ascii=False)
    return Completion(text, completion.model, completion.usage, completion.finish_reason, completion.cache_hit)


def _is_near(part: Mapping[str, object], *, is_top: bool) -> bool:
    """Tell whether what a part refers to can be counted: a name of its own could lead anywhere."""
    reference = part.get("$ref")
    if isinstance(reference, str) and reference != "#" and not reference.startswith("#/"):
        return False
    named = isinstance(part.get("$id"), str) and not is_top
    return not named and not any(isinstance(part.get(name), str) for name in ("$dynamicRef", "$recursiveRef"))


def _parts(value: object, root: Mapping[str, object], known: dict[str, int]) -> int:
    """Return how many parts a schema has where each reference stands for what it names, once in its own circle."""
    total = 1 + sum(_parts(item, root, known) for item in _items(value))
    reference = _get(value, "$ref")
    if isinstance(reference, str):
        if reference not in known:
            known[reference] = 0
            known[reference] = _parts(_named(reference, root), root, known)
        total += known[reference]
    return total


def _named(reference: str, root: Mapping[str, object]) -> object:
    found: object = root
    for step in reference.removeprefix("#").split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        found = _get(found, name)
    return None if found is root else found


def _get(value: object, name: str) -> object:
    row = _items(value)
    if isinstance(value, dict):
        return cast(Mapping[str, object], value).get(name)
    return row[int(name)] if name.isdecimal() and len(name) < 6 and int(name) < len(row) else None


def _items(value: object) -> Sequence[object]:
    if isinstance(value, dict):
        return list(cast(Mapping[str, object], value).values())
    return cast(list[object], value) if isinstance(value, list) else []


def _objects(value: object) -> Iterator[Mapping[str, object]]:
    items = _items(value)
    if isinstance(value, dict):
        yield cast(Mapping[str, object], value)
    for item in items:
        yield from _objects(item)
