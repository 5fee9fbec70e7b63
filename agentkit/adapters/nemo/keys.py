"""Read YAML with its line numbers, and refuse keys that NeMo would silently ignore."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# PyYAML's nodes and pydantic's annotations are untyped.

import difflib
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import yaml
from nemoguardrails.rails.llm.config import RailsConfig
from pydantic import BaseModel

from agentkit.errors import ConfigError


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


def check_keys(located: Located, /) -> None:
    """Compare a file's keys with NeMo's own models, as deep as those refuse nothing themselves.

    Raises:
        ConfigError: a key is unknown (the message names the nearest one) or given twice.
    """
    _check(located.path, located.root, RailsConfig, "")


def _check(path: Path, node: yaml.Node | None, model: type[BaseModel], prefix: str) -> None:
    known = {name: info.annotation for name, info in model.model_fields.items()}
    known |= {info.alias: info.annotation for info in model.model_fields.values() if info.alias}
    seen: set[str] = set()
    for key, value, line in entries(node):
        if key in seen:
            raise ConfigError(f'"{prefix}{key}" is given twice', path=str(path), line=line)
        seen.add(key)
        if key not in known and not _open(model):
            raise ConfigError(_unknown(prefix, key, known), path=str(path), line=line)
        _check_shape(path, known.get(key), value, f"{prefix}{key}", line)
        inner = _model(known.get(key))
        if inner is not None:
            _check(path, value, inner, f"{prefix}{key}.")


def _check_shape(path: Path, annotation: Any, value: yaml.Node, name: str, line: int) -> None:
    """Refuse a value of the wrong shape, on which NeMo would stumble without a word about where."""
    if _model(annotation) is not None and not isinstance(value, yaml.MappingNode):
        raise ConfigError(f'"{name}" must be a mapping (`key: value`)', path=str(path), line=line)
    if get_origin(annotation) is list and not isinstance(value, yaml.SequenceNode):
        raise ConfigError(f'"{name}" must be a list', path=str(path), line=line)


def _open(model: type[BaseModel]) -> bool:
    return model.model_config.get("extra") == "allow"


def _unknown(prefix: str, key: str, known: dict[str, Any]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f'did you mean "{prefix}{near[0]}"?' if near else f"known are {', '.join(sorted(known)[:12])}"
    own = " Your own settings belong under custom_data." if not prefix and not near else ""
    return f'NeMo Guardrails knows no "{prefix}{key}"; {hint}{own}'


def _model(annotation: Any) -> type[BaseModel] | None:
    """The pydantic model an annotation stands for, through `Optional`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in {Union, types.UnionType}:
        return next((found for part in get_args(annotation) if (found := _model(part))), None)
    return None


def entries(node: yaml.Node | None, /) -> Iterator[tuple[str, yaml.Node, int]]:
    """Yield a mapping's keys, values and the keys' lines (from 1); nothing for any other node."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield str(key.value), value, key.start_mark.line + 1
