"""The door for programs with prompts of their own."""

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from agentkit.calls import Chunk, Completion, Message, Tool, ToolCall
from agentkit.config import Config
from agentkit.errors import (
    BackendError,
    BudgetExceededError,
    ConfigError,
    ContextWindowError,
    NoDeploymentError,
    RefusedError,
    UsageError,
)
from agentkit.gateway import Gateway
from agentkit.records.run_record import list_runs
from agentkit.streams import stream_of
from agentkit.testing.fakes import MemoryVault, ScriptedBackend
from agentkit.testing.server import ModelServer, Received, Reply, chat_reply
from agentkit.types import Prompt
from agentkit.wrappers import RedactionCheckedBackend

WHO = "Write to Mary Whitfield at mary.whitfield@harbormills.example about the deposit."


class Echo:
    """A model that streams back what it is told, in small pieces."""

    name, context_tokens, deterministic = "echo", 8192, False

    def __init__(self, size: int, answer: str = "") -> None:
        self._size = size
        self._answer = answer
        self.seen: list[str] = []

    async def complete(self, prompt: Prompt, /) -> Completion:
        self.seen.append(prompt.messages[-1].content)
        return Completion(prompt.messages[-1].content, self.name)

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        self.seen.append(prompt.messages[-1].content)
        text = self._answer or self.seen[-1]
        for start in range(0, len(text), self._size):
            yield Chunk(text[start : start + self._size])
        yield Chunk("", Completion(text, self.name))

    async def aclose(self) -> None: ...


async def test_the_model_sees_placeholders_and_the_caller_sees_names() -> None:
    model = ScriptedBackend(lambda prompt: f"Dear {prompt.messages[0].content.split()[2]}, ...")
    async with Gateway(model=model) as gateway:
        completion = await gateway.complete(WHO)
    shown = model.prompts[0].messages[0].content
    assert "Mary" not in shown
    assert "whitfield" not in shown
    assert completion.text == "Dear Mary Whitfield, ..."


async def test_arguments_of_tools_are_restored_for_the_tool_and_hidden_from_the_model() -> None:
    call = ToolCall("1", "mail", '{"to": "<EMAIL_ADDRESS_1>"}')
    model = ScriptedBackend(Completion("", "scripted", tool_calls=[call]), "sent")
    tool = Tool("mail", "Sends a mail.", {"type": "object", "properties": {"to": {"type": "string"}}})
    async with Gateway(model=model) as gateway:
        first = await gateway.complete(WHO, tools=[tool])
        assert first.tool_calls[0].arguments == '{"to": "mary.whitfield@harbormills.example"}'
        told = Message("tool", "Sent to mary.whitfield@harbormills.example.", tool_call_id="1")
        await gateway.complete([Message("user", WHO), Message("assistant", "", first.tool_calls), told])
    assert "harbormills" not in str(model.prompts[1].messages)


async def test_personal_data_escaped_in_json_are_hidden_too() -> None:
    told = json.dumps({"to": "Jürgen Vogel", "street": "12 Main Street,\nSpringfield, IL 62704", "ok": True})
    call = ToolCall("1", "mail", told)
    model = ScriptedBackend("sent")
    async with Gateway(model=model) as gateway:
        turns = [Message("user", "Write to Mr. Jürgen Vogel."), Message("assistant", "", [call]), Message("tool", told)]
        await gateway.complete(turns)
    shown = model.prompts[0].messages
    assert json.loads(shown[1].tool_calls[0].arguments)["to"] == "<PERSON_1>"
    for text in (shown[1].tool_calls[0].arguments, shown[2].content):
        assert "Vogel" not in text
        assert "Main Street" not in text


async def test_an_original_with_a_new_line_does_not_break_the_json_it_returns_to() -> None:
    address = "12 Main Street,\nSpringfield, IL 62704"
    call = ToolCall("1", "post", '{"to": "<STREET_ADDRESS_1>"}')
    model = ScriptedBackend(Completion('{"to": "<STREET_ADDRESS_1>"}', "scripted", tool_calls=[call]))
    schema = {"type": "object", "properties": {"to": {"type": "string"}}, "required": ["to"]}
    asked = Prompt("writer", "chat", "t", "", messages=[Message("user", f"Send it to {address} today.")], schema=schema)
    async with Gateway(model=model) as gateway:
        completion = await gateway.door().complete(asked)
        pieces = [chunk.text async for chunk in stream_of(gateway.door(), asked)]
    assert json.loads(completion.text) == json.loads("".join(pieces)) == {"to": address}
    assert json.loads(completion.tool_calls[0].arguments) == {"to": address}


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("written", ["< person 1 >", "&lt;PERSON_1&gt;", r"<PERSON\_1>"])
async def test_a_placeholder_as_a_model_writes_it_is_restored_in_a_stream(written: str, size: int) -> None:
    text = f"To {written}, a < b & so on"
    model = Echo(size, text)
    async with Gateway(model=model) as gateway:
        pieces = [chunk.text async for chunk in gateway.stream("Write to Mary Whitfield.")]
    assert "".join(pieces) == "To Mary Whitfield, a < b & so on"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
