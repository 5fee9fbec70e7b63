"""The compiled graph for LangGraph Studio (`langgraph.json`): give it paths, it does the rest.

Studio keeps states and brings a checkpointer of its own, so a run's raw side lives in memory here.
"""

import asyncio
import threading
from functools import lru_cache

from agentkit.graph import Graph
from agentkit.text.injection import score
from agentkit.text.toxicity import find_toxic

_making = threading.Lock()


async def graph() -> Graph:
    """Return the graph of the configuration in force, without a checkpointer; the same one each time.

    A server asks for it at every run. It is made in a thread, because a server may forbid that its event loop waits
    for files.
    """
    return await asyncio.to_thread(_one)


def _one() -> Graph:
    with _making:
        return _made()


@lru_cache(maxsize=1)
def _made() -> Graph:
    # Imported here, and so in that thread, because importing reads files.
    from agentkit.app import AgentKit

    score("Rent is due.")  # reads the tables that the rails need
    find_toxic("Rent is due.")
    return AgentKit().subgraph()
