"""What runs that came in from outside leave behind: rows of the ledger, the run record, spans."""

import json
from dataclasses import dataclass
from pathlib import Path

from agentkit.calls import LedgerQuery
from agentkit.composition import make_ledger
from agentkit.config import Config
from agentkit.records.run_record import list_runs, read_events
from agentkit.testing.server import Reply, chat_reply

REPAIRS = "The Landlord shall pay for all repairs of the roof."
TOKENS = (200, 40)


def traced(url: str, spans: Path) -> dict[str, object]:
    """Return a configuration whose writer is a model at an address, and whose spans go to a file."""
    params = {"model": "openai/served", "api_base": url}
    return {
        "models": [{"model_name": "firm", "litellm_params": params, "client": "openai"}],
        "roles": {"writer": "firm"},
        "tracing": {"adapter": "file", "path": str(spans)},
    }


def repairs() -> Reply:
    """Return a model's answer with one claim, at a price of `TOKENS`."""
    claim = {"text": REPAIRS, "citations": [{"passage": "d0p1", "quote": REPAIRS}], "topic": "repairs"}
    text = json.dumps({"answered": True, "claims": [claim]})
    return chat_reply(text, input_tokens=TOKENS[0], output_tokens=TOKENS[1])


@dataclass(frozen=True)
class Left:
    """What the only run of a home left.

    Args:
        run_id: of the run.
        booked: run, tenant, outcome, input and output tokens of each row of the ledger, whatever its run.
        recorded: input and output tokens of each call in the run record.
        spanned: input and output tokens of each call that has a span in the run's own trace.
        kept: the bytes of all files, that of the spans included.
    """

    run_id: str
    booked: list[tuple[str, str, str, int, int]]
    recorded: list[tuple[object, object]]
    spanned: list[tuple[object, object]]
    kept: bytes


async def left(home: Path, spans: Path) -> Left:
    """Read what a home holds after its only run."""
    [run] = list_runs(home)
    ledger = make_ledger(Config(), home)
    rows = await ledger.rows(LedgerQuery())
    await ledger.aclose()
    calls = [event for event in read_events(home, run.run_id) if event["event"] == "call"]
    return Left(
        run.run_id,
        [(row.run, row.tenant, row.outcome, row.input_tokens, row.output_tokens) for row in rows],
        [(call["input_tokens"], call["output_tokens"]) for call in calls],
        _spanned(spans, run.run_id),
        b"".join(path.read_bytes() for path in [*home.rglob("*"), spans] if path.is_file()),
    )


def _spanned(path: Path, run_id: str) -> list[tuple[object, object]]:
    spans = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    traces = {span["trace_id"] for span in spans if span["attributes"].get("agentkit.run_id") == run_id}
    chats = [span["attributes"] for span in spans if span["name"] == "chat firm" and span["trace_id"] in traces]
    return [(chat["gen_ai.usage.input_tokens"], chat["gen_ai.usage.output_tokens"]) for chat in chats]
