"""`agentkit rails --coverage`: every edge of a graph where text crosses, with the rails on it."""

import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from agentkit.errors import UsageError

if TYPE_CHECKING:
    from agentkit.config import Config
    from agentkit.coverage import Covered

_UNGUARDED = 3


@runtime_checkable
class _Kit(Protocol):
    """An `AgentKit`, with the agents that were added to it."""

    @property
    def graph(self) -> Any: ...
    @property
    def with_agent(self) -> Any: ...


def print_coverage(config: "Config", *, graph: str | None, as_json: bool) -> int:
    """Print the coverage of our graph, or of one named as `module:attribute`; return 3 if an edge is unguarded.

    Raises:
        UsageError: there is no such graph.
    """
    covered = _of_foreign(graph, config) if graph else _of_ours(config)
    left = [item for item in covered if not item.guarded]
    if as_json:
        rows = [_row(item) for item in covered]
        sys.stdout.write(json.dumps({"edges": rows, "unguarded": len(left)}, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(_table(covered))
        sys.stdout.write(_verdict(len(covered), len(left)))
    return _UNGUARDED if left else 0


def _of_ours(config: "Config") -> "list[Covered]":
    if config.agents:
        from agentkit.app import AgentKit

        return _covered(AgentKit(config).graph, config)
    from agentkit.composition import make_policy, make_rails
    from agentkit.coverage import cover, of_our_graph
    from agentkit.graph import build_graph
    from agentkit.guarding import edges_of

    crossings = of_our_graph(edges_of(build_graph()))
    return cover(crossings, rails=make_rails(config.rails.folder, config), policy=make_policy(config))


def _of_foreign(name: str, config: "Config") -> "list[Covered]":
    return _covered(_loaded(name), config)


def _covered(graph: Any, config: "Config") -> "list[Covered]":
    from agentkit.composition import make_policy, make_rails
    from agentkit.coverage import cover
    from agentkit.guarding import crossings_of

    rails, policy = make_rails(config.rails.folder, config), make_policy(config)
    found: list[Covered] = []
    for crossing, guards in crossings_of(graph):
        found += cover([crossing], rails=guards.rails if guards else rails, policy=guards.policy if guards else policy)
    return found


def _loaded(name: str) -> Any:
    module, _, attribute = name.partition(":")
    if not module or not attribute:
        raise UsageError(f"--graph {name}: write MODULE:NAME, such as my_app.graph:graph.")
    sys.path.insert(0, str(Path.cwd()))
    try:
        loaded = importlib.import_module(module)
    except (Exception, SystemExit) as error:  # the module is the user's: to end here is no proof that rails stand
        told = str(error) if isinstance(error, ImportError) else f"{type(error).__name__}: {error}"
        raise UsageError(f"--graph {name}: {module} cannot be imported ({told}).") from error
    finally:
        sys.path.pop(0)
    if not hasattr(loaded, attribute):
        raise UsageError(f"--graph {name}: there is no {attribute} in {module}.")
    found = getattr(loaded, attribute)
    if isinstance(found, _Kit):
        found = found.graph
    if not hasattr(found, "builder") and hasattr(found, "compile"):
        found = found.compile()
    if not hasattr(found, "builder"):
        raise UsageError(f"--graph {name}: this is a {type(found).__name__}, and no LangGraph graph.")
    return found


def _row(item: "Covered") -> dict[str, object]:
    return {
        **asdict(item.crossing),
        "stage": item.stage,
        "rails": item.rails,
        "unchecked": item.unchecked,
        "guarded": item.guarded,
    }


def _table(covered: "list[Covered]") -> str:
    titles = ("edge", "kind", "asked by", "rails", "what crosses")
    rows = [titles, *(_cells(item) for item in covered)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(titles))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    stages = {item.stage: item.rails for item in covered if item.stage}
    legend = [f"{stage}: {', '.join(names) or 'no rails'}" for stage, names in stages.items()]
    return "\n".join([*lines, "", *legend]) + "\n"


def _cells(item: "Covered") -> tuple[str, ...]:
    crossing = item.crossing
    rails = f"{item.stage} ({len(item.rails)})" if item.rails else "UNGUARDED" if not item.guarded else "-"
    if item.rails and item.unchecked == "allow":
        rails += ", unchecked passes"
    return (
        f"{crossing.source} → {crossing.target}",
        crossing.edge or "-",
        crossing.guard or "-",
        rails,
        crossing.what,
    )


def _verdict(edges: int, left: int) -> str:
    if not left:
        return f"\n{edges} edges, none unguarded.\n"
    return f"\n{edges} edges, {left} unguarded: name rails for them in rails.edges or in the rails folder.\n"
