"""Our models as Pydantic AI's."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from pydantic_ai.messages import ModelMessage, ModelResponse, ModelResponseStreamEvent
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.profiles import ModelProfile
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import RunContext

from agentkit.adapters.pydantic_ai.messages import (
    details_of,
    reason_of,
    to_call,
    to_messages,
    to_parts,
    to_tool,
    usage_of,
)
from agentkit.calls import CallOptions, Chunk
from agentkit.errors import InvalidResponseError, UsageError
from agentkit.ports import ModelBackend
from agentkit.prompts.schemas import strict_schema
from agentkit.streams import stream_of
from agentkit.types import Prompt

_VERSION = "pydantic-ai/1"
_CHOICES = {"auto": "auto", "none": "none", "required": "required"}
# What a deployment's configuration says, or what no door can promise: these would be ignored.
_REFUSED = frozenset(
    {"top_p", "top_k", "seed", "presence_penalty", "frequency_penalty", "logit_bias", "extra_headers", "extra_body",
     "service_tier"}
)  # fmt: skip


class AgentKitModel(Model):
    """A Pydantic AI `Model` whose every request goes through a governed door (`agentkit.Gateway.door`).

    Args:
        door: the governed model.
        settings: of every request: `max_tokens`, `temperature`, `stop_sequences`, `tool_choice`; one that would be
            ignored is refused.
    """

    def __init__(self, door: ModelBackend, *, settings: ModelSettings | None = None) -> None:
        able = not door.deterministic  # the embedded model reads passages only
        profile = ModelProfile(
            supports_tools=able, supports_json_schema_output=able, default_structured_output_mode="tool"
        )
        super().__init__(settings=settings, profile=profile)
        self._door = door

    @property
    def model_name(self) -> str:
        """The name the user chose."""
        return self._door.name

    @property
    def system(self) -> str:
        """The provider, as Pydantic AI names it in its spans."""
        return "agentkit"

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Answer a conversation.

        Raises:
            UsageError: a setting would be ignored, or a message holds more than text.
            BudgetExceededError: the call does not fit the budget; it was not made.
            BackendError: no deployment answered.
        """
        settings, parameters = self.prepare_request(model_settings, model_request_parameters)
        completion = await self._door.complete(_prompt(messages, settings, parameters))
        return ModelResponse(
            parts=to_parts(completion),
            usage=usage_of(completion),
            model_name=completion.model,
            provider_name=self.system,
            finish_reason=reason_of(completion),
            provider_details=details_of(completion),
        )

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,  # noqa: ARG002  (Pydantic AI's signature)
    ) -> AsyncGenerator[StreamedResponse]:
        """Answer piece by piece; leaving early ends the call.

        Raises:
            BackendError: no deployment answered, or the stream broke off.
        """
        settings, parameters = self.prepare_request(model_settings, model_request_parameters)
        async with aclosing(stream_of(self._door, _prompt(messages, settings, parameters))) as pieces:
            yield _Streamed(model_request_parameters=parameters, name=self.model_name, pieces=pieces)


@dataclass
class _Streamed(StreamedResponse):
    """One answer as it arrives."""

    name: str
    pieces: AsyncGenerator[Chunk]
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def model_name(self) -> str:
        """The name the user chose."""
        return self.name

    @property
    def provider_name(self) -> str:
        """The provider."""
        return "agentkit"

    @property
    def provider_url(self) -> None:
        """No address: what is behind the door is the configuration's business."""

    @property
    def timestamp(self) -> datetime:
        """When the answer began (UTC)."""
        return self.began

    async def close_stream(self) -> None:
        """End the call."""
        await self.pieces.aclose()

    async def _get_event_iterator(self) -> AsyncIterator[ModelResponseStreamEvent]:
        whole = None
        async for chunk in self.pieces:
            if chunk.text:
                for event in self._parts_manager.handle_text_delta(vendor_part_id="text", content=chunk.text):
                    yield event
            whole = chunk.completion or whole
        if whole is None:
            raise InvalidResponseError(f"{self.name} ended its answer without saying so.", model=self.name)
        for number, call in enumerate(whole.tool_calls):
            yield self._parts_manager.handle_part(vendor_part_id=number, part=to_call(call))
        self._usage = usage_of(whole)
        self.finish_reason = reason_of(whole)
        self.provider_details = details_of(whole)


def _prompt(messages: list[ModelMessage], settings: ModelSettings | None, parameters: ModelRequestParameters) -> Prompt:
    given = cast(dict[str, Any], settings or {})
    if refused := sorted(_REFUSED & set(given)):
        raise UsageError(f"A request takes no {', '.join(refused)}: set it in the deployment's configuration.")
    if parameters.native_tools:
        raise UsageError("Tools that a provider runs itself cannot be governed: give the agent tools of its own.")
    shape = parameters.output_object if parameters.output_mode == "native" else None
    return Prompt(
        role="writer",
        task="chat",
        version=_VERSION,
        instructions="",
        messages=to_messages(messages, parameters),
        schema=None if shape is None else strict_schema(shape.json_schema),
        tools=[to_tool(tool) for tool in (*parameters.function_tools, *parameters.output_tools)],
        options=CallOptions(
            max_output_tokens=given.get("max_tokens"),
            temperature=given.get("temperature"),
            stop=tuple(given.get("stop_sequences") or ()),
            tool_choice=_choice(given.get("tool_choice"), parameters),
        ),
    )


def _choice(given: object, parameters: ModelRequestParameters) -> str | None:
    """Say whether a tool must be called: an agent that wants an object through a tool takes no text."""
    if isinstance(given, list) and len(names := cast(list[str], given)) == 1:
        return names[0]
    if given is None or given == "auto":
        must = bool(parameters.output_tools) and not parameters.allow_text_output
        return "required" if must else None
    if not isinstance(given, str):
        raise UsageError("tool_choice is auto, none, required or a list of one tool.")
    return _CHOICES[given]
