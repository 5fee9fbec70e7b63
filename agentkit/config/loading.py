"""The configuration file as types. An unknown key is refused, with the nearest valid name; it holds no secrets."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast, get_args

import yaml
from platformdirs import user_data_path
from pydantic import BaseModel, Field, PrivateAttr, ValidationError

from agentkit.config.access import PrincipalConfig
from agentkit.config.base import Section
from agentkit.config.following import FollowConfig
from agentkit.config.gateway import (
    BudgetConfig,
    CacheConfig,
    Deployment,
    GatewayConfig,
    LabelConfig,
    LedgerConfig,
    Roles,
)
from agentkit.config.sections import (
    AgentConfig,
    CheckpointConfig,
    IndexConfig,
    PrivacyConfig,
    RailsConfig,
    RetrievalConfig,
    ReviewConfig,
    TracingConfig,
)
from agentkit.errors import ConfigError
from agentkit.text.complaints import complaint, shown

PREFIX = "AGENTKIT_"
# Environment variables with our prefix that are not settings of the file.
_OTHER_VARIABLES = ("AGENTKIT_HOME", "AGENTKIT_KEY", "AGENTKIT_OLD_KEY", "AGENTKIT_TRACEBACK")


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where the settings of a configuration come from: a file, and variables by the keys they set."""

    path: str | None = None
    root: yaml.Node | None = field(default=None, compare=False)
    variables: Mapping[tuple[str, ...], str] = field(default_factory=dict[tuple[str, ...], str])

    def fault(self, place: Sequence[int | str], message: str) -> ConfigError:
        for keys, name in self.variables.items():
            if all(part == key for part, key in zip(place, keys, strict=False)):
                return ConfigError(f"The variable {name}: {message}")
        return ConfigError(message, path=self.path, line=_line(self.root, place))


class Config(Section):
    """Everything that can be configured (`agentkit.yaml`)."""

    tenant: str = "default"
    models: list[Deployment] = Field(default_factory=list[Deployment])
    roles: Roles = Roles()
    gateway: GatewayConfig = GatewayConfig()
    labels: dict[str, LabelConfig] = Field(default_factory=dict[str, LabelConfig])
    matters: dict[str, list[str]] = Field(default_factory=dict[str, list[str]], description="labels by matter")
    agents: list[AgentConfig] = Field(default_factory=list[AgentConfig])
    rails: RailsConfig = RailsConfig()
    retrieval: RetrievalConfig = RetrievalConfig()
    index: IndexConfig = IndexConfig()
    principals: dict[str, PrincipalConfig] = Field(default_factory=dict[str, PrincipalConfig])
    privacy: PrivacyConfig = PrivacyConfig()
    review: ReviewConfig = ReviewConfig()
    budget: BudgetConfig = BudgetConfig()
    ledger: LedgerConfig = LedgerConfig()
    cache: CacheConfig = CacheConfig()
    checkpoint: CheckpointConfig = CheckpointConfig()
    tracing: TracingConfig = TracingConfig()
    follow: list[FollowConfig] = Field(default_factory=list[FollowConfig])
    _origin: _Origin = PrivateAttr(default_factory=_Origin)

    @classmethod
    def load(cls, path: Path | str | None = None, *, environ: Mapping[str, str] | None = None) -> "Config":
        """Read a file (or none), then apply `AGENTKIT_SECTION__KEY` variables, whose values are YAML.

        Raises:
            ConfigError: the file cannot be read or a key or value is wrong; says where and what is near.
        """
        data, root = _read(Path(path)) if path is not None else ({}, None)
        variables = _apply_environment(data, os.environ if environ is None else environ)
        origin = _Origin(str(path) if path is not None else None, root, variables)
        try:
            config = cls.model_validate(data)
        except ValidationError as error:
            raise _explain(error, origin) from error
        config._origin = origin  # noqa: SLF001  (our own: a field would be a key of the file)
        return config

    def fault(self, key: str, problem: str) -> ConfigError:
        """Return the error for a setting ("privacy.redact") that only a later part can judge; it says where it is."""
        return self._origin.fault(key.split("."), f"{key}: {problem}")


def home_directory() -> Path:
    """Return the one directory of all state: `$AGENTKIT_HOME`, or the platform's data directory."""
    chosen = os.environ.get("AGENTKIT_HOME")
    return Path(chosen).expanduser() if chosen else user_data_path("agentkit")


