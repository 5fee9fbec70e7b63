"""`agentkit serve`: the chat protocol, and A2A where it is wanted, on one address."""

from collections.abc import Callable

from agentkit.adapters.serving import chat_app
from agentkit.app import AgentKit
from agentkit.reading.allowed import Folders
from agentkit.service.doors import Doors
from agentkit.service.listening import Door, listen
from agentkit.service.runs import Runs


async def serve_endpoint(
    kit: AgentKit,
    door: Door,
    *,
    announce: Callable[[str], None],
    folders: Folders | None = None,
    restore: bool = False,
) -> None:
    """Serve until the process is told to end, and close the kit.

    Args:
        kit: has configuration, rails and home.
        door: where, and to whom.
        announce: told the address.
        folders: what `agentkit/ask` and `agentkit/summarize` read where a request brings no files.
        restore: show originals in reports.
    """
    runs = Runs(kit, restore=restore)
    doors = Doors(kit, runs, documents=(lambda: folders.documents([])) if folders else None)
    try:
        await listen(chat_app(doors), door, announce=announce)
    finally:
        await runs.aclose()
        await kit.aclose()
