"""What is noted when a report is written: which documents it rests on."""

import sys
from collections.abc import Sequence
from pathlib import Path

from agentkit.config import Config, home_directory
from agentkit.errors import AgentKitError
from agentkit.indexed import Known
from agentkit.reading import expand_paths
from agentkit.report import Report


def note(report: Report, out: Path, paths: Sequence[Path], *, config: Config | None = None, index: str = "") -> None:
    """Note in the registry what a report rests on; where that fails, the report is written all the same.

    Args:
        report: as it was written.
        out: its directory.
        paths: the documents and folders that were named; nothing for a run that was continued.
        config: says how a store is reached.
        index: the index that was asked, where the report does not name it whole.
    """
    from agentkit.records.citations import Citations

    try:
        keys = [str(path.resolve()) for path in expand_paths(paths)] if paths else []
        walls = [] if report.index is None else _held(report, index or report.index.url, config)
        if walls and not keys:
            keys = ["" if one is None else one.key for one in walls]
        Citations(home_directory()).register(report, out, keys=keys, walls=walls)
    except (AgentKitError, OSError) as error:
        sys.stderr.write(f"agentkit: impact will not know of this report: {error}\n")


def _held(report: Report, index: str, config: Config | None) -> list[Known | None]:
    """Return the documents of an index that a report rests on, in its order; None where that is not known."""
    from agentkit.adapters.memory.holding import documents_in, everybody
    from agentkit.opening import is_address

    names, found = {source.path for source in report.sources}, dict[str, Known]()
    if not is_address(index):
        folder = Path(index)
        held = documents_in(folder, wanted=lambda known: known.name in names, principal=everybody(folder))
        found = {known.name: known for known, _ in held}
    elif config is not None:
        found = {known.name: known for known in _in_store(index, config)}
    return [found.get(source.path) for source in report.sources]


def _in_store(index: str, config: Config) -> list[Known]:
    from agentkit.cli import session
    from agentkit.opening import configured_store, make_embedding

    store = configured_store(config, url=index, embedding=make_embedding(config))
    return [*session.run(session.closing(store, store.known())).values()]
