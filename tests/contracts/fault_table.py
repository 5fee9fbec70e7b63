"""Meets every fault through both doors, with retries around them, and writes docs/reference/faults.md.

python tests/contracts/fault_table.py
"""

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from agentkit.adapters.litellm import LiteLLMBackend
from agentkit.adapters.openai import OpenAIBackend
from agentkit.calls import Chunk
from agentkit.egress import EgressPolicy
from agentkit.ports import ModelBackend
from agentkit.testing.faults import GROUPS, Fault, Met, faults, meet
from agentkit.types import Completion, Prompt
from agentkit.wrappers import Circuit, Gate, ResilientBackend, RetryPolicy

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "faults.md"
KEY = "firm-key-0123456789abcdef"
ENV = "FIRM_MODEL_KEY"
ATTEMPTS = 3
EGRESS = EgressPolicy.parse(["loopback", "models.invalid"])
Door = type[LiteLLMBackend] | type[OpenAIBackend]
DOORS: dict[str, Door] = {"direct": OpenAIBackend, "litellm": LiteLLMBackend}
_HEAD = """# What fails, and what you see

A model server can fail in the ways below. Each was brought about by a real server on loopback that misbehaves as told,
and met through both doors: the direct one to OpenAI-compatible endpoints, and LiteLLM's. This page is written by the
same cases that the tests run (`python tests/contracts/fault_table.py`); where the two doors word a failure differently,
both sentences are given. No error, cause, traceback or log line shows the key, although the server echoes it.

*Attempts* is how often the call was made where up to 3 attempts are allowed: a failure that may pass is tried again,
after a pause that honours `Retry-After`. *Billed* is what the provider charges for one such attempt: `unknown` means
that it may have done the work without our seeing the answer, and a budget counts the worst case.
"""
_FOOT = """## What cannot be noticed

- A piece of a stream that comes twice, where the server does not count tokens or puts several into a piece: a model may
  well say "no no".
- A stream that breaks off after its reason to end was announced: the text is whole, its count of tokens may be missing.
- JSON that is labelled as something else is read all the same; JSON that is well-formed but not of the protocol counts
  as an answer without any choice.
- Whether a provider charged for an answer that never arrived.
"""


class Counted:
    """Counts attempts, also those that reach no server."""

    deterministic = False

    def __init__(self, inner: LiteLLMBackend | OpenAIBackend) -> None:
        self._inner = inner
        self.name, self.context_tokens, self.attempts = inner.name, inner.context_tokens, 0

    async def complete(self, prompt: Prompt, /) -> Completion:
        self.attempts += 1
        return await self._inner.complete(prompt)

    def stream(self, prompt: Prompt, /) -> AsyncIterator[Chunk]:
        self.attempts += 1
        return self._inner.stream(prompt)

    async def aclose(self) -> None:
        await self._inner.aclose()


async def _at_once(_: float) -> None:
    """Pass over a pause."""


def maker(door: Door, fault: Fault, made: list[Counted]) -> Callable[[str], ModelBackend]:
    """Return what makes a door for an address, with retries around it."""
    is_slow = fault.group == GROUPS[2]

    def make(url: str) -> ModelBackend:
        inner = door(
            name="local",
            model="openai/served",
            api_base=url,
            api_key_env=ENV,
            timeout_s=0.4 if is_slow else 20,
            idle_s=0.2,
            egress=EGRESS,
        )
        made.append(Counted(inner))
        return ResilientBackend(
            made[-1],
            policy=RetryPolicy(attempts=ATTEMPTS),
            gate=Gate("local"),
            circuit=Circuit("local"),
            sleep=_at_once,
            chance=random.Random(0),
        )

    return make


async def met(fault: Fault, door: Door, *, stream: bool) -> tuple[Met, int] | None:
    """Return what a caller was told, and after how many attempts; None where the fault is only in streams."""
    made: list[Counted] = []
    found = await meet(fault, maker(door, fault, made), stream=stream)
    return None if found is None else (found, made[0].attempts)


async def met_by_both(fault: Fault, *, stream: bool) -> list[tuple[Met, int]]:
    """Return what callers of the direct door and of LiteLLM's were told; empty where the fault is only in streams."""
    found = [await met(fault, door, stream=stream) for door in DOORS.values()]
    return [item for item in found if item is not None]


def row(fault: Fault, found: list[tuple[Met, int]]) -> str:
    """Return a fault's line of the page."""
    (direct, attempts), (through, _) = found
    said = direct.sentence
    if through.sentence != said:
        said += f"<br>through LiteLLM: {through.sentence}"
    told = direct.told
    return f"| {fault.name} | `{told.error.__name__}` | {said} | {attempts} | {told.billed} |"


async def page() -> str:
    """Return the whole page."""
    parts = [_HEAD]
    for title, stream in (("Whole answers", False), ("Streams", True)):
        parts.append(f"## {title}\n")
        for group in GROUPS:
            both = [(fault, await met_by_both(fault, stream=stream)) for fault in faults(KEY) if fault.group == group]
            lines = [row(fault, found) for fault, found in both if found]
            if lines:
                head = "| what happens | the caller sees | and reads | attempts | billed |\n|---|---|---|---|---|"
                parts.append(f"### {group}{' (streams)' if stream else ''}\n\n{head}\n" + "\n".join(lines) + "\n")
    return "\n".join([*parts, _FOOT])


if __name__ == "__main__":
    os.environ[ENV] = KEY
    PAGE.write_text(asyncio.run(page()), encoding="utf-8")
    sys.stdout.write(f"written: {PAGE.name}\n")
