"""What goes through the door to models: messages, tools, options of a call, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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

    `cached_tokens` are those of the input that the provider read from its own prompt cache.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cost_usd: float = 0.0


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
    """US dollars per token of the prompt, of the answer, and of prompt tokens that the provider had cached.

    `cached_usd` None charges cached tokens like others.
    """

    input_usd: float = 0.0
    output_usd: float = 0.0
    cached_usd: float | None = None

    def of(self, *, input_tokens: int, output_tokens: int, cached_tokens: int = 0) -> float:
        """Return the dollars of so many tokens; cached ones are part of the input."""
        cached = self.input_usd if self.cached_usd is None else self.cached_usd
        fresh = max(0, input_tokens - cached_tokens)
        return fresh * self.input_usd + cached_tokens * cached + output_tokens * self.output_usd
