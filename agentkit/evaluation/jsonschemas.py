# pyright: reportUnknownMemberType=false, reportArgumentType=false
# jsonschema's types know JSON's shapes by names of its own.
"""JSON schemas of cases: whether they are any, and whether a value fits (draft 2020-12)."""

from collections.abc import Mapping

from jsonschema import Draft202012Validator, SchemaError
from referencing import Registry
from referencing.exceptions import Unresolvable

_NOTHING_FETCHED: Registry[object] = Registry()


def is_schema(value: object) -> bool:
    """Whether a value is a JSON schema."""
    try:
        Draft202012Validator.check_schema(value)
    except SchemaError:
        return False
    return isinstance(value, Mapping)


def fits(value: object, schema: Mapping[str, object]) -> bool:
    """Whether a value fits a schema; nothing fits one that refers to another file or host, and nothing is fetched."""
    try:
        return Draft202012Validator(schema, registry=_NOTHING_FETCHED).is_valid(value)
    except Unresolvable:
        return False
