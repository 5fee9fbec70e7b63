"""The governed door as LangChain's chat model: tools, objects and streams included."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportIncompatibleMethodOverride=false
# LangChain hands options through as untyped keywords.

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from operator import itemgetter
from typing import Any, cast

from langchain_core.caches import BaseCache
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableLambda, RunnableMap, RunnablePassthrough
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_json_schema, convert_to_openai_tool
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError
from pydantic.v1 import BaseModel as OldBaseModel
from pydantic.v1 import ValidationError as OldValidationError

from agentkit.adapters.langchain.messages import metadata_of, to_ai_message, to_messages, to_tool, usage_of
from agentkit.blocking import Blocking
from agentkit.calls import CallOptions, Chunk
from agentkit.errors import InvalidResponseError, UsageError
from agentkit.ports import ModelBackend
from agentkit.prompts.parse import read_json, told_faults
from agentkit.prompts.schemas import strict_schema
from agentkit.streams import stream_of
from agentkit.types import Prompt

_VERSION = "langchain/1"
_ANY = {"any": "required", "required": "required", "auto": "auto", "none": "none"}


class ChatAgentKit(BaseChatModel):
    """A `BaseChatModel` whose every call goes through a governed door (`agentkit.Gateway.door`).

    It can be used with and without an event loop; without one, calls run in a thread of its own.

    Args:
        door: the governed model.
        temperature: in place of the deployment's.
        max_tokens: the longest answer, in tokens.
        stop: where an answer ends.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    door: ModelBackend = Field(exclude=True, repr=False)
    # LangChain's cache knows neither tenant nor matter: with it, one would read another's answers, names included.
    cache: BaseCache | bool | None = Field(default=False, exclude=True)
    temperature: float | None = None
    max_tokens: int | None = None
    stop: list[str] | None = None
    _blocking: Blocking = PrivateAttr(default_factory=Blocking)

    @property
    def _llm_type(self) -> str:
        return "agentkit"

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        return {"model": self.door.name}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> Any:
        params = super()._get_ls_params(stop=stop, **kwargs)
        return {**params, "ls_provider": "agentkit", "ls_model_name": kwargs.get("model", self.door.name)}

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Offer tools; `tool_choice` is "auto", "any", "none" or a tool's name."""
        described = [convert_to_openai_tool(tool) for tool in tools]
        return self.bind(tools=described, tool_choice=tool_choice, **kwargs)

    def with_structured_output(
        self, schema: dict[str, Any] | type, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, Any]:
        """Answer with an object of a pydantic class, or with a dictionary for any other kind of schema.

        Raises:
            UsageError: an option is given that has no meaning here.
        """
        if unknown := set(kwargs) - {"method", "strict"}:
            raise UsageError(f"with_structured_output takes no {', '.join(sorted(unknown))} here.")
        described = convert_to_json_schema(schema)
        told = {"kwargs": {"method": "json_schema"}, "schema": described}
        model = self.bind(response_schema=described, ls_structured_output_format=told)
        read = RunnableLambda(_reader(schema, self.door.name))
        if not include_raw:
            return model | read
        parsed = RunnablePassthrough.assign(parsed=itemgetter("raw") | read, parsing_error=lambda _: None)
        failed = RunnablePassthrough.assign(parsed=lambda _: None)
        return RunnableMap(raw=model) | parsed.with_fallbacks([failed], exception_key="parsing_error")

    def close(self) -> None:
        """Stop the thread that synchronous calls run in. The door belongs to whoever made it."""
        self._blocking.close()

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002  (LangChain's signature)
        **kwargs: Any,
    ) -> ChatResult:
        return self._blocking.run(self._answer(self._prompt(messages, stop, kwargs)))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002  (LangChain's signature)
        **kwargs: Any,
    ) -> ChatResult:
        return await self._answer(self._prompt(messages, stop, kwargs))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for chunk in self._blocking.iterate(self._pieces(self._prompt(messages, stop, kwargs))):
            if run_manager is not None:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        async with aclosing(self._pieces(self._prompt(messages, stop, kwargs))) as pieces:
            async for chunk in pieces:
                if run_manager is not None:
                    await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk

    async def _answer(self, prompt: Prompt) -> ChatResult:
        completion = await self.door.complete(prompt)
        return ChatResult(generations=[ChatGeneration(message=to_ai_message(completion))])

    async def _pieces(self, prompt: Prompt) -> AsyncGenerator[ChatGenerationChunk]:
        async with aclosing(stream_of(self.door, prompt)) as chunks:
            async for chunk in chunks:
                yield _generation(chunk)

    def _prompt(self, messages: Sequence[BaseMessage], stop: Sequence[str] | None, options: dict[str, Any]) -> Prompt:
        known = {"tools", "tool_choice", "response_schema", "temperature", "max_tokens"}
        if unknown := set(options) - known:
            raise UsageError(
                f"A call takes no option {', '.join(sorted(unknown))}: known are {', '.join(sorted(known))}."
            )
        chosen = cast(str | None, options.get("tool_choice"))
        schema = cast(Mapping[str, object] | None, options.get("response_schema"))
        return Prompt(
            role="writer",
            task="chat",
            version=_VERSION,
            instructions="",
            messages=to_messages(messages),
            schema=None if schema is None else strict_schema(schema),
            tools=[to_tool(tool) for tool in options.get("tools") or []],
            options=CallOptions(
                max_output_tokens=options.get("max_tokens", self.max_tokens),
                temperature=options.get("temperature", self.temperature),
                stop=tuple(stop or self.stop or ()),
                tool_choice=_ANY.get(chosen, chosen) if chosen else None,
            ),
        )


def _generation(chunk: Chunk) -> ChatGenerationChunk:
    completion = chunk.completion
    if completion is None:
        return ChatGenerationChunk(message=AIMessageChunk(content=chunk.text))
    calls = [
        tool_call_chunk(name=call.name, args=call.arguments, id=call.id, index=number)
        for number, call in enumerate(completion.tool_calls)
    ]
    message = AIMessageChunk(
        content=chunk.text,
        tool_call_chunks=calls,
        usage_metadata=usage_of(completion),
        response_metadata=metadata_of(completion),
        chunk_position="last",
    )
    return ChatGenerationChunk(message=message)


def _reader(schema: dict[str, Any] | type, model: str) -> Callable[[AIMessage], object]:
    """Return what makes an object of an answer: repaired where it is no JSON, validated by a pydantic class."""

    def read(message: AIMessage) -> object:
        data = dict(read_json(str(message.text)))
        if not data:
            raise InvalidResponseError(f"{model} answered with no JSON object.", model=model, billed="yes")
        if not isinstance(schema, type) or not issubclass(schema, (BaseModel, OldBaseModel)):
            return data
        try:
            return schema.parse_obj(data) if issubclass(schema, OldBaseModel) else schema.model_validate(data)
        except (ValidationError, OldValidationError) as error:
            raise InvalidResponseError(
                f"{model} gave no {schema.__name__}: {told_faults(error.errors())}.", model=model, billed="yes"
            ) from None

    return read
