"""Commands that measure: eval, on one model; bench, on all of them."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentkit.cli import options as o
from agentkit.cli.cost import TableFormat
from agentkit.errors import BudgetExceededError, OutputError, UnavailableError, UsageError

if TYPE_CHECKING:
    from agentkit.config import Config
    from agentkit.evaluation import Dataset, Outcome, Score, Target


class RoleName(StrEnum):
    """In which role a model is measured."""

    writer = "writer"
    reviewer = "reviewer"
    judge = "judge"


Cases = Annotated[Path, typer.Argument(help="Cases, one JSON object a line.", metavar="DATASET", show_default=False)]
Role = Annotated[RoleName, typer.Option("--role", help="The role that is measured.")]
ResultFile = Annotated[
    Path | None, typer.Option("--out", help="Write a line for each case, and the summary.", metavar="FILE")
]
Form = Annotated[TableFormat, typer.Option("--format", help="What to print.")]
_Run = tuple["Target", "list[Outcome]", "Score"]


def evaluate(
    dataset: Cases,
    model: Annotated[
        str | None, typer.Option("--model", help="What to measure; by default the first model of the role.")
    ] = None,
    role: Role = RoleName.writer,
    out: ResultFile = None,
    label: o.Label = None,
    config: o.ConfigFile = None,
    format: Form = TableFormat.text,  # noqa: A002
) -> int:
    """Measure a model on your own cases, and remember how good it is."""
    from agentkit.cli import eval_table, session
    from agentkit.evaluation import targets

    loaded = session.configure(config)
    cases = _load(dataset, role)
    names = [model] if model else loaded.roles.ladder(role.value)[:1]
    if not names:
        raise UsageError(f"No model is configured for the role {role.value}: set roles.{role.value}, or give --model.")
    runs = [
        session.run(_measure(cases, target, loaded, role, label or []))
        for target in targets(names[0], loaded, role=role.value)
    ]
    told = _told(cases, role)
    _write(out, runs, told)
    typer.echo("\n\n".join(eval_table.render_score(t.label, score, told, form=format.value) for t, _, score in runs))
    return _code(cases, runs)


def bench(
    dataset: Cases,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", help="Only these; by default every deployment and the embedded model."),
    ] = None,
    role: Role = RoleName.writer,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw quality against cost and latency (SVG).", metavar="FILE")
    ] = None,
    out: ResultFile = None,
    label: o.Label = None,
    config: o.ConfigFile = None,
    format: Form = TableFormat.text,  # noqa: A002
) -> int:
    """Measure every configured deployment on your own cases: quality against cost and latency."""
    from agentkit.cli import eval_table, session
    from agentkit.evaluation import draw, place, targets
    from agentkit.modelling import EXTRACTIVE

    loaded = session.configure(config)
    cases = _load(dataset, role)
    embedded = [EXTRACTIVE] if role is RoleName.writer else []
    names = list(dict.fromkeys(model or [*(item.model_name for item in loaded.models), *embedded]))
    chosen = [target for name in names for target in targets(name, loaded, role=role.value)]
    if not chosen:
        raise UsageError(f"No deployment is configured that could be measured as {role.value}: add one to models.")
    runs = [session.run(_measure(cases, target, loaded, role, label or [], alone=False)) for target in chosen]
    placed = place([(target.label, score) for target, _, score in runs])
    told = _told(cases, role)
    _write(out, runs, told)
    if plot is not None:
        title = f"{dataset.name}: {len(cases.cases)} cases, role {role.value}"
        _save(plot, draw(placed, title=title))
    typer.echo(eval_table.render_comparison(placed, told, form=format.value))
    return _code(cases, runs)


def _load(path: Path, role: RoleName) -> "Dataset":
    from agentkit.evaluation import load_cases

    cases = load_cases(path)
    for fault in cases.faults:
        _say(fault)
    if role is not RoleName.writer and any(case.kind != "chat" for case in cases.cases):
        raise UsageError(f"Cases about documents measure the writer: give a {role.value} conversations only.")
    return cases


async def _measure(
    cases: "Dataset", target: "Target", loaded: "Config", role: RoleName, labels: Sequence[str], *, alone: bool = True
) -> _Run:
    from agentkit.config import home_directory
    from agentkit.evaluation import Judge, Outcome, evaluate, summarize_outcomes

    outcomes: list[Outcome] = []
    judges = loaded.roles.ladder("judge")
    # Nobody judges himself.
    judge = (
        Judge(loaded, labels=labels) if judges and target.name not in judges and role is not RoleName.judge else None
    )
    try:
        async for outcome in evaluate(
            cases.cases, target, role=role.value, labels=labels, home=home_directory(), judge=judge
        ):
            outcomes.append(outcome)
            _progress(target.label, outcomes, len(cases.cases))
    except (UnavailableError, BudgetExceededError) as error:
        if alone:
            raise
        # The others can still be measured.
        outcomes.append(Outcome("(the rest)", "", None, error=str(error), code=error.exit_code))
    finally:
        if judge is not None:
            await judge.aclose()
    score = summarize_outcomes(outcomes)
    for outcome in outcomes:
        if outcome.score is None:
            _say(f"{target.label}, case {outcome.id}: {outcome.error}")
    if outcomes and not score.failed:
        _remember(cases, target, score, role)
    return target, outcomes, score


def _remember(cases: "Dataset", target: "Target", score: "Score", role: RoleName) -> None:
    from agentkit.config import home_directory
    from agentkit.records.evaluations import Evaluation, remember

    figures = {"score": score.score, "low": score.low, "high": score.high}
    remember(
        home_directory(),
        Evaluation(
            date=datetime.now(UTC).isoformat(timespec="seconds"),
            model=target.label,
            identity=target.identity,
            role=role.value,
            dataset=cases.digest,
            cases=score.cases,
            cost_usd=score.cost_usd,
            latency_ms=score.latency_ms,
            **figures,
        ),
    )


def _told(cases: "Dataset", role: RoleName) -> dict[str, object]:
    return {"role": role.value, "dataset": cases.digest, "left_out": len(cases.faults)}


def _write(path: Path | None, runs: Sequence[_Run], told: Mapping[str, object]) -> None:
    from dataclasses import asdict

    if path is None:
        return
    rows: list[Mapping[str, object]] = []
    for target, outcomes, score in runs:
        rows += [{"model": target.label, **outcome.row()} for outcome in outcomes]
        rows.append({"summary": {"model": target.label, "identity": target.identity, **told, **asdict(score)}})
    _save(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def _save(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}.") from error


def _code(cases: "Dataset", runs: Iterable[_Run]) -> int:
    """Return the exit code: 6 where a model could not be asked, 5 for a budget, 2 for a wrong case or document."""
    codes = {outcome.code for _, outcomes, _ in runs for outcome in outcomes if outcome.score is None}
    codes |= {UsageError.exit_code} if cases.faults else set()
    return max(codes, default=0)


def _progress(model: str, outcomes: Sequence["Outcome"], total: int) -> None:
    if sys.stderr.isatty():
        end = "" if len(outcomes) < total else "\r\x1b[K"
        sys.stderr.write(f"\r\x1b[K{model}: {len(outcomes)} of {total} …{end}")
        sys.stderr.flush()


def _say(sentence: str) -> None:
    sys.stderr.write(f"agentkit: {' '.join(sentence.split())}\n")


COMMANDS = {"eval": evaluate, "bench": bench}
