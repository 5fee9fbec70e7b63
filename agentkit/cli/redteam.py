"""The command redteam: attacks the user's own pipeline and says what got through."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from agentkit.cli import options as o
from agentkit.cli.cost import TableFormat
from agentkit.errors import OutputError

_EXCEEDED = 3


class AgainstName(StrEnum):
    """Which pipelines are attacked: all have the same rails, redaction, review and budget."""

    configured = "configured"
    obedient = "obedient"
    hostile = "hostile"


def redteam(
    config: o.ConfigFile = None,
    rails: o.RailsDir = None,
    model: o.Model = None,
    against: Annotated[
        list[AgainstName] | None,
        typer.Option("--against", help="Only these: the configured model, one that obeys, one that is hostile."),
    ] = None,
    family: Annotated[
        list[str] | None, typer.Option("--family", help="Only this family of attacks; may be repeated.", metavar="NAME")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="Attempts of each family.")] = 6,
    seed: Annotated[int, typer.Option("--seed", help="The same seed makes the same attacks.")] = 0,
    max_success: Annotated[
        float | None,
        typer.Option("--max-success", min=0, max=1, help="Exit 3 if more of the attacks than this share succeed."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write everything as JSON.", metavar="FILE")] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Print one line for each attempt, and no table.")] = False,
    format: Annotated[TableFormat, typer.Option("--format", help="What to print.")] = TableFormat.text,  # noqa: A002
) -> int:
    """Attack your own pipeline; count what has an effect, by OWASP's Top 10."""
    from agentkit.cli import redteam_table, session
    from agentkit.composition import make_recognizer
    from agentkit.egress import EgressPolicy, guard_process
    from agentkit.evaluation.redteam import Against, Plan, highest, row, run_redteam, to_data
    from agentkit.evaluation.redteam.stand import AGAINST, with_loopback

    loaded = session.configure(config, rails=rails, model=model)
    wanted = {item.value for item in against or AgainstName}
    chosen: list[Against] = [name for name in AGAINST if name in wanted]
    plan = Plan(seed=seed, limit=limit, families=family or (), against=chosen)
    # The lost model and the trap are on this machine; each run is held to the configured policy all the same.
    guard_process(EgressPolicy.parse(with_loopback(loaded.privacy.egress)))
    outcome = session.run(run_redteam(loaded, plan, progress=_progress))
    data = to_data(outcome, make_recognizer(loaded.privacy.recognizer))
    if out is not None:
        _save(out, data)
    if jsonl:
        for item in (*outcome.attempts, *outcome.adaptive):
            typer.echo(json.dumps(row(item), ensure_ascii=False))
    else:
        typer.echo(redteam_table.render(data, form=format.value))
    return _verdict(max_success, highest(outcome))


def _verdict(limit: float | None, rate: float) -> int:
    if limit is None or rate <= limit:
        return 0
    sys.stderr.write(
        f"agentkit: {rate:.1%} of the attacks on a pipeline succeeded, and --max-success is {limit:.1%}.\n"
    )
    return _EXCEEDED


def _save(path: Path, data: object) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}.") from error


def _progress(against: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "" if done < total else "\r\x1b[K"
        sys.stderr.write(f"\r\x1b[K{against}: {done} of {total} …{end}")
        sys.stderr.flush()


COMMANDS = {"redteam": redteam}
