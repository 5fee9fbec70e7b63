"""One guest of each framework: an agent with one tool, on our door, that does what it is told and nothing else."""

import asyncio
import json
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool as langchain_tool

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what vendors deprecate among themselves, while they are imported
    from llama_index.core.agent.workflow import FunctionAgent
    from llama_index.core.tools import FunctionTool
    from pydantic_ai import Agent as PydanticAgent

    from agentkit.adapters.haystack import AgentKitChatGenerator
    from agentkit.adapters.langchain import ChatAgentKit
    from agentkit.adapters.llamaindex.llm import AgentKitLLM
    from agentkit.adapters.pydantic_ai import AgentKitModel

    from haystack import Pipeline  # isort: skip  (after our adapter, which keeps its telemetry off)
    from haystack.components.agents import Agent as HaystackAgent  # isort: skip
    from haystack.dataclasses import ChatMessage  # isort: skip
    from haystack.tools import Tool as HaystackTool  # isort: skip

from agentkit.errors import AgentKitError
from agentkit.gateway import Gateway
from agentkit.testing.server import Received, Reply, chat_reply, stream_event, stream_reply

Look = Callable[[str], str]
SYSTEM = "You are a clerk. Look things up before you answer."


@dataclass(frozen=True)
class Guest:
    """How a framework is asked, with a tool `look_up(query)` at hand."""

    name: str
    ask: Callable[[Gateway, str, Look], object]

    async def answer(self, gateway: Gateway, words: str, look: Look) -> str:
        """Return the agent's last words; a fault of ours is raised as it is, however the framework wraps it."""
        try:
            return str(await self.ask(gateway, words, look))
        except AgentKitError:
            raise
        except Exception as error:  # noqa: BLE001  (each framework wraps in its own)
            raise cause(error) from None


def cause(error: BaseException) -> BaseException:
    """Return the fault of ours that an error rests on, or the error."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, AgentKitError):
        seen = seen.__cause__ or seen.__context__
    return seen or error


async def langchain(gateway: Gateway, words: str, look: Look) -> str:
    """A loop over a chat model with bound tools, as LangChain's guides write it."""

    @langchain_tool
    def look_up(query: str) -> str:
        """Look something up."""
        return look(query)

    model = ChatAgentKit(door=gateway.door()).bind_tools([look_up])
    messages = [SystemMessage(SYSTEM), HumanMessage(words)]
    while True:
        said = await model.ainvoke(messages)
        if not said.tool_calls:
            return str(said.content)
        found = [ToolMessage(await look_up.ainvoke(call["args"]), tool_call_id=call["id"]) for call in said.tool_calls]
        messages += [said, *found]


async def llamaindex(gateway: Gateway, words: str, look: Look) -> str:
    """LlamaIndex's agent workflow."""

    def look_up(query: str) -> str:
        """Look something up."""
        return look(query)

    tools = [FunctionTool.from_defaults(look_up)]
    agent = FunctionAgent(tools=tools, llm=AgentKitLLM(door=gateway.door()), system_prompt=SYSTEM, timeout=None)
    handler = agent.run(words, max_iterations=50)
    waiting = asyncio.gather(handler, return_exceptions=True)
    try:
        (said,) = await asyncio.shield(waiting)
    except asyncio.CancelledError:
        await handler.cancel_run()  # a workflow goes on without whoever waits for it
        await waiting
        raise
    if isinstance(said, BaseException):
        raise said
    return str(said)


async def haystack(gateway: Gateway, words: str, look: Look) -> str:
    """Haystack's agent in a pipeline."""
    schema = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
    tool = HaystackTool(name="look_up", description="Look something up.", parameters=schema, function=look)
    agent = HaystackAgent(
        chat_generator=AgentKitChatGenerator(lambda: gateway), tools=[tool], system_prompt=SYSTEM, max_agent_steps=50
    )
    pipeline = Pipeline()
    pipeline.add_component("agent", agent)
    done = await pipeline.run_async({"agent": {"messages": [ChatMessage.from_user(words)]}})
    return done["agent"]["messages"][-1].text


async def pydantic_ai(gateway: Gateway, words: str, look: Look) -> str:
    """Pydantic AI's agent."""
    agent = PydanticAgent(AgentKitModel(gateway.door()), instructions=SYSTEM)

    @agent.tool_plain
    def look_up(query: str) -> str:
        """Look something up."""
        return look(query)

    return (await agent.run(words)).output


GUESTS = [Guest(way.__name__, way) for way in (langchain, llamaindex, haystack, pydantic_ai)]


def clerk(request: Received) -> Reply:
    """Play the model: look up what is asked, then say what was found."""
    last = request.body["messages"][-1]
    content = str(last["content"])
    text = f"Found: {content}" if last["role"] == "tool" else None
    return answered(request, text, None if text else {"query": content})


def looper(request: Received) -> Reply:
    """Play a model that never comes to an end."""
    return answered(request, None, {"query": f"again {len(request.body['messages'])}"})


def answered(request: Received, text: str | None, wish: Mapping[str, str] | None) -> Reply:
    """Answer with a text or a wish for the tool, streamed where that is asked for."""
    call = {"id": f"c{len(request.body['messages'])}", "type": "function"}
    calls = [{**call, "function": {"name": "look_up", "arguments": json.dumps(wish)}}] if wish else []
    reason = "tool_calls" if calls else "stop"
    if not request.body.get("stream"):
        return chat_reply(text, finish_reason=reason, tool_calls=calls)
    return streamed(text, calls, reason)


def streamed(text: str | None, calls: list[dict[str, object]], reason: str) -> Reply:
    """Return a stream of a text or of a call in one piece."""
    if not calls:
        return stream_reply(*re.findall(r"\s*\S+", text or ""))
    plain = stream_reply("", finish_reason=reason)
    events = [stream_event({"tool_calls": [{"index": at, **call}]}) for at, call in enumerate(calls)]
    return Reply(headers=plain.headers, pieces=[*events, *plain.pieces[1:]])
