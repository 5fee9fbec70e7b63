"""The command impact: which reports and claims rest on words that changed, and whether they are still true."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentkit.cli import access
from agentkit.cli import options as o
from agentkit.cli.cost import TableFormat
from agentkit.indexed import Principal

if TYPE_CHECKING:
    from agentkit.config import Config
    from agentkit.impact.checking import Impact, Lookup
    from agentkit.records.citations import Registered

_NEEDS_REVIEW = 4


def impact(
    index: Annotated[
        str | None, typer.Option("--index", help="Compare with the documents of this index.", metavar="DIR|URL")
    ] = None,
    path: Annotated[
        list[Path] | None, typer.Option("--path", help="Compare with this file, by its path or name.", metavar="FILE")
    ] = None,
    run: Annotated[str, typer.Option("--run", help="Only the report of this run.", metavar="ID")] = "",
    as_principal: access.AsPrincipal = None,
    matter: access.Matters = None,
    label: access.Held = None,
    config: o.ConfigFile = None,
    password: o.Password = None,
    format: Annotated[TableFormat, typer.Option("--format", help="What to print.")] = TableFormat.text,  # noqa: A002
) -> int:
    """Say which reports rest on words that changed, and whether their claims are still true; exit 4 if not."""
    from agentkit.cli import session
    from agentkit.config import home_directory
    from agentkit.impact.checking import check_reports, first_of, where_they_were
    from agentkit.records.citations import Citations

    loaded, home = session.configure(config), home_directory()
    who = access.principal(loaded, name=as_principal, matters=matter, labels=label)
    asks = who or Principal()
    reports = Citations(home).reports(run=run, matters=sorted(asks.matters), labels=sorted(asks.labels))
    given = _given(path, password)
    if index is not None:
        given.append(_in_index(index, loaded, reports, who))
    lookup = first_of(given) if given else where_they_were(password=password)
    found = session.run(check_reports(reports, lookup, config=loaded, home=home))
    if format is TableFormat.json:
        sys.stdout.write(json.dumps(_data(found), ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.write(_table(found))
    counts = found.counts()
    return _NEEDS_REVIEW if counts["stale"] or counts["contradicted"] else 0


def _given(paths: Sequence[Path] | None, password: str | None) -> "list[Lookup]":
    from agentkit.impact.checking import in_files
    from agentkit.reading import expand_paths

    if not paths:
        return []
    o.check_paths(paths)
    return [in_files(expand_paths(paths), password=password)]


def _in_index(index: str, config: "Config", reports: "Sequence[Registered]", who: Principal | None) -> "Lookup":
    from agentkit.cli import session
    from agentkit.impact.checking import in_index, in_store
    from agentkit.opening import configured_store, is_address, make_embedding

    if not is_address(index):
        return in_index(Path(index), reports, principal=who)
    store = configured_store(config, url=index, embedding=make_embedding(config))
    return session.run(session.closing(store, in_store(store, reports, principal=who)))


def _data(found: "Impact") -> dict[str, object]:
    from agentkit.impact.marking import as_data

    rows = [{"path": str(known.path), "written": known.written, **as_data(now)} for known, now in found.reports]
    return {
        "reports": rows,
        "claims": found.counts(),
        "unreadable": [{"path": place, "reason": reason} for place, reason in found.unreadable.items()],
        "unknown": [{"path": place, "documents": list(names)} for place, names in found.unknown.items()],
        "answers_dropped": found.answers,
    }


def _table(found: "Impact") -> str:
    lines: list[str] = []
    for known, now in found.reports:
        lines.append(f"{_words(now.state):12}  {_shown(known.path)}  (run {known.run}, {known.written[:10]})")
        lines += [
            f"  {_words(claim.state):12}  {claim.id}: {claim.reason}"
            for claim in now.claims
            if claim.state != "unchanged"
        ]
    lines += [f"not compared  {place}: {reason}" for place, reason in found.unreadable.items()]
    lines += [
        f"not compared  {_shown(Path(place))}: not where was looked: {', '.join(names)}"
        for place, names in found.unknown.items()
    ]
    if not lines:
        lines.append("No report is known that you may see: they are noted when they are written with --out.")
    if found.answers:
        lines.append(f"Answers dropped from the cache: {found.answers}.")
    return "\n".join(lines) + "\n"


def _words(state: str) -> str:
    return state.replace("_", " ")


def _shown(path: Path) -> str:
    """Return a path as one would type it here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


COMMANDS = {"impact": impact}
