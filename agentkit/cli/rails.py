"""`agentkit rails`: what the rails cover."""

from typing import Annotated

import typer

from agentkit.cli import options as o
from agentkit.errors import UsageError


def rails(
    coverage: Annotated[bool, typer.Option("--coverage", help="List every edge of the graph with its rails.")] = False,
    graph: Annotated[
        str | None,
        typer.Option("--graph", help="With --coverage: a graph of your own, MODULE:NAME.", metavar="MODULE:NAME"),
    ] = None,
    config: o.ConfigFile = None,
    rails: o.RailsDir = None,
    format: o.OutputFormat = o.Format.text,  # noqa: A002  (named as users type it)
) -> int:
    """Say which rails stand on every edge where text crosses; exit 3 if there are none on one."""
    from agentkit.cli import covering, session

    if not coverage:
        raise UsageError("Say what you want to know: agentkit rails --coverage.")
    chosen = session.configure(config, rails=rails)
    return covering.print_coverage(chosen, graph=graph, as_json=format is o.Format.json)


COMMANDS = {"rails": rails}
