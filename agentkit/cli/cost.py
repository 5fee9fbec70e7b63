"""The command about money: what calls cost, and what they would have cost elsewhere."""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from agentkit.calls import LedgerQuery
from agentkit.cli import options as o
from agentkit.errors import UsageError


class Key(StrEnum):
    """What costs are added up by."""

    day = "day"
    tenant = "tenant"
    role = "role"
    model = "model"
    run = "run"
    deployment = "deployment"


class TableFormat(StrEnum):
    """How a table is printed."""

    text = "text"
    json = "json"
    md = "md"


def cost(
    by: Annotated[Key, typer.Option("--by", help="What to add up by.")] = Key.day,
    since: Annotated[
        str | None, typer.Option("--since", help="First day (UTC); by default the first of this month.", metavar="DATE")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Last day (UTC), itself included.", metavar="DATE")
    ] = None,
    tenant: Annotated[str | None, typer.Option("--tenant", help="This tenant only.", metavar="NAME")] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="What the recorded calls would have cost on each configured deployment.")
    ] = False,
    config: o.ConfigFile = None,
    format: Annotated[TableFormat, typer.Option("--format", help="What to print.")] = TableFormat.text,  # noqa: A002
) -> int:
    """Show what model calls cost, from the ledger; with --compare, what they would have cost elsewhere."""
    from agentkit.cli import cost_compare, cost_table, session
    from agentkit.composition import make_ledger
    from agentkit.config import home_directory

    query = LedgerQuery(since=_start(since), until=_end(until), tenant=tenant)
    if query.until is not None and query.since is not None and query.until <= query.since:
        raise UsageError("--until lies before --since.")
    loaded = session.configure(config)
    ledger = make_ledger(loaded, home_directory())
    if ledger is None:
        raise UsageError("Nothing is recorded: ledger.adapter is none in the configuration.")

    async def read() -> str:
        if compare:
            now = datetime.now(UTC)
            comparison = cost_compare.compare(await ledger.rows(query), query, models=loaded.models, now=now)
            return cost_compare.render(comparison, format.value)
        totals = await ledger.totals(query, by=by.value)
        left = await ledger.left(tenant or loaded.tenant)
        return cost_table.render(totals, query, by=by.value, left=left, form=format.value)

    typer.echo(session.run(session.closing(ledger, read())))
    return 0


def _start(text: str | None) -> datetime:
    """Return the first moment of a day, or of this month."""
    if text is None:
        return datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return _midnight(text, "--since")


def _end(text: str | None) -> datetime | None:
    """Return the moment after a day."""
    return None if text is None else _midnight(text, "--until") + timedelta(days=1)


def _midnight(text: str, option: str) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option}: {text!r} is no date: write it like 2026-03-31.") from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


COMMANDS = {"cost": cost}
