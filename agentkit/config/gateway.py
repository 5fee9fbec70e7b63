"""Sections of the configuration about models: deployments, roles, failure, budgets, ledger, cache, labels."""

import difflib
from typing import Annotated, Literal, Self, cast
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    ConfigDict,
    Field,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from agentkit.config.base import Section
from agentkit.types import ModelRole

_ENVIRONMENT = "os.environ/"


class ModelParams(Section):
    """Where a deployment is, in LiteLLM's words. The key itself comes from the environment variable named.

    For some providers alone: `api_version` and `base_model` (Azure), `aws_region_name` (Bedrock), `organization`
    (OpenAI).
    """

    model: str
    api_base: str | None = None
    api_key: str | None = Field(default=None, description="only as os.environ/NAME")
    timeout: PositiveFloat = 120.0
    max_tokens: PositiveInt = 1024
    temperature: float = Field(default=0.0, ge=0.0, le=2.0)
    ca_file: str | None = None
    api_version: str | None = Field(default=None, pattern=r"^[\w.-]{1,40}$")
    aws_region_name: str | None = Field(default=None, pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")
    organization: str | None = Field(default=None, pattern=r"^[\w.-]{1,100}$")
    base_model: str | None = None

    @field_validator("model")
    @classmethod
    def _some(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("name the provider's model")
        if value.startswith("embedded/"):
            raise ValueError(f"{value} is inside this program: name it in roles, without an entry in models")
        return value

    @field_validator("api_base")
    @classmethod
    def _no_secret_in_url(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "")
        if parts.username or parts.password or parts.query:
            raise ValueError("write the address alone: a user, password or key does not belong in it")
        _check_port(parts)
        return value

    @field_validator("api_key")
    @classmethod
    def _key(cls, value: str | None) -> str | None:
        return _no_secret(value)


class Hardware(Section):
    """What a self-hosted deployment costs whether it is used or not; `utilisation` is the share of time it works."""

    price_usd: NonNegativeFloat
    months: PositiveInt = 36
    watts: NonNegativeFloat = 0.0
    usd_per_kwh: NonNegativeFloat = 0.0
    utilisation: float = Field(default=0.5, gt=0.0, le=1.0)
    tokens_per_second: PositiveFloat | None = None


class Deployment(Section):
    """One entry of `models`, in the manner of LiteLLM's `model_list`. Prices are dollars per million tokens.

    Entries of one `model_name` share its calls by weight. `client: openai` takes the thin client for
    OpenAI-compatible servers in place of LiteLLM. `fallbacks` are asked, in order, where this one fails.
    """

    model_name: str
    litellm_params: ModelParams
    context_tokens: PositiveInt = 8192
    input_price: NonNegativeFloat = 0.0
    output_price: NonNegativeFloat = 0.0
    cached_price: NonNegativeFloat | None = None
    written_price: NonNegativeFloat | None = None
    client: Literal["litellm", "openai"] = "litellm"
    tags: list[str] = Field(default_factory=list[str])
    weight: PositiveFloat = 1.0
    fallbacks: list[str] = Field(default_factory=list[str])
    max_concurrency: PositiveInt = 32
    max_waiting: int = Field(default=1024, ge=0)
    hardware: Hardware | None = None

    @field_validator("model_name")
    @classmethod
    def _own(cls, value: str) -> str:
        if not value.strip() or value.startswith("embedded/"):
            raise ValueError("choose a name of your own: embedded/ is for the models inside this program")
        return value


class Roles(Section):
    """Which model does what: a `model_name` above, a built-in model, or any LiteLLM model string.

    A list is a ladder, cheapest first: the next one is asked where the answer of the one before it failed
    validation or review. Any other name is the role of an agent of one's own.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    writer: str | list[str] = "embedded/extractive"
    reviewer: str | list[str] | None = None
    judge: str | list[str] | None = None
    router: str | list[str] | None = None

    def ladder(self, role: str) -> list[str]:
        """Return the models of a role, cheapest first; empty where none is named."""
        ours = {"writer": self.writer, "reviewer": self.reviewer, "judge": self.judge, "router": self.router}
        chosen = ours[role] if role in ours else cast(str | list[str] | None, self._others().get(role))
        return [chosen] if isinstance(chosen, str) else list(chosen or [])

    def named(self) -> list[str]:
        """Return the roles of agents that the file names."""
        return list(self._others())

    def _others(self) -> dict[str, object]:
        return cast(dict[str, object], self.model_extra or {})

    @field_validator("writer", "reviewer", "judge", "router")
    @classmethod
    def _some(cls, value: str | list[str] | None) -> str | list[str] | None:
        if value == []:
            raise ValueError("name at least one model")
        return value

    @model_validator(mode="after")
    def _agents(self) -> Self:
        for name, models in self._others().items():
            if problem := self._problem(name, models):
                fault = PydanticCustomError("value_error", "{problem}", {"problem": problem})
                at = InitErrorDetails(type=fault, loc=(name,), input=models)
                raise ValidationError.from_exception_data(type(self).__name__, [at])  # so that its own line is told
        return self

    def _problem(self, name: str, models: object) -> str:
        near = difflib.get_close_matches(name, type(self).model_fields, n=1, cutoff=0.6)
        if near:
            return f"there is no role {name}: did you mean {near[0]}? An agent's own is less like it"
        if not name.isidentifier():
            return f"{name!r} is no name of a role: write letters, digits and _"
        listed = cast(list[object], models) if isinstance(models, list) else [models]
        if not listed or not all(isinstance(model, str) and model for model in listed):
            return f"{name} is the role of an agent: name its model, or a list of models"
        return ""


class RuleConfig(Section):
    """A way to answer without a model: a pattern over the question with an answer or a parser, or a classifier.

    `answer` is a template with the match's groups; `parser: contains` cites the sentences that hold the pattern's
    group; `classifier` is "module:function", which takes the (redacted) prompt and returns a text or None.
    """

    name: str = Field(pattern=r"^[\w.-]{1,40}$")
    role: Literal["writer", "reviewer", "judge"] = "writer"
    task: Literal["chat", "summarize", "ask", "combine", "revise", "judge"] = "chat"
    pattern: str | None = None
    answer: str | None = None
    parser: Literal["contains"] | None = None
    classifier: str | None = None


class GatewayConfig(Section):
    """How failing deployments are met, and when no deployment, or not the cheapest, is asked.

    Attempts at each, seconds for a call in all, and when one is left alone; `rules` answer before any model;
    `floors` are the least measured quality, by role, of the first model that is asked.
    """

    attempts: int = Field(default=3, ge=1, le=10)
    deadline: PositiveFloat = 300.0
    longest_pause: PositiveFloat = 20.0
    failures_to_open: PositiveInt = 5
    open_seconds: PositiveFloat = 30.0
    rules: list[RuleConfig] = Field(default_factory=list[RuleConfig])
    floors: dict[ModelRole, Annotated[float, Field(ge=0.0, le=1.0)]] = Field(
        default_factory=dict[ModelRole, Annotated[float, Field(ge=0.0, le=1.0)]]
    )


class LabelConfig(Section):
    """What a confidentiality label demands: tags that a deployment must all have; whether answers may be kept."""

    requires: list[str]
    cache: bool = False
    trace: bool = True


class BudgetPeriod(Section):
    """A limit over a calendar period (UTC): for everybody together, each tenant ("*"), or one tenant."""

    per: Literal["hour", "day", "month"]
    tenant: str | None = None
    usd: PositiveFloat | None = None
    tokens: PositiveInt | None = None
    calls: PositiveInt | None = None

    @model_validator(mode="after")
    def _limits(self) -> Self:
        if self.usd is self.tokens is self.calls is None:
            raise ValueError("it limits nothing: set usd, tokens or calls")
        return self


class BudgetConfig(Section):
    """What one run may spend, and tenants over periods; None is no limit."""

    usd: PositiveFloat | None = None
    tokens: PositiveInt | None = None
    calls: PositiveInt | None = None
    seconds: PositiveFloat | None = None
    periods: list[BudgetPeriod] = Field(default_factory=list[BudgetPeriod])


class LedgerConfig(Section):
    """Where every call is booked: SQLite, or Postgres at an address that stands in an environment variable."""

    adapter: Literal["sqlite", "postgres", "none"] = "sqlite"
    url: str | None = Field(default=None, description="only as os.environ/NAME")

    @field_validator("url")
    @classmethod
    def _named(cls, value: str | None) -> str | None:
        return _no_secret(value)


class CacheConfig(Section):
    """Whether answers of models are kept (redacted, signed), where, how long; whether like questions share them.

    `url` is Redis's: `redis://HOST:PORT`, or `os.environ/NAME` where it holds a password. Questions of one form are
    alike by their words; `embedding` (`none`, `wordllama`, or MODULE:NAME of a LlamaIndex `BaseEmbedding`) keeps those
    apart whose vectors have a cosine below `threshold`.
    """

    adapter: Literal["sqlite", "redis", "none"] = "sqlite"
    url: str | None = Field(default=None, description="redis://HOST:PORT, or os.environ/NAME")
    semantic: bool = False
    embedding: str = "none"
    threshold: float = Field(default=0.9, gt=0.0, le=1.0)
    max_age_days: PositiveFloat = 30.0

    @field_validator("url")
    @classmethod
    def _named(cls, value: str | None) -> str | None:
        address = urlsplit(value or "")
        _check_port(address)
        if address.scheme in ("redis", "rediss") and not (address.username or address.password or address.query):
            return value
        return _no_secret(value)


def _check_port(address: SplitResult) -> None:
    try:
        fits = address.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("write a port from 1 to 65535")


def _no_secret(value: str | None) -> str | None:
    if value is not None and not value.startswith(_ENVIRONMENT):
        raise ValueError("write os.environ/NAME: a key does not belong in the file")
    return value