async def test_a_stream_never_shows_half_a_placeholder(size: int) -> None:
    model = Echo(size)
    async with Gateway(model=model) as gateway:
        pieces = [chunk async for chunk in gateway.stream(WHO)]
    assert "Mary" not in model.seen[0]
    assert "".join(chunk.text for chunk in pieces) == WHO
    assert pieces[-1].completion is not None
    assert pieces[-1].completion.text == WHO
    assert not any("PERSON_" in chunk.text for chunk in pieces)


async def test_an_angle_bracket_that_is_no_placeholder_is_not_swallowed() -> None:
    async with Gateway(model=Echo(1)) as gateway:
        assert "".join([chunk.text async for chunk in gateway.stream("1 < 2 and <B")]) == "1 < 2 and <B"


class Answer(BaseModel):
    name: str


async def test_an_object_comes_back_with_names_in_it() -> None:
    async with Gateway(model=ScriptedBackend('{"name": "<PERSON_1>"}')) as gateway:
        assert (await gateway.complete(WHO, schema=Answer)).name == "Mary Whitfield"


async def test_a_gateway_is_held_to_its_budget() -> None:
    config = Config.model_validate({"budget": {"calls": 1}})
    model = ScriptedBackend("yes")
    async with Gateway(config, model=model) as gateway:
        await gateway.complete("May I?")
        with pytest.raises(BudgetExceededError):
            await gateway.complete("And again?")
    assert len(model.prompts) == 1
    assert gateway.usage().model_calls == 1


async def test_a_gateway_is_a_run_with_a_record(tmp_path: Path) -> None:
    async with Gateway(model=ScriptedBackend("yes"), home=tmp_path) as gateway:
        await gateway.complete(WHO)
    run = list_runs(tmp_path)[0]
    assert (run.run_id, run.task, run.state, run.resumable) == (gateway.run_id, "chat", "done", False)
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert left
    assert not any(b"Whitfield" in path.read_bytes() for path in left)


async def test_labels_hold_at_the_gateway() -> None:
    async with ModelServer([chat_reply("yes")]) as server:
        params = {"model": "openai/served", "api_base": server.url}
        config = Config.model_validate(
            {
                "models": [{"model_name": "cloud", "litellm_params": params}],
                "roles": {"writer": "cloud"},
                "labels": {"privileged": {"requires": ["local"]}},
            }
        )
        async with Gateway(config, labels=["privileged"]) as gateway:
            with pytest.raises(NoDeploymentError):
                await gateway.complete("A secret.")
        async with Gateway(config) as gateway:
            assert (await gateway.complete("No secret.")).text == "yes"
    assert len(server.received) == 1


async def test_roles_have_models_of_their_own() -> None:
    async with Gateway(model=ScriptedBackend("yes")) as gateway:
        with pytest.raises(ConfigError, match=r"roles\.judge"):
            await gateway.complete("Well?", role="judge")


async def test_the_embedded_model_holds_no_conversation_and_says_so() -> None:
    async with Gateway() as gateway:
        with pytest.raises(BackendError, match="holds no conversation: name a language model"):
            await gateway.complete("Hello?")


class Slow(Echo):
    """A model whose second piece waits until it is let go."""

    def __init__(self) -> None:
        super().__init__(4)
        self.go = asyncio.Event()
        self.closed = False

    async def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        try:
            yield Chunk("first ")
            await self.go.wait()
            yield Chunk("second", Completion("first second", self.name))
        finally:
            self.closed = True


async def test_the_first_piece_arrives_before_the_answer_is_whole() -> None:
    model = Slow()
    async with Gateway(model=model) as gateway:
        stream = gateway.stream("Go on.")
        assert (await asyncio.wait_for(anext(stream), 120)).text == "first "
        model.go.set()
        assert [chunk.text async for chunk in stream] == ["second"]
        assert gateway.usage().model_calls == 1


async def test_leaving_a_stream_closes_the_call_through_the_whole_door() -> None:
    model = Slow()
    async with Gateway(model=model) as gateway:
        stream = gateway.stream("Go on.")
        await anext(stream)
        await stream.aclose()
        assert model.closed


async def test_a_refused_text_is_not_streamed_either() -> None:
    model = Echo(4)
    vault = MemoryVault({"PERSON": ["Mary Whitfield"]})
    prompt = Prompt(role="writer", task="chat", version="t", instructions="", messages=[Message("user", WHO)])
    with pytest.raises(RefusedError):
        _ = [chunk async for chunk in RedactionCheckedBackend(model, vault=vault).stream(prompt)]
    assert model.seen == []


