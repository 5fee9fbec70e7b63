"""The configuration file as types. An unknown key is refused, with the nearest valid name; it holds no secrets."""

import difflib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, cast, get_args
from urllib.parse import urlsplit

import yaml
from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationError, field_validator

from agentkit.errors import ConfigError

PREFIX = "AGENTKIT_"
# Environment variables with our prefix that are not settings of the file.
_OTHER_VARIABLES = ("AGENTKIT_HOME", "AGENTKIT_TRACEBACK")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class ModelParams(_Model):
    """Where a deployment is, in LiteLLM's words. The key itself comes from the environment variable named."""

    model: str
    api_base: str | None = None
    api_key: str | None = Field(default=None, description="only as os.environ/NAME")
    timeout: PositiveFloat = 120.0
    max_tokens: PositiveInt = 1024
    temperature: float = Field(default=0.0, ge=0.0, le=2.0)

    @field_validator("api_base")
    @classmethod
    def _no_secret_in_url(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "")
        if parts.username or parts.password or parts.query:
            raise ValueError("write the address alone: a user, password or key does not belong in it")
        return value

    @field_validator("api_key")
    @classmethod
    def _no_secret(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith("os.environ/"):
            raise ValueError("write os.environ/NAME: a key does not belong in the file")
        return value


class Deployment(_Model):
    """One entry of `models`, in the manner of LiteLLM's `model_list`. Prices are dollars per million tokens."""

    model_name: str
    litellm_params: ModelParams
    context_tokens: PositiveInt = 8192
    input_price: float = Field(default=0.0, ge=0.0)
    output_price: float = Field(default=0.0, ge=0.0)


class Roles(_Model):
    """Which model does what: a `model_name` above, a built-in model, or any LiteLLM model string."""

    writer: str = "embedded/extractive"
    judge: str | None = None


class RailsConfig(_Model):
    """The NeMo Guardrails folder: a path, or the name of a shipped one (`base`, `legal`)."""

    folder: str = "legal"


class RetrievalConfig(_Model):
    """How many passages a question or checklist item reads where reading costs; how texts are cut and limited."""

    top_k: PositiveInt = 12
    max_chars: int = Field(default=1200, ge=200, le=20_000)
    max_document_chars: PositiveInt = 20_000_000


class PrivacyConfig(_Model):
    """What is replaced before a model reads, what stays, and which hosts may be contacted."""

    recognizer: str = "embedded"
    redact: list[str] | None = None
    keep: list[str] = Field(default_factory=list[str])
    egress: Literal["none", "loopback", "private"] | list[str] = "loopback"


class ReviewConfig(_Model):
    """How often a claim is sent back, and what becomes of one that still fails."""

    max_revisions: int = Field(default=2, ge=0, le=10)
    unsupported: Literal["remove", "flag"] = "remove"


class BudgetConfig(_Model):
    """What one run may spend; None is no limit."""

    usd: PositiveFloat | None = None
    tokens: PositiveInt | None = None
    calls: PositiveInt | None = None
    seconds: PositiveFloat | None = None


class CacheConfig(_Model):
    """Whether answers of models are kept (redacted, in SQLite)."""

    adapter: Literal["sqlite", "none"] = "sqlite"


class CheckpointConfig(_Model):
    """Where the graph saves its state after each step."""

    adapter: Literal["sqlite", "memory", "none"] = "sqlite"


class TracingConfig(_Model):
    """OpenTelemetry spans: off, to a file of JSON lines, or to an OTLP/HTTP endpoint. Never any text."""

    adapter: Literal["none", "file", "otlp"] = "none"
    path: str | None = None
    endpoint: str | None = None


class Config(_Model):
    """Everything that can be configured (`agentkit.yaml`)."""

    models: list[Deployment] = Field(default_factory=list[Deployment])
    roles: Roles = Roles()
    rails: RailsConfig = RailsConfig()
    retrieval: RetrievalConfig = RetrievalConfig()
    privacy: PrivacyConfig = PrivacyConfig()
    review: ReviewConfig = ReviewConfig()
    budget: BudgetConfig = BudgetConfig()
    cache: CacheConfig = CacheConfig()
    checkpoint: CheckpointConfig = CheckpointConfig()
    tracing: TracingConfig = TracingConfig()

    @classmethod
    def load(cls, path: Path | str | None = None, *, environ: Mapping[str, str] | None = None) -> "Config":
        """Read a file (or none), then apply `AGENTKIT_SECTION__KEY` variables, whose values are YAML.

        Raises:
            ConfigError: the file cannot be read or a key or value is wrong; says where and what is near.
        """
        data, root = _read(Path(path)) if path is not None else ({}, None)
        _apply_environment(data, os.environ if environ is None else environ)
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise _explain(error, path=str(path) if path is not None else None, root=root) from error


def home_directory() -> Path:
    """Return the one directory of all state: `$AGENTKIT_HOME`, or the platform's data directory."""
    chosen = os.environ.get("AGENTKIT_HOME")
    return Path(chosen).expanduser() if chosen else user_data_path("agentkit")


def _read(path: Path) -> tuple[dict[str, object], yaml.Node | None]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigError("There is no such configuration file.", path=str(path)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("The configuration file cannot be read as UTF-8 text.", path=str(path)) from error
    try:
        data = cast(object, yaml.safe_load(text))
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ConfigError(f"This is not valid YAML: {error.problem}.", path=str(path), line=line) from error
    except yaml.YAMLError as error:
        raise ConfigError(
            "This is not valid YAML: it holds a character that YAML does not allow.", path=str(path)
        ) from error
    if data is None:
        return {}, None
    if not isinstance(data, dict):
        raise ConfigError("The file must hold a mapping of sections.", path=str(path), line=1)
    return cast(dict[str, object], data), root


def _apply_environment(data: dict[str, object], environ: Mapping[str, str]) -> None:
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
            raise ConfigError(f"The variable {name} does not hold valid YAML.") from error


def _explain(error: ValidationError, *, path: str | None, root: yaml.Node | None) -> ConfigError:
    first = error.errors()[0]
    place = [part for part in first["loc"] if not (isinstance(part, str) and "[" in part)]
    dotted = ".".join(str(part) for part in place)
    if first["type"] == "extra_forbidden":
        valid = _valid_names(place[:-1])
        near = difflib.get_close_matches(str(place[-1]), valid, n=2, cutoff=0.5)
        hint = f" Did you mean {' or '.join(near)}?" if near else f" Known here: {', '.join(valid)}."
        message = f"Unknown key {dotted}.{hint}"
    else:
        message = f"{dotted}: {first['msg']}."
    return ConfigError(message, path=path, line=_line(root, place))


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
