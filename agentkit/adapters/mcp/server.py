"""An MCP server that offers summarize, ask, search and check, over documents in folders that were opened to it."""

import asyncio
import itertools
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname
from weakref import WeakKeyDictionary

from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.session import ServerSession
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import McpError
from pydantic import AnyUrl

from agentkit import __version__
from agentkit.adapters.mcp.outline import check_claims, fault_of, outline, uri_of
from agentkit.adapters.mcp.schemas import TOOLS
from agentkit.errors import AgentKitError, DocumentError
from agentkit.offering import Running, report_of
from agentkit.reading.allowed import Folders
from agentkit.report import Report

Arguments = Mapping[str, Any]
_REPORTS = 50
_ROOTS_S = 5.0
_HOW = (
    "Name documents by their path in the folders that the server opened. Claims carry citations: quote them. "
    "Words like <PERSON_1> stand for personal data: keep them as they are."
)


class Finding(Protocol):
    """Finds passages; each is a dataclass with the fields that the tool's schema names."""

    async def __call__(self, paths: Sequence[Path], query: str, /, *, top_k: int = 5) -> Sequence[Any]:
        """Return at most `top_k`, best first."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """What the tools do their work with.

    Args:
        run: carries out summaries and answers.
        find: finds passages.
        folders: which documents may be named; None for none.
        heed_roots: read only what also lies in the roots that the client opened, where it says which.
        tenant_of: says who pays, by the HTTP request that brought a call.
        has_index: a question or a search that names no documents is about an index.
    """

    run: Running
    find: Finding
    folders: Folders | None
    heed_roots: bool = True
    tenant_of: Callable[[object], str] = field(default=lambda _: "")
    has_index: bool = False


@dataclass(slots=True)
class _Guest:
    """What one session has: who pays for it, and its reports."""

    tenant: str
    reports: OrderedDict[str, Report] = field(default_factory=OrderedDict[str, Report])


class _Calls:
    """Carries out the calls of every session; none sees another's reports."""

    def __init__(self, services: Services, server: "Server[Any, Any]") -> None:
        self._services = services
        self._server = server
        self._guests: WeakKeyDictionary[ServerSession, _Guest] = WeakKeyDictionary()
        self._tools = {tool.name: tool for tool in TOOLS}

    async def call(self, request: types.CallToolRequest) -> types.ServerResult:
        """Answer a call: what goes wrong is the tool's error, in one sentence."""
        tool = self._tools.get(request.params.name)
        if tool is None:
            raise McpError(types.ErrorData(code=types.INVALID_PARAMS, message="There is no such tool."))
        arguments = request.params.arguments or {}
        fault = fault_of(tool.inputSchema, arguments)
        if fault:
            return _failed(fault)
        guest = self._guest()
        try:
            match tool.name:
                case "search":
                    return _done(*await self._search(arguments))
                case "check":
                    return _done(*await asyncio.to_thread(check_claims, arguments))
                case _:
                    return _done(*await self._run(arguments, guest))
        except AgentKitError as error:
            return _failed(" ".join(str(error).split()))
        except Exception as error:  # noqa: BLE001  (the last resort: a sentence, not a traceback)
            return _failed(f"This is a fault of the server: {type(error).__name__}.")

    async def _run(self, arguments: Arguments, guest: _Guest) -> tuple[dict[str, object], str, str]:
        paths = await self._paths(arguments)
        steps = itertools.count(1)
        run = self._services.run(
            paths,
            question=arguments.get("question", ""),
            focus=arguments.get("focus", ""),
            max_claims=arguments.get("max_claims"),
            max_words=arguments.get("max_words"),
            tenant=guest.tenant,
        )
        report = await report_of(run, tell=lambda step: self._tell(next(steps), step))
        guest.reports[report.run_id] = report
        while len(guest.reports) > _REPORTS:
            guest.reports.popitem(last=False)
        return outline(report), str(report), uri_of(report.run_id)

    async def _search(self, arguments: Arguments) -> tuple[dict[str, object], str, str]:
        paths = await self._paths(arguments)
        found = await self._services.find(paths, arguments["query"], top_k=arguments.get("top_k", 5))
        lines = [
            "\n".join(
                [f"{hit.document} {hit.start}-{hit.end}: {hit.text}", *(one.words() for one in hit.superseded_by)]
            )
            for hit in found
        ]
        return {"hits": [asdict(hit) for hit in found]}, "\n\n".join(lines) or "Nothing was found.", ""

    async def _paths(self, arguments: Arguments) -> list[Path]:
        named: list[str] = arguments.get("paths", [])
        if self._services.has_index and not named and ("question" in arguments or "query" in arguments):
            return []
        if self._services.folders is None:
            raise DocumentError("No folder of documents is open here.", name="")
        roots = await self._roots() if self._services.heed_roots else None
        return await asyncio.to_thread(self._services.folders.documents, named, roots=roots)

    async def _roots(self) -> list[Path] | None:
        """Return the folders that the client opened, or None where it does not say."""
        session = self._server.request_context.session
        if not session.check_client_capability(types.ClientCapabilities(roots=types.RootsCapability())):
            return None
        try:
            async with asyncio.timeout(_ROOTS_S):
                listed = await session.list_roots()
        except (TimeoutError, McpError):
            raise DocumentError("The client did not say which roots are open.", name="") from None
        parts = [urlsplit(str(root.uri)) for root in listed.roots]
        return [Path(url2pathname(part.path)) for part in parts if part.scheme == "file"]

    async def _tell(self, number: int, step: str) -> None:
        context = self._server.request_context
        token = context.meta.progressToken if context.meta else None
        if token is not None:
            await context.session.send_progress_notification(
                token, number, message=step, related_request_id=str(context.request_id)
            )

    def _guest(self) -> _Guest:
        context = self._server.request_context
        tenant = self._services.tenant_of(context.request)
        guest = self._guests.setdefault(context.session, _Guest(tenant))
        if guest.tenant != tenant:
            raise McpError(types.ErrorData(code=types.INVALID_REQUEST, message="The session belongs to another key."))
        return guest

    async def resources(self) -> list[types.Resource]:
        """List the reports of the session."""
        return [
            types.Resource(
                uri=AnyUrl(uri_of(report.run_id)),
                name=report.run_id,
                title=report.title or report.run_id,
                description=f"The report of a run ({report.task.kind}, {report.status}).",
                mimeType="application/json",
            )
            for report in self._guest().reports.values()
        ]

    async def read(self, request: types.ReadResourceRequest) -> types.ServerResult:
        """Return a whole report."""
        uri = str(request.params.uri)
        report = {uri_of(name): report for name, report in self._guest().reports.items()}.get(uri)
        if report is None:
            raise McpError(types.ErrorData(code=-32002, message="There is no such report in this session."))
        text = types.TextResourceContents(uri=request.params.uri, mimeType="application/json", text=report.to_json())
        return types.ServerResult(types.ReadResourceResult(contents=[text]))


