"""LiteLLM leaves nothing behind in an event loop, and a host's own calls to it are logged as before."""

import subprocess
import sys

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


@pytest.mark.parametrize("ends", [CLOSED, SIDE_BY_SIDE, STREAMED], ids=["closed", "side by side", "streamed"])
def test_a_loop_that_ends_says_nothing(ends: str) -> None:
    done = child(CALL + ends)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_host_logs_its_own_calls_and_not_ours() -> None:
    done = child(CALL + HOST)
    assert (done.returncode, done.stdout) == (0, "logged theirs\n")


def child(program: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
