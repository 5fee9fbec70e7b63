"""Asynchronous doors for callers without an event loop."""

import asyncio
import os
import signal
import threading
from concurrent.futures import CancelledError

import pytest

from agentkit.blocking import Blocking
from agentkit.errors import UsageError


async def two() -> int:
    return 2


def test_a_forked_process_answers_for_itself() -> None:
    blocking = Blocking()
    assert blocking.run(two()) == 2
    child = os.fork()
    if child == 0:
        signal.alarm(5)  # a call that nobody answers would wait for ever
        os._exit(0 if blocking.run(two()) == 2 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert blocking.run(two()) == 2
    blocking.close()


def test_closing_ends_the_calls_that_run() -> None:
    blocking, begun, ended = Blocking(), threading.Event(), threading.Event()

    async def endless() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    def call() -> None:
        with pytest.raises(CancelledError):
            blocking.run(endless())

    caller = threading.Thread(target=call, daemon=True)
    caller.start()
    assert begun.wait(120)
    blocking.close()
    caller.join(120)
    assert not caller.is_alive()
    assert ended.is_set()
    assert blocking.run(two()) == 2
    blocking.close()


def test_waiting_for_itself_is_an_error_and_no_deadlock() -> None:
    blocking = Blocking()

    async def inner() -> int:
        return 1

    async def outer() -> int:
        return blocking.run(inner())

    with pytest.raises(UsageError, match="await its asynchronous twin"):
        blocking.run(outer())
    assert blocking.run(inner()) == 1
    blocking.close()
