"""Every model behind the port keeps the port's promises."""

import pytest

from agentkit.adapters.embedded.extractive import ExtractiveBackend
from agentkit.adapters.litellm import LiteLLMBackend
from agentkit.ports import ModelBackend
from agentkit.testing.contracts import BackendContract
from agentkit.testing.fakes import MemoryVault, ScriptedBackend
from agentkit.testing.server import ModelServer, chat_reply
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
    """LiteLLM's backend together with the server it talks to."""

    deterministic = False

    def __init__(self, server: ModelServer) -> None:
        self._server = server
        self._inner = LiteLLMBackend(name="local", model="openai/served", api_base=server.url)
        self.name = self._inner.name
        self.context_tokens = self._inner.context_tokens

    async def complete(self, prompt: Prompt, /) -> Completion:
        return await self._inner.complete(prompt)

    async def aclose(self) -> None:
        await self._inner.aclose()
        await self._server.__aexit__(None, None, None)


@pytest.mark.filterwarnings("ignore:coroutine .*acompletion:RuntimeWarning")  # LiteLLM drops one when cancelled early
class TestLiteLLM(BackendContract):
    async def make(self) -> ModelBackend:
        return ServedBackend(await ModelServer([chat_reply(ANSWER)]).__aenter__())
