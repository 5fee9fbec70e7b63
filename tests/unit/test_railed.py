"""What a model says in free conversation is held back until the rails have passed it."""

from collections.abc import AsyncIterator

import pytest

from agentkit.calls import Chunk, Completion, ToolCall
from agentkit.errors import RefusedError
from agentkit.lending import borrow, lending
from agentkit.policy import EdgeGuards, EdgeRule, RailPolicy
from agentkit.ports import ModelBackend
from agentkit.testing.fakes import ScriptedBackend, WordRails
from agentkit.types import Prompt, RailReport, Stage
from agentkit.wrappers.railed import RailedBackend

PROMPT = Prompt(role="writer", task="chat", version="1", instructions="")


class _Streaming(ScriptedBackend):
    """Streams its reply word by word."""

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk]:
        completion = await self.complete(prompt)
        for word in completion.text.split(" "):
            yield Chunk(word + " ")
        yield Chunk("", completion)


def _railed(model: ModelBackend) -> RailedBackend:
    return RailedBackend(model, guards=EdgeGuards(WordRails()))


async def test_a_reply_that_passes_is_returned() -> None:
    assert (await _railed(ScriptedBackend("Rent is due.")).complete(PROMPT)).text == "Rent is due."


@pytest.mark.parametrize("text", ["output:bad words", "output:unsure words"])
async def test_a_reply_that_does_not_pass_is_refused_with_the_rail_and_without_the_text(text: str) -> None:
    with pytest.raises(RefusedError, match="word rail"):
        await _railed(ScriptedBackend(text)).complete(PROMPT)


async def test_the_arguments_of_a_tool_call_are_checked() -> None:
    call = ToolCall("1", "send", '{"to": "output:bad"}')
    model = ScriptedBackend(Completion(text="", model="m", tool_calls=[call]))
    with pytest.raises(RefusedError):
        await _railed(model).complete(PROMPT)


async def test_nothing_of_a_stream_is_shown_before_all_of_it_has_passed() -> None:
    with pytest.raises(RefusedError):  # from the first step on: no piece comes before it
        await anext(aiter(_railed(_Streaming("Rent is due. output:bad")).stream(PROMPT)))
    chunks = [chunk async for chunk in _railed(_Streaming("Rent is due.")).stream(PROMPT)]
    assert [chunk.text for chunk in chunks] == ["Rent is due."]
    assert chunks[-1].completion is not None


async def test_a_rail_that_rewrites_is_heeded() -> None:
    assert (await _railed(ScriptedBackend("output:change")).complete(PROMPT)).text == "changed"


class _AskingRails(WordRails):
    """Asks a model about every text, as a self-check does."""

    async def check(self, text: str, /, *, stage: Stage, forbidden: object = ()) -> RailReport:
        await borrow("judge").complete(PROMPT)
        return await super().check(text, stage=stage)


async def test_what_a_rail_itself_asks_is_not_checked_by_rails() -> None:
    guards = EdgeGuards(_AskingRails())
    with lending(lambda _: RailedBackend(ScriptedBackend("output:bad"), guards=guards)):
        report = await guards.at("model_to_agent").check("Rent is due.", stage="output")
    assert report.allowed


async def test_an_edge_without_rails_holds_nothing_back() -> None:
    guards = EdgeGuards(WordRails(), RailPolicy({"model_to_agent": EdgeRule(None)}))
    assert (await RailedBackend(ScriptedBackend("output:bad"), guards=guards).complete(PROMPT)).text == "output:bad"
