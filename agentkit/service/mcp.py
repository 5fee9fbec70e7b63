"""`agentkit mcp`: our tools over documents in folders that were opened."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from starlette.requests import Request

from agentkit.adapters.mcp import Services, http_app, make_server, serve_stdio
from agentkit.adapters.serving.admission import TENANT
from agentkit.app import AgentKit
from agentkit.reading.allowed import Folders
from agentkit.service.finding import Finder
from agentkit.service.listening import Door, listen
from agentkit.service.runs import Runs

MAX_CALL_BYTES = 4 * 1024 * 1024
"""Calls name documents and do not carry them."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A kit and the folders it works on for others.

    Args:
        kit: has configuration, rails and home.
        folders: which documents may be named.
        restore: show originals; by default placeholders stand for personal data.
        matter: whose vault is used; by default each run has its own.
    """

    kit: AgentKit
    folders: Folders
    restore: bool = False
    matter: str = ""


async def over_stdio(opened: Opened) -> None:
    """Serve one client over standard input and output until it leaves; its roots narrow the folders."""
    runs = Runs(opened.kit, restore=opened.restore, matter=opened.matter)
    try:
        await serve_stdio(make_server(services_of(opened, runs, heed_roots=True)))
    finally:
        await runs.aclose()
        await opened.kit.aclose()


async def over_http(opened: Opened, door: Door, *, announce: Callable[[str], None]) -> None:
    """Serve any number of clients at `/mcp` until the process is told to end; their roots are on other machines."""
    runs = Runs(opened.kit, restore=opened.restore, matter=opened.matter)
    try:
        app = http_app(make_server(services_of(opened, runs, heed_roots=False)))
        await listen(lambda _: app, replace(door, max_body_bytes=MAX_CALL_BYTES), announce=announce)
    finally:
        await runs.aclose()
        await opened.kit.aclose()


def services_of(opened: Opened, runs: Runs, *, heed_roots: bool) -> Services:
    """Return what the tools of a server do their work with."""
    finder = Finder(opened.kit, restore=opened.restore)
    return Services(runs.run, finder.find, opened.folders, heed_roots=heed_roots, tenant_of=_tenant)


def _tenant(request: object) -> str:
    return str(request.scope.get(TENANT, "")) if isinstance(request, Request) else ""