def _read(path: Path) -> tuple[dict[str, object], yaml.Node | None]:
    name = str(path)
    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = cast(object, yaml.safe_load(text))
    except FileNotFoundError as error:
        raise ConfigError("There is no such configuration file: check the path.", path=name) from error
    except IsADirectoryError as error:
        raise ConfigError("This is a folder: name the configuration file in it.", path=name) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("The configuration file cannot be read as UTF-8 text.", path=name) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ConfigError(f"This is not valid YAML: {error.problem}.", path=name, line=line) from error
    except yaml.YAMLError as error:
        raise ConfigError(
            "This is not valid YAML: it holds a character that YAML does not allow.", path=name
        ) from error
    if not text.strip():
        # Comments alone set nothing; an empty file may have lost what it said about privacy.
        raise ConfigError("The configuration file is empty: fill it, or run without it.", path=name)
    if not isinstance(data, dict | None):
        message = f"The file is {shown(data)} where sections belong: write `roles:`, say, and its keys indented below."
        raise ConfigError(message, path=name, line=1)
    _refuse_repeated(root, name)
    return cast(dict[str, object], data or {}), root


def _refuse_repeated(node: yaml.Node | None, path: str) -> None:
    """Refuse a key that stands twice, of which YAML would silently drop the first."""
    taken: dict[object, int] = {}
    for key, value in cast(list[tuple[yaml.Node, yaml.Node]], node.value) if isinstance(node, yaml.MappingNode) else []:
        line, name = key.start_mark.line + 1, cast(object, key.value)
        if isinstance(name, str) and taken.setdefault(name, line) != line:
            raise ConfigError(f"{name} stands here and in line {taken[name]}: write it once.", path=path, line=line)
        _refuse_repeated(value, path)


def _apply_environment(data: dict[str, object], environ: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """Set what variables say; return their names by the keys they set."""
    used: dict[tuple[str, ...], str] = {}
    for name, value in environ.items():
        if not name.startswith(PREFIX) or name in _OTHER_VARIABLES:
            continue
        keys = name.removeprefix(PREFIX).lower().split("__")
        target = data
        for key in keys[:-1]:
            child = target.get(key)
            copied: dict[str, object] = dict(cast(dict[str, object], child)) if isinstance(child, dict) else {}
            target[key] = copied
            target = copied
        try:
            target[keys[-1]] = cast(object, yaml.safe_load(value))
        except yaml.YAMLError as error:
            raise ConfigError(f"The variable {name} does not hold valid YAML: quote its value.") from error
        used[tuple(keys)] = name
    return used


def _explain(error: ValidationError, origin: _Origin) -> ConfigError:
    """Say the first fault in one sentence: key, what is wrong, what to do. Of a choice of types, the nearest."""
    faults = error.errors()
    start = _place(faults[0]["loc"])
    place = max((_place(item["loc"]) for item in faults), key=lambda loc: len(loc) if loc[: len(start)] == start else 0)
    same = [item for item in faults if _place(item["loc"]) == place]
    known = _valid_names(place[:-1]) if same[0]["type"] == "extra_forbidden" else []
    kinds: list[tuple[str, dict[str, object]]] = [(item["type"], item.get("ctx", {})) for item in same]
    if same[0]["loc"][-1] == "[key]":  # a name where only certain names may stand
        known = re.findall(r"'([^']+)'", str(same[0].get("ctx", {}).get("expected", "")))
        kinds = [("extra_forbidden", {})]
    return origin.fault(place, complaint(place, same[0]["input"], kinds, known=known, message=same[0]["msg"]))


def _place(loc: Sequence[int | str]) -> list[int | str]:
    """Return the keys of a fault, without pydantic's names of the types it tried."""
    return [part for part in loc if not (isinstance(part, str) and "[" in part)]


def _valid_names(place: Sequence[int | str]) -> list[str]:
    model: type[BaseModel] = Config
    for part in place:
        if isinstance(part, int):
            continue
        annotation = model.model_fields[part].annotation
        candidates = (annotation, *get_args(annotation))
        model = next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), model)
    return list(model.model_fields)


def _line(root: yaml.Node | None, place: Sequence[int | str]) -> int | None:
    """Find the line of the deepest part of a place that the file has."""
    node, line = root, None
    for part in place:
        if isinstance(node, yaml.MappingNode):
            pairs = cast(list[tuple[yaml.Node, yaml.Node]], node.value)
            hit = next((pair for pair in pairs if cast(object, pair[0].value) == part), None)
            if hit is None:
                break
            line, node = hit[0].start_mark.line + 1, hit[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = cast(list[yaml.Node], node.value)[part]
            line = node.start_mark.line + 1
    return line
