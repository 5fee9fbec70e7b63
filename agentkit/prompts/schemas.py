"""JSON schemas in the strict form that providers ask for where they hold a model to one."""

from collections.abc import Mapping
from typing import cast

_BY_NAME = ("properties", "$defs", "definitions", "patternProperties")


def strict_schema(schema: Mapping[str, object]) -> dict[str, object]:
    """Return a JSON schema in which every object names all its properties and allows no others.

    That is what providers ask for where they hold a model to a schema; a default has no meaning there.
    """
    result = {
        key: _each(value) if key in _BY_NAME else _strict(value) for key, value in schema.items() if key != "default"
    }
    properties = result.get("properties")
    if result.get("type") == "object" and isinstance(properties, dict):
        result["required"] = list(cast(Mapping[str, object], properties))
        result["additionalProperties"] = False
    return result


def _each(schemas: object) -> object:
    """Apply it to schemas by name, of which one may be called "default"."""
    if not isinstance(schemas, Mapping):
        return schemas
    return {name: _strict(schema) for name, schema in cast(Mapping[str, object], schemas).items()}


def _strict(value: object) -> object:
    if isinstance(value, Mapping):
        inner = cast(Mapping[str, object], value)
        return strict_schema(inner)
    if isinstance(value, list):
        return [_strict(item) for item in cast(list[object], value)]
    return value
