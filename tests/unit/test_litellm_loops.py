"""LiteLLM leaves nothing behind in an event loop, and a host's own calls to it are logged as before.

What is said at a process's end counts, so each program has a process of its own; they are forked from one that has
imported what all of them import, as that takes most of their time.
"""

import json
import subprocess
import sys
from dataclasses import dataclass

import pytest

pytest.importorskip("litellm")
CALL = """
import asyncio, gc
from agentkit.adapters.litellm import LiteLLMBackend
from agentkit.calls import Message
from agentkit.testing.server import ModelServer, chat_reply, stream_reply
from agentkit.types import Prompt

ASKED = Prompt("writer", "chat", "1", "", messages=[Message("user", "Hello")])

async def call():
    async with ModelServer([chat_reply("Hi.")]) as server:
        backend = LiteLLMBackend(name="m", model="openai/m", api_base=server.url)
        await backend.complete(ASKED)
        await backend.aclose()

async def stream():
    async with ModelServer([stream_reply("Hi.")]) as server:
        backend = LiteLLMBackend(name="m", model="openai/m", api_base=server.url)
        _ = [chunk async for chunk in backend.stream(ASKED)]
        await backend.aclose()
"""
CLOSED = """
for _ in range(3):
    loop = asyncio.new_event_loop()
    loop.run_until_complete(call())
    loop.close()
    gc.collect()
"""
SIDE_BY_SIDE = """
loops = [asyncio.new_event_loop(), asyncio.new_event_loop()]
for loop in loops * 3:
    loop.run_until_complete(call())
    gc.collect()
for loop in loops:
    loop.close()
"""
STREAMED = """
for _ in range(3):
    asyncio.run(stream())
    gc.collect()
"""
HOST = """
import litellm
from litellm.integrations.custom_logger import CustomLogger
from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER

class Log(CustomLogger):
    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        print("logged", kwargs["model"])

async def both():
    litellm.callbacks = [Log()]
    await call()
    async with ModelServer([chat_reply("Hi.")]) as server:
        await litellm.acompletion(
            model="openai/theirs", api_base=server.url, api_key="none", messages=[{"role": "user", "content": "Hi"}]
        )
    for _ in range(10):
        await asyncio.sleep(0)
    await GLOBAL_LOGGING_WORKER.flush()

asyncio.run(both())
"""


ENDS = {"closed": CLOSED, "side by side": SIDE_BY_SIDE, "streamed": STREAMED}
FORKS = """
import gc, json, os, sys, tempfile
programs = json.loads(sys.argv[1])
exec(sys.argv[2])
gc.freeze()
told = {}
for name, program in programs.items():
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            exec(program)
            sys.exit()
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        told[name] = [code, *(os.pread(file.fileno(), 1 << 20, 0).decode() for file in (out, err))]
print(json.dumps(told))
"""


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def ended() -> dict[str, Ended]:
    programs = {**ENDS, "host": HOST}
    command = [sys.executable, "-c", FORKS, json.dumps(programs), CALL]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return {name: Ended(*told) for name, told in json.loads(done.stdout).items()}


@pytest.mark.parametrize("ends", ENDS)
def test_a_loop_that_ends_says_nothing(ends: str, ended: dict[str, Ended]) -> None:
    assert ended[ends] == Ended(0, "", "")


def test_a_host_logs_its_own_calls_and_not_ours(ended: dict[str, Ended]) -> None:
    assert (ended["host"].code, ended["host"].out) == (0, "logged theirs\n")
