"""The tools of any MCP server for our agents: listed, screened, approved, redacted, bounded."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from mcp import types

from agentkit.adapters.mcp.connection import Address, Connection
from agentkit.adapters.mcp.wishes import described, fingerprint, is_harmless, kept, safe_arguments, said
from agentkit.calls import Completion, Message, Tool, ToolCall
from agentkit.egress import EgressPolicy
from agentkit.errors import RefusedError, UnavailableError, UsageError
from agentkit.policy import EdgeGuards, objections
from agentkit.ports import ModelBackend, RunRecord
from agentkit.prompts.parse import object_of
from agentkit.types import Prompt

_TURNS = 8


@dataclass(frozen=True, slots=True)
class Proposal:
    """A call that somebody has to approve: `arguments` are those that would be sent, placeholders and all."""

    tool: str
    description: str
    arguments: Mapping[str, object]
    is_read_only: bool
    is_destructive: bool


Approve = Callable[[Proposal], Awaitable[bool]]


class McpTools:
    """A connection to one server, as `async with McpTools(...) as tools`; it ends with the block.

    Every outcome of a call is a message for the model, also that it was denied, late or failed.

    Args:
        server: a command with its arguments (stdio), or the URL of a streamable HTTP endpoint.
        allow: the tools that may be used, by name; the others are not there.
        guards: rails; descriptions and results cross *tool → agent*.
        safe: takes personal data out of what is sent (`Gateway.safe_text`); `str` sends originals.
        approve: asked before each call of a tool that is not annotated as read-only; without it such calls are denied.
        pins: the fingerprint of each tool when it was approved; one that has another now is refused.
        egress: where an HTTP server may be.
        headers: of every request to an HTTP server, such as its key.
        env: variables of a stdio server's process, besides PATH, HOME and the like.
        timeout_s: the longest wait for one answer, in seconds.
        max_chars: a longer result is cut.
        record: gets one event for each call, without texts.
    """

    def __init__(  # noqa: PLR0913  (one keyword per rule that a guest is under)
        self,
        server: Sequence[str] | str,
        *,
        allow: Sequence[str],
        guards: EdgeGuards,
        safe: Callable[[str], str],
        approve: Approve | None = None,
        pins: Mapping[str, str] | None = None,
        egress: EgressPolicy | None = None,
        headers: Mapping[str, str] | None = None,
        env: Mapping[str, str] | None = None,
        timeout_s: float = 60.0,
        max_chars: int = 20_000,
        record: RunRecord | None = None,
    ) -> None:
        place = egress or EgressPolicy.parse("loopback")
        self._connection = Connection(Address(server, place, headers or {}, env or {}, timeout_s))
        self._allow = tuple(allow)
        self._guards = guards
        self._safe = safe
        self._approve = approve
        self._pins = dict(pins or {})
        self._timeout_s = timeout_s
        self._max_chars = max_chars
        self._record = record
        self._known: dict[str, types.Tool] = {}

    async def __aenter__(self) -> Self:
        """Connect, and look at the tools that are allowed.

        Raises:
            UnavailableError: the server cannot be reached, or does not speak MCP.
            EgressDeniedError: it is where nothing may be contacted.
            UsageError: it has no such tool.
            RefusedError: a rail objects to a tool's description, or it is not what was approved.
        """
        await self._connection.open()
        try:
            await self._look()
        except TimeoutError:
            await self._connection.aclose()
            raise UnavailableError("The MCP server did not list its tools in time.") from None
        except BaseException:
            await self._connection.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connection.aclose()

    @property
    def tools(self) -> list[Tool]:
        """The tools, as `Gateway.complete` and `Prompt` take them."""
        return [Tool(tool.name, tool.description or "", tool.inputSchema) for tool in self._known.values()]

    @property
    def fingerprints(self) -> dict[str, str]:
        """What each tool says of itself, as a hash: keep it, and give it as `pins` the next time."""
        return {name: fingerprint(tool) for name, tool in self._known.items()}

    async def call(self, wish: ToolCall) -> Message:
        """Carry out a model's wish, and return the message that answers it."""
        started = asyncio.get_running_loop().time()
        text, outcome = await self._outcome(wish)
        if self._record is not None:
            took = round((asyncio.get_running_loop().time() - started) * 1000, 3)
            name = wish.name if wish.name in self._known else "(unknown)"
            self._record.add("tool", fields={"tool": name, "outcome": outcome, "ms": took, "chars": len(text)})
        return Message("tool", text, tool_call_id=wish.id)

    async def converse(self, door: ModelBackend, prompt: Prompt, *, max_turns: int = _TURNS) -> Completion:
        """Let a model answer with the tools at hand; each of its turns goes through the door.

        Raises:
            UsageError: it still calls tools after `max_turns` turns.
            AgentKitError: as the door's `complete`.
        """
        prompt = replace(prompt, tools=[*prompt.tools, *self.tools])
        for _ in range(max_turns):
            completion = await door.complete(prompt)
            if not completion.tool_calls:
                return completion
            answers = [await self.call(wish) for wish in completion.tool_calls]
            turn = Message("assistant", completion.text, completion.tool_calls)
            prompt = replace(prompt, messages=[*prompt.messages, turn, *answers])
        raise UsageError(f"{door.name} still calls tools after {max_turns} turns: allow more, or ask for less.")

    async def _outcome(self, wish: ToolCall) -> tuple[str, str]:
        tool = self._known.get(wish.name)
        if tool is None:
            return "There is no such tool.", "unknown"
        given = object_of(wish.arguments)
        if given is None:
            return "The arguments are not a JSON object.", "bad_arguments"
        arguments = safe_arguments(given, self._safe)
        try:
            if not await self._is_approved(tool, arguments):
                return "The call was not approved.", "denied"
            if not await self._is_unchanged(tool):
                return "The tool is not what it was when it was approved: it was not called.", "changed"
            result = await self._connection.call(tool.name, arguments)
        except TimeoutError:
            return f"The tool did not answer within {self._timeout_s:g} seconds.", "late"
        except UnavailableError as error:
            return str(error), "failed"
        text = kept(said(result), self._max_chars)
        report = (await self._guards.check([self._safe(text)], "tool_to_agent", ()))[0]
        if not report.allowed:
            return f"What the tool returned was withheld ({objections(report.results)}).", "withheld"
        return report.text, "error" if result.isError else "ok"

    async def _is_approved(self, tool: types.Tool, arguments: Mapping[str, object]) -> bool:
        if is_harmless(tool):
            return True
        if self._approve is None:
            return False
        hints = tool.annotations
        read_only = bool(hints and hints.readOnlyHint)
        destructive = not hints or hints.destructiveHint is not False
        return await self._approve(Proposal(tool.name, tool.description or "", arguments, read_only, destructive))

    async def _is_unchanged(self, tool: types.Tool) -> bool:
        now = {item.name: fingerprint(item) for item in await self._connection.tools()}
        return now.get(tool.name) == fingerprint(tool)

    async def _look(self) -> None:
        for tool in await self._connection.tools():
            await self._admit(tool)
        missing = [name for name in self._allow if name not in self._known]
        if missing:
            raise UsageError(f"The server has no tool {missing[0]}.")

    async def _admit(self, tool: types.Tool) -> None:
        if tool.name not in self._allow:
            return
        if tool.name in self._known:
            raise RefusedError(f"The server has two tools named {tool.name}: neither is used.")
        if self._pins.get(tool.name, fingerprint(tool)) != fingerprint(tool):
            raise RefusedError(f"The tool {tool.name} is not what was approved: look at it again, and pin it anew.")
        report = (await self._guards.check([described(tool)], "tool_to_agent", ()))[0]
        if not report.allowed or report.text != described(tool):
            why = objections(report.results) or "a rail would rewrite it"
            raise RefusedError(f"A rail objects to what the tool {tool.name} says of itself ({why}).")
        self._known[tool.name] = tool
