"""A connection to an MCP server in a task of its own: it opens and closes there, whoever uses it."""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast

import httpx
from mcp import ClientSession, StdioServerParameters, types
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import McpError

from agentkit.egress import EgressPolicy, enforced
from agentkit.errors import EgressDeniedError, UnavailableError

_T = TypeVar("_T")
_PAGES = 20
_CLOSING_S = 5.0
_TELLING_S = 1.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is, and how it is spoken to.

    `server` is a command with its arguments, or a URL; `headers` belong to the one, `env` to the other.
    """

    server: Sequence[str] | str
    egress: EgressPolicy
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    timeout_s: float = 60.0


class Connection:
    """One session with one server.

    Args:
        address: where it is.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._end = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._session: ClientSession | None = None

    async def open(self) -> None:
        """Connect.

        Raises:
            UnavailableError: the server cannot be reached, or does not speak MCP.
            EgressDeniedError: it is where nothing may be contacted.
        """
        ready: asyncio.Future[ClientSession] = asyncio.get_running_loop().create_future()
        self._keeper = asyncio.create_task(self._keep(ready))
        try:
            async with asyncio.timeout(self._address.timeout_s):
                self._session = await ready
        except TimeoutError:
            await self.aclose()
            raise UnavailableError("The MCP server did not answer in time.") from None
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """End the session; a process that was started ends with it."""
        self._session = None
        self._end.set()
        if self._keeper is not None:
            done, _ = await asyncio.wait([self._keeper], timeout=_CLOSING_S)
            if not done:
                self._keeper.cancel()
                await asyncio.wait([self._keeper])

    async def tools(self) -> list[types.Tool]:
        """Ask for the list of tools, page by page.

        Raises:
            UnavailableError: the server refused, or has gone.
            TimeoutError: it did not answer.
        """
        found: list[types.Tool] = []
        cursor: str | None = None
        for _ in range(_PAGES):
            params = types.PaginatedRequestParams(cursor=cursor)
            page = await self._answer(self._here().list_tools(params=params))
            found += page.tools
            cursor = page.nextCursor
            if not cursor:
                return found
        raise UnavailableError("The MCP server's list of tools does not end.")

    async def call(self, name: str, arguments: dict[str, object]) -> types.CallToolResult:
        """Call a tool.

        Raises:
            UnavailableError: the server refused, or has gone.
            TimeoutError: it did not answer.
        """
        session = self._here()
        number = session._request_id  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  (nobody else knows it)
        try:
            return await self._answer(session.call_tool(name, arguments))
        except (TimeoutError, asyncio.CancelledError):
            await _give_up(session, number)
            raise

    async def _answer(self, work: Awaitable[_T]) -> _T:
        try:
            async with asyncio.timeout(self._address.timeout_s):
                return await work
        except TimeoutError:
            raise
        except McpError:
            raise UnavailableError("The MCP server refused the call.") from None
        except Exception as error:
            raise UnavailableError(f"The MCP server failed: {type(error).__name__}.") from error

    def _here(self) -> ClientSession:
        if self._session is None or self._keeper is None or self._keeper.done():
            raise UnavailableError("The connection to the MCP server is closed.")
        return self._session

    async def _keep(self, ready: asyncio.Future[ClientSession]) -> None:
        try:
            async with contextlib.AsyncExitStack() as stack:
                session = await self._opened(stack)
                if not ready.cancelled():
                    ready.set_result(session)
                await self._end.wait()
        except Exception as error:  # noqa: BLE001  (a transport's errors come in groups, of any kind)
            if not ready.done():
                ready.set_exception(_translated(error))

    async def _opened(self, stack: contextlib.AsyncExitStack) -> ClientSession:
        here = self._address
        if isinstance(here.server, str):
            await here.egress.admit(here.server, direct=True)
            stack.enter_context(enforced(here.egress))
            client = httpx.AsyncClient(headers=dict(here.headers), timeout=here.timeout_s, trust_env=False)
            await stack.enter_async_context(client)
            received, sent, _ = await stack.enter_async_context(streamable_http_client(here.server, http_client=client))
        else:
            command, *arguments = here.server
            silent = stack.enter_context(Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115, ASYNC230  (it never waits)
            parameters = StdioServerParameters(command=command, args=arguments, env=dict(here.env))
            received, sent = await stack.enter_async_context(stdio_client(parameters, errlog=silent))
        session = await stack.enter_async_context(ClientSession(received, sent))
        await session.initialize()
        return session


async def _give_up(session: ClientSession, number: int) -> None:
    """Tell the server that nobody waits for an answer any more; one that does not listen is not waited for."""
    params = types.CancelledNotificationParams(requestId=number, reason="Nobody waits for it any more.")
    told = types.ClientNotification(types.CancelledNotification(params=params))
    with contextlib.suppress(Exception):
        async with asyncio.timeout(_TELLING_S):
            await session.send_notification(told)


def _translated(error: BaseException) -> UnavailableError:
    """Return our word for whatever a transport raised, out of the groups that it comes in."""
    while isinstance(error, BaseExceptionGroup):
        error = cast(BaseExceptionGroup[BaseException], error).exceptions[0]
    if isinstance(error, EgressDeniedError):
        return error
    return UnavailableError(f"The MCP server cannot be used: {type(error).__name__}.")
