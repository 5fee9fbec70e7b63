"""What a child process contacts, seen from outside: by strace, or, where that is missing, by an audit hook in it.

The child has a clean environment and no pytest in it: some libraries hide their telemetry from pytest and CI.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
STRACE = shutil.which("strace")
# `socket(AF_UNIX)` and netlink stay on the machine, except where a resolver listens on a Unix socket.
_CALL = re.compile(r"\b(connect|sendto|sendmsg|sendmmsg)\((.*)")
_LOCAL = re.compile(r"sa_family=AF_(?:UNIX|NETLINK|UNSPEC)\b")
_RESOLVER = re.compile(r'sun_path=@?"[^"]*(?:resolve|dnsmasq|unbound)[^"]*"')
_ADDRESS = re.compile(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')
_HOOK = """
import os, socket, sys
def _report(event, arguments):
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        if arguments[0].family not in {socket.AF_UNIX, socket.AF_NETLINK} and arguments[1] is not None:
            os.write(_out, f"{arguments[1][0]}\\n".encode())
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"} and arguments[0]:
        os.write(_out, f"look-up of {arguments[0]}\\n".encode())
_out = os.open(os.environ["CONTACTS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
sys.addaudithook(_report)
"""


@dataclass(frozen=True)
class Traced:
    """How a process ended, what it said, and the addresses it tried to contact."""

    code: int
    output: str
    contacts: set[str]


def clean(home: Path) -> dict[str, str]:
    """Return an environment with nothing in it but what a shell needs."""
    binaries = f"{Path(sys.executable).parent}{os.pathsep}/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
    return {"PATH": binaries, "HOME": str(home), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}


def traced(command: list[str], *, folder: Path, by_hook: bool = STRACE is None) -> Traced:
    """Run a command to its end, its children included, and collect what it tried to contact."""
    trace, environ = folder / "trace", clean(folder / "home")
    if by_hook:
        (folder / "hook").mkdir(exist_ok=True)
        (folder / "hook" / "sitecustomize.py").write_text(_HOOK, encoding="utf-8")
        environ |= {"PYTHONPATH": f"{folder / 'hook'}{os.pathsep}{ROOT}", "CONTACTS": str(trace)}
    else:
        assert STRACE is not None
        calls = "trace=connect,sendto,sendmsg,sendmmsg,io_uring_setup"
        command = [STRACE, "-f", "-qq", "--seccomp-bpf", "-s", "256", "-e", calls, "-o", str(trace), *command]
    done = subprocess.run(
        command,
        env=environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    lines = trace.read_text(encoding="utf-8", errors="replace").splitlines() if trace.exists() else []
    found = set(lines) if by_hook else {contact for line in lines if (contact := _contact(line))}
    return Traced(done.returncode, done.stdout + done.stderr, found)


def _contact(line: str) -> str:
    """Return the address in a line of strace, if it leaves the process for anything but a neighbour."""
    if "io_uring_setup(" in line:
        return "io_uring, which hides connections"
    call = _CALL.search(line)
    if call is None or "sa_family=" not in call[2] or (_LOCAL.search(call[2]) and not _RESOLVER.search(call[2])):
        return ""  # without an address it goes where the socket was connected to
    address = _ADDRESS.search(call[2])
    return (address[1] or address[2]) if address else line
