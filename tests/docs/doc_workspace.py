"""A folder in which the commands of a page run: the examples, the rails folders, and a home of its own."""

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from doc_blocks import ROOT

from agentkit.testing.server import ModelServer, Reply, chat_reply, json_reply

_RUN_ID = re.compile(r"\b\d{8}-\d{6}-[0-9a-f]{6}\b")
_STARTED = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\b")
_MILLIS = re.compile(r'("(?:[a-z_]+|duration_ms)": )\d+\.\d{1,3}(?=,?$)', re.MULTILINE)
_ENDS = re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d(?= UTC|$)", re.MULTILINE)
ENDS = "2026-04-01 00:00"
RUN_ID = "20260301-101500-4f1c2a"
STARTED = "2026-03-01T10:15:00"
_PORT = re.compile(r"\b8899\b")  # where the pages serve something themselves; a free port stands in for it


@dataclass(frozen=True)
class Done:
    """How a command ended, and the lines it printed, standard error last."""

    code: int
    lines: list[str]


class Workspace:
    """The folder of one page.

    Args:
        folder: where it is made.
        servers: the addresses that stand in for those that the pages name.
        programs: a folder whose programs are found before the environment's.
    """

    def __init__(self, folder: Path, *, servers: Mapping[str, str] = {}, programs: Path | None = None) -> None:
        self.folder = folder
        self._path = os.pathsep.join(str(part) for part in (programs, Path(sys.executable).parent) if part)
        self._servers = dict(servers)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = str(free.getsockname()[1])
        folder.mkdir(parents=True, exist_ok=True)
        ignore = shutil.ignore_patterns("__pycache__")
        for name in ("examples", "guardrails"):
            shutil.copytree(ROOT / name, folder / name, ignore=ignore)
        shutil.copy(ROOT / "langgraph.json", folder)

    def write(self, name: str, text: str) -> None:
        """Write a file that a page shows."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._served(text) + "\n", encoding="utf-8")

    def run(self, command: str, *, timeout_s: float = 1800.0) -> Done:
        """Run a command line with the shell, as a reader would."""
        environ = {
            "PATH": f"{self._path}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder / ".user"),
            "AGENTKIT_HOME": str(self.folder / ".home"),
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "80",
            "LANG": "C.UTF-8",
        }
        done = subprocess.run(
            ["/bin/sh", "-c", self._served(command)],
            cwd=self.folder,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
        )
        return Done(done.returncode, self._stable(done.stdout + done.stderr))

    def _served(self, text: str) -> str:
        for shown, served in self._servers.items():
            text = text.replace(shown, served)
        return _PORT.sub(self._port, text)

    def _stable(self, printed: str) -> list[str]:
        """Return the lines with what differs from run to run replaced."""
        text = _STARTED.sub(STARTED, _RUN_ID.sub(RUN_ID, printed.replace(f"{self.folder}/", "")))
        text = _ENDS.sub(ENDS, text)
        for shown, served in self._servers.items():
            text = text.replace(served, shown)
        return [line.rstrip() for line in text.rstrip("\n").split("\n")] if text.strip() else []


# One right claim about the sample NDA and one with a wrong number, which the reviewer must catch.
_RIGHT = {
    "text": "German law governs this Agreement.",
    "citations": [{"passage": "d0p1", "quote": "German law governs this Agreement."}],
    "topic": "governing law",
}
_WRONG = {
    "text": "The duties of confidence continue for seven years after the disclosure concerned.",
    "citations": [
        {"passage": "d0p1", "quote": "The duties of confidence continue for five years after the disclosure concerned."}
    ],
    "topic": "term",
}
# The calls of a run: write, combine (everything is kept), and then revise, in vain.
_ANSWERS = [[_RIGHT, _WRONG], [], [_WRONG]]


def _told(claims: object) -> str:
    return json.dumps({"answered": True, "claims": claims})


def _message(text: str) -> Reply:
    """Return an answer in Anthropic's protocol."""
    usage = {"input_tokens": 12, "output_tokens": 6}
    content = [{"type": "text", "text": text}]
    data = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": content}
    return json_reply({**data, "stop_reason": "end_turn", "stop_sequence": None, "usage": usage})


@contextmanager
def model_servers() -> Iterator[Mapping[str, str]]:
    """Serve stand-ins for models on the loopback: the addresses that the pages name, and those that are served."""
    chat = [chat_reply(_told(claims)) for claims in _ANSWERS]
    with _server(chat) as url, _server([_message(_told(claims)) for claims in _ANSWERS]) as claude:
        bare = claude.removesuffix("/v1")
        yield {"http://localhost:8000/v1": url, "http://localhost:11434/v1": url, "http://localhost:4000": bare}


@contextmanager
def _server(replies: Sequence[Reply]) -> Iterator[str]:
    """Serve answers in a thread; the value is the `api_base`."""
    ready: list[str] = []
    started, stop = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with ModelServer(replies) as server:
            ready.append(server.url)
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    started.wait()
    try:
        yield ready[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
