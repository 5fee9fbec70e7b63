# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUntypedFunctionDecorator=false
# Haystack's decorators are untyped.
"""Our models as a Haystack chat generator."""

from collections.abc import Callable
from contextlib import aclosing
from inspect import isawaitable
from typing import Any, Protocol

from haystack import component, default_from_dict, default_to_dict
from haystack.dataclasses import ChatMessage, ComponentInfo, StreamingCallbackT, StreamingChunk, ToolCallDelta
from haystack.dataclasses import select_streaming_callback as chosen_callback
from haystack.tools import (
    ToolsType,
    deserialize_tools_or_toolset_inplace,
    flatten_tools_or_toolsets,
    serialize_tools_or_toolset,
)
from haystack.utils import deserialize_callable, serialize_callable

from agentkit.adapters.haystack.messages import meta_of, to_chat_message, to_messages, to_tool
from agentkit.adapters.haystack.owning import Closable, Owning, read_in, written
from agentkit.calls import CallOptions, Chunk, Completion
from agentkit.errors import InvalidResponseError, UsageError
from agentkit.ports import ModelBackend
from agentkit.prompts.schemas import strict_schema
from agentkit.streams import stream_of
from agentkit.types import Prompt

_VERSION = "haystack/1"
_KNOWN = frozenset({"max_tokens", "temperature", "stop", "tool_choice", "schema"})


class Lending(Closable, Protocol):
    """The part of a `Gateway` that a generator needs."""

    def door(self) -> ModelBackend:
        """Return the governed writer."""
        ...


@component
class AgentKitChatGenerator(Owning[Lending]):
    """A Haystack chat generator whose every call goes through a governed door.

    Args:
        gateway: a function that makes an `agentkit.Gateway`. It is called when the generator is first used, and the
            gateway is closed with the pipeline. A function with a name can be written down with the pipeline; load
            that with `Pipeline.loads(text, allowed_modules=["agentkit.*", "your_module"])`.
        tools: what the model may call.
        streaming_callback: gets the answer piece by piece.
        generation_kwargs: `max_tokens`, `temperature`, `stop`, `tool_choice`, `schema` (a JSON schema); any other is
            refused.

    Raises:
        UsageError: Haystack's telemetry is on.
    """

    def __init__(
        self,
        gateway: Callable[[], Lending],
        *,
        tools: ToolsType | None = None,
        streaming_callback: StreamingCallbackT | None = None,
        generation_kwargs: dict[str, Any] | None = None,
    ) -> None:
        Owning.__init__(self, gateway)  # `component` makes the class anew, so that super() would look for the old one
        self.tools = tools
        self.streaming_callback = streaming_callback
        self.generation_kwargs = generation_kwargs or {}

    def to_dict(self) -> dict[str, Any]:
        """Return the generator as data.

        Raises:
            SerializationError: the gateway's function has no name.
        """
        callback = self.streaming_callback
        return default_to_dict(
            self,
            gateway=written(self._part.make),
            tools=serialize_tools_or_toolset(self.tools),
            streaming_callback=serialize_callable(callback) if callback else None,
            generation_kwargs=self.generation_kwargs,
        )

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "AgentKitChatGenerator":
        """Return a generator from its data."""
        data = read_in(data, "gateway")
        given = data["init_parameters"]
        deserialize_tools_or_toolset_inplace(given, key="tools")
        if given.get("streaming_callback"):
            given["streaming_callback"] = deserialize_callable(given["streaming_callback"])
        return default_from_dict(cls, data)

    @component.output_types(replies=list[ChatMessage])
    def run(
        self,
        messages: list[ChatMessage] | str,
        streaming_callback: StreamingCallbackT | None = None,
        generation_kwargs: dict[str, Any] | None = None,
        *,
        tools: ToolsType | None = None,
    ) -> dict[str, list[ChatMessage]]:
        """Answer a conversation.

        Raises:
            UsageError: an option would be ignored, or a message holds more than text.
            BudgetExceededError: the call does not fit the budget; it was not made.
            BackendError: no deployment answered.
        """
        callback = chosen_callback(self.streaming_callback, streaming_callback, requires_async=False)
        prompt = self._prompt(messages, generation_kwargs, tools)
        return self._part.blocking.run(self._answered(prompt, callback))

    @component.output_types(replies=list[ChatMessage])
    async def run_async(
        self,
        messages: list[ChatMessage] | str,
        streaming_callback: StreamingCallbackT | None = None,
        generation_kwargs: dict[str, Any] | None = None,
        *,
        tools: ToolsType | None = None,
    ) -> dict[str, list[ChatMessage]]:
        """`run`, in a running loop; cancelling it cancels the call."""
        callback = chosen_callback(self.streaming_callback, streaming_callback, requires_async=True)
        return await self._answered(self._prompt(messages, generation_kwargs, tools), callback)

    async def _answered(self, prompt: Prompt, callback: StreamingCallbackT | None) -> dict[str, list[ChatMessage]]:
        door = self._part.get().door()
        if callback is None:
            return {"replies": [to_chat_message(await door.complete(prompt))]}
        whole, first = None, True
        async with aclosing(stream_of(door, prompt)) as chunks:
            async for chunk in chunks:
                if chunk.text:
                    await _told(callback, self._piece(chunk, first=first))
                    first = False
                whole = chunk.completion or whole
        if whole is None:
            raise InvalidResponseError(f"{door.name} ended its answer without saying so.", model=door.name)
        for piece in self._last(whole):
            await _told(callback, piece)
        return {"replies": [to_chat_message(whole)]}

    def _piece(self, chunk: Chunk, *, first: bool) -> StreamingChunk:
        info = ComponentInfo.from_component(self)
        return StreamingChunk(content=chunk.text, component_info=info, index=0, start=first)

    def _last(self, whole: Completion) -> list[StreamingChunk]:
        info = ComponentInfo.from_component(self)
        calls = [
            StreamingChunk(
                content="",
                component_info=info,
                index=number,
                start=True,
                tool_calls=[ToolCallDelta(index=number, tool_name=call.name, arguments=call.arguments, id=call.id)],
            )
            for number, call in enumerate(whole.tool_calls, start=1)
        ]
        reason: Any = whole.finish_reason
        end = StreamingChunk(content="", component_info=info, index=0, finish_reason=reason, meta=meta_of(whole))
        return [*calls, end]

    def _prompt(
        self, messages: list[ChatMessage] | str, options: dict[str, Any] | None, tools: ToolsType | None
    ) -> Prompt:
        given = {**self.generation_kwargs, **(options or {})}
        if unknown := set(given) - _KNOWN:
            raise UsageError(
                f"A call takes no option {', '.join(sorted(unknown))}: known are {', '.join(sorted(_KNOWN))}."
            )
        schema = given.get("schema")
        return Prompt(
            role="writer",
            task="chat",
            version=_VERSION,
            instructions="",
            messages=to_messages(messages),
            schema=None if schema is None else strict_schema(schema),
            tools=[to_tool(tool) for tool in flatten_tools_or_toolsets(tools or self.tools)],
            options=CallOptions(
                max_output_tokens=given.get("max_tokens"),
                temperature=given.get("temperature"),
                stop=tuple(given.get("stop") or ()),
                tool_choice=given.get("tool_choice"),
            ),
        )


async def _told(callback: StreamingCallbackT, chunk: StreamingChunk) -> None:
    said: Any = callback(chunk)
    if isawaitable(said):
        await said
