# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# ruff: noqa: SLF001
# pyright: reportPrivateUsage=false
# CrewAI gives its own providers methods without public names; its messages, tools and events are untyped dictionaries.
"""Our models as CrewAI's."""

import json
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any, cast

from crewai import BaseLLM
from crewai.events.types.llm_events import LLMCallType
from crewai.llms.base_llm import llm_call_context
from pydantic import BaseModel, Field, ValidationError

from agentkit.adapters.crewai.lines import Line, OwnLine
from agentkit.adapters.crewai.messages import to_messages, to_tool, tool_calls
from agentkit.calls import CallOptions, Completion
from agentkit.errors import InvalidResponseError, StructuredOutputError
from agentkit.ports import ModelBackend
from agentkit.prompts.parse import read_json, told_faults
from agentkit.prompts.schemas import strict_schema
from agentkit.streams import stream_of
from agentkit.text.token_bound import most_tokens
from agentkit.types import Prompt

_VERSION = "crewai/1"


class CrewLLM(BaseLLM):
    """A CrewAI `BaseLLM` whose every call goes through a governed door (`agentkit.Gateway.door`).

    It emits CrewAI's own events of a call, works with and without an event loop, calls tools in the provider's own way
    where the model can, and answers with an object where CrewAI asks for one.

    Args:
        door: the governed model.
        line: how a call reaches it; by default a loop of the model's own.
        temperature: in place of the deployment's; `max_tokens` and `stop` likewise.
    """

    llm_type: str = "agentkit"
    provider: str = "agentkit"
    door: ModelBackend = Field(exclude=True, repr=False)
    line: Line = Field(default_factory=OwnLine, exclude=True, repr=False)

    def __init__(self, *, door: ModelBackend, **fields: Any) -> None:
        super().__init__(**cast(Any, {"model": door.name, "door": door, **fields}))

    def call(  # noqa: PLR0913  (CrewAI's signature)
        self,
        messages: Any,
        tools: list[dict[str, Any]] | None = None,
        callbacks: list[Any] | None = None,  # noqa: ARG002  (CrewAI's signature)
        available_functions: dict[str, Any] | None = None,
        from_task: Any = None,
        from_agent: Any = None,
        response_model: type[BaseModel] | None = None,
    ) -> Any:
        """Answer: a text, an object of `response_model`, or the tools' calls that the model wishes for.

        Raises:
            BudgetExceededError: the call does not fit the budget; it was not made.
            BackendError: no deployment answered.
        """
        call = _Call(self, messages, tools or (), (from_task, from_agent), response_model)
        with llm_call_context():
            return call.finished(self.line.run(call.answered()), available_functions)

    async def acall(  # noqa: PLR0913  (CrewAI's signature)
        self,
        messages: Any,
        tools: list[dict[str, Any]] | None = None,
        callbacks: list[Any] | None = None,  # noqa: ARG002  (CrewAI's signature)
        available_functions: dict[str, Any] | None = None,
        from_task: Any = None,
        from_agent: Any = None,
        response_model: type[BaseModel] | None = None,
    ) -> Any:
        """`call`, in a running loop."""
        call = _Call(self, messages, tools or (), (from_task, from_agent), response_model)
        with llm_call_context():
            return call.finished(await self.line.arun(call.answered()), available_functions)

    def supports_function_calling(self) -> bool:
        """Return whether the model may be offered tools and schemas; the embedded one reads passages only."""
        return not self.door.deterministic

    def get_context_window_size(self) -> int:
        """Return how many tokens a prompt may have, with room left for the answer."""
        return int(self.door.context_tokens * 0.85)

    def get_input_tokens_count(
        self, messages: Any, tools: list[dict[str, Any]] | None = None, response_model: type[BaseModel] | None = None
    ) -> int:
        """Return how many tokens a request has at most, tools and schema included."""
        schema = None if response_model is None else response_model.model_json_schema()
        words = messages if isinstance(messages, str) else [message.get("content") for message in messages]
        return most_tokens(json.dumps([words, tools, schema], ensure_ascii=False, default=str))


