"""What a folder's `custom_data.agentkit` may say: checked with the file and line, read by the actions."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# NeMo hands custom_data on as a plain dictionary.

import difflib
import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml
from nemoguardrails.rails.llm.config import RailsConfig

from agentkit.adapters.nemo.keys import Located, entries
from agentkit.adapters.nemo.output_settings import OUTPUT_SETTINGS, OUTPUT_WORDS, wrong_topics
from agentkit.errors import ConfigError


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _pattern(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(re.compile(value))
    except re.error:
        return False


def _patterns(value: object) -> bool:
    return isinstance(value, list) and all(_pattern(item) for item in value)


_KINDS: Mapping[Callable[[object], bool], str] = {
    _count: "a whole number from 0",
    _share: "a number from 0 to 1",
    _flag: "true or false",
    _pattern: "a regular expression",
    _patterns: "a list of regular expressions",
    **OUTPUT_WORDS,
}
_SETTINGS: Mapping[str, Mapping[str, tuple[Any, Callable[[object], bool]]]] = {
    "size": {"max_characters": (20_000, _count)},
    "characters": {"max_hidden": (16, _count)},
    "injection": {"threshold": (0.5, _share)},
    "passages": {"threshold": (0.5, _share)},
    "answer": {"threshold": (0.7, _share)},
    "citations": {"marker": (r"\[d\d+p\d+\]", _pattern), "min_words": (3, _count), "required": (False, _flag)},
    "secrets": {"patterns": ([], _patterns)},
    **OUTPUT_SETTINGS,
}


def setting(config: RailsConfig, section: str, key: str, /) -> Any:
    """Return `custom_data.agentkit.SECTION.KEY` of the folder's configuration, or its default.

    Raises:
        KeyError: there is no such setting.
    """
    default, _ = _SETTINGS[section][key]
    ours: Mapping[str, Any] = config.custom_data.get("agentkit") or {}
    return (ours.get(section) or {}).get(key, default)


def check_settings(located: Located, /) -> None:
    """Refuse a setting that no action would read, or whose value none could use.

    Raises:
        ConfigError: with the file and the line.
    """
    for key, node, _ in entries(located.root):
        if key != "custom_data":
            continue
        for name, ours, _ in entries(node):
            if name == "agentkit":
                _check_sections(located, ours)


def _check_sections(located: Located, ours: yaml.Node) -> None:
    for section, node, line in entries(ours):
        if section == "topics":
            for at, sentence in wrong_topics(node, line):
                raise ConfigError(sentence, path=str(located.path), line=at)
            continue
        if section not in _SETTINGS:
            raise _unknown(located, line, section, {*_SETTINGS, "topics"})
        for key, value, at in entries(node):
            if key not in _SETTINGS[section]:
                raise _unknown(located, at, f"{section}.{key}", {f"{section}.{known}" for known in _SETTINGS[section]})
            _, fits = _SETTINGS[section][key]
            if not fits(yaml.SafeLoader("").construct_object(value, deep=True)):
                message = f"custom_data.agentkit.{section}.{key} must be {_KINDS[fits]}"
                raise ConfigError(message, path=str(located.path), line=at)


def _unknown(located: Located, line: int, name: str, known: Mapping[str, Any] | set[str]) -> ConfigError:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f'did you mean "{near[0]}"?' if near else f"known are {', '.join(sorted(known))}"
    return ConfigError(f'custom_data.agentkit has no "{name}"; {hint}', path=str(located.path), line=line)
