"""A span around each model call: sizes, prices and names, never any text."""

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterable, Mapping
from contextlib import AbstractContextManager, aclosing, contextmanager, nullcontext

from agentkit import semconv
from agentkit.calls import Chunk
from agentkit.errors import AgentKitError
from agentkit.ports import AttributeValue, ModelBackend, Span, Tracer
from agentkit.streams import pumped, stream_of
from agentkit.types import Completion, Prompt
from agentkit.wrappers.wrapping import WrappedBackend


class _SilentSpan:
    def set(self, attributes: Mapping[str, AttributeValue], /) -> None: ...


class SilentTracer:
    """Traces nothing: the default."""

    def span(self, name: str, /, *, attributes: Mapping[str, AttributeValue]) -> AbstractContextManager[Span]:  # noqa: ARG002
        return nullcontext(_SilentSpan())

    def close(self) -> None:
        """Do nothing."""


class TracedBackend(WrappedBackend):
    """Opens a span `chat {model}` around each call.

    Args:
        inner: the door.
        tracer: opens spans.
        untraced: confidentiality labels of prompts that leave no span.
    """

    def __init__(self, inner: ModelBackend, *, tracer: Tracer, untraced: Iterable[str] = ()) -> None:
        super().__init__(inner)
        self._untraced = frozenset(untraced)
        self._tracer = tracer

    async def complete(self, prompt: Prompt, /) -> Completion:
        with self._span(prompt) as span:
            completion = await self._inner.complete(prompt)
            span.set(_outcome(completion))
            return completion

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        """Answer in pieces; the span lasts until the last."""
        async with aclosing(pumped(self._spanned(prompt))) as chunks:
            async for chunk in chunks:
                yield chunk

    async def _spanned(self, prompt: Prompt) -> AsyncGenerator[Chunk]:
        with self._span(prompt) as span:
            async with aclosing(stream_of(self._inner, prompt)) as chunks:
                async for chunk in chunks:
                    if chunk.completion is not None:
                        span.set(_outcome(chunk.completion))
                    yield chunk

    @contextmanager
    def _span(self, prompt: Prompt) -> Generator[Span]:
        if not self._untraced.isdisjoint(prompt.labels):
            yield _SilentSpan()
            return
        attributes: dict[str, AttributeValue] = {
            semconv.OPERATION_NAME: semconv.OP_CHAT,
            semconv.SPAN_KIND: semconv.KIND_LLM,
            semconv.REQUEST_MODEL: self.name,
            semconv.PROMPT_VERSION: prompt.version,
            semconv.PASSAGES: [passage.id for passage in prompt.passages],
        }
        with self._tracer.span(f"{semconv.OP_CHAT} {self.name}", attributes=attributes) as span:
            try:
                yield span
            except AgentKitError as error:
                span.set({semconv.ERROR_TYPE: type(error).__name__})
                raise


def _outcome(completion: Completion) -> Mapping[str, AttributeValue]:
    return {
        semconv.RESPONSE_MODEL: completion.model,
        semconv.INPUT_TOKENS: completion.usage.input_tokens,
        semconv.OUTPUT_TOKENS: completion.usage.output_tokens,
        semconv.COST_USD: completion.usage.cost_usd,
        semconv.FINISH_REASONS: [completion.finish_reason],
    }
