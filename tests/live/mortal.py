"""Runs commands of agentkit in processes of their own, some of which are killed in the middle.

Each line of standard input is a job; for each, a line of output says how its process ended. The processes are copies of
this one, which has everything imported.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from agentkit.cli.main import main

# Imported once for all; none starts a thread (LanceDB does, but not what takes most of its import) or opens anything.
MODULES = (
    "agentkit.asking",
    "agentkit.cli.finding",
    "agentkit.cli.following",
    "agentkit.following.opening",
    "agentkit.following.stored",
    "agentkit.impact.following",
    "agentkit.adapters.qdrant.table",
    "lance_namespace",
)
OURS = (
    ("adapters.memory.store", "Writer", ("add", "remove", "commit")),
    ("adapters.postgres.changes", "PostgresChanges", ("release",)),
    ("records.owed", "KeptOwed", ("note", "promise", "clear")),
    ("impact.checking", "", ("mark",)),
    ("cli.following", "", ("_say",)),
)
TABLES = {
    "qdrant": ("adapters.qdrant.table", "QdrantTable", ("put", "drop")),
    "milvus": ("adapters.milvus.table", "MilvusTable", ("put", "drop")),
    "lancedb": ("adapters.lancedb.table", "LanceTable", ("put", "drop")),
    "postgresql": ("adapters.postgres.passages", "PostgresTable", ("put", "drop")),
}
"""What writes, by the kind of store."""


def carry_out(job: dict[str, Any]) -> int:
    """Do a job; before the n-th time that anything is written, the process is killed."""
    os.environ |= job["env"]
    os.chdir(job["folder"])
    out = os.open(job["out"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(out, 1)
    left, log = [job["die"]], Path(job["out"]).with_name("seams.txt")

    def mortal(name: str, before: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*args: object, **kwargs: object) -> object:
            with log.open("a") as file:
                file.write(f"{name}\n")
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            return before(*args, **kwargs)

        return wrapped

    if job["die"] is not None:
        for module, cls, names in (*OURS, *(found for kind, found in TABLES.items() if kind == job["kind"])):
            imported = import_module(f"agentkit.{module}")
            owner = getattr(imported, cls) if cls else imported
            for name in names:
                setattr(owner, name, mortal(name, getattr(owner, name)))
    return main(job["argv"])


if __name__ == "__main__":
    for module in MODULES:
        import_module(module)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            code = 70
            try:
                code = carry_out(json.loads(line))
            finally:
                os._exit(code)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()
