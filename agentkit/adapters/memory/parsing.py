"""A file to passages; in a process of its own, where a file that breaks or hangs its reader does no harm."""

import os
import pickle
import resource
import signal
import struct
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from agentkit.adapters.memory.corpus import as_entries
from agentkit.adapters.memory.indexing import Cut, Read
from agentkit.egress import EgressPolicy, guard_process
from agentkit.errors import AgentKitError
from agentkit.quiet import silence
from agentkit.reading import read_document
from agentkit.text.splitting import split_document
from agentkit.types import PassageKind

MEMORY_BYTES = 4 << 30
"""So much may one file take."""
Row = tuple[str, str, int, int, str, int | None, str | None, PassageKind, str]
"""A passage without its document: id, title, start, end, text, page, locator, kind, version."""


class Stumbled(NamedTuple):
    """The kind of exception that a reader of files let through."""

    kind: str


Answer = tuple[Sequence[Row], Sequence[str]] | str | Stumbled
"""What was read, with what there is to say of it; why it cannot be, as a sentence; or over what its reader stumbled."""
_SIZE = struct.Struct("!Q")


def passages_of(path: Path, name: str, *, password: str | None, max_chars: int) -> Cut:
    """Read a file and cut it.

    Args:
        path: the file.
        name: what it is called in the index.
        password: of an encrypted PDF.
        max_chars: the longest passage, in characters.

    Raises:
        DocumentError: it cannot be read.
    """
    document = read_document(path, index=0, password=password)
    entries = as_entries(split_document(document, max_chars=max_chars), name, version=document.sha256)
    return Cut(entries, document.warnings)


def send(stream: BinaryIO, message: object) -> None:
    """Write one message to the process at the other end."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    stream.write(_SIZE.pack(len(data)))
    stream.write(data)
    stream.flush()


def receive(stream: BinaryIO) -> object:
    """Read one message of a process that we started.

    Raises:
        EOFError: the process is gone.
    """
    head = stream.read(_SIZE.size)
    if len(head) < _SIZE.size:
        raise EOFError
    data = stream.read(_SIZE.unpack(head)[0])
    return cast(object, pickle.loads(data))  # noqa: S301  (from our own child, over a pipe nobody else holds)


def main() -> None:
    """Read what the process that started this one names, one file after the other, until it has no more.

    A file that takes longer than its time ends this process, as one that breaks its reader does; memory is limited.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    limit = MEMORY_BYTES if most == resource.RLIM_INFINITY else min(MEMORY_BYTES, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, most))
    silence()
    guard_process(EgressPolicy.parse("none"))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    with suppress(EOFError, BrokenPipeError):
        while True:
            read, seconds = cast(tuple[Read, float], receive(sys.stdin.buffer))
            signal.setitimer(signal.ITIMER_REAL, seconds)
            answer = _answered(read)
            signal.setitimer(signal.ITIMER_REAL, 0)
            send(answers, answer)


def _answered(read: Read) -> Answer:
    try:
        cut = read("")
    except AgentKitError as error:
        return str(error)
    except BaseException as error:  # noqa: BLE001  (whatever a reader of files stumbles over concerns that file alone)
        return Stumbled(type(error).__name__)
    rows: list[Row] = [
        (e.id, e.title, e.start, e.end, e.text, e.page, e.locator, e.kind, e.version) for e in cut.entries
    ]
    return rows, cut.warnings
