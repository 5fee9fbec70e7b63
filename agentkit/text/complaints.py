"""What is wrong with a value of a configuration, in plain words: what it is, and what it must be."""

import difflib
import re
from collections.abc import Mapping, Sequence

_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "finite": "a number that is not infinite",
    "string": "text",
    "bool": "true or false",
    "list": "a list: one item a line, each after a dash",
    "dict": "a section: its keys on lines of their own, indented",
    "model": "a section: its keys on lines of their own, indented",
}
_BOUNDS = {
    "greater_than": "above {gt}",
    "greater_than_equal": "{ge} or more",
    "less_than": "below {lt}",
    "less_than_equal": "{le} or less",
}
_WORDS = re.compile(r"[A-Za-z]{1,14}(?: [A-Za-z]{1,14})?")


def complaint(
    place: Sequence[int | str],
    value: object,
    kinds: Sequence[tuple[str, Mapping[str, object]]],
    *,
    known: Sequence[str],
    message: str,
) -> str:
    """Return one sentence: the key, what is wrong with it, and what to write.

    Args:
        place: the key ("retrieval", "top_k"); items of lists by number.
        value: what was given.
        kinds: the faults in pydantic's words ("int_parsing"), with what it adds: bounds under `gt`, `ge`, `lt`,
            `le`, choices under `expected`; several where any of several types would do.
        known: the keys there are, where this one is unknown.
        message: what a check of our own says, or pydantic where we know no better.
    """
    key = ".".join(map(str, place))
    needs = [_wanted(kind, context) for kind, context in kinds]
    match kinds[0][0]:
        case "extra_forbidden":
            return f"Unknown key {key}: {_nearest(str(place[-1]), known)}"
        case "missing":
            return f"{key} is missing: add it."
        case _ if all(needs):
            return f"{key} is {shown(value)}, but must be {', or '.join(needs)}."
        case _:
            return f"{key}: {message.removeprefix('Value error, ').rstrip('.')}."


def shown(value: object, /) -> str:
    """Return a value as a sentence calls it; of text only a word or two, for anything else may be a secret."""
    match value:
        case None:
            return "empty"
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case str():
            return f"the text {value!r}" if _WORDS.fullmatch(value) else "text"
        case list():
            return "a list"
        case dict():
            return "a section"
        case _:
            return f"a {type(value).__name__}"


def _wanted(kind: str, context: Mapping[str, object]) -> str:
    if kind == "literal_error":
        return str(context["expected"]).replace("'", "")
    if kind in _BOUNDS:
        return _BOUNDS[kind].format(**context)
    return _KINDS.get(kind.partition("_")[0], "")


def _nearest(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=2, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else f"known here are {', '.join(known)}."
