"""Commands about runs: list them, continue or answer one, delete what one keeps."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from agentkit.cli import options as o
from agentkit.cli.documents import check_output, deliver, to_report
from agentkit.errors import UsageError


def runs(
    resume: Annotated[
        str | None, typer.Option("--resume", help="Continue this run.", metavar="ID", show_default=False)
    ] = None,
    answer: Annotated[
        str | None,
        typer.Option("--answer", help="What you answer a run that waits.", metavar="TEXT", show_default=False),
    ] = None,
    delete: Annotated[
        str | None,
        typer.Option("--delete", help="Delete what this unfinished run keeps.", metavar="ID", show_default=False),
    ] = None,
    config: o.ConfigFile = None,
    rails: o.RailsDir = None,
    model: o.Model = None,
    format: o.OutputFormat = o.Format.text,  # noqa: A002  (the documented option)
    out: o.Out = None,
    force: o.Force = False,
    password: o.Password = None,
) -> int:
    """List runs, newest first; continue an interrupted one, or delete what it keeps."""
    from agentkit.config import home_directory
    from agentkit.records.run_record import list_runs

    if answer is not None and resume is None:
        raise UsageError("Name the run that you answer with --resume ID.")
    if resume is not None and delete is not None:
        raise UsageError("Either continue a run with --resume, or delete what one keeps with --delete.")
    if resume is None and delete is None:
        rows = list_runs(home_directory())
        if format is o.Format.json:
            typer.echo(json.dumps([asdict(row) for row in rows], indent=2))
            return 0
        for row in rows:
            note = f"  (continue with --resume{' and --answer' * (row.state == 'waiting')})" if row.resumable else ""
            typer.echo(f"{row.run_id}  {row.started[:19]}  {row.task:9}  {row.state:12}  {row.model}{note}")
        if not rows:
            typer.echo("No runs yet.")
        return 0
    from agentkit.app import AgentKit
    from agentkit.cli import session

    check_output(format, out, force)
    chosen = session.configure(config, rails=rails, model=model)
    kit = AgentKit(chosen)
    if resume is None:
        session.run(session.closing(kit, kit.forget(delete or "")))
        return 0
    progress = session.Progress.on_terminal()
    work = kit.resume(resume, answer=answer, password=password, progress=progress)
    report = to_report(kit, work, progress, [], again=session.options_again(config, rails=rails, model=model))
    return deliver(report, format, out, force, asked=(chosen, ""))


def resume(
    run: Annotated[str, typer.Argument(help="The run's id.", metavar="RUN", show_default=False)],
    answer: Annotated[
        str | None, typer.Option("--answer", help="What you answer.", metavar="TEXT", show_default=False)
    ] = None,
    config: o.ConfigFile = None,
    rails: o.RailsDir = None,
    model: o.Model = None,
    format: o.OutputFormat = o.Format.text,  # noqa: A002  (the documented option)
    out: o.Out = None,
    force: o.Force = False,
    password: o.Password = None,
) -> int:
    """Continue a run that stopped, or that waits for your answer."""
    return runs(
        resume=run,
        answer=answer,
        config=config,
        rails=rails,
        model=model,
        format=format,
        out=out,
        force=force,
        password=password,
    )


COMMANDS = {"runs": runs, "resume": resume}