async def test_closing_ends_the_calls_that_go_on_and_books_them(tmp_path: Path) -> None:
    both = asyncio.Event()

    def wait(_: Received) -> Reply:
        if len(server.received) == 2:
            both.set()
        return Reply(body=b"{}", wait_s=600)

    async with ModelServer([wait]) as server:
        params = {"model": "served", "api_base": server.url}
        entry = {"model_name": "slow", "client": "openai", "litellm_params": params, "output_price": 10.0}
        config = Config.model_validate({"models": [entry], "roles": {"writer": "slow"}})
        gateway = Gateway(config, home=tmp_path)
        asked = asyncio.create_task(gateway.complete("Anything?"))
        streamed = gateway.stream("Anything else?")
        waiting = asyncio.ensure_future(anext(streamed))
        await asyncio.wait_for(both.wait(), 120)
        await asyncio.wait_for(gateway.aclose(), 120)
        for answer in await asyncio.gather(asked, waiting, return_exceptions=True):
            assert isinstance(answer, UsageError)
    with contextlib.closing(sqlite3.connect(tmp_path / "ledger.db")) as ledger:
        assert ledger.execute("SELECT outcome, billed FROM calls").fetchall() == [("cancelled", "unknown")] * 2
        assert ledger.execute("SELECT COUNT(*) FROM holds").fetchone() == (0,)


async def test_a_stream_that_was_left_open_is_closed_with_the_gateway() -> None:
    model = Echo(1)
    async with Gateway(model=model) as gateway:
        streamed = gateway.stream("abc")
        assert (await anext(streamed)).text == "a"
    with pytest.raises(UsageError, match="closed"):
        await anext(streamed)


async def test_a_closed_gateway_says_so_and_can_be_closed_again() -> None:
    gateway = Gateway(model=Echo(1))
    door = gateway.door()
    await gateway.aclose()
    await gateway.aclose()
    with pytest.raises(UsageError, match="closed"):
        await gateway.complete("abc")
    with pytest.raises(UsageError, match="closed"):
        await door.complete(Prompt("writer", "chat", "t", "", messages=[Message("user", "abc")]))


async def test_a_caller_who_is_cancelled_is_cancelled() -> None:
    async with ModelServer([Reply(body=b"{}", wait_s=600)]) as server:
        entry = {"model_name": "slow", "client": "openai", "litellm_params": {"model": "m", "api_base": server.url}}
        async with Gateway(Config.model_validate({"models": [entry], "roles": {"writer": "slow"}})) as gateway:
            asked = asyncio.create_task(gateway.complete("Anything?"))
            await server.arrived.wait()
            asked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asked
            await asyncio.wait_for(server.hung_up.wait(), 120)


async def test_a_tool_tells_no_model_whose_it_is() -> None:
    model = ScriptedBackend("sent")
    theirs = {
        "type": "object",
        "properties": {"to": {"type": "string", "default": "mary.whitfield@harbormills.example"}},
    }
    async with Gateway(model=model) as gateway:
        await gateway.complete("Send it.", tools=[Tool("mail", "Writes to mary.whitfield@harbormills.example.", {})])
        assert "whitfield" not in model.prompts[0].tools[0].description
        await gateway.complete("Send it.", tools=[Tool("mail", "Writes.", theirs)])
        assert "whitfield" not in str(model.prompts[1].tools[0].parameters)


async def test_the_router_is_a_role_like_the_others() -> None:
    async with ModelServer([chat_reply("small")]) as server:
        params = {"model": "openai/served", "api_base": server.url}
        models = [{"model_name": "chooser", "litellm_params": params}]
        config = Config.model_validate({"models": models, "roles": {"router": "chooser"}})
        async with Gateway(config) as gateway:
            assert (await gateway.complete("Which model?", role="router")).text == "small"


@pytest.mark.parametrize("tenant", ["*", " "])
def test_nobody_in_particular_pays_for_nothing(tenant: str) -> None:
    with pytest.raises(UsageError, match="Name a tenant"):
        Gateway(model=ScriptedBackend("yes"), tenant=tenant)


async def test_a_prompt_longer_than_the_declared_window_is_not_sent_and_not_billed(tmp_path: Path) -> None:
    async with ModelServer([chat_reply("large")]) as server:
        params = {"model": "openai/m", "api_base": server.url, "max_tokens": 50}
        small = {"model_name": "small", "client": "openai", "litellm_params": params, "context_tokens": 200}
        large = {**small, "model_name": "large", "context_tokens": 800}
        config = {"models": [{**small, "fallbacks": ["large"]}, large], "roles": {"writer": "small"}}
        async with Gateway(Config.model_validate(config), home=tmp_path) as gateway:
            assert (await gateway.complete("rent " * 400)).model == "large"
            with pytest.raises(ContextWindowError, match=r"at least 800 tokens .* \(small: 200 .*; large: 800 "):
                await gateway.complete("rent " * 800)
            assert gateway.usage().model_calls == 1
    assert len(server.received) == 1
    with contextlib.closing(sqlite3.connect(tmp_path / "ledger.db")) as ledger:
        assert ledger.execute("SELECT deployment, outcome FROM calls").fetchall() == [("large", "ok")]
