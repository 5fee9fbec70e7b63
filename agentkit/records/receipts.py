"""What was erased, what was not, and why: one line a store."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

SCHEMA = "agentkit.erasure/1"
Action = Literal["erased", "found", "nothing", "kept", "not ours", "failed"]
_WORDS: dict[Action, str] = {
    "erased": "erased",
    "found": "would be erased",
    "nothing": "nothing there",
    "kept": "kept",
    "not ours": "not ours to erase",
    "failed": "NOT ERASED",
}


@dataclass(frozen=True, slots=True)
class StoreReceipt:
    """One store.

    Args:
        store: what it keeps.
        action: what became of it.
        count: how many things of the matter it held.
        at: when, ISO 8601, UTC.
        reason: why it was kept, is not ours, or failed.
        verified: whether another look found nothing; None where there was nothing to look at again.
        traces: what names the matter's runs in a store that is not ours.
    """

    store: str
    action: Action
    count: int
    at: str
    reason: str = ""
    verified: bool | None = None
    traces: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Receipt:
    """An erasure, or what one would do (`dry_run`). `matter_id` stands for the matter in ledgers and records."""

    matter: str
    matter_id: str
    at: str
    dry_run: bool
    runs: list[str]
    stores: list[StoreReceipt]

    @property
    def complete(self) -> bool:
        """Return whether everything that is ours to erase is gone, and was looked for again."""
        return not any(item.action == "failed" or item.verified is False for item in self.stores)

    def to_json(self) -> str:
        """Return the receipt as JSON."""
        return json.dumps({"schema": SCHEMA, **asdict(self), "complete": self.complete}, ensure_ascii=False, indent=2)

    def render(self) -> str:
        """Return the receipt as text."""
        lines = [f"{self.matter}; runs: {len(self.runs)}"]
        for item in self.stores:
            checked = {True: ", checked", False: ", STILL THERE", None: ""}[item.verified]
            reason = f": {item.reason}" if item.reason else ""
            lines.append(f"  {item.store:18} {item.count:6}  {_WORDS[item.action]}{checked}{reason}")
        if not any(item.count for item in self.stores):
            lines.append("Nothing was kept under this name.")
        return "\n".join(lines)


def keep(home: Path, receipt: Receipt) -> None:
    """Add an erasure to the home folder's list of them, without the matter's name."""
    row = {
        "at": receipt.at,
        "matter_id": receipt.matter_id,
        "complete": receipt.complete,
        "stores": _counts(receipt.stores),
    }
    descriptor = os.open(home / "erasures.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def _counts(stores: Sequence[StoreReceipt]) -> dict[str, list[str | int]]:
    return {item.store: [item.action, item.count] for item in stores}
