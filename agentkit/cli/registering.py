"""What is noted when a report is written: which documents it rests on."""

import sys
from collections.abc import Sequence
from pathlib import Path

from agentkit.config import home_directory
from agentkit.errors import AgentKitError
from agentkit.reading import expand_paths
from agentkit.report import Report


def note(report: Report, out: Path, paths: Sequence[Path]) -> None:
    """Note in the registry what a report rests on; where that fails, the report is written all the same.

    Args:
        report: as it was written.
        out: its directory.
        paths: the documents and folders that were named; nothing for a run that was continued.
    """
    from agentkit.records.citations import Citations

    try:
        keys = [str(path.resolve()) for path in expand_paths(paths)] if paths else []
        Citations(home_directory()).register(report, out, keys=keys)
    except (AgentKitError, OSError) as error:
        sys.stderr.write(f"agentkit: impact will not know of this report: {error}\n")
