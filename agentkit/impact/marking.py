"""A mark beside a report that says whether it is still true. The report itself is never changed."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from agentkit.errors import OutputError
from agentkit.impact.claims import ReportNow

STATUS_FILE = "report.status.json"
SCHEMA = "agentkit.report-status/1"


def as_data(now: ReportNow) -> dict[str, object]:
    """Return what became of a report as plain data: the claims that something happened to, and which documents."""
    claims = [asdict(claim) for claim in now.claims if claim.state != "unchanged"]
    return {"run_id": now.run_id, "state": now.state, "documents": list(now.documents), "claims": claims}


def mark(folder: Path, now: ReportNow) -> None:
    """Write `report.status.json` beside a report, in one step; none where nothing happened and there was none.

    Raises:
        OutputError: the folder cannot be written.
    """
    path = folder / STATUS_FILE
    if now.state == "unchanged" and not now.documents and not path.exists():
        return
    data: Mapping[str, object] = {
        "schema": SCHEMA,
        "checked": datetime.now(UTC).isoformat(timespec="seconds"),
        **as_data(now),
    }
    part = folder / f".{STATUS_FILE}.{secrets.token_hex(4)}"
    try:
        with part.open("x", encoding="utf-8") as file:
            file.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(f"The mark beside the report in {folder} cannot be written: {error.strerror}.") from error
