"""Every model behind the port keeps the port's promises."""

from collections.abc import AsyncIterator

import pytest

from agentkit.adapters.embedded.extractive import ExtractiveBackend
from agentkit.adapters.litellm import LiteLLMBackend
from agentkit.adapters.openai import OpenAIBackend
from agentkit.calls import Chunk
from agentkit.ports import ModelBackend
from agentkit.testing.contracts import BackendContract, StreamingContract
from agentkit.testing.fakes import MemoryVault, ScriptedBackend
from agentkit.testing.server import ModelServer, Reply, chat_reply, stream_reply
from agentkit.types import Completion, Prompt
from agentkit.wrappers import (
    Accounts,
    Budget,
    BudgetedBackend,
    Meter,
    MeteredBackend,
    RedactionCheckedBackend,
    SilentTracer,
    TracedBackend,
)

ANSWER = '{"answered": true, "claims": []}'
PIECES = ("<think>Hm", ".</think>\n ", "The ", "rent ", " is", " due.", " \n")


class TestExtractive(BackendContract):
    async def make(self) -> ModelBackend:
        return ExtractiveBackend()


class TestScripted(BackendContract):
    async def make(self) -> ModelBackend:
        return ScriptedBackend(ANSWER, deterministic=True)


class TestWrapped(BackendContract):
    async def make(self) -> ModelBackend:
        metered = MeteredBackend(ScriptedBackend(ANSWER), meter=Meter())
        traced = TracedBackend(
            BudgetedBackend(metered, accounts=Accounts(Budget(tokens=1_000_000))), tracer=SilentTracer()
        )
        return RedactionCheckedBackend(traced, vault=MemoryVault())


class ServedBackend:
    """A door to a remote model together with the server it talks to."""

    deterministic = False

    def __init__(self, door: type[LiteLLMBackend] | type[OpenAIBackend], server: ModelServer) -> None:
        self._server = server
        self._inner = door(name="local", model="openai/served", api_base=server.url)
        self.name = self._inner.name
        self.context_tokens = self._inner.context_tokens

    @classmethod
    async def with_reply(cls, door: type[LiteLLMBackend] | type[OpenAIBackend], reply: Reply) -> "ServedBackend":
        return cls(door, await ModelServer([reply]).__aenter__())

    async def complete(self, prompt: Prompt, /) -> Completion:
        return await self._inner.complete(prompt)

    def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        return self._inner.stream(prompt)

    async def aclose(self) -> None:
        await self._inner.aclose()
        await self._server.__aexit__(None, None, None)


# LiteLLM drops one of its coroutines when a call is cancelled before it began to run.
early = pytest.mark.filterwarnings("ignore:coroutine .*acompletion:RuntimeWarning")


@early
class TestLiteLLM(BackendContract):
    async def make(self) -> ModelBackend:
        return await ServedBackend.with_reply(LiteLLMBackend, chat_reply(ANSWER))


class TestOpenAI(BackendContract):
    async def make(self) -> ModelBackend:
        return await ServedBackend.with_reply(OpenAIBackend, chat_reply(ANSWER))


class TestLiteLLMStream(StreamingContract):
    async def make(self) -> ModelBackend:
        return await ServedBackend.with_reply(LiteLLMBackend, stream_reply(*PIECES))


class TestOpenAIStream(StreamingContract):
    async def make(self) -> ModelBackend:
        return await ServedBackend.with_reply(OpenAIBackend, stream_reply(*PIECES))