class _Call:
    """One call: its events, its prompt, what becomes of its answer."""

    def __init__(
        self,
        llm: CrewLLM,
        messages: Any,
        tools: Sequence[Mapping[str, Any]],
        origin: tuple[Any, Any],
        schema: type[BaseModel] | None,
    ) -> None:
        self._llm, self._tools, self._schema = llm, tools, schema
        self._messages = llm._format_messages(messages)
        self._task, self._agent = origin

    async def answered(self) -> Completion:
        """Ask the door, between CrewAI's events."""
        llm = cast(Any, self._llm)
        origin = {"from_task": self._task, "from_agent": self._agent}
        llm._emit_call_started_event(messages=self._messages, tools=list(self._tools) or None, **origin)
        try:
            llm._invoke_before_llm_call_hooks(self._messages, self._agent)
            answer = await self._asked()
        except BaseException as error:
            llm._emit_call_failed_event(error=str(error) or type(error).__name__, **origin)
            raise
        self._completed(answer)
        return answer

    def finished(self, answer: Completion, functions: Mapping[str, Any] | None) -> Any:
        """Return what CrewAI expects: it makes tools' calls itself, or has them made here where it gives functions."""
        if self._schema is not None:
            return self._read(answer.text)
        if answer.tool_calls and not functions:
            return tool_calls(answer)
        llm = cast(Any, self._llm)
        for call in answer.tool_calls:
            arguments = dict(read_json(call.arguments or "{}"))
            result = llm._handle_tool_execution(call.name, arguments, functions, self._task, self._agent)
            if result is not None:
                return result
        text = llm._apply_stop_words(answer.text)
        return llm._invoke_after_llm_call_hooks(self._messages, text, self._agent)

    def _completed(self, answer: Completion) -> None:
        llm, taken = cast(Any, self._llm), answer.usage
        usage = {
            "prompt_tokens": taken.input_tokens,
            "completion_tokens": taken.output_tokens,
            "total_tokens": taken.input_tokens + taken.output_tokens,
            "cached_prompt_tokens": taken.cached_tokens,
        }
        llm._track_token_usage_internal(usage)
        llm._emit_call_completed_event(
            response=tool_calls(answer) or answer.text,
            call_type=LLMCallType.TOOL_CALL if answer.tool_calls else LLMCallType.LLM_CALL,
            from_task=self._task,
            from_agent=self._agent,
            messages=self._messages,
            usage=usage,
            finish_reason=answer.finish_reason,
        )

    async def _asked(self) -> Completion:
        llm, prompt = self._llm, self._prompt()
        if not llm._effective_stream():
            return await llm.door.complete(prompt)
        async with aclosing(stream_of(llm.door, prompt)) as chunks:
            async for chunk in chunks:
                if chunk.completion is not None:
                    return chunk.completion
                cast(Any, llm)._emit_stream_chunk_event(chunk.text, self._task, self._agent)
        raise InvalidResponseError(f"{llm.door.name} ended its answer without saying so.", model=llm.door.name)

    def _read(self, text: str) -> BaseModel:
        schema = cast(type[BaseModel], self._schema)
        try:
            return schema.model_validate(read_json(text))
        except ValidationError as error:
            name = self._llm.door.name
            raise StructuredOutputError(
                f"{name} gave no {schema.__name__}: {told_faults(error.errors())}.", model=name
            ) from None

    def _prompt(self) -> Prompt:
        llm = self._llm
        return Prompt(
            role="writer",
            task="chat",
            version=_VERSION,
            instructions="",
            messages=to_messages(cast(Any, self._messages)),
            schema=None if self._schema is None else strict_schema(self._schema.model_json_schema()),
            tools=[to_tool(tool) for tool in self._tools],
            options=CallOptions(
                max_output_tokens=None if llm.max_tokens is None else int(llm.max_tokens),
                temperature=llm.temperature,
                stop=tuple(llm.stop_sequences),
            ),
        )
