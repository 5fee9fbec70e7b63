"""`agentkit rails --lint DIR`: everything that is wrong with a rails folder."""

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from agentkit.errors import ConfigError

if TYPE_CHECKING:
    from agentkit.adapters.nemo.faults import Fault
    from agentkit.config import Config

_WRONG = 2
_Summary = dict[str, dict[str, int]]


def print_lint(folder: str, config: "Config", *, as_json: bool) -> int:
    """Print every problem of a folder, one a line, or a summary where there is none; return 2 if there are any.

    Raises:
        ConfigError: there is no such folder.
    """
    from agentkit.composition import rails_folder
    from agentkit.quiet import silence

    silence()
    faults, summary = _examined(rails_folder(folder), config)
    if as_json:
        rows = [{"file": fault.path, "line": fault.line, "problem": fault.sentence} for fault in faults]
        sys.stdout.write(json.dumps({"folder": folder, "problems": rows, **summary}, ensure_ascii=False) + "\n")
        return _WRONG if faults else 0
    for fault in faults:
        sys.stdout.write(" ".join(str(fault.error).split()) + "\n")
    if not faults:
        counts = ", ".join(f"{count} {stage}" for stage, count in summary["rails"].items())
        sys.stdout.write(f"{folder}: no problems. Rails: {counts}.\n")
    return _WRONG if faults else 0


def _examined(path: Path, config: "Config") -> "tuple[list[Fault], _Summary]":
    from agentkit.adapters.nemo.faults import Fault
    from agentkit.adapters.nemo.folder import examine
    from agentkit.adapters.nemo.loaded import STAGES
    from agentkit.adapters.nemo.rails import NemoRails
    from agentkit.egress import EgressPolicy
    from agentkit.modelling import wrong_model

    egress = EgressPolicy.parse(config.privacy.egress)
    folder, faults = examine(path, egress=egress, resolve=partial(wrong_model, config=config))
    if folder is None or faults:
        return sorted(faults, key=lambda fault: (fault.path, fault.line or 0)), {}
    try:
        loaded = NemoRails(folder)
    except ConfigError as error:
        return [Fault.of(error)], {}
    flows = {stage: loaded.flows(stage) for stage in STAGES}
    return [], {"rails": {stage: len(listed) for stage, listed in flows.items()}}
