"""What was measured, as text, Markdown or JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from agentkit.cli.cost_table import table, usd
from agentkit.evaluation import Placed, Score

HEADS = ("model", "score", "95 % interval", "cases", "cost a case", "latency", "front")


def render_score(model: str, score: Score, told: Mapping[str, object], *, form: str) -> str:
    """Return what came of one deployment."""
    if form == "json":
        return json.dumps({"model": model, **told, **asdict(score)}, indent=2)
    rows = [
        ("Score", f"{score.score:.3f} ({score.low:.3f} to {score.high:.3f} with 95 % confidence)"),
        ("Cases", f"{score.cases} scored, {score.failed} could not be asked"),
        *((name.replace("_", " ").capitalize(), f"{value:.3f}") for name, value in score.metrics.items()),
        ("Cost", f"{usd(score.cost_usd)} a case"),
        ("Latency", f"{_seconds(score)} a case (median)"),
    ]
    if form == "md":
        return "\n".join([f"**{model}**", "", *(f"- {name}: {value}" for name, value in rows)])
    return "\n".join([model, *(f"  {name:<16}  {value}" for name, value in rows)])


def render_comparison(placed: Sequence[Placed], told: Mapping[str, object], *, form: str) -> str:
    """Return deployments side by side, best first."""
    if form == "json":
        rows = [
            {
                "model": item.model,
                **asdict(item.score),
                "on_cost_front": item.on_cost_front,
                "on_latency_front": item.on_latency_front,
            }
            for item in placed
        ]
        return json.dumps({**told, "models": rows}, indent=2)
    lines = table(HEADS, [_cells(item) for item in placed], form=form)
    note = "Front: no other model is at least as good and cheaper (cost), or at least as good and faster (latency)."
    return "\n".join([*lines, "", note])


def _cells(item: Placed) -> list[str]:
    score = item.score
    if not score.cases:
        return [item.model, "-", "-", "0", "-", "-", "could not be asked"]
    fronts = ["cost"] * item.on_cost_front + ["latency"] * item.on_latency_front
    bounds = f"{score.low:.3f} to {score.high:.3f}"
    cost, front = usd(score.cost_usd), ", ".join(fronts) or "-"
    return [item.model, f"{score.score:.3f}", bounds, str(score.cases), cost, _seconds(score), front]


def _seconds(score: Score) -> str:
    took_ms = score.latency_ms
    return f"{took_ms:.0f} ms" if took_ms < 1000 else f"{took_ms / 1000:,.1f} s"
