"""Commands that serve others: mcp, serve."""

import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentkit.cli import access as who
from agentkit.cli import options as o
from agentkit.cli.corpus import IndexDir
from agentkit.errors import UsageError

if TYPE_CHECKING:
    from agentkit.reading.allowed import Folders
    from agentkit.service.listening import Door

_ENVIRONMENT = "os.environ/"
Folder = Annotated[
    list[Path] | None,
    typer.Option("--documents", help="Folder whose documents may be named; may be repeated.", metavar="DIR"),
]
Restore = Annotated[
    bool, typer.Option("--restore", help="Show originals to clients; by default placeholders stand for personal data.")
]
Host = Annotated[str, typer.Option("--host", help="Address to listen at; others than the loopback need --key.")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen at; 0 takes a free one.")]
Key = Annotated[
    list[str] | None,
    typer.Option(
        "--key",
        help="Key that clients must send, as os.environ/NAME, or TENANT=os.environ/NAME; may be repeated.",
        show_default=False,
    ),
]
AllowHost = Annotated[
    list[str] | None,
    typer.Option("--allow-host", help="Host name that clients use, beside those of the loopback.", metavar="NAME"),
]


def mcp(
    documents: Folder = None,
    http: Annotated[bool, typer.Option("--http", help="Serve streamable HTTP at /mcp instead of stdio.")] = False,
    host: Host = "127.0.0.1",
    port: Port = 8801,
    key: Key = None,
    allow_host: AllowHost = None,
    restore: Restore = False,
    config: o.ConfigFile = None,
    rails: o.RailsDir = None,
    model: o.Model = None,
    matter: o.Matter = "",
    where: IndexDir = None,
    principal: who.AsPrincipal = None,
    label: who.Held = None,
) -> int:
    """Offer summarize, ask, search and check to MCP clients, over stdio or HTTP."""
    from agentkit.cli import session

    chosen = session.configure(config, rails=rails, model=model)
    _hush()
    folders, index = _folders(documents), where or ""
    if folders is None and not index:
        raise UsageError("Say which documents clients may name: --documents DIR, or an index: --index DIR.")
    asks = who.principal(chosen, name=principal, matters=[matter] if matter else None, labels=label)
    from agentkit.app import AgentKit
    from agentkit.service import mcp as service

    kit = AgentKit(chosen)
    opened = service.Opened(kit, folders, restore=restore, matter=matter, index=index, principal=asks)
    _warm_up(index)
    if http:
        door = _door(host, port, key, allow_host)
        session.run(service.over_http(opened, door, announce=_announce("mcp", "/mcp")))
    else:
        session.run(service.over_stdio(opened))
    return 0


def serve(
    documents: Folder = None,
    a2a: Annotated[bool, typer.Option("--a2a", help="Also serve A2A: an agent card, and tasks at /a2a.")] = False,
    url: Annotated[
        str, typer.Option("--url", help="Address that the agent card tells, where it is another.", show_default=False)
    ] = "",
    host: Host = "127.0.0.1",
    port: Port = 8800,
    key: Key = None,
    allow_host: AllowHost = None,
    restore: Restore = False,
    config: o.ConfigFile = None,
    rails: o.RailsDir = None,
    where: IndexDir = None,
    principal: who.AsPrincipal = None,
    matter: who.Matters = None,
    label: who.Held = None,
) -> int:
    """Serve the configured models, and our answers, to any client of OpenAI's protocol."""
    from agentkit.cli import session

    chosen = session.configure(config, rails=rails)
    _hush()
    folders = _folders(documents)
    from agentkit.app import AgentKit
    from agentkit.service.endpoint import Offered, serve_endpoint

    door = _door(host, port, key, allow_host)
    asks = who.principal(chosen, name=principal, matters=matter, labels=label)
    kit = AgentKit(chosen)
    offered = Offered(kit, folders, restore=restore, a2a=a2a, url=url, index=where or "", principal=asks)
    _warm_up(offered.index)
    session.run(serve_endpoint(offered, door, announce=_announce("serve", "/v1")))
    return 0


def _warm_up(index: str) -> None:
    if index:
        from agentkit.legal.clauses import warm_up

        warm_up()


def _hush() -> None:
    """Keep what the servers' libraries log, with tracebacks, off standard error: what a client did is no news here."""
    for name in ("mcp", "a2a", "uvicorn"):
        logger = logging.getLogger(name)
        logger.addHandler(logging.NullHandler())
        logger.propagate = False


def _announce(command: str, path: str) -> Callable[[str], None]:
    def say(url: str) -> None:
        sys.stderr.write(f"agentkit: {command} listens at {url}{path}\n")
        sys.stderr.flush()

    return say


def _folders(given: Sequence[Path] | None) -> "Folders | None":
    from agentkit.reading.allowed import Folders

    return Folders(given) if given else None


def _door(host: str, port: int, keys: Sequence[str] | None, names: Sequence[str] | None) -> "Door":
    from agentkit.egress.hosts import address_of, is_localhost
    from agentkit.service.listening import Door

    found: dict[str, str] = {}
    for written in keys or []:
        key, tenant = _key(written)
        if found.setdefault(key, tenant) != tenant:
            raise UsageError("Two tenants have the same key: give each its own.")
    address = address_of(host)
    if not found and not (is_localhost(host) or (address is not None and address.is_loopback)):
        raise UsageError(f"Others can reach {host}: name the key that they need, with --key os.environ/NAME.")
    return Door(host, port, found, [*(names or []), host])


def _key(written: str) -> tuple[str, str]:
    """Return a key and its tenant; the key itself is never on the command line, where others could read it."""
    tenant, equals, place = written.partition("=")
    tenant, place = (tenant, place) if equals else ("", written)
    if not place.startswith(_ENVIRONMENT):
        raise UsageError("Write the key as os.environ/NAME, or TENANT=os.environ/NAME, and set that variable.")
    key = os.environ.get(place.removeprefix(_ENVIRONMENT), "").strip()
    if len(key) < 16:
        name = place.removeprefix(_ENVIRONMENT)
        raise UsageError(f"Set the environment variable {name} to a key of 16 characters or more.")
    return key, tenant


COMMANDS = {"mcp": mcp, "serve": serve}
