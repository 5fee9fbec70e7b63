"""`agentkit serve`: the chat protocol, and A2A where it is wanted, on one address."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import BaseRoute

from agentkit.adapters.serving import ASGIApp, chat_app
from agentkit.adapters.serving.admission import TENANT
from agentkit.app import AgentKit
from agentkit.indexed import Principal
from agentkit.reading.allowed import Folders
from agentkit.service.doors import Doors
from agentkit.service.listening import Door, listen
from agentkit.service.runs import Runs

A2A_PATH = "/a2a"


@dataclass(frozen=True, slots=True)
class Offered:
    """What an endpoint offers.

    Args:
        kit: has configuration, rails and home.
        folders: what `agentkit/ask` and `agentkit/summarize` read where a request brings no files.
        restore: show originals in reports; by default placeholders stand for personal data.
        a2a: also be an agent for other agents.
        url: the address that other agents are told, where it is not the one that is listened at.
        index: what `agentkit/ask` asks where a request brings no files.
        principal: who asks it, for every client.
    """

    kit: AgentKit
    folders: Folders | None = None
    restore: bool = False
    a2a: bool = False
    url: str = ""
    index: str = ""
    principal: Principal | None = None


async def serve_endpoint(offered: Offered, door: Door, *, announce: Callable[[str], None]) -> None:
    """Serve until the process is told to end, and close the kit.

    Args:
        offered: what is served.
        door: where, and to whom.
        announce: told the address.
    """
    runs = Runs(offered.kit, restore=offered.restore, index=offered.index, principal=offered.principal)
    try:
        open_paths = [card_path()] if offered.a2a else []
        make = endpoint_app(offered, runs, needs_key=bool(door.keys))
        await listen(make, door, announce=announce, open_paths=open_paths)
    finally:
        await runs.aclose()
        await offered.kit.aclose()


def endpoint_app(offered: Offered, runs: Runs, *, needs_key: bool) -> Callable[[str], ASGIApp]:
    """Return what makes the application for the address it is served at."""
    folders = offered.folders
    doors = Doors(offered.kit, runs, documents=(lambda: folders.documents([])) if folders else None)

    @asynccontextmanager
    async def closing(_: Starlette) -> AsyncGenerator[None]:
        try:
            yield
        finally:
            await doors.aclose()

    def make(url: str) -> ASGIApp:
        place = (offered.url or url).rstrip("/") + A2A_PATH
        routes = _a2a(runs, place, needs_key=needs_key) if offered.a2a else []
        return chat_app(doors, routes=routes, lifespan=closing)

    return make


def card_path() -> str:
    """Return where the agent card is, which is read without a key.

    Raises:
        MissingExtraError: A2A is not installed.
    """
    from agentkit.adapters.a2a import CARD_PATH  # noqa: PLC0415  (an extra)

    return CARD_PATH


def _a2a(runs: Runs, url: str, *, needs_key: bool) -> list[BaseRoute]:
    from agentkit.adapters.a2a import ReportExecutor, a2a_routes, agent_card  # noqa: PLC0415  (an extra)

    card = agent_card(url, needs_key=needs_key)
    return [*a2a_routes(ReportExecutor(runs.run), card, path=A2A_PATH, tenant_of=_tenant)]


def _tenant(request: Request) -> str:
    return str(request.scope.get(TENANT, ""))
