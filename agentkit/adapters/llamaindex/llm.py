# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUntypedFunctionDecorator=false, reportIncompatibleMethodOverride=false
# LlamaIndex's decorators and options are untyped.
"""Our models as LlamaIndex's."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any, TypeVar, cast

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseAsyncGen,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseAsyncGen,
    CompletionResponseGen,
    LLMMetadata,
    MessageRole,
    TextBlock,
    ToolCallBlock,
)
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.llms.llm import ToolSelection
from llama_index.core.prompts.base import BasePromptTemplate
from llama_index.core.tools.types import BaseTool
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SkipValidation, ValidationError

from agentkit.adapters.llamaindex.messages import raw_of, to_chat_response, to_messages, to_tool, tokens_of
from agentkit.blocking import Blocking
from agentkit.calls import CallOptions, Completion
from agentkit.errors import InvalidResponseError, StructuredOutputError, UsageError
from agentkit.ports import ModelBackend
from agentkit.prompts.parse import read_json, told_faults
from agentkit.prompts.schemas import strict_schema
from agentkit.streams import stream_of
from agentkit.types import Prompt

T = TypeVar("T", bound=BaseModel)
_VERSION = "llamaindex/1"
_KNOWN = frozenset({"tools", "tool_choice", "temperature", "max_tokens", "stop", "schema"})
_ANSWER_TOKENS = 1024


class AgentKitLLM(FunctionCallingLLM):
    """A LlamaIndex `LLM` whose every call goes through a governed door (`agentkit.Gateway.door`).

    It can be used with and without an event loop; without one, calls run in a thread of its own. It emits
    LlamaIndex's own events, calls tools, and answers with an object through the model's own schema.

    Args:
        door: the governed model.
        temperature: in place of the deployment's.
        max_tokens: the longest answer, in tokens.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    door: SkipValidation[ModelBackend] = Field(exclude=True, repr=False)
    temperature: float | None = None
    max_tokens: int | None = None
    _blocking: Blocking = PrivateAttr(default_factory=Blocking)

    @classmethod
    def class_name(cls) -> str:
        """Return the name LlamaIndex knows the class by."""
        return "agentkit"

    @property
    def metadata(self) -> LLMMetadata:
        """What LlamaIndex wants to know of a model; the embedded one reads passages only, and calls no tools."""
        return LLMMetadata(
            context_window=self.door.context_tokens,
            num_output=self.max_tokens or _ANSWER_TOKENS,
            is_chat_model=True,
            is_function_calling_model=not self.door.deterministic,
            model_name=self.door.name,
        )

    def close(self) -> None:
        """Stop the thread that synchronous calls run in. The door belongs to whoever made it."""
        self._blocking.close()

    @llm_chat_callback()
    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """Answer a conversation.

        Raises:
            UsageError: an option would be ignored, or a message holds more than text.
            BudgetExceededError: the call does not fit the budget; it was not made.
            BackendError: no deployment answered.
        """
        return to_chat_response(self._blocking.run(self._asked(messages, kwargs)))

    @llm_chat_callback()
    async def achat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """`chat`, in a running loop."""
        return to_chat_response(await self._asked(messages, kwargs))

    @llm_chat_callback()
    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        """`chat`, piece by piece; each holds what was said so far, the last one tools' calls and usage as well."""
        return self._blocking.iterate(self._pieces(self._prompt(messages, kwargs)))

    @llm_chat_callback()
    async def astream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseAsyncGen:
        """`stream_chat`, in a running loop."""
        return self._pieces(self._prompt(messages, kwargs))

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:  # noqa: ARG002, FBT001, FBT002
        """Answer a text, as one turn of a user."""
        return _completed(self._blocking.run(self._asked([_user(prompt)], kwargs)))

    @llm_completion_callback()
    async def acomplete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:  # noqa: ARG002, FBT001, FBT002
        """`complete`, in a running loop."""
        return _completed(await self._asked([_user(prompt)], kwargs))

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:  # noqa: ARG002, FBT001, FBT002
        """`complete`, piece by piece."""
        return self._blocking.iterate(_texts(self._pieces(self._prompt([_user(prompt)], kwargs))))

    @llm_completion_callback()
    async def astream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseAsyncGen:  # noqa: ARG002, FBT001, FBT002
        """`stream_complete`, in a running loop."""
        return _texts(self._pieces(self._prompt([_user(prompt)], kwargs)))

    def structured_predict(
        self,
        output_cls: type[T],
        prompt: BasePromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> T:
        """Answer a template with an object; the model is held to its schema where its server takes one.

        Raises:
            StructuredOutputError: the answer does not fit.
        """
        return self._blocking.run(self.astructured_predict(output_cls, prompt, llm_kwargs, **prompt_args))

    async def astructured_predict(
        self,
        output_cls: type[T],
        prompt: BasePromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> T:
        """`structured_predict`, in a running loop."""
        messages = self._extend_messages(prompt.format_messages(llm=self, **prompt_args))
        schema = strict_schema(cast(dict[str, object], output_cls.model_json_schema()))
        completion = await self._asked(messages, {**(llm_kwargs or {}), "schema": schema})
        try:
            return output_cls.model_validate(read_json(completion.text))
        except ValidationError as error:
            name = self.door.name
            raise StructuredOutputError(
                f"{name} gave no {output_cls.__name__}: {told_faults(error.errors())}.", model=name
            ) from None

    def get_tool_calls_from_response(
        self,
        response: ChatResponse,
        error_on_no_tool_call: bool = True,  # noqa: FBT001, FBT002  (LlamaIndex's signature)
        **kwargs: Any,  # noqa: ARG002
    ) -> list[ToolSelection]:
        """Return the calls a reply wishes for; arguments that are no JSON are repaired."""
        blocks = [block for block in response.message.blocks if isinstance(block, ToolCallBlock)]
        if not blocks and error_on_no_tool_call:
            raise InvalidResponseError(f"{self.door.name} called no tool.", model=self.door.name, billed="yes")
        return [_selection(block) for block in blocks]

    def _prepare_chat_with_tools(
        self,
        tools: Sequence[BaseTool],
        user_msg: str | ChatMessage | None = None,
        chat_history: list[ChatMessage] | None = None,
        verbose: bool = False,  # noqa: ARG002, FBT001, FBT002
        allow_parallel_tool_calls: bool = False,  # noqa: ARG002, FBT001, FBT002
        tool_required: bool = False,  # noqa: FBT001, FBT002
        **kwargs: Any,
    ) -> dict[str, Any]:
        said = [_user(user_msg) if isinstance(user_msg, str) else user_msg] if user_msg else []
        choice = kwargs.pop("tool_choice", None) or ("required" if tool_required else None)
        described = [tool.metadata.to_openai_tool(skip_length_check=True) for tool in tools]
        return {"messages": [*(chat_history or []), *said], "tools": described, "tool_choice": choice, **kwargs}

    def _validate_chat_with_tools_response(
        self,
        response: ChatResponse,
        tools: Sequence[BaseTool],  # noqa: ARG002
        allow_parallel_tool_calls: bool = False,  # noqa: FBT001, FBT002
        **kwargs: Any,  # noqa: ARG002
    ) -> ChatResponse:
        if not allow_parallel_tool_calls:
            blocks = response.message.blocks
            later = [block for block in blocks if isinstance(block, ToolCallBlock)][1:]
            response.message.blocks = [block for block in blocks if not any(block is other for other in later)]
        return response

    async def _asked(self, messages: Sequence[ChatMessage], options: dict[str, Any]) -> Completion:
        return await self.door.complete(self._prompt(messages, options))

    async def _pieces(self, prompt: Prompt) -> AsyncGenerator[ChatResponse]:
        text = ""
        async with aclosing(stream_of(self.door, prompt)) as chunks:
            async for chunk in chunks:
                text += chunk.text
                if chunk.completion is not None:
                    yield to_chat_response(chunk.completion, delta=chunk.text)
                else:
                    said = ChatMessage(role=MessageRole.ASSISTANT, blocks=[TextBlock(text=text)])
                    yield ChatResponse(message=said, delta=chunk.text)

    def _prompt(self, messages: Sequence[ChatMessage], options: dict[str, Any]) -> Prompt:
        if unknown := set(options) - _KNOWN:
            raise UsageError(f"A call takes no option {', '.join(sorted(unknown))}: known are {', '.join(_KNOWN)}.")
        choice = options.get("tool_choice")
        return Prompt(
            role="writer",
            task="chat",
            version=_VERSION,
            instructions="",
            messages=to_messages(messages),
            schema=options.get("schema"),
            tools=[to_tool(tool) for tool in options.get("tools") or []],
            options=CallOptions(
                max_output_tokens=options.get("max_tokens", self.max_tokens),
                temperature=options.get("temperature", self.temperature),
                stop=tuple(options.get("stop") or ()),
                tool_choice=_choice(choice),
            ),
        )


def _choice(given: object) -> str | None:
    if isinstance(given, dict):
        return str(cast(dict[str, Any], given)["function"]["name"])
    return "required" if given == "any" else None if given is None else str(given)


def _selection(block: ToolCallBlock) -> ToolSelection:
    given = block.tool_kwargs
    arguments = dict(read_json(given)) if isinstance(given, str) else given
    return ToolSelection(tool_id=block.tool_call_id or "", tool_name=block.tool_name, tool_kwargs=arguments)


def _user(words: str) -> ChatMessage:
    return ChatMessage(role=MessageRole.USER, blocks=[TextBlock(text=words)])


def _completed(completion: Completion) -> CompletionResponse:
    return CompletionResponse(
        text=completion.text, raw=raw_of(completion), additional_kwargs=dict(tokens_of(completion))
    )


async def _texts(pieces: AsyncGenerator[ChatResponse]) -> AsyncGenerator[CompletionResponse]:
    async with aclosing(pieces):
        async for piece in pieces:
            yield CompletionResponse(text=piece.message.content or "", delta=piece.delta, raw=piece.raw)
