"""`agentkit rails`: what the rails cover, and what is wrong with a folder of them."""

from typing import Annotated

import typer

from agentkit.cli import options as o
from agentkit.errors import UsageError


def rails(
    lint: Annotated[
        str | None, typer.Option("--lint", help="Print everything that is wrong with a rails folder.", metavar="DIR")
    ] = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="List every edge of the graph with its rails.")] = False,
    graph: Annotated[
        str | None,
        typer.Option("--graph", help="With --coverage: a graph of your own, MODULE:NAME.", metavar="MODULE:NAME"),
    ] = None,
    config: o.ConfigFile = None,
    rails: o.RailsDir = None,
    format: o.OutputFormat = o.Format.text,  # noqa: A002  (named as users type it)
) -> int:
    """Say what is wrong with a rails folder (exit 2), or which rails stand on every edge (exit 3 if none on one)."""
    from agentkit.cli import covering, linting, session

    if coverage == (lint is not None):
        raise UsageError("Say what you want to know: agentkit rails --coverage, or agentkit rails --lint DIR.")
    if lint is not None:
        return linting.print_lint(lint, session.configure(config), as_json=format is o.Format.json)
    chosen = session.configure(config, rails=rails)
    return covering.print_coverage(chosen, graph=graph, as_json=format is o.Format.json)


COMMANDS = {"rails": rails}