def make_server(services: Services) -> "Server[Any, Any]":
    """Return a server of the official SDK, ready for any transport."""
    server: Server[Any, Any] = Server("agentkit", version=__version__, instructions=_HOW)
    calls = _Calls(services, server)

    async def tools() -> list[types.Tool]:
        return list(TOOLS)

    server.list_tools()(tools)
    server.list_resources()(calls.resources)
    server.request_handlers[types.CallToolRequest] = calls.call
    server.request_handlers[types.ReadResourceRequest] = calls.read
    return server


async def serve_stdio(server: "Server[Any, Any]") -> None:
    """Serve one client over standard input and output, until it closes them."""
    async with stdio_server() as (received, sent):
        await server.run(received, sent, server.create_initialization_options())


def _done(result: dict[str, object], text: str, uri: str) -> types.ServerResult:
    content: list[types.ContentBlock] = [types.TextContent(type="text", text=text)]
    if uri:
        link = types.ResourceLink(type="resource_link", uri=AnyUrl(uri), name="report", mimeType="application/json")
        content.append(link)
    return types.ServerResult(types.CallToolResult(content=content, structuredContent=result))


def _failed(sentence: str) -> types.ServerResult:
    content: list[types.ContentBlock] = [types.TextContent(type="text", text=sentence)]
    return types.ServerResult(types.CallToolResult(content=content, isError=True))
