"""Rails that ask a model ask ours: NeMo's `LLMModel` over the run's governed door."""
# pyright: reportUnknownParameterType=false, reportMissingParameterType=false, reportUnknownVariableType=false
# NeMo's protocol hands options through as untyped keywords.

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from nemoguardrails.rails.llm.config import RailsConfig
from nemoguardrails.types import ChatMessage, LLMResponse, LLMResponseChunk, UsageInfo

from agentkit.adapters.nemo.asked import model_name
from agentkit.calls import CallOptions, Completion, Message, MessageRole
from agentkit.lending import borrow
from agentkit.streams import stream_of
from agentkit.types import Prompt

ENGINE = "agentkit"
_ROLES: dict[str, MessageRole] = {"system": "system", "user": "user", "assistant": "assistant", "tool": "tool"}


class DoorModel:
    """A model by its name, asked through whatever run is going on: checked, booked and held to its budget like any."""

    provider_name = ENGINE
    provider_url = None

    def __init__(self, name: str, options: Mapping[str, object] | None = None) -> None:
        self.model_name = name
        self._options = dict(options or {})

    async def generate_async(
        self, prompt: str | list[ChatMessage], *, stop: list[str] | None = None, **kwargs: object
    ) -> LLMResponse:
        """Answer; of the options, `temperature` and `max_tokens` count, the caller's before the folder's.

        Raises:
            UnavailableError: no run is going on.
            BackendError: no deployment answered.
        """
        completion = await borrow(self.model_name).complete(_prompt(prompt, stop, {**self._options, **kwargs}))
        return LLMResponse(content=completion.text, model=completion.model, usage=_usage(completion))

    async def stream_async(
        self, prompt: str | list[ChatMessage], *, stop: list[str] | None = None, **kwargs: object
    ) -> AsyncGenerator[LLMResponseChunk]:
        """Answer in pieces; the last has the usage."""
        door, asked = borrow(self.model_name), _prompt(prompt, stop, {**self._options, **kwargs})
        async with aclosing(stream_of(door, asked)) as chunks:
            async for chunk in chunks:
                usage = _usage(chunk.completion) if chunk.completion else None
                yield LLMResponseChunk(delta_content=chunk.text, usage=usage)


def take_models(config: RailsConfig) -> dict[str, DoorModel]:
    """Take the language models out of a configuration and return ours in their place, by NeMo's type ("main").

    `engine: agentkit` names a role or a model of the configuration; any other engine and model are read as LiteLLM
    reads them, and go through our door, too. Embedding models stay.
    """
    taken = {
        model.type: DoorModel(model_name(model.model_dump()), model.parameters)
        for model in config.models
        if model.type != "embeddings"
    }
    config.models = [model for model in config.models if model.type == "embeddings"]
    return taken


def _prompt(prompt: str | Sequence[ChatMessage], stop: list[str] | None, options: dict[str, object]) -> Prompt:
    messages = [Message("user", prompt)] if isinstance(prompt, str) else [_message(message) for message in prompt]
    temperature, longest = options.get("temperature"), options.get("max_tokens")
    return Prompt(
        role="judge",
        task="chat",
        version="rails/1",
        instructions="",
        messages=messages,
        options=CallOptions(
            max_output_tokens=longest if isinstance(longest, int) else None,
            temperature=float(temperature) if isinstance(temperature, (int, float)) else None,
            stop=tuple(stop or ()),
        ),
    )


def _message(message: ChatMessage) -> Message:
    content = message.content
    text = content if isinstance(content, str) else "".join(str(part.get("text", "")) for part in content or [])
    return Message(_ROLES.get(message.role.value, "user"), text, tool_call_id=message.tool_call_id or "")


def _usage(completion: Completion) -> UsageInfo:
    taken = completion.usage
    total = taken.input_tokens + taken.output_tokens
    return UsageInfo(taken.input_tokens, taken.output_tokens, total, cached_tokens=taken.cached_tokens)
