"""What the output rails may be told under `custom_data.agentkit`: checkers, defaults, and the list of topics."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# NeMo hands custom_data on as a plain dictionary.

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml
from nemoguardrails.rails.llm.config import RailsConfig

from agentkit.adapters.nemo.keys import construct, entries
from agentkit.privacy.entity_types import KNOWN_TYPES
from agentkit.text.topics import Topic
from agentkit.text.toxicity import TOXIC_KINDS

_Check = Callable[[object], bool]


def flag(value: object) -> bool:
    """Whether a value is true or false."""
    return isinstance(value, bool)


def name_given(value: object) -> bool:
    """Whether a value is a text that says something."""
    return isinstance(value, str) and bool(value.strip())


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(map(name_given, value))


def patterns(value: object) -> bool:
    """Whether a value is a list of regular expressions."""
    return isinstance(value, list) and all(map(pattern, value))


def pattern(value: object) -> bool:
    """Whether a value is a regular expression."""
    try:
        return isinstance(value, str) and bool(re.compile(value))
    except re.error:
        return False


def _types(value: object) -> bool:
    return isinstance(value, list) and all(item in KNOWN_TYPES for item in value)


def _kinds(value: object) -> bool:
    return isinstance(value, list) and all(item in TOXIC_KINDS for item in value)


def _mending(value: object) -> bool:
    return value in ("block", "redact")


def _mode(value: object) -> bool:
    return value in ("block", "flag")


PERSONAL_TYPES = (
    *("CREDIT_CARD", "CRYPTO", "EMAIL_ADDRESS", "IBAN_CODE", "IN_AADHAAR", "IN_PAN", "MEDICAL_LICENSE", "PHONE_NUMBER"),
    *("UK_NHS", "UK_NINO", "US_BANK_NUMBER", "US_DRIVER_LICENSE", "US_ITIN", "US_PASSPORT", "US_SSN"),
)
"""Identifiers of people that no answer may hold unless its source does."""
OUTPUT_WORDS: Mapping[_Check, str] = {
    flag: "true or false",
    name_given: "a text",
    pattern: "a regular expression",
    _texts: "a list of texts",
    patterns: "a list of regular expressions",
    _types: f"a list of entity types, such as {', '.join(KNOWN_TYPES[:3])}",
    _kinds: f"a list of {', '.join(TOXIC_KINDS)}",
    _mending: "block or redact",
    _mode: "block or flag",
}
OUTPUT_SETTINGS: Mapping[str, Mapping[str, tuple[Any, _Check]]] = {
    "leakage": {"fragments": ([], _texts), "own_prompts": (True, flag)},
    "personal": {"types": (list(PERSONAL_TYPES), _types), "mode": ("block", _mending)},
    "markup": {"links": (False, flag), "hosts": ([], _texts)},
    "advice": {"allowed": (True, flag)},
    "toxicity": {"kinds": (list(TOXIC_KINDS), _kinds)},
}
"""By section and key: the default, and what a value must be."""
_TOPIC: Mapping[str, _Check] = {"name": name_given, "terms": _texts, "patterns": patterns, "mode": _mode}


def topics(config: RailsConfig, /) -> list[Topic]:
    """Return the topics of `custom_data.agentkit.topics`; none where there is no such list."""
    ours: Mapping[str, Any] = config.custom_data.get("agentkit") or {}
    return [_topic(item) for item in ours.get("topics") or []]


def _topic(given: Mapping[str, Any]) -> Topic:
    mode = "flag" if given.get("mode") == "flag" else "block"
    return Topic(given["name"], tuple(given.get("terms") or ()), tuple(given.get("patterns") or ()), mode)


def wrong_topics(node: yaml.Node, line: int, /) -> Iterator[tuple[int, str]]:
    """Yield what is wrong with the list of topics that begins on a line, each as its line and a sentence."""
    if not isinstance(node, yaml.SequenceNode):
        yield line, "custom_data.agentkit.topics must be a list, each item with a name, and terms or patterns"
        return
    for number, item in enumerate(node.value, 1):
        given: set[str] = set()
        for key, value, at in entries(item):
            given |= {key} if value.value else set()
            if key not in _TOPIC:
                yield at, f'custom_data.agentkit.topics has no "{key}" in an item; known are {", ".join(_TOPIC)}'
            elif not _TOPIC[key](construct(value)):
                yield at, f"custom_data.agentkit.topics, item {number}: {key} must be {OUTPUT_WORDS[_TOPIC[key]]}"
        if "name" not in given or not given & {"terms", "patterns"}:
            at = item.start_mark.line + 1
            yield at, f"custom_data.agentkit.topics, item {number}, needs a name, and terms or patterns"
