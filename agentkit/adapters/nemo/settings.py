"""What a folder's `custom_data.agentkit` may say: checked with the file and line, read by the actions."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# NeMo hands custom_data on as a plain dictionary.

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import yaml
from nemoguardrails.rails.llm.config import RailsConfig

from agentkit.adapters.nemo.faults import Fault, did_you_mean
from agentkit.adapters.nemo.keys import Located, construct, entries
from agentkit.adapters.nemo.output_settings import (
    OUTPUT_SETTINGS,
    OUTPUT_WORDS,
    flag,
    name_given,
    pattern,
    patterns,
    wrong_topics,
)


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 600


_KINDS: Mapping[Callable[[object], bool], str] = {
    _count: "a whole number from 0",
    _share: "a number from 0 to 1",
    **OUTPUT_WORDS,
    _seconds: "a number of seconds, up to 600",
}
_SETTINGS: Mapping[str, Mapping[str, tuple[Any, Callable[[object], bool]]]] = {
    "size": {"max_characters": (20_000, _count)},
    "characters": {"max_hidden": (16, _count)},
    "injection": {"threshold": (0.5, _share)},
    "passages": {"threshold": (0.5, _share)},
    "answer": {"threshold": (0.7, _share)},
    "citations": {"marker": (r"\[d\d+p\d+\]", pattern), "min_words": (3, _count), "required": (False, flag)},
    "secrets": {"patterns": ([], patterns)},
    **OUTPUT_SETTINGS,
    "presidio": {"spacy_model": ("en_core_web_lg", name_given)},
    "lakera": {
        "url": ("https://api.lakera.ai", name_given),
        "project_id": ("", name_given),
        "api_key_env_var": ("LAKERA_API_KEY", name_given),
        "timeout_s": (10.0, _seconds),
    },
}


def setting(config: RailsConfig, section: str, key: str, /) -> Any:
    """Return `custom_data.agentkit.SECTION.KEY` of the folder's configuration, or its default.

    Raises:
        KeyError: there is no such setting.
    """
    default, _ = _SETTINGS[section][key]
    ours: Mapping[str, Any] = config.custom_data.get("agentkit") or {}
    return (ours.get(section) or {}).get(key, default)


def setting_names() -> list[str]:
    """Return every setting there is: `SECTION.KEY`, or a section that is a list."""
    return [*(f"{section}.{key}" for section, keys in _SETTINGS.items() for key in keys), "topics"]


def setting_faults(located: Located, /) -> Iterator[Fault]:
    """Yield every setting of a file that no action would read, or whose value none could use."""
    for key, node, _ in entries(located.root):
        if key != "custom_data":
            continue
        for name, ours, line in entries(node):
            if name == "agentkit":
                yield from _section_faults(located, ours, line)
            elif difflib.get_close_matches(name.lower(), ["agentkit"], cutoff=0.7):
                sentence = f'agentkit reads no "custom_data.{name}"; did you mean "custom_data.agentkit"?'
                yield Fault(sentence, str(located.path), line)


def _section_faults(located: Located, ours: yaml.Node, line: int) -> Iterator[Fault]:
    if not isinstance(ours, yaml.MappingNode):
        yield Fault("custom_data.agentkit must be a mapping (`key: value`)", str(located.path), line)
    for section, node, at in entries(ours):
        if section == "topics":
            for number, sentence in wrong_topics(node, at):
                yield Fault(sentence, str(located.path), number)
        elif section not in _SETTINGS:
            yield _unknown(located, at, section, [*_SETTINGS, "topics"])
        elif not isinstance(node, yaml.MappingNode):
            yield Fault(f"custom_data.agentkit.{section} must be a mapping (`key: value`)", str(located.path), at)
        else:
            yield from _key_faults(located, section, node)


def _key_faults(located: Located, section: str, node: yaml.Node) -> Iterator[Fault]:
    known = _SETTINGS[section]
    for key, value, line in entries(node):
        if key not in known:
            yield _unknown(located, line, f"{section}.{key}", [f"{section}.{name}" for name in known])
        elif not (fits := known[key][1])(construct(value)):
            sentence = f"custom_data.agentkit.{section}.{key} must be {_KINDS[fits]}"
            yield Fault(sentence, str(located.path), line)


def _unknown(located: Located, line: int, name: str, known: Collection[str]) -> Fault:
    hint = did_you_mean(name, known, cutoff=0.4)
    return Fault(f'custom_data.agentkit has no "{name}"; {hint}', str(located.path), line)
