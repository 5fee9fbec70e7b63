"""A span around each model call: sizes, prices and names, never any text."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext

from agentkit import semconv
from agentkit.errors import AgentKitError
from agentkit.ports import AttributeValue, ModelBackend, Span, Tracer
from agentkit.types import Completion, Prompt


class _SilentSpan:
    def set(self, attributes: Mapping[str, AttributeValue], /) -> None: ...


class SilentTracer:
    """Traces nothing: the default."""

    def span(self, name: str, /, *, attributes: Mapping[str, AttributeValue]) -> AbstractContextManager[Span]:  # noqa: ARG002
        return nullcontext(_SilentSpan())

    def close(self) -> None:
        """Do nothing."""


class TracedBackend:
    """Opens a span `chat {model}` around each call."""

    def __init__(self, inner: ModelBackend, *, tracer: Tracer) -> None:
        self._inner = inner
        self._tracer = tracer
        self.name = inner.name
        self.context_tokens = inner.context_tokens
        self.deterministic = inner.deterministic

    async def complete(self, prompt: Prompt, /) -> Completion:
        attributes: dict[str, AttributeValue] = {
            semconv.OPERATION_NAME: semconv.OP_CHAT,
            semconv.SPAN_KIND: semconv.KIND_LLM,
            semconv.REQUEST_MODEL: self.name,
            semconv.PROMPT_VERSION: prompt.version,
            semconv.PASSAGES: [passage.id for passage in prompt.passages],
        }
        with self._tracer.span(f"{semconv.OP_CHAT} {self.name}", attributes=attributes) as span:
            try:
                completion = await self._inner.complete(prompt)
            except AgentKitError as error:
                span.set({semconv.ERROR_TYPE: type(error).__name__})
                raise
            span.set(
                {
                    semconv.RESPONSE_MODEL: completion.model,
                    semconv.INPUT_TOKENS: completion.usage.input_tokens,
                    semconv.OUTPUT_TOKENS: completion.usage.output_tokens,
                    semconv.COST_USD: completion.usage.cost_usd,
                    semconv.FINISH_REASONS: [completion.finish_reason],
                }
            )
            return completion

    async def aclose(self) -> None:
        await self._inner.aclose()
