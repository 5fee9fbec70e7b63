"""A socket, a server on it, and who may come in."""

import asyncio
import signal
import socket
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from agentkit.adapters.serving import Admission, ASGIApp, uvicorn
from agentkit.adapters.serving.admission import MAX_BODY_BYTES
from agentkit.errors import UsageError

_CLOSING_S = 10


@dataclass(frozen=True, slots=True)
class Door:
    """Where a server listens, and who may come in.

    Args:
        host: the address.
        port: 0 takes a free one.
        keys: the tenant of each key; an empty name is the configuration's.
        names: host names, beside those of the loopback, that requests may be addressed to.
        max_body_bytes: the longest body of a request.
    """

    host: str = "127.0.0.1"
    port: int = 0
    keys: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    names: Sequence[str] = ()
    max_body_bytes: int = MAX_BODY_BYTES


async def listen(
    app_at: Callable[[str], ASGIApp], door: Door, *, announce: Callable[[str], None], open_paths: Sequence[str] = ()
) -> None:
    """Serve an application until the process is told to end.

    Args:
        app_at: makes what is served, for the address it is served at.
        door: where, and to whom.
        announce: told the address as soon as it can be used.
        open_paths: what may be read without a key.

    Raises:
        UsageError: the port is taken, or the address is not this machine's.
    """
    kind = socket.AF_INET6 if ":" in door.host else socket.AF_INET
    with socket.socket(kind) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((door.host, door.port))
        except OSError as error:
            raise UsageError(f"Cannot listen at {door.host}, port {door.port}: {error.strerror or error}.") from error
        shown = f"[{door.host}]" if kind is socket.AF_INET6 else door.host
        url = f"http://{shown}:{listener.getsockname()[1]}"
        guarded = Admission(
            app_at(url), keys=door.keys, hosts=door.names, open_paths=open_paths, max_body_bytes=door.max_body_bytes
        )
        config = uvicorn.Config(
            guarded,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="on",
            timeout_graceful_shutdown=_CLOSING_S,
        )
        announce(url)
        await _until_told(_Server(config), listener)


class _Server(uvicorn.Server):
    """Leaves the process's signals alone: who runs it handles them."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


async def _until_told(server: uvicorn.Server, listener: socket.socket) -> None:
    """Serve until SIGTERM, which lets answers that go on come to their end, or until the task is cancelled."""
    loop = asyncio.get_running_loop()

    def leave() -> None:
        server.should_exit = True

    loop.add_signal_handler(signal.SIGTERM, leave)
    work = asyncio.create_task(server.serve([listener]))
    try:
        await asyncio.shield(work)
    except asyncio.CancelledError:
        leave()
        await asyncio.wait([work])
        raise
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
