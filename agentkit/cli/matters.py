"""Commands about matters as a whole: erase, hold; and about the key that everything kept is sealed under."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from agentkit.cli import options as o
from agentkit.cli.cost import TableFormat
from agentkit.errors import UnavailableError, UsageError

Matter = Annotated[str, typer.Option("--matter", help="The matter, or a run that had none.", show_default=False)]
Form = Annotated[TableFormat, typer.Option("--format", help="What to print.")]


def erase(
    matter: Matter,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what there is; erase nothing.")] = False,
    config: o.ConfigFile = None,
    format: Form = TableFormat.text,  # noqa: A002  (the documented option)
) -> int:
    """Erase a matter everywhere, with a receipt for each store."""
    from agentkit.app import AgentKit
    from agentkit.cli import session

    kit = AgentKit(session.configure(config))
    receipt = session.run(session.closing(kit, kit.erase(matter, dry_run=dry_run)))
    typer.echo(receipt.to_json() if format is TableFormat.json else receipt.render())
    return 0 if receipt.complete else UnavailableError.exit_code


def hold(
    matter: Annotated[str, typer.Option("--matter", help="The matter; without it, all holds are listed.")] = "",
    release: Annotated[bool, typer.Option("--release", help="End the hold.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why it is held.", show_default=False)] = "",
    format: Form = TableFormat.text,  # noqa: A002  (the documented option)
) -> int:
    """Put a matter under legal hold: nothing of it is erased until the hold is released."""
    from agentkit.config import home_directory
    from agentkit.records import matters

    home = home_directory()
    if release:
        if not matter:
            raise UsageError("Say which hold ends: --matter NAME.")
        if not matters.release(home, matter):
            raise UsageError(f"The matter {matter} is not under legal hold.")
    elif matter:
        matters.hold(home, matter, reason=reason)
    held = matters.holds(home)
    if format is TableFormat.json:
        typer.echo(json.dumps([asdict(item) for item in held], ensure_ascii=False, indent=2))
        return 0
    for item in held:
        typer.echo(f"{item.since[:10]}  {item.matter}{f': {item.reason}' if item.reason else ''}")
    if not held:
        typer.echo("No matter is under legal hold.")
    return 0


def key(
    rotate: Annotated[bool, typer.Option("--rotate", help="Seal everything anew under another key.")] = False,
) -> int:
    """Say where the key comes from that everything kept is sealed under, or change it."""
    from agentkit.config import home_directory
    from agentkit.privacy.keys import key_source, load_naming_key
    from agentkit.records.rotating import rotate as change

    home = home_directory()
    if rotate:
        typer.echo(f"Sealed anew: {change(home)} files.")
    load_naming_key(home)
    typer.echo(f"The key comes from {key_source()}, and opens what is kept.")
    return 0


COMMANDS = {"erase": erase, "hold": hold, "key": key}
