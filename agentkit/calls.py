"""What goes through the door to models: messages, tools, options of a call, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

MessageRole = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model's wish to have a tool called; `arguments` is the JSON text it wrote, which may be malformed."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that a model may ask for: `parameters` is the JSON schema of its arguments."""

    name: str
    description: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation with a model. `tool_call_id` names the call that a *tool* message answers."""

    role: MessageRole
    content: str
    tool_calls: list[ToolCall] = field(default_factory=list[ToolCall])
    tool_call_id: str = ""


@dataclass(frozen=True, slots=True)
class CallOptions:
    """What one call asks for in place of the deployment's own settings; None leaves those.

    `tool_choice` is "auto", "none", "required" or a tool's name.
    """

    max_output_tokens: int | None = None
    temperature: float | None = None
    stop: tuple[str, ...] = ()
    tool_choice: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What one or more model calls took. `cost_usd` is exact where prices are configured, else 0.

    `cached_tokens` are those of the input that the provider read from its own prompt cache, `written_tokens` those
    that it wrote into it.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cost_usd: float = 0.0
    written_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """A model's reply. `finish_reason` is "stop" only where the provider said so.

    `model` is the name the user knows; `deployment` tells apart several deployments of that name.
    """

    text: str
    model: str
    usage: Usage = Usage()
    finish_reason: str = "stop"
    cache_hit: bool = False
    tool_calls: list[ToolCall] = field(default_factory=list[ToolCall])
    deployment: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a streamed reply. The last one has the whole `completion`, and only a stream that ends so is whole."""

    text: str = ""
    completion: Completion | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per token: of the prompt, of the answer; of the prompt, what the provider had cached or cached now.

    `cached_usd` (read from its cache) and `written_usd` (written into it) None charge such tokens like others.
    """

    input_usd: float = 0.0
    output_usd: float = 0.0
    cached_usd: float | None = None
    written_usd: float | None = None

    def of(self, *, input_tokens: int, output_tokens: int, cached_tokens: int = 0, written_tokens: int = 0) -> float:
        """Return the dollars of so many tokens; cached and written ones are part of the input."""
        cached = self.input_usd if self.cached_usd is None else self.cached_usd
        written = self.input_usd if self.written_usd is None else self.written_usd
        fresh = max(0, input_tokens - cached_tokens - written_tokens)
        sent = fresh * self.input_usd + cached_tokens * cached + written_tokens * written
        return sent + output_tokens * self.output_usd

    def most(self, *, input_tokens: int, output_tokens: int) -> float:
        """Return the dollars of so many tokens where the provider writes the whole prompt into its cache."""
        dearer = (self.written_usd or 0.0) > self.input_usd
        written = input_tokens if dearer else 0
        return self.of(input_tokens=input_tokens, output_tokens=output_tokens, written_tokens=written)


PeriodName = Literal["hour", "day", "month"]
LedgerKey = Literal["day", "tenant", "role", "model", "run", "deployment"]
CACHE_HIT = "cache_hit"
LOST = "lost"
_SHOWN = {"hour": 13, "day": 10, "month": 7}


@dataclass(frozen=True, slots=True)
class PeriodLimit:
    """What may be spent in each calendar hour, day or month (UTC); None is no limit.

    `tenant` empty holds for everybody together, "*" for each tenant on its own, a name for that one.
    """

    per: PeriodName
    tenant: str = ""
    usd: float | None = None
    tokens: int | None = None
    calls: int | None = None

    def applies(self, tenant: str) -> bool:
        """Return whether a tenant's calls count against it."""
        return self.tenant in {"", "*", tenant}

    def period(self, time: datetime) -> str:
        """Return the period's name: the start of a time in ISO 8601, as long as the period asks."""
        return time.astimezone(UTC).isoformat()[: _SHOWN[self.per]]

    def ends(self, time: datetime) -> datetime:
        """Return when the period of `time` is over, in UTC."""
        utc = time.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        if self.per == "hour":
            return utc + timedelta(hours=1)
        if self.per == "day":
            return utc.replace(hour=0) + timedelta(days=1)
        return (utc.replace(day=1, hour=0) + timedelta(days=32)).replace(day=1)


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One attempt at a call, or one answer from a cache: names and figures, never any text.

    `time` is when it began (UTC). `outcome` is "ok", "cache_hit", "lost" (its process died before it was
    settled) or the error's class. Where `billed` is "unknown", tokens and cost are its worst case.
    """

    time: datetime
    run: str
    tenant: str
    matter: str
    role: str
    task: str
    model: str
    deployment: str
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    latency_ms: float = 0.0
    outcome: str = "ok"
    billed: Literal["no", "yes", "unknown"] = "yes"


@dataclass(frozen=True, slots=True)
class Hold:
    """What is set aside for one call until it is settled; `worst` is the row it becomes if that never happens.

    `tokens` and `usd` are its worst case; `calls` counts its attempts.
    """

    id: str
    worst: LedgerRow
    tokens: int
    usd: float
    calls: int = 1


@dataclass(frozen=True, slots=True)
class LedgerQuery:
    """Which rows: of `time` from `since` until before `until` (UTC), of one tenant, of one run; None means all."""

    since: datetime | None = None
    until: datetime | None = None
    tenant: str | None = None
    run: str | None = None


@dataclass(frozen=True, slots=True)
class LedgerTotal:
    """The sum of rows that share a key. `unknown_usd` is the part of the cost whose billing is unknown.

    Attempts count in `calls`, those that failed or were lost also in `failed`; answers from a cache count in
    `cache_hits` alone.
    """

    key: str
    calls: int = 0
    failed: int = 0
    cache_hits: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    unknown_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class LimitLeft:
    """What remains of one period limit for a tenant, open holds taken off; None where it sets none."""

    limit: PeriodLimit
    ends: datetime
    usd: float | None = None
    tokens: int | None = None
    calls: int | None = None
