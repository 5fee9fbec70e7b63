"""Read YAML with its line numbers, and find keys that would silently be ignored."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# PyYAML's nodes and pydantic's annotations are untyped.

import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

import yaml
from nemoguardrails.rails.llm.config import RailsConfig
from pydantic import BaseModel

from agentkit.adapters.nemo.faults import Fault, did_you_mean
from agentkit.errors import ConfigError

_DOOR = "agentkit asks every model through the door of the run; say it in agentkit.yaml, under"
IGNORED = {
    ("RailsConfig", "streaming"): "NeMo no longer reads it.",
    ("RailsConfig", "config_path"): "NeMo writes it itself.",
    ("RailsConfig", "imported_paths"): "NeMo writes it itself.",
    ("SensitiveDataDetectionOptions", "mask_token"): "NeMo does not use it; an entity is replaced by its type.",
    ("JailbreakDetectionConfig", "embedding"): "NeMo no longer reads it.",
    ("Model", "api_key_env_var"): f"{_DOOR} models: litellm_params: api_key.",
    ("Model", "cache"): f"{_DOOR} cache. NeMo's own cache answers one tenant with the verdict of another.",
    ("Rails", "tool_input"): "agentkit checks what a tool returns with the rails under rails.retrieval.",
    ("Rails", "tool_output"): "agentkit runs no rails on what a tool is asked.",
}
"""By model and field: what would be read and then not be obeyed, and why."""


@dataclass(frozen=True, slots=True)
class Located:
    """A YAML file as nodes, which know their lines."""

    path: Path
    root: yaml.MappingNode | None

    def line_at(self, location: Sequence[str | int]) -> int | None:
        """Return the line of the deepest node on a path of keys and list positions, or None if it does not begin."""
        node: yaml.Node | None = self.root
        line = None
        for step in location:
            node, line = _child(node, step, line)
        return line

    def items(self, keys: Sequence[str]) -> list[tuple[str, int]]:
        """Return the items of the list under `keys`, each with its line; nothing where there is no such list."""
        node: yaml.Node | None = self.root
        for key in keys:
            node = _child(node, key, None)[0]
        if not isinstance(node, yaml.SequenceNode):
            return []
        return [(str(item.value), item.start_mark.line + 1) for item in node.value]

    def values(self, keys: Sequence[str]) -> list[tuple[Any, int]]:
        """Return the items of the list under `keys` as Python values, each with its line."""
        node: yaml.Node | None = self.root
        for key in keys:
            node = _child(node, key, None)[0]
        items = node.value if isinstance(node, yaml.SequenceNode) else []
        return [(construct(item), item.start_mark.line + 1) for item in items]

    def value(self, keys: Sequence[str]) -> Any:
        """Return the value under `keys`, or None."""
        node: yaml.Node | None = self.root
        for key in keys:
            node = _child(node, key, None)[0]
        return None if node is None else construct(node)


def _child(node: yaml.Node | None, step: str | int, line: int | None) -> tuple[yaml.Node | None, int | None]:
    """Go down one step; where there is no such child, stay on the line."""
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step].start_mark.line + 1
    for key, value, at in entries(node):
        if key == step:
            return value, at
    return None, line


def read_yaml(path: Path, /) -> Located:
    """Parse a file.

    Raises:
        ConfigError: it is no YAML mapping; `line` says where.
    """
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise ConfigError("this file is not UTF-8 text", path=str(path)) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = None if mark is None else mark.line + 1
        raise ConfigError(f"YAML: {error.problem or error.context}", path=str(path), line=line) from error
    except yaml.YAMLError as error:
        raise ConfigError(f"YAML: {error}", path=str(path)) from error
    if not isinstance(root, yaml.MappingNode):
        raise ConfigError("YAML: a mapping (`key: value`) is expected", path=str(path), line=1)
    return Located(path, root)


def key_faults(located: Located, /) -> Iterator[Fault]:
    """Yield every key of a file that NeMo, or agentkit in its place, would silently ignore, and every wrong shape."""
    yield from _walk(str(located.path), located.root, RailsConfig, "", 1)


def _walk(path: str, node: yaml.Node | None, annotation: Any, name: str, line: int) -> Iterator[Fault]:
    """Compare one value with what its field is declared to hold."""
    kind = _plain(annotation)
    models = _models(kind)
    if isinstance(node, yaml.MappingNode) and models:
        yield from _mapping(path, node, models, f"{name}." if name else "")
    elif models and str not in _parts(kind):
        yield Fault(f'"{name}" must be a mapping (`key: value`)', path, line)
    elif kind is str and getattr(node, "tag", "") != "tag:yaml.org,2002:str":
        if not (_is_null(node) and type(None) in _parts(annotation)):
            yield Fault(f'"{name}" must be a text', path, line)
    elif get_origin(kind) is list:
        yield from _list(path, node, kind, name, line)
    elif get_origin(kind) is dict and isinstance(node, yaml.MappingNode):
        for key, value, at in entries(node):
            yield from _walk(path, value, (get_args(kind) or (str, Any))[1], f"{name}.{key}", at)


def _list(path: str, node: yaml.Node | None, kind: Any, name: str, line: int) -> Iterator[Fault]:
    if not isinstance(node, yaml.SequenceNode):
        if not _is_null(node):
            yield Fault(f'"{name}" must be a list', path, line)
        return
    for item in node.value:
        yield from _walk(path, item, (get_args(kind) or (Any,))[0], name, item.start_mark.line + 1)


def _mapping(path: str, node: yaml.Node, models: Sequence[type[BaseModel]], prefix: str) -> Iterator[Fault]:
    known: dict[str, Any] = {}
    for model in models:
        known |= {info.alias or name: info.annotation for name, info in model.model_fields.items()}
        known |= {name: info.annotation for name, info in model.model_fields.items()}
    is_open = any(model.model_config.get("extra") == "allow" for model in models)
    seen: set[str] = set()
    for key, value, line in entries(node):
        if key in seen:
            yield Fault(f'"{prefix}{key}" is given twice', path, line)
        seen.add(key)
        if key not in known and not is_open:
            obeyed = [name for name in known if not any((model.__name__, name) in IGNORED for model in models)]
            yield Fault(_unknown(prefix, key, obeyed), path, line)
        elif why := next((IGNORED[model.__name__, key] for model in models if (model.__name__, key) in IGNORED), ""):
            yield Fault(f'"{prefix}{key}" has no effect: {why}', path, line)
        else:
            yield from _walk(path, value, known.get(key), f"{prefix}{key}", line)


def _unknown(prefix: str, key: str, known: Sequence[str]) -> str:
    hint = did_you_mean(key, known, prefix=prefix)
    own = " Your own settings belong under custom_data." if not prefix and "did you mean" not in hint else ""
    return f'NeMo Guardrails knows no "{prefix}{key}"; {hint}{own}'


def _is_null(node: yaml.Node | None) -> bool:
    return getattr(node, "tag", "") == "tag:yaml.org,2002:null"


def _plain(annotation: Any) -> Any:
    """What an annotation declares, without `Optional` and `Annotated`."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    parts = [part for part in _parts(annotation) if part is not type(None)]
    return _plain(parts[0]) if len(parts) == 1 and parts[0] is not annotation else annotation


def _parts(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in {Union, types.UnionType} else (annotation,)


def _models(kind: Any) -> list[type[BaseModel]]:
    """The pydantic models a value may be: several where a field accepts one of them."""
    return [part for part in map(_plain, _parts(kind)) if isinstance(part, type) and issubclass(part, BaseModel)]


def construct(node: yaml.Node, /) -> Any:
    """Return a node as the Python value that NeMo reads."""
    return yaml.SafeLoader("").construct_object(node, deep=True)


def entries(node: yaml.Node | None, /) -> Iterator[tuple[str, yaml.Node, int]]:
    """Yield a mapping's keys, values and the keys' lines (from 1); nothing for any other node."""
    if isinstance(node, yaml.MappingNode):
        if any(key.tag == "tag:yaml.org,2002:merge" for key, _ in node.value):
            yaml.SafeLoader("").flatten_mapping(node)
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "[…]"
            yield name, value, key.start_mark.line + 1
