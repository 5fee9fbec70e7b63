"""What was measured of each deployment, for routing by quality: one line of JSON per evaluation, newest last."""

import fcntl
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

_NAME = "evaluations.jsonl"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One deployment's quality in one role on one set of cases.

    `identity` is a hash of what decides how it answers; `score` the mean over `cases`, in [0, 1], and `low` and
    `high` its 95 % interval; `cost_usd` and `latency_ms` are means of a case; `date` is ISO 8601, UTC.
    """

    date: str
    model: str
    identity: str
    role: str
    dataset: str
    cases: int
    score: float
    low: float
    high: float
    cost_usd: float
    latency_ms: float


def remember(home: Path, evaluation: Evaluation) -> None:
    """Add an evaluation; a process that is killed meanwhile leaves the others whole."""
    home.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(home / _NAME, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(json.dumps(asdict(evaluation), ensure_ascii=False) + "\n")


def remembered(home: Path) -> list[Evaluation]:
    """Return every evaluation, oldest first; a damaged line is left out, as if it had not been measured."""
    try:
        text = (home / _NAME).read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return [found for line in text.split("\n") if line.strip() and (found := _read(line))]


def latest(evaluations: Sequence[Evaluation], *, identity: str, role: str) -> Evaluation | None:
    """Return the last evaluation of a deployment in a role, or None."""
    found = [item for item in evaluations if (item.identity, item.role) == (identity, role)]
    return found[-1] if found else None


def _read(line: str) -> Evaluation | None:
    try:
        row = cast(dict[str, str], json.loads(line))
        return Evaluation(
            date=str(row["date"]),
            model=str(row["model"]),
            identity=str(row["identity"]),
            role=str(row["role"]),
            dataset=str(row["dataset"]),
            cases=int(row["cases"]),
            score=float(row["score"]),
            low=float(row["low"]),
            high=float(row["high"]),
            cost_usd=float(row["cost_usd"]),
            latency_ms=float(row["latency_ms"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
