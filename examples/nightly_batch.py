"""Summarize by night what lies in a folder: held to a budget, what fails set aside, safe to start twice.

Run as `python examples/nightly_batch.py FOLDER CALLS`; what the budget of one night leaves is done in the next.
"""

import asyncio
import fcntl
import sys
from pathlib import Path

from agentkit import AgentKit, AgentKitError, Config, Report
from agentkit.config import BudgetConfig, BudgetPeriod
from agentkit.errors import ContentFilterError, ContextWindowError, DocumentError, InvalidResponseError
from agentkit.records.run_record import list_runs
from agentkit.rendering import write_report

FOLDER, CALLS = Path(sys.argv[1]), int(sys.argv[2])
DONE, ASIDE = FOLDER / "done", FOLDER / "set-aside"
UNFIT = (InvalidResponseError, ContentFilterError, ContextWindowError)  # the document's fault, and not the night's
CONFIG = Config(tenant="night", budget=BudgetConfig(periods=[BudgetPeriod(per="day", tenant="night", calls=CALLS)]))


def keep(report: Report, how: str = "") -> None:
    """Write a report, all of it or nothing."""
    name = report.sources[0].path
    write_report(report, DONE / name, force=True)
    print(f"{name}: {report.status}{how}")


async def night(paths: list[Path]) -> None:
    """Go on with what was interrupted, whose steps are not paid for again; then begin what is new."""
    async with AgentKit(CONFIG, home=FOLDER / ".agentkit") as kit:
        for run in [run for run in list_runs(kit.home) if run.resumable]:
            try:
                keep(await kit.resume(run.run_id), ", continued")
            except UNFIT:
                await kit.forget(run.run_id)  # its document is begun anew
        for path in paths:
            if (DONE / path.name).exists():
                continue
            try:
                keep(await kit.summarize([path]))
            except (DocumentError, *UNFIT) as error:
                path.rename(ASIDE / path.name)
                print(f"{path.name}: set aside. {error}")


if __name__ == "__main__":
    for folder in (DONE, ASIDE):
        folder.mkdir(exist_ok=True)
    with (FOLDER / ".lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second start waits for the first, and then finds nothing left to do
        try:
            asyncio.run(night(sorted(path for path in FOLDER.glob("[!.]*") if path.is_file())))
        except AgentKitError as error:  # the budget is used up, or a model is down
            print(f"The night ends: {error}")
