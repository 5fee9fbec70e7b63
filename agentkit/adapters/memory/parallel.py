"""Reading many files in processes of their own: a file that breaks or hangs its reader costs that file alone."""

import json
import selectors
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO, cast

from agentkit.adapters.memory.indexing import Cut, Read, Reader, Source
from agentkit.adapters.memory.parsing import Answer, Stumbled, receive, send
from agentkit.errors import DocumentError
from agentkit.indexed import Entry

HANG_S = 300.0
_AHEAD = 4
"""So many documents for each process are read, or being read, before the first of them is taken."""
_START = """import sys, json
sys.path[:] = json.loads(sys.argv[1])
from agentkit.adapters.memory.parsing import main
main()"""


@dataclass(slots=True, eq=False)
class _Task:
    source: Source
    answer: Answer | None = None


@dataclass(slots=True, eq=False)
class _Worker:
    process: "subprocess.Popen[bytes]"
    task: _Task | None = field(default=None)

    @classmethod
    def started(cls) -> "_Worker":
        # The child looks for modules where this process does, and not in the working directory.
        command = [sys.executable, "-P", "-c", _START, json.dumps([place for place in sys.path if place])]
        return cls(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))  # noqa: S603  (ourselves)

    @property
    def answers(self) -> BinaryIO:
        return cast(BinaryIO, self.process.stdout)

    def give(self, task: _Task, seconds: float) -> None:
        self.task = task
        with suppress(BrokenPipeError):  # what became of it is seen when its answer is asked for
            send(cast(BinaryIO, self.process.stdin), (task.source.read, seconds))

    def take(self, seconds: float) -> bool:
        """Take the answer, or what ended the process; tell whether it is still there."""
        task, self.task = self.task, None
        if task is None:
            return True
        try:
            task.answer = cast(Answer, receive(self.answers))
        except EOFError:
            task.answer = _ended(task.source.name, self.process.wait(), seconds)
            return False
        return True

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.answers.close()
        with suppress(BrokenPipeError):  # of a process that died before it read what was written
            cast(BinaryIO, self.process.stdin).close()


def in_processes(jobs: int, *, hang_s: float = HANG_S) -> Reader:
    """Return a reader that works in at most so many processes; what it gives does not depend on how many.

    Each source's `read` is pickled and called with an empty name, which the ids of its passages begin with.

    Args:
        jobs: at least 1.
        hang_s: a document that takes longer is given up.
    """

    def read(sources: Iterable[Source]) -> Iterator[tuple[Source, Read]]:
        crew = _Crew(jobs, hang_s)
        try:
            yield from crew.read(iter(sources))
        finally:
            crew.end()

    return read


class _Crew:
    def __init__(self, jobs: int, hang_s: float) -> None:
        self._jobs = jobs
        self._hang_s = hang_s
        self._workers: list[_Worker] = []

    def read(self, sources: Iterator[Source]) -> Iterator[tuple[Source, Read]]:
        tasks = deque[_Task]()
        while True:
            self._hand_out(sources, tasks)
            if not tasks:
                return
            while tasks and tasks[0].answer is not None:
                task = tasks.popleft()
                yield task.source, partial(_named, task.source.name, task.answer)
                self._hand_out(sources, tasks)
            if tasks:
                self._wait()

    def _hand_out(self, sources: Iterator[Source], tasks: deque[_Task]) -> None:
        while len(tasks) < _AHEAD * self._jobs:
            worker = next((one for one in self._workers if one.task is None), None)
            if worker is None and len(self._workers) >= self._jobs:
                return
            source = next(sources, None)
            if source is None:
                return
            if worker is None:
                worker = _Worker.started()
                self._workers.append(worker)
            tasks.append(_Task(source))
            worker.give(tasks[-1], self._hang_s)

    def _wait(self) -> None:
        with selectors.DefaultSelector() as selector:
            for worker in self._workers:
                if worker.task is not None:
                    selector.register(worker.answers, selectors.EVENT_READ, worker)
            for key, _ in selector.select():
                worker = cast(_Worker, key.data)
                if not worker.take(self._hang_s):
                    self._workers.remove(worker)
                    worker.end()

    def end(self) -> None:
        for worker in self._workers:
            worker.end()


def _ended(name: str, code: int, seconds: float) -> str:
    if code == -signal.SIGALRM:
        return f"{name} could not be read: it was not done after {seconds:g} seconds."
    how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return f"{name} could not be read: it broke the process that read it ({how})."


def _named(asked: str, answer: Answer | None, name: str) -> Cut:
    if isinstance(answer, tuple) and not isinstance(answer, Stumbled):
        rows, warnings = answer
        entries = [
            Entry(f"{name}{number}", name, title, start, end, text, page, locator, kind, version=version)
            for number, title, start, end, text, page, locator, kind, version in rows
        ]
        return Cut(entries, warnings)
    if isinstance(answer, Stumbled):
        raise DocumentError(f"{asked} could not be read: {answer.kind}.", name=asked)
    raise DocumentError(answer or f"{asked} could not be read.", name=asked)
