"""`agentkit mcp`: our tools over documents in folders that were opened."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from starlette.requests import Request

from agentkit.adapters.mcp import Services, http_app, make_server, serve_stdio
from agentkit.adapters.serving.admission import TENANT
from agentkit.app import AgentKit
from agentkit.asking import sought_by
from agentkit.indexed import Principal
from agentkit.options import Options
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
        folders: which documents may be named; None for none.
        restore: show originals; by default placeholders stand for personal data.
        matter: whose vault is used; by default each run has its own.
        index: what is asked and searched where no documents are named.
        principal: who asks it, for every client.
    """

    kit: AgentKit
    folders: Folders | None
    restore: bool = False
    matter: str = ""
    index: str = ""
    principal: Principal | None = None

    def runs(self) -> Runs:
        """Return what carries out runs."""
        return Runs(self.kit, restore=self.restore, matter=self.matter, index=self.index, principal=self.principal)


async def over_stdio(opened: Opened) -> None:
    """Serve one client over standard input and output until it leaves; its roots narrow the folders."""
    runs = opened.runs()
    try:
        await serve_stdio(make_server(services_of(opened, runs, heed_roots=True)))
    finally:
        await runs.aclose()
        await opened.kit.aclose()


async def over_http(opened: Opened, door: Door, *, announce: Callable[[str], None]) -> None:
    """Serve any number of clients at `/mcp` until the process is told to end; their roots are on other machines."""
    runs = opened.runs()
    try:
        app = http_app(make_server(services_of(opened, runs, heed_roots=False)))
        await listen(lambda _: app, replace(door, max_body_bytes=MAX_CALL_BYTES), announce=announce)
    finally:
        await runs.aclose()
        await opened.kit.aclose()


def services_of(opened: Opened, runs: Runs, *, heed_roots: bool) -> Services:
    """Return what the tools of a server do their work with."""
    asked = Options(index=opened.index, principal=opened.principal, matter=opened.matter)
    index = sought_by(asked, opened.kit.config, "ask", [], []) if opened.index else None
    finder = Finder(opened.kit, restore=opened.restore, index=index)
    return Services(
        runs.run,
        finder.find,
        opened.folders,
        heed_roots=heed_roots,
        tenant_of=_tenant,
        has_index=index is not None,
    )


def _tenant(request: object) -> str:
    return str(request.scope.get(TENANT, "")) if isinstance(request, Request) else ""
