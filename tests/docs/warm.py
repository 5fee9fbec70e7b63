"""Processes that start with the vendors' libraries already imported, as most of what a command takes is importing them.

A server imports the libraries once and forks for each command; `WARM_CLIENT` stands in for `agentkit` and `python` in a
command line, hands the server its arguments, directory, environment and open files, and ends as the command ended. Our
own modules are imported by each command afresh, only their patterns need not be compiled again; two pages run without
this, and so do tests/live and tests/install.
"""

import array
import ast
import gc
import importlib
import json
import os
import re
import runpy
import select
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen

LIBRARIES = (
    "docx langgraph.checkpoint.sqlite.aio langgraph.graph langgraph.runtime lxml.html nemoguardrails numpy pypdfium2 "
    "referencing rich.console typer typer.core"
).split()
# What these compile, most commands do.
USUAL = ("summarize_lease.py", "ask_questions.py")
CLIENT = """#!{python} -IS
import array, json, os, signal, socket, sys
given = sys.argv[1:]
if {name!r} == "python" and given[:1] != ["-c"] and not (given and given[0].endswith(".py")):
    os.execv({python!r}, [{python!r}, *given])
server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
said = json.dumps([{name!r}, given, os.getcwd(), dict(os.environ)]).encode()
server.sendmsg([len(said).to_bytes(4, "big")], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
server.sendall(said)
child = int.from_bytes(server.recv(4), "big")
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda number, _: os.kill(child, number))
code = int.from_bytes(server.recv(4), "big", signed=True)
if code < 0:
    signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
os._exit(code)
"""


@contextmanager
def warm_programs(folder: Path) -> Iterator[Path]:
    """Start a server; the value is a folder with `agentkit` and `python`, which it answers. It ends with the block."""
    folder.mkdir(parents=True)
    address = folder / "socket"
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "COLUMNS": "80", "LANG": "C.UTF-8"}
    environ["PYTHONPATH"] = str(Path(__file__).parents[2])
    with Popen([sys.executable, __file__, address], env=environ, stdin=PIPE, stdout=PIPE) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        programs = folder / "bin"
        programs.mkdir()
        for name in ("agentkit", "python"):
            text = CLIENT.format(python=sys.executable, name=name, address=str(address))
            (programs / name).write_text(text, encoding="utf-8")
            (programs / name).chmod(0o755)
        try:
            yield programs
        finally:
            server.terminate()


def _command(address: str) -> Callable[[], None]:
    """Wait for commands, and return in the process of each with what it is to do."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            client, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                return _forked(client)
            client.close()


def _forked(client: socket.socket) -> Callable[[], None]:
    """Fork again: one process becomes the command, the other tells the client its end, and ends it with the client."""
    files = array.array("i")
    size, ancillary, _, _ = client.recvmsg(4, socket.CMSG_LEN(3 * files.itemsize))
    files.frombytes(ancillary[0][2])
    said = b""
    while len(said) < int.from_bytes(size, "big"):
        said += client.recv(1 << 16)
    child = os.fork()
    if child == 0:
        client.close()
        return _become(*json.loads(said), files)
    for file in (*files, 0, 1, 2):
        os.close(file)
    client.sendall(child.to_bytes(4, "big"))
    ended = os.pidfd_open(child)
    if ended not in select.select([ended, client], [], [])[0]:
        os.kill(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    client.sendall(code.to_bytes(4, "big", signed=True))
    os._exit(0)


def _become(
    name: str, given: list[str], folder: str, environ: dict[str, str], files: "array.array[int]"
) -> Callable[[], None]:
    """Take on what a process has of its own, and return what an interpreter would run."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    if name == "agentkit":
        program = Path(sys.executable).with_name(name)
        sys.argv, sys.path[0] = [str(program), *given], str(program.parent)
        return lambda: runpy.run_path(str(program), run_name="__main__")
    sys.argv = given
    if given[0] == "-c":
        sys.argv, sys.path[0] = ["-c", *given[2:]], ""
        return lambda: exec(given[1], {"__name__": "__main__"})  # noqa: S102 - it is what `python -c` does
    path = Path(given[0]).resolve()
    sys.path[0] = str(path.parent)
    return lambda: runpy.run_path(str(path), run_name="__main__")


def _import() -> None:
    from agentkit.quiet import silence  # noqa: PLC0415 - only the server does

    silence()
    for library in LIBRARIES:
        importlib.import_module(library)
    for module in [name for name in sys.modules if name.partition(".")[0] == "agentkit"]:
        del sys.modules[module]
    re._MAXCACHE = 1 << 14  # noqa: SLF001 - of the patterns it compiles, Python keeps 512
    for pattern, flags in _patterns():
        re.compile(pattern, flags)
    gc.freeze()  # no command looks through what all of them share


def _patterns() -> list[tuple[str | bytes, int]]:
    """Return the patterns that two examples compile, each with its flags; nothing else is left of running them."""
    read, write = os.pipe()
    if os.fork() == 0:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.chdir(Path(__file__).parents[2])
            for name in USUAL:
                runpy.run_path(f"examples/{name}", run_name="__main__")
        finally:  # what is wrong with an example, its page tells
            with open(write, "w", encoding="ascii") as told:
                told.write(ascii([key[1:] for key in re._cache]))  # noqa: SLF001
            os._exit(0)
    os.close(write)
    with open(read, encoding="ascii") as said:
        return ast.literal_eval(said.read())


if __name__ == "__main__":
    _import()
    run = _command(sys.argv[1])
    run()
